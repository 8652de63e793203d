"""Which images *Misclassifications* lists: the choices in the page's link, and the controls that change them.

Owns the way from a link to a `Choice` and back. What a link asks for in vain is said in one sentence and left out.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import streamlit as st

from core import evaluation
from core.evaluation import Order, Which
from ui import state, words

Show = Literal["wrong", "right", "all", "suspects"]
SHOW: Final[dict[Show, str]] = {
    "wrong": "Misclassified",
    "right": "Right",
    "all": "All",
    "suspects": "Suspect labels",
}
ORDER: Final[dict[Order, str]] = {
    "confidence": "Most confident",
    "margin": "Closest call",
    "loss": "Largest loss",
    "true": "True class",
    "index": "Place in the split",
}
EXPLAINED: Final[dict[Order, str]] = {
    "confidence": "The surest answers come first: where they are wrong, the network or the label is.",
    "margin": "The closest calls come first: the runner-up was nearly as probable.",
    "loss": "The largest losses come first: the label was held for the least probable.",
    "true": "By the digit they are labelled as, and within it the surest answers first.",
    "index": "As they stand in the split.",
}
_NAMES: Final = (state.SHOW, state.ORDER, state.TRUE, state.PRED, state.LOW, state.HIGH, state.PAGE)


@dataclass(frozen=True, slots=True)
class Choice:
    """The choices of a visitor.

    Attributes:
        show: which images are listed.
        true, pred: only this label, only this prediction; None for any.
        low, high: the confidences that are let in, in whole percent.
        page: from 1; there may be fewer pages than that.
    """

    show: Show = "wrong"
    order: Order = "confidence"
    true: int | None = None
    pred: int | None = None
    low: int = 0
    high: int = 100
    page: int = 1

    @property
    def which(self) -> Which:
        """The same as `show`, for the lists that can be filtered."""
        return self.show if self.show != "suspects" else "all"

    @property
    def confidence(self) -> tuple[float, float]:
        """The confidences that are let in, in [0, 1]."""
        return self.low / 100, self.high / 100

    @property
    def filters(self) -> str:
        """What the images have in common, as the end of a sentence; empty when nothing is filtered."""
        parts = []
        if self.true is not None:
            parts.append(f"labelled {self.true}")
        if self.pred is not None:
            parts.append(f"read as {self.pred}")
        if (self.low, self.high) != (0, 100):
            parts.append(f"with a confidence of {self.low} to {self.high}\N{NO-BREAK SPACE}%")
        return ", ".join(parts)

    @property
    def of_all(self) -> "Choice":
        """The same filters on right and wrong images alike."""
        return replace(self, show="all")


def current() -> Choice:
    """What the link asks for, as far as there is such a thing."""
    said = {name: state.linked(name) for name in _NAMES}
    given = Choice()
    low, high = _whole(said[state.LOW], 100), _whole(said[state.HIGH], 100)
    range_ = (given.low if low is None else low, given.high if high is None else high)
    if range_[0] > range_[1]:
        range_ = (given.low, given.high)
    return Choice(
        show=next((show for show in SHOW if show == said[state.SHOW]), given.show),
        order=next((order for order in ORDER if order == said[state.ORDER]), given.order),
        true=_whole(said[state.TRUE], 9),
        pred=_whole(said[state.PRED], 9),
        low=range_[0],
        high=range_[1],
        page=max(1, _whole(said[state.PAGE], 10**6) or 1),
    )


def mend(choice: Choice) -> None:
    """Takes out of the link what it asks for in vain, and says so."""
    found = {
        state.SHOW: choice.show,
        state.ORDER: choice.order,
        state.TRUE: _text(choice.true),
        state.PRED: _text(choice.pred),
        state.LOW: str(choice.low),
        state.HIGH: str(choice.high),
        state.PAGE: str(choice.page),
    }
    vain = {name: said for name in _NAMES if (said := state.linked(name)) and said != found[name]}
    if vain:
        state.link(**dict.fromkeys(vain, ""))
        asked = ", ".join(f"{name}={value[:64]}" for name, value in vain.items())
        st.warning(
            f"The link asks for {words.plain(asked)}, which cannot be; the page goes without.",
            icon=":material/link_off:",
        )


def controls(choice: Choice) -> None:
    """Which images, in which order, and behind *Filter* the labels, predictions and confidences wanted."""
    key = state.showing("mistakes_show", choice.show)
    st.segmented_control(
        "Show",
        get_args(Show),
        required=True,
        format_func=lambda show: SHOW[show],
        key=key,
        on_change=_choose,
        args=(state.SHOW, key),
        wrap=True,
    )
    if choice.show == "suspects":
        return
    key = state.showing("mistakes_order", choice.order)
    st.selectbox(
        "Sorted by",
        evaluation.ORDERS,
        format_func=lambda order: ORDER[order],
        key=key,
        on_change=_choose,
        args=(state.ORDER, key),
        width=190,
    )
    with st.popover("Filter", icon=":material/filter_alt:", type="primary" if choice.filters else "secondary"):
        _filters(choice)


def _filters(choice: Choice) -> None:
    for name, label, digit in ((state.TRUE, "True digit", choice.true), (state.PRED, "Read as", choice.pred)):
        key = state.showing(f"mistakes_{name}", digit)
        st.selectbox(label, range(10), index=None, placeholder="Any", key=key, on_change=_choose, args=(name, key))
    key = state.showing("mistakes_confidence", (choice.low, choice.high))
    st.slider("Confidence", 0, 100, format="%d %%", key=key, on_change=_choose_range, args=(key,))
    if choice.filters:
        st.button("Clear the filters", icon=":material/close:", type="tertiary", key="mistakes_clear", on_click=clear)


def clear() -> None:
    """Takes every filter away (a callback)."""
    state.link(true="", pred="", low="", high="", page="")


def show_closest() -> None:
    """Lists all images, the closest calls first (a callback)."""
    state.link(show="all", order="margin", page="")


def turn(widget: str) -> None:
    """Turns to the page that the widget of that key says (a callback)."""
    page = state.picked(widget)
    state.link(page=str(page) if page > 1 else "")


def _choose(name: str, widget: str) -> None:
    """Puts what the widget of that key says into the link (a callback); the list begins anew."""
    wanted = state.picked(widget)
    state.link(**{name: "" if wanted == getattr(Choice(), name) else str(wanted), state.PAGE: ""})


def _choose_range(widget: str) -> None:
    low, high = state.picked(widget)
    state.link(low=str(low) if low > 0 else "", high=str(high) if high < 100 else "", page="")


def _whole(text: str, most: int) -> int | None:
    """A whole number from 0 as it stands in a link; None when it is none, or more than that."""
    plain = text.isascii() and text.isdecimal() and len(text) < 8
    return int(text) if plain and int(text) <= most else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)
