"""A digit from the visitor and the answer to it, as *Draw and predict* shows them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import DataError, PictureError, RunError
from core.inference import Classifier, Prediction
from core.preprocessing import read_picture
from ui import canvas, charts, components, pictures, resources, state, words
from ui.look import Palette

TYPES: Final = ("png", "jpg", "jpeg", "webp", "bmp")
STAGES: Final = (
    "The picture as it came.",
    "Brightness only.",
    "The ink over its paper.",
    "The digit's own ink, cut out.",
    "28 x 28, its centre of mass in the middle.",
)
TABS_HEIGHT: Final = 450  # pixels: the canvas with its controls; the other tabs take the same room
INK_STAGES: Final = ("evened", "ink", "placed")  # where high values are ink: drawn as such


@dataclass(frozen=True, slots=True)
class Given:
    """What the visitor gave.

    Attributes:
        picture: (height, width[, 4]) uint8; None when there is nothing yet.
        problem: why a file could not be read; empty when it could.
        nothing: what to say while there is nothing.
    """

    picture: NDArray[np.uint8] | None
    problem: str = ""
    nothing: str = ""


def model_choice() -> Classifier | None:
    """Which run answers: a choice among those with a model, the active one at first; None when there is none."""
    runs = {run.run_id: run for run in resources.store().runs() if run.has_model}
    active = resources.active_run()
    if active is None:
        return None
    ids, names = list(runs), words.titles(runs.values())
    chosen = active.run_id
    if len(ids) > 1:
        chosen = st.selectbox(
            "Model",
            ids,
            index=ids.index(active.run_id),
            format_func=lambda run_id: names.get(run_id, run_id),
            key=state.MODEL,
            persist_state=state.KEEP,
            width=320,
        )
    try:
        return resources.classifier(runs[chosen])
    except RunError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return None


def given() -> Given:
    """Canvas, upload and examples, one beside the other; what the open one holds."""
    draw, upload, examples = st.tabs(
        ["Draw", "Upload", "Examples"], key=state.INPUT, on_change="rerun", height=TABS_HEIGHT
    )
    with draw:
        drawn = _canvas()
    with upload:
        uploaded = _upload() if upload.open else Given(None)
    with examples:
        example = _examples() if examples.open else Given(None)
    return example if examples.open else uploaded if upload.open else drawn


def _canvas() -> Given:
    brush = st.session_state.get(state.BRUSH, 18)
    st.space("small")  # the canvas' own toolbar appears here, over its upper edge
    drawn = canvas.drawing(brush)
    st.slider("Brush width", 6, 40, 18, key=state.BRUSH, persist_state=state.KEEP, width=canvas.SIDE)
    with st.container(horizontal=True, width=canvas.SIDE):
        st.button("Undo", icon=":material/undo:", on_click=state.undo_stroke, shortcut="Mod+Z", key="undo")
        st.button("Clear", icon=":material/delete:", on_click=state.clear_canvas, key="clear")
    if drawn is None:
        return Given(None, nothing="Draw a digit from 0 to 9 in the frame.")
    try:
        return Given(canvas.pixels(drawn))
    except PictureError as error:
        return Given(None, problem=str(error))


def _upload() -> Given:
    file = st.file_uploader("One picture of one digit", type=list(TYPES), key=state.UPLOAD, max_upload_size=20)
    if file is None:
        return Given(None, nothing="Choose a picture: PNG, JPEG, WebP or BMP, up to 20 MB.")
    try:
        return Given(read_picture(file.getvalue()))
    except PictureError as error:
        return Given(None, problem=str(error))


def _examples() -> Given:
    try:
        examples = resources.examples()
    except DataError as error:
        return Given(None, problem=str(error))
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
        return Given(None, nothing="Choose one of these digits of the test split.")
    return Given(examples[chosen].image)


def answer(prediction: Prediction | None, given: Given, *, threshold: float | None, palette: Palette) -> None:
    """The digit in large type, how sure it is, the runner-up and the ten bars; the same room when there is none.

    Args:
        threshold: below which confidence the answer is *I don't know*; None is never.
    """
    digit_side, bars_side = st.columns([2, 3], gap="medium")
    with digit_side:
        st.metric("Digit", _digit(prediction))
        st.markdown(_verdict(prediction, given))
        if threshold:
            st.caption(f"It says *I don't know* below {words.confidence(threshold)}, the threshold kept for this run.")
        if prediction is not None and prediction.warnings:
            st.caption(words.warnings(prediction.warnings))
    with bars_side:
        st.vega_lite_chart(
            charts.probability_bars(prediction.probabilities if prediction else None, palette=palette),
            theme=None,
            key="bars",
            alt="Probabilities of the ten digits as bars.",  # another text would have the chart drawn anew
        )


def _digit(prediction: Prediction | None) -> str:
    if prediction is None or prediction.digit is None:
        return "–"
    return "?" if prediction.abstained else str(prediction.digit)


def _verdict(prediction: Prediction | None, given: Given) -> str:
    if given.problem:
        return f":red[{words.plain(given.problem)}]"
    if prediction is None:
        return given.nothing
    if prediction.digit is None or prediction.confidence is None:
        return "Nothing drawn."
    runner_up = prediction.runner_up
    sure = f"**{words.percent(prediction.confidence, 1)}** confidence"
    if prediction.abstained:
        sure = f"**I don't know.** Best guess: {prediction.digit}, {words.percent(prediction.confidence)}"
    if runner_up is None or runner_up[1] < 0.001:
        return f"{sure}  \nNo other digit above 0.1 %"
    return f"{sure}  \nRunner-up: {runner_up[0]}, {words.percent(runner_up[1], 1)}"


def filmstrip(prediction: Prediction | None) -> None:
    """How the picture became the 28 x 28 image that the network sees."""
    with st.grid(len(STAGES), min_column_width=100, gap="small"):
        if prediction is None:
            for caption in STAGES:
                components.empty_frame(caption)
            return
        for stage in prediction.preprocessed.stages:
            shown = pictures.digit_png if stage.name in INK_STAGES else pictures.picture_png
            st.image(shown(stage.image), width=pictures.WIDTH, caption=stage.caption, alt=f"Step {stage.name}")
