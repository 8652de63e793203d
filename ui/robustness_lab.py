"""One digit under the corruptions that sliders set: as it is, as disturbed, what is read, and where it tips over.

Owns the way from a link to the digit, and back; `robustness_sliders` that to what is done to it. What the corruptions
do is `core.corruptions`'.
"""

import secrets
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import pictures
from core.corruptions import CORRUPTIONS, corrupt
from core.errors import PictureError, StudioError
from core.look import Palette
from core.preprocessing import preprocess, read_picture
from core.run import Run
from ui import charts, resources, robustness_sliders, robustness_tips, state, words
from ui.robustness_choice import Choice

DRAWING: Final = "drawing"
WIDTH: Final = 168  # page pixels: 28 x 6
SAID_HEIGHT: Final = 60


@dataclass(frozen=True, slots=True)
class Digit:
    """The digit that is looked at.

    Attributes:
        image: (28, 28) uint8, ink high.
        label: what it is; None for a drawing, of which nobody said.
        name: what it is called under its picture.
        seed: what chance depends on when it is corrupted.
    """

    image: NDArray[np.uint8]
    label: int | None
    name: str
    seed: int


def show(choice: Choice, palette: Palette) -> None:
    """The digit with its sliders, and the answer; only this is drawn anew when one is moved."""
    st.fragment(_show)(choice, palette)


def _show(choice: Choice, palette: Palette) -> None:
    st.header("One digit", anchor=False)
    run = _asked(choice)
    try:
        classifier = resources.classifier(run)
        digit = _digit(choice, run)
    except StudioError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return
    strengths = {each.name: robustness_sliders.amount(each) / each.most for each in CORRUPTIONS}
    disturbed = corrupt(digit.image[np.newaxis], strengths, seeds=[digit.seed])
    before, after = classifier.probabilities(np.concatenate([digit.image[np.newaxis], disturbed]))
    picture_side, answer_side = st.columns([6, 5], gap="large")
    with picture_side:
        _pictures(digit, disturbed[0], (int(before.argmax()), int(after.argmax())))
        _said(strengths)
        _ways(choice, run)
        robustness_sliders.show(strengths)
    with answer_side:
        _answer(after, digit, int(before.argmax()), classifier.threshold)
        st.vega_lite_chart(
            charts.probability_bars(after, palette=palette),
            theme=None,
            key="robust_bars",
            alt="Probabilities of the ten digits as bars.",  # another text would have the chart drawn anew
        )
    robustness_tips.show(run, digit.image, digit.label, int(before.argmax()), digit.seed)


def _asked(choice: Choice) -> Run:
    """The run that answers: the one there is, or the one picked among several."""
    if len(choice.runs) == 1:
        return choice.runs[0]
    named = {f"{choice.letters[run.run_id]} · {words.title(run)}": run for run in choice.runs}
    picked = st.segmented_control(
        "Who answers",
        list(named),
        default=next(iter(named)),
        required=True,
        key=f"{state.ROBUST_ASKED}_{'_'.join(run.run_id for run in choice.runs)}",
        label_visibility="collapsed",
        wrap=True,
    )
    return named.get(picked or "", choice.runs[0])


def _digit(choice: Choice, run: Run) -> Digit:
    """The visitor's drawing or the image that the link asks for, else the first that runs are measured on.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    wanted, draw = state.robust(state.ROBUST_DIGIT), robustness_sliders.draw()
    if wanted == DRAWING and (drawn := _drawing()) is not None:
        return Digit(drawn, None, "Your drawing", draw)
    asked = resources.asked_about(run, choice.split)
    place = robustness_sliders.whole(wanted, len(asked.labels))
    place = int(asked.places[0]) if place is None else place
    image = resources.digit_images(choice.split, (place,))[0]
    label = int(asked.labels[place])
    # Without another draw it is corrupted exactly as when the runs were measured.
    return Digit(image, label, f"{_article(label)} {label}, image {place:,}", place + draw * 100_000)


def _drawing() -> NDArray[np.uint8] | None:
    """What is on the canvas of *Draw and predict*, as networks see it; None when nothing is."""
    drawn = state.kept_drawing()
    if drawn is None or not drawn.objects:
        return None
    try:
        seen = preprocess(read_picture(drawn.png))
    except PictureError:
        return None
    return None if seen.blank else np.round(seen.image * 255).astype(np.uint8)


def _article(digit: int) -> str:
    return "An" if digit == 8 else "A"


def _pictures(digit: Digit, disturbed: NDArray[np.uint8], read: tuple[int, int]) -> None:
    """The digit as it is and as disturbed, with what each is read as."""
    with st.grid(2, min_column_width=130, gap="medium", width=2 * WIDTH + 24):
        for image, name, said in zip((digit.image, disturbed), (digit.name, "The same, disturbed"), read, strict=True):
            st.image(
                pictures.digit_png(image, width=WIDTH),
                width="stretch",
                caption=f"{name}   \nread as {said}",
                alt=f"{name}, read as {said}.",
            )


def _said(strengths: dict[str, float]) -> None:
    """What is done to the digit, in words; room for two lines is kept, so that moving a slider moves nothing else."""
    said = [each.said(each.amount(strengths[each.name])) for each in CORRUPTIONS if strengths[each.name]]
    text = ", ".join(said)
    with st.container(height=SAID_HEIGHT, border=False):
        st.text(f"{text[:1].upper()}{text[1:]}." if said else "Nothing is done to it yet.")


def _ways(choice: Choice, run: Run) -> None:
    """Another digit, and the visitor's own."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Another digit",
            icon=":material/shuffle:",
            key="robust_another",
            on_click=_another,
            args=(choice, run),
        )
        if state.kept_drawing() is not None and state.robust(state.ROBUST_DIGIT) != DRAWING:
            st.button("My drawing", icon=":material/draw:", key="robust_drawing", on_click=_draw)


def _another(choice: Choice, run: Run) -> None:
    """Looks at another of the images that runs are measured on (a callback)."""
    places = resources.asked_about(run, choice.split).places
    state.set_robust(digit=str(int(secrets.choice(places))), draw="")


def _draw() -> None:
    """Looks at the drawing (a callback)."""
    state.set_robust(digit=DRAWING, draw="")


def _answer(probabilities: NDArray[np.float32], digit: Digit, before: int, threshold: float | None) -> None:
    """What the disturbed digit is read as, how surely, and whether that is right."""
    read = int(probabilities.argmax())
    sure = float(probabilities[read])
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        st.metric("Read as", str(read), width="content")
        lines = [f"**{words.percent(sure, 1)}** confidence"]
        truth = before if digit.label is None else digit.label
        if digit.label is None:
            lines.append("as before" if read == truth else f":red[undisturbed it is read as {truth}]")
        else:
            lines.append("right" if read == truth else f":red[wrong: it is labelled {truth}]")
        if threshold and sure < threshold:
            lines.append(f"below its threshold of {words.confidence(threshold)}: *I don't know*")
        st.markdown("  \n".join(lines))
