"""What a visitor gives on *Draw and predict*: a drawing, files, a photograph or an example, and what it says."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import DataError, PictureError
from core.inference import Classifier, Prediction
from core.reading import Reading, read
from core.run import Run
from ui import canvas, drawing_files, resources, state

Source = Literal["drawing", "file", "camera", "example"]


@dataclass(frozen=True, slots=True)
class Given:
    """What the visitor gave.

    Attributes:
        source: how.
        reading: what it says; None when there is nothing yet, or nothing that can be read.
        name: of the file.
        strokes: of a drawing, each the points (x, y) it went through, in pixels of the canvas.
        problem: why it could not be read; empty when it could.
        nothing: what to say while there is nothing.
        files: the files that were given together, where there are several.
    """

    source: Source
    reading: Reading | None = None
    name: str = ""
    strokes: tuple[state.Stroke, ...] = ()
    problem: str = ""
    nothing: str = ""
    files: drawing_files.Files | None = None

    @property
    def prediction(self) -> Prediction | None:
        """The answer for the whole, or for the largest digit in it."""
        return None if self.reading is None else self.reading.prediction

    @property
    def digits(self) -> tuple[Prediction, ...]:
        """Each digit in reading order, where there are several or may be."""
        return () if self.reading is None else self.reading.digits

    @property
    def picture(self) -> NDArray[np.uint8] | None:
        """The picture, upright, uint8, its longer side at most 960 pixels."""
        return None if self.reading is None else self.reading.picture


def given(run: Run, classifier: Classifier) -> Given:
    """Canvas, files, camera and examples, one beside the other; what the open one holds.

    Raises:
        RunError: the run's model has gone meanwhile.
    """
    draw, upload, photograph, examples = st.tabs(
        ["Draw", "Upload", state.CAMERA_TAB, "Examples"], key=state.input_tab(), on_change="rerun"
    )
    with draw:
        drawn = _canvas(classifier)
    with upload:
        files = drawing_files.upload(run, reading=bool(upload.open))
        uploaded = _of_file(run, files) if upload.open else None
    with photograph:  # asks for the camera as soon as it is there
        taken = _camera(run) if photograph.open else None
    with examples:
        example = _examples(classifier) if examples.open else None
    for tab, name in ((draw, "Draw"), (upload, "Upload"), (photograph, state.CAMERA_TAB), (examples, "Examples")):
        if tab.open:
            state.leave_at(name)
    return uploaded or taken or example or drawn


def pad() -> state.Drawing | None:
    """The canvas with its brush and the ways back; what is on it, the same on every page that shows it."""
    brush = st.session_state.get(state.BRUSH, 18)
    st.space("small")  # the canvas' own toolbar appears here, over its upper edge
    drawn = canvas.drawing(brush)
    st.slider("Brush width", 6, 40, 18, key=state.BRUSH, persist_state=state.KEEP, width=canvas.SIDE)
    with st.container(horizontal=True, width=canvas.SIDE):
        st.button("Undo", icon=":material/undo:", on_click=state.undo_stroke, shortcut="Mod+Z", key="undo")
        st.button("Clear", icon=":material/delete:", on_click=state.clear_canvas, key="clear")
    return drawn


def _canvas(classifier: Classifier) -> Given:
    drawn = pad()
    if drawn is None:
        return Given("drawing", nothing="Draw a digit from 0 to 9 in the frame.")
    try:
        return Given("drawing", read(classifier, canvas.pixels(drawn)), strokes=drawn.strokes)
    except PictureError as error:
        return Given("drawing", problem=str(error))


def _of_file(run: Run, files: drawing_files.Files | None) -> Given:
    if files is None:
        return Given("file", nothing="Choose pictures: PNG, JPEG, WebP or BMP, up to 20 MB each.")
    several = files if len(files.given) > 1 else None
    try:
        return Given("file", resources.file_reading(run, *files.chosen), name=files.name, files=several)
    except PictureError as error:
        return Given("file", name=files.name, problem=str(error), files=several)


def _camera(run: Run) -> Given:
    taken = st.camera_input("A digit on paper", key=state.CAMERA, resolution="720p")
    if taken is None:
        return Given("camera", nothing="Hold a digit before the camera and take its picture.")
    try:
        return Given("camera", resources.file_reading(run, taken.file_id, taken.getvalue))
    except PictureError as error:
        return Given("camera", problem=str(error))


def _examples(classifier: Classifier) -> Given:
    try:
        examples = resources.examples()
    except DataError as error:
        return Given("example", problem=str(error))
    with st.grid(5, min_column_width=48, gap="xsmall"):
        for number, example in enumerate(examples):
            with st.container(gap="xxsmall", horizontal_alignment="center"):
                st.image(example.picture, width=resources.EXAMPLE_WIDTH, alt=f"Test digit {example.label}")
                st.button(
                    str(example.label),
                    type="tertiary",
                    key=f"example_{number}",
                    on_click=state.choose_example,
                    args=(number,),
                )
    chosen = state.example()
    if chosen is None:
        return Given("example", nothing="Choose one of these digits of the test split.")
    return Given("example", read(classifier, examples[chosen].image))
