"""The one digit that goes through the network: from the test split, the visitor's drawing, or one of *my digits*.

Owns the way from a link to the digit, and back.
"""

import secrets
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import pictures
from core.errors import PictureError, StudioError
from core.my_digits import MyDigit
from core.preprocessing import preprocess, read_picture
from core.run import Run
from ui import drawing_given, resources, state, words
from ui.state import inside as looked

TEST: Final = "Test split"
DRAWING: Final = "Drawing"
MINE: Final = "My digits"
DRAW_PAGE: Final = "pages/5_Draw_and_Predict.py"
ANY: Final = "any digit"
MISREAD: Final = "misread one"
SMALL: Final = 56  # page pixels: 28 x 2
SHOWN: Final = 10  # of my digits at a time
_OWN: Final = "mine:"


@dataclass(frozen=True, slots=True)
class Digit:
    """The digit that is looked at.

    Attributes:
        image: (28, 28) float32 in [0, 1], ink high.
        label: what it is; None for a drawing, of which nobody said.
        name: what it is called.
        place: in the test split; None when it is not from there.
        warnings: what is odd about a drawing, as `core.preprocessing` names it.
    """

    image: NDArray[np.float32]
    label: int | None
    name: str
    place: int | None = None
    warnings: tuple[str, ...] = ()


def choose(run: Run) -> Digit | None:
    """Shows the ways to a digit, and gives the one that was chosen; None while nothing is drawn or kept.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    kind = _kind()
    key = state.showing(looked.KIND, kind)
    st.segmented_control(
        "Digit from",
        [TEST, DRAWING, MINE],
        required=True,
        key=key,
        on_change=_choose_kind,
        args=(key, kind),
        label_visibility="collapsed",
        wrap=True,
    )
    if kind == DRAWING:
        return _drawing()
    return _mine() if kind == MINE else _test(run)


def open_test_image(place: int) -> None:
    """Looks at an image of the test split (a callback)."""
    looked.set_inside(digit=str(place))


def _kind() -> str:
    """Where the digit is from: what the link says, else a drawing that there is, else the test split."""
    asked = looked.inside(looked.DIGIT)
    if asked.startswith(_OWN):
        return MINE
    if asked == looked.DRAWN or (not asked and state.kept_drawing() is not None):
        return DRAWING
    return TEST


def _choose_kind(widget: str, shown: str) -> None:
    """Looks at a digit of another sort (a callback)."""
    asked = {TEST: "0", DRAWING: looked.DRAWN, MINE: _OWN}
    picked = state.picked(widget)
    if picked is not None and picked != shown:
        looked.set_inside(digit=asked[picked])


def _drawing() -> Digit | None:
    drawn = drawing_given.pad()
    if drawn is None or not drawn.objects:
        return None
    try:
        seen = preprocess(read_picture(drawn.png))
    except PictureError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return None
    image = np.ascontiguousarray(seen.image, np.float32)
    return None if seen.blank else Digit(image, None, "Your drawing", warnings=seen.warnings)


def _mine() -> Digit | None:
    found = resources.my_digits()
    if not found:
        st.markdown("You have kept no digits yet. On *Draw and predict*, say what a drawing is, and it stands here.")
        st.page_link(DRAW_PAGE, label="Draw and predict", icon=":material/draw:")
        return None
    asked = looked.inside(looked.DIGIT).removeprefix(_OWN)
    chosen = next((each for each in found if each.digit_id == asked), found[0])
    if asked and chosen.digit_id != asked:
        st.info("That digit is not among yours (any more); shown is the newest.", icon=":material/info:")
    _shelf(found)
    return Digit(chosen.image.astype(np.float32) / np.float32(255), chosen.label, "Your digit")


def _shelf(found: list[MyDigit]) -> None:
    """The visitor's digits, newest first, some at a time."""
    pages = -(-len(found) // SHOWN)
    page = st.pagination(pages, key=f"inside_mine_{pages}") if pages > 1 else 1
    with st.grid(5, min_column_width=48, gap="xsmall"):
        for digit in found[SHOWN * (page - 1) : SHOWN * page]:
            with st.container(gap="xxsmall", horizontal_alignment="center"):
                picture = pictures.digit_png(digit.image, width=SMALL)
                st.image(picture, width=SMALL, alt=f"A {digit.label} of yours")
                key = f"inside_{digit.digit_id}"
                st.button(str(digit.label), type="tertiary", key=key, on_click=_open_mine, args=(digit.digit_id,))


def _open_mine(digit_id: str) -> None:
    """Looks at one of the visitor's own digits (a callback)."""
    looked.set_inside(digit=f"{_OWN}{digit_id}")


def _test(run: Run) -> Digit:
    split = resources.test_split()
    last = len(split.labels) - 1
    asked = looked.inside(looked.DIGIT)
    known = asked.isascii() and asked.isdecimal() and len(asked) <= 5 and int(asked) <= last
    place = int(asked) if known else 0
    if asked and not known:
        st.info(f"There is no such test image; they go from 0 to {last:,}.", icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = state.showing("inside_place", place)
        st.number_input("Image", 0, last, key=key, on_change=_choose_place, args=(key,), width=112)
        st.selectbox(
            "Take",
            [ANY, *(f"a {digit}" for digit in range(10)), MISREAD],
            key=looked.TAKE,
            persist_state=state.KEEP,
            width=124,
        )
        st.button("Another", icon=":material/shuffle:", key="inside_another", on_click=_another, args=(run,))
    label = int(split.labels[place])
    return Digit(split.images[place].astype(np.float32) / np.float32(255), label, f"Test image {place:,}", place)


def _choose_place(widget: str) -> None:
    """Looks at the image of that number (a callback)."""
    if state.picked(widget) is not None:
        open_test_image(int(state.picked(widget)))


def _another(run: Run) -> None:
    """Looks at another test image of the sort that was asked for (a callback)."""
    wanted, split = state.picked(looked.TAKE), resources.test_split()
    places = np.arange(len(split.labels))
    if wanted == MISREAD:
        try:
            places = np.flatnonzero(resources.answers(run, "test").probabilities.argmax(axis=1) != split.labels)
        except StudioError as error:
            state.tell(str(error))
            return
        if not len(places):
            state.tell("It reads every test image rightly.")
            return
    elif wanted != ANY:
        places = np.flatnonzero(split.labels == int(wanted[-1]))
    open_test_image(int(secrets.choice(places)))
