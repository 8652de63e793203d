"""What runs have answered: figures, answers and misclassifications, read once for all visitors."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import evaluation
from core.errors import RunDamagedError, RunError
from core.home import StudioHome
from core.pairing import Answers, Judged, read_answers
from core.run import CONFIG, EVALUATION, PREDICTIONS, Run, Stamp, stamp_of
from core.validation_view import FILE as VALIDATION_VIEW
from core.validation_view import ValidationView
from ui import pictures
from ui.resources.digits import EXAMPLE_WIDTH, test_split, training_labels
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


def answers(run: Run, split: Judged, *, calibrated: bool = True) -> Answers:
    """What the run answered to each image of a split.

    Args:
        calibrated: with the run's temperature; without it as the network gives them.

    Raises:
        RunStateError, RunDamagedError: it has no answers, or none that can be used.
        DataError: MNIST is missing or damaged.
    """
    return _answers(StudioHome.from_environment(), run.run_id, stamp_of(run.path, ANSWERED), split, calibrated)


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
def _answers(home: StudioHome, run_id: str, stamp: Stamp, split: Judged, calibrated: bool) -> Answers:
    labels = test_split().labels if split == "test" else training_labels()
    return read_answers(store().get(run_id), split, labels, calibrated=calibrated)


@st.cache_resource(max_entries=16, show_spinner=False)
def _confident_mistakes(home: StudioHome, run_id: str, updated_at: float, count: int) -> list[Mistake]:
    run = store().get(run_id)
    predictions, found = run.predictions(), summary(run)
    if predictions is None or found is None:
        return []
    split = test_split()
    if predictions.get("test", np.empty(0)).shape != (len(split), 10):
        raise RunDamagedError(f"{run_id}: the predictions are not those of the {len(split):,} test images.")
    probabilities = evaluation.apply_temperature(predictions["test"], float(found.get("temperature", 1.0)))
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
