"""What runs have answered: figures, answers and misclassifications, read once for all visitors."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import coach, evaluation, pictures
from core.coach import Hint
from core.errors import RunError, RunStateError
from core.home import StudioHome
from core.pairing import Answers, Judged, read_answers
from core.run import CONFIG, EVALUATION, PREDICTIONS, Run, Stamp, stamp_of
from core.status import RunState
from core.validation_view import FILE as VALIDATION_VIEW
from core.validation_view import ValidationView
from ui.resources.digits import EXAMPLE_WIDTH, MNIST, digit_pictures, test_split, training_labels
from ui.resources.own import own_answers
from ui.resources.studio import store

TEST_NUMBERS: Final = ("n", "correct", "accuracy", "accuracy_low", "accuracy_high")
ANSWERED: Final = (CONFIG, EVALUATION, PREDICTIONS)
STILL_WRONG: Final = 12  # validation images that are shown while a run trains


@dataclass(frozen=True, slots=True)
class Mistake:
    """One image that a run got wrong.

    Attributes:
        index: its place in the test split, or for a validation image in the training split.
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
class Held:
    """What a run makes of its validation images so far: after which epoch, confusion matrix, and some wrong images."""

    epoch: int
    matrix: NDArray[np.int64]
    mistakes: list[Mistake]


def summary(run: Run) -> dict[str, Any] | None:
    """The run's evaluation; None while there is none, or when its file was cut or edited into something else."""
    try:
        found = run.evaluation()
        if found is None:
            return None
        numbers = (found["parameters"], found["train_seconds"], *(found["test"][name] for name in TEST_NUMBERS))
        matrix = np.asarray(found["test"]["confusion_matrix"], dtype=float)
        whole = all(isinstance(number, int | float) for number in numbers) and matrix.shape == (10, 10)
    except (RunError, KeyError, TypeError, ValueError):
        return None
    return found if whole else None


def confident_mistakes(run: Run, count: int) -> list[Mistake]:
    """The images of the test split that the run got wrong with the highest confidence, most confident first.

    Empty for a run without predictions.

    Raises:
        DataError: MNIST is missing or damaged.
        RunDamagedError: the run's predictions cannot be read.
    """
    return _confident_mistakes(StudioHome.from_environment(), run.run_id, run.status.updated_at, count)


def validation_view(run: Run) -> Held | None:
    """The run's validation after the epoch it finished last; None before the first."""
    return _validation_view(StudioHome.from_environment(), run.run_id, stamp_of(run.path, (VALIDATION_VIEW,)))


def hints(run: Run) -> list[Hint]:
    """What the coach has to say about the run. In a long history it is asked again once there is a hundredth more."""
    status, steps, epochs = run.status, run.steps(), run.epochs()
    diverged = status.state is RunState.FAILED and "NaN" in status.message
    seen = len(steps) - len(steps) % max(1, len(steps) // 100)
    known = (status.started_at, status.state.ended, diverged, len(epochs), seen)
    return _hints(StudioHome.from_environment(), run.run_id, known, run, steps, epochs)


def answers(run: Run, split: str, *, calibrated: bool = True) -> Answers:
    """What the run answered to each image of one of MNIST's splits, or of a data set, by its id.

    Args:
        calibrated: with the run's temperature; without it as the network gives them.

    Raises:
        RunStateError, RunDamagedError: it has no answers, or none that can be used.
        DataError: MNIST or the set is missing or damaged, or the set has no labels.
    """
    if split not in MNIST:
        return own_answers(run, split, calibrated=calibrated)
    return _answers(StudioHome.from_environment(), run.run_id, stamp_of(run.path, ANSWERED), split, calibrated)


@st.cache_resource(max_entries=8, show_spinner=False)
def _hints(
    home: StudioHome,
    run_id: str,
    known: tuple[float | None, bool, bool, int, int],
    _run: Run,
    _steps: list[dict[str, Any]],
    _epochs: list[dict[str, Any]],
) -> list[Hint]:
    _, ended, diverged, _, _ = known
    return coach.hints(_run.config, _steps, _epochs, ended=ended, diverged=diverged)


@st.cache_resource(max_entries=8, show_spinner=False)
def _validation_view(home: StudioHome, run_id: str, stamp: Stamp) -> Held | None:
    view = ValidationView.read(home.runs / run_id)
    if view is None:
        return None
    columns = (view.indices, view.images, view.y_true, view.y_pred, view.confidence)
    wrong = list(zip(*columns, strict=True))[:STILL_WRONG]
    mistakes = [
        Mistake(int(place), pictures.digit_png(image, width=EXAMPLE_WIDTH), int(true), int(read), float(confidence))
        for place, image, true, read, confidence in wrong
    ]
    return Held(view.epoch, view.matrix, mistakes)


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers(home: StudioHome, run_id: str, stamp: Stamp, split: str, calibrated: bool) -> Answers:
    judged: Judged = "test" if split == "test" else "validation"
    labels = test_split().labels if judged == "test" else training_labels()
    return read_answers(store().get(run_id), judged, labels, calibrated=calibrated)


@st.cache_resource(max_entries=16, show_spinner=False)
def _confident_mistakes(home: StudioHome, run_id: str, updated_at: float, count: int) -> list[Mistake]:
    try:
        found = answers(store().get(run_id), "test")
    except RunStateError:
        return []
    worst = evaluation.chosen(evaluation.per_image(found.probabilities, found.labels), which="wrong")[:count]
    shown = found.at(worst)
    drawn = digit_pictures("test", tuple(shown.places.tolist()))
    return [
        Mistake(int(place), picture, int(label), int(row.argmax()), float(row.max()))
        for place, picture, label, row in zip(shown.places, drawn, shown.labels, shown.probabilities, strict=True)
    ]
