"""What of a confusion matrix is looked at: the choices in the page's link, and the controls that change them.

Owns the way from a link to a `View` and back. What a link asks for in vain is said in one sentence and left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

import streamlit as st

from core.run import Run
from ui import resources, state, words
from ui.charts import DIGITS
from ui.confusion_charts import Cells

CELLS: Final[dict[Cells, str]] = {"counts": "Counts", "true": "% of row", "pred": "% of column"}
HIDDEN: Final = "hidden"
SHOWN: Final = "shown"
CELLS_HELP: Final = (
    "**Counts** are images.  \n"
    "**% of row**: of all images of a digit, how many were read as each one; the diagonal holds the recalls.  \n"
    "**% of column**: of all that was read as a digit, how many are each one; the diagonal holds the precisions.  \n"
    "A difference from another run is in counts."
)


@dataclass(frozen=True, slots=True)
class View:
    """The choices of a visitor.

    Attributes:
        cells: what the cells say.
        diagonal: whether what is right is shown.
        true, pred: the row and the column that are selected: both for a cell, neither for none.
        versus: the run that the matrix is shown less; None shows the matrix itself.
    """

    cells: Cells
    diagonal: bool
    true: int | None
    pred: int | None
    versus: Run | None

    @property
    def selected(self) -> bool:
        """Whether a cell, row or column is."""
        return self.true is not None or self.pred is not None


def others(run: Run) -> dict[str, Run]:
    """The runs that this one can be compared with, by run id."""
    return {other.run_id: other for other in resources.store().runs() if other.has_model and other.run_id != run.run_id}


def current(others: Mapping[str, Run]) -> View:
    """What the link asks for, as far as there is such a thing.

    Args:
        others: by run id, those that the run shown can be compared with.
    """
    cells = state.confusion(state.CELLS)
    return View(
        cells=next((name for name in CELLS if name == cells), "counts"),
        diagonal=state.confusion(state.DIAGONAL) != HIDDEN,
        true=_digit(state.confusion(state.TRUE)),
        pred=_digit(state.confusion(state.PRED)),
        versus=others.get(state.confusion(state.VERSUS)),
    )


def mend(others: Mapping[str, Run], run: Run) -> None:
    """Takes out of the link what it asks for in vain, and says so; puts in what the visit remembers."""
    possible: dict[str, list[str]] = {
        state.CELLS: list(CELLS),
        state.DIAGONAL: [HIDDEN, SHOWN],
        state.VERSUS: list(others),
        state.TRUE: DIGITS,
        state.PRED: DIGITS,
    }
    vain = {name: value for name in possible if (value := state.confusion(name)) and value not in possible[name]}
    state.set_confusion(**{name: "" if name in vain else state.confusion(name) for name in possible})
    if vain.get(state.VERSUS) == run.run_id:  # it was compared with the one that was picked now
        del vain[state.VERSUS]
    if vain:
        asked = ", ".join(f"{name}={value[:64]}" for name, value in vain.items())
        st.warning(
            f"The link says {words.plain(asked)}: there is no such thing here (any more), so it is left out.",
            icon=":material/link_off:",
        )


def controls(view: View, others: Mapping[str, Run]) -> None:
    """What the cells say, and behind *More* the selection as fields, the diagonal, and the run to compare with."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = state.showing(f"confusion_{state.CELLS}", view.cells)
        st.segmented_control(
            "Cells",
            get_args(Cells),
            required=True,
            format_func=lambda name: CELLS[name],
            help=CELLS_HELP,
            key=key,
            on_change=_choose,
            args=(state.CELLS, key),
            disabled=view.versus is not None,
        )
        with st.popover("More", icon=":material/tune:"):
            _fields(view)
            key = state.showing(f"confusion_{state.DIAGONAL}", not view.diagonal)
            st.toggle(
                "Hide the diagonal",
                help="Leaves out what is right: on the diagonal, and among the images of a row or column.",
                key=key,
                on_change=_choose,
                args=(state.DIAGONAL, key),
            )
            names = words.titles(others.values())
            key = state.showing(f"confusion_{state.VERSUS}", view.versus.run_id if view.versus else None)
            st.selectbox(
                "Difference from",
                list(others),
                index=None,
                format_func=lambda run_id: names[run_id],
                placeholder="Another run" if others else "There is no other run",
                help="Shows this run's matrix less that of another one, over the images that both have answered.",
                key=key,
                on_change=_choose,
                args=(state.VERSUS, key),
                disabled=not others,
            )


def _fields(view: View) -> None:
    """The selected row and column as two fields, for those who do not click into the matrix."""
    with st.container(horizontal=True):
        for name, label, digit in ((state.TRUE, "True digit", view.true), (state.PRED, "Read as", view.pred)):
            key = state.showing(f"confusion_{name}", digit)
            st.selectbox(
                label,
                range(10),
                index=None,
                placeholder="Any",
                key=key,
                on_change=_choose,
                args=(name, key),
                width=120,
            )


def clear(view: View) -> None:
    """The way out of a selection."""
    st.button(
        "Clear",
        icon=":material/close:",
        type="tertiary",
        key="confusion_clear",
        on_click=select,
        disabled=not view.selected,
    )


def select(true: int | None = None, pred: int | None = None) -> None:
    """Selects a cell, a row, a column or nothing (a callback)."""
    state.set_confusion(true=_text(true), pred=_text(pred), page="")


def _choose(name: str, widget: str) -> None:
    """Puts what the widget of that key says into the link (a callback)."""
    chosen: Any = state.picked(widget)
    if name == state.DIAGONAL:
        chosen = HIDDEN if chosen else SHOWN
    state.set_confusion(**{name: _text(chosen), state.PAGE: ""})


def _digit(text: str) -> int | None:
    return int(text) if text in DIGITS else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)
