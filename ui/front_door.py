"""The front door: where a first visitor begins, and the four jobs of the studio, each with a look at what is there.

Owns what stands on *Home* beside the active model's figures. What the pages do is theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st

from core import pictures
from core.errors import PictureError, StudioError
from core.look import Palette
from core.run import Run
from core.status import RunState
from ui import components, modes, resources, state, training_charts, words

LOOK: Final = 132  # page pixels: the room of each thumbnail
LONG: Final = 22  # letters of a name that fit beside what is said of it
SIDE: Final = 56  # page pixels of a small digit: 28 x 2
SHOWN: Final = (2, 3, 5, 7, 8, 9)  # examples of what can be read
STEPS: Final = (
    ("pages/5_Draw_and_Predict.py", "Draw a digit", ":material/draw:"),
    ("pages/3_Confusion_Matrix.py", "See where it errs", ":material/grid_on:"),
    ("pages/1_Train.py", "Train your own", ":material/school:"),
)


@dataclass(frozen=True, slots=True)
class Job:
    """One of the things that people come for.

    Attributes:
        look: draws what there is to see of it now.
        pages: the pages for it, by their path.
    """

    title: str
    purpose: str
    look: Callable[[Run, Palette], None]
    pages: tuple[str, ...]


def greeting() -> None:
    """Where to begin, until the visitor closes it; then nothing, at later visits too."""
    if not resources.is_new():
        return
    with st.container(border=True):
        st.markdown("**New here?** A trained model is ready. These steps show what this is:")
        with st.container(horizontal=True, vertical_alignment="center"):
            steps = STEPS[:-1] if modes.read_only() else STEPS  # nothing is trained there
            for number, (path, label, icon) in enumerate(steps, 1):
                st.page_link(path, label=f"{number}. {label}", icon=icon, width="content")
            st.button("Got it", key="greeting_close", on_click=resources.close_greeting)


def jobs(run: Run | None, palette: Palette) -> None:
    """The four jobs, side by side; without a model they have no look yet."""
    with st.grid(4, min_column_width=196, gap="small"):
        for job in JOBS:
            with st.container(border=True, height="stretch"):
                if run is not None:
                    with st.container(height=LOOK, border=False, vertical_alignment="center"):
                        _guarded(job.look, run, palette)
                st.subheader(job.title, anchor=False)
                st.caption(job.purpose)
                for path in job.pages:
                    label, icon = components.PAGES[path]
                    st.page_link(path, label=label, icon=icon)


def _guarded(look: Callable[[Run, Palette], None], run: Run, palette: Palette) -> None:
    """A look at something damaged is its one sentence; the others stay."""
    try:
        look(run, palette)
    except StudioError as error:
        st.caption(words.plain(str(error)))


def _learning(run: Run, palette: Palette) -> None:
    """The accuracy by epoch of what trains now, or else of the active model."""
    current = resources.jobs().current()
    shown = current if current is not None and current.status.state is RunState.TRAINING else run
    epochs = shown.epochs()
    if len(epochs) < 2:
        st.caption("The curves of a training stand here.")
        return
    said = f"Accuracy of {words.title(shown)} by epoch: {words.count(len(epochs), 'epoch')}."
    spark = training_charts.spark(epochs, palette=palette, height=LOOK - 34)
    st.vega_lite_chart(spec=spark, theme=None, key="home_spark", alt=said)
    title = words.title(shown)
    named = title if len(title) <= LONG else title[: LONG - 1] + "\N{HORIZONTAL ELLIPSIS}"  # one line
    st.caption(f"{words.plain(named)}: {words.count(len(epochs), 'epoch')}")


def _confused(run: Run, palette: Palette) -> None:
    """What the active model confuses most."""
    mistakes = resources.confident_mistakes(run, 3)
    if not mistakes:
        st.caption("It misreads no test image.")
        return
    with st.container(horizontal=True, gap="xxsmall", wrap=False):
        for mistake in mistakes:
            said = f"{mistake.y_true} read as {mistake.y_pred}"
            picture = resources.digit_pictures("test", (mistake.index,), width=SIDE)[0]
            with st.container(width=SIDE, gap="xxsmall"):
                st.image(picture, width=SIDE, alt=f"Test digit {mistake.index}, a {said}.")
                st.caption(f"{mistake.y_true} → {mistake.y_pred}")


def _reading(run: Run, palette: Palette) -> None:
    """The visitor's own drawing and its answer, or examples until there is one."""
    drawn = state.kept_drawing()
    if drawn is not None and drawn.objects:
        from core.preprocessing import preprocess, read_picture  # brings OpenCV, not needed at the start

        try:
            seen = preprocess(read_picture(drawn.png))
        except PictureError:
            seen = None
        if seen is not None and not seen.blank:
            classifier = resources.classifier(run)
            probabilities = classifier.probabilities(seen.image[np.newaxis])[0]
            digit, confidence = int(probabilities.argmax()), float(probabilities.max())
            abstained = classifier.threshold is not None and confidence < classifier.threshold
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.image(pictures.digit_png(seen.image, width=84), width=84, alt="Your drawing.")
                with st.container(gap="xxsmall", width="content"):
                    st.header("?" if abstained else str(digit), anchor=False)
                    said = "I don't know" if abstained else words.percent(confidence, 1)
                    st.caption(f"your drawing: {said}")
            return
    shown = np.stack([example.image for example in resources.examples() if example.label in SHOWN])
    sheet = pictures.sheet_png(shown.reshape(2, 3, 28, 28), scale=2)
    st.image(sheet, width=3 * SIDE, alt="Six handwritten digits.")


def _told(run: Run, palette: Palette) -> None:
    """The one number of the story."""
    summary = resources.summary(run)
    if summary is None:
        st.caption("The story of a model stands here once it is evaluated.")
        return
    st.header(f":primary[{words.percent(summary['test']['accuracy'])}]", anchor=False)
    saved = len(resources.stories().ids())
    st.caption(f"{words.wrong_of(summary['test'])}" + (f" · {_stories(saved)} saved" if saved else ""))


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"


JOBS: Final = (
    Job(
        "Train",
        "Choose a network, press Start, watch it learn; compare what you trained.",
        _learning,
        ("pages/1_Train.py", "pages/2_Runs.py"),
    ),
    Job(
        "Understand",
        "From every count to the images behind it, and what the network sees in them.",
        _confused,
        (
            "pages/3_Confusion_Matrix.py",
            "pages/4_Misclassifications.py",
            "pages/6_Inside_the_Model.py",
            "pages/8_Robustness.py",
        ),
    ),
    Job(
        "Use",
        "Write, upload or photograph digits: the answer at once, and why. Programs ask over REST.",
        _reading,
        ("pages/5_Draw_and_Predict.py",),
    ),
    Job(
        "Show",
        "Tell its story on a stage, and hand it over as a page, slides or a card.",
        _told,
        ("pages/7_Present.py",),
    ),
)
