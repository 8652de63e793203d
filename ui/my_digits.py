"""*My digits* on *Draw and predict*: say what a misread picture is, and what was kept so far.

Owns the offer beside the answer and the three parts at the foot of the page; the gallery is `my_digits_gallery`'s,
teaching `my_digits_teach`'s.
"""

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import StudioError
from core.inference import Prediction
from core.my_digits import Seen
from core.run import Run
from ui import modes, my_digits_gallery, my_digits_teach, resources, state, words
from ui.drawing_given import Given

WIDTH: Final = 288  # page pixels: fits a phone, and five buttons in a row
BUTTON: Final = 44
MARGIN: Final = 0.15  # of a digit's longer side, around it where it is cut out of a picture of several
NOTE: Final = (
    "Choosing a digit keeps this picture on the computer that runs this studio: the picture, its strokes where it was "
    "drawn, what you say it is, what was read, by which model, and when. Only you see it until you share it. "
    "It can be deleted below at any time."
)


def offer(run: Run, given: Given, prediction: Prediction | None) -> None:
    """The way to say what a picture is, with what is then kept, and where, in sight before anything is kept.

    Args:
        run: which read it.
        prediction: of the digit that is looked at; None while there is none.
    """
    readable = prediction is not None and prediction.digit is not None
    readable = readable and given.source != "example"  # those are test images, which no model may learn from
    with st.popover(
        "Wrong? It is a …",
        icon=":material/edit:",
        disabled=not readable or modes.read_only(),
        help=modes.reason(),
        key=state.MY_OFFER,
        on_change="rerun",  # what is in it is made when it is opened: the answer must not wait for it
    ) as form:
        if prediction is None or not readable or modes.read_only() or not form.open:
            return
        seen = _seen(run, given, prediction)
        with st.container(width=WIDTH):
            st.caption(NOTE if resources.visitor()[1] else f"{NOTE} {my_digits_gallery.UNKNOWN}")
            with st.container(horizontal=True, gap="small"):
                for label in range(10):
                    st.button(str(label), key=f"my_label_{label}", on_click=_keep, args=(seen, label), width=BUTTON)


def section() -> None:
    """What was kept, what others share, and a model taught with it."""
    st.subheader("My digits", anchor=False)
    _section()


@st.fragment
def _section() -> None:
    mine, shared, teach = st.tabs(["Mine", "Shared by visitors", "Teach it"], key=state.MY_TAB, on_change="rerun")
    try:
        with mine:
            if mine.open:
                my_digits_gallery.mine()
        with shared:
            if shared.open:
                my_digits_gallery.shared()
        with teach:
            if teach.open:
                my_digits_teach.show()
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/error:")


def _keep(seen: Seen, label: int) -> None:
    """Keeps a picture as what its visitor says that it is (a callback)."""
    try:
        resources.my_store().keep(seen, label)
        state.tell(f"Kept as a {label} under My digits, below.")
        state.my_deleted(0)
    except StudioError as error:
        state.tell(str(error))
    st.session_state[state.MY_OFFER] = False
    st.rerun()


def _seen(run: Run, given: Given, prediction: Prediction) -> Seen:
    assert given.reading is not None  # there is a prediction
    picture = given.reading.picture
    box = given.reading.box(prediction)
    several = given.reading.digits and prediction is not given.prediction
    return Seen(
        picture=_cut(picture, box) if several and box is not None else picture,
        image=np.round(255 * prediction.preprocessed.image).astype(np.uint8),
        read=prediction.digit,
        confidence=prediction.confidence,
        run_id=run.run_id,
        source=given.source,
        strokes=() if several else given.strokes,
    )


def _cut(picture: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """One digit of several, with some paper around it."""
    x, y, width, height = box
    margin = max(2, round(MARGIN * max(width, height)))
    return np.ascontiguousarray(
        picture[max(0, y - margin) : y + height + margin, max(0, x - margin) : x + width + margin]
    )
