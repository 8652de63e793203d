"""Everything that is loaded once and shared by all visitors: every `st.cache_*` of the studio.

Keyed on names (the home folder, run ids), never on models or arrays. What comes out is read, never written to.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import evaluation
from core.data import Split, load_split
from core.errors import RunError
from core.home import StudioHome
from core.inference import Classifier, ClassifierCache, shared_classifiers
from core.jobs import Jobs, jobs_for
from core.run import Run
from core.runs import RunStore
from ui import pictures

EXAMPLE_WIDTH: Final = 56  # page pixels: 28 x 2


@dataclass(frozen=True, slots=True)
class Mistake:
    """One image of the test split that a run got wrong.

    Attributes:
        index: its place in the test split.
        picture: the digit as a PNG.
        y_true, y_pred: its label and what was read.
        confidence: of what was read, the run's temperature applied.
    """

    index: int
    picture: bytes
    y_true: int
    y_pred: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Example:
    """One image of the test split to try: (28, 28) uint8, the same as a PNG, and its label."""

    image: NDArray[np.uint8]
    picture: bytes
    label: int


def store() -> RunStore:
    """The runs, shipped and own."""
    return _store(StudioHome.from_environment())


def jobs() -> Jobs:
    """The one queue of trainings of this process; runs left over from a dead one are put right on first use."""
    return jobs_for(StudioHome.from_environment())


def active_run() -> Run | None:
    """The run that predicts, or None when there is no model at all."""
    try:
        return store().active()
    except RunError:
        return None


def classifier(run: Run) -> Classifier:
    """The run's network, ready to answer.

    Raises:
        RunStateError, RunDamagedError: it has no model yet, or one that cannot be used.
    """
    classifiers: ClassifierCache = shared_classifiers()
    return classifiers.get(run)


def examples() -> list[Example]:
    """The first test image of every digit, in order.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    return _examples(StudioHome.from_environment())


def confident_mistakes(run: Run, count: int) -> list[Mistake]:
    """The images of the test split that the run got wrong with the highest confidence, most confident first.

    Empty for a run without predictions.

    Raises:
        DataError: MNIST is missing or damaged.
        RunDamagedError: the run's predictions cannot be read.
    """
    return _confident_mistakes(StudioHome.from_environment(), run.run_id, run.status.updated_at, count)


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(home: StudioHome) -> RunStore:
    return RunStore(home)


@st.cache_resource(max_entries=1, show_spinner=False)
def _test_split(home: StudioHome) -> Split:
    return load_split(home.mnist, "test")


@st.cache_resource(max_entries=1, show_spinner=False)
def _examples(home: StudioHome) -> list[Example]:
    split = _test_split(home)
    chosen = [int(np.flatnonzero(split.labels == digit)[0]) for digit in range(10)]
    return [
        Example(split.images[index], pictures.digit_png(split.images[index], width=EXAMPLE_WIDTH), int(split.labels[index]))
        for index in chosen
    ]


@st.cache_resource(max_entries=16, show_spinner=False)
def _confident_mistakes(home: StudioHome, run_id: str, updated_at: float, count: int) -> list[Mistake]:
    run = _store(home).get(run_id)
    predictions, summary = run.predictions(), run.evaluation()
    if predictions is None or summary is None:
        return []
    split = _test_split(home)
    probabilities = evaluation.apply_temperature(predictions["test"], float(summary.get("temperature", 1.0)))
    read, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(read != split.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    return [
        Mistake(
            int(index),
            pictures.digit_png(split.images[index]),
            int(split.labels[index]),
            int(read[index]),
            float(confidence[index]),
        )
        for index in worst
    ]
