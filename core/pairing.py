"""What runs answered to single images, from their stored predictions, and the images that several have in common.

Owns the way from `predictions.npz` to labelled answers, and whose answers may be put together. The figures made of them
are `evaluation`'s and `comparison`'s.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core import evaluation
from core.comparison import shared_images
from core.errors import RunDamagedError, RunStateError
from core.evaluation import apply_temperature, confusion_matrix
from core.run import Run

Judged = Literal["validation", "test"]
MUCH_WORSE: Final = 2.0  # how many times as many images a run may get wrong and still be heard beside another


@dataclass(frozen=True, slots=True)
class Answers:
    """A run's answers to the images of one split, in the order of the split.

    Attributes:
        places: (n,) int64, which images these are: of MNIST's test split, or for validation of its training split.
        labels: (n,) uint8 in 0..9.
        probabilities: (n, 10) float32, the run's temperature applied.
    """

    places: NDArray[np.int64]
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]

    def at(self, rows: NDArray[np.int64]) -> "Answers":
        """The answers in these rows."""
        return Answers(self.places[rows], self.labels[rows], self.probabilities[rows])


def read_answers(run: Run, split: Judged, labels: NDArray[np.uint8], *, calibrated: bool = True) -> Answers:
    """The stored answers of a run.

    Args:
        labels: of all of MNIST's test images, or for validation of all its training images.
        calibrated: with the run's temperature; without it they are as the model gives them.

    Raises:
        RunStateError: the run has none (yet).
        RunDamagedError: they cannot be read, or do not belong to these labels.
    """
    predictions, evaluation = run.predictions(), run.evaluation()
    if predictions is None or evaluation is None:
        raise RunStateError(f"{run.run_id} is {run.status.state} and has no stored answers.")
    if split == "validation" and not len(predictions["validation"]):
        raise RunStateError(f"{run.run_id} was trained on all images: it has no validation split.")
    probabilities = predictions[split]
    places = predictions["validation_indices"] if split == "validation" else np.arange(len(probabilities))
    places = places.astype(np.int64)
    if split == "test" and len(places) != len(labels):
        raise RunDamagedError(f"{run.run_id}: the predictions are not those of the {len(labels):,} test images.")
    if places.min() < 0 or places.max() >= len(labels) or len(np.unique(places)) != len(places):
        raise RunDamagedError(f"{run.run_id}: the validation indices are not places in the training split.")
    if calibrated:
        probabilities = apply_temperature(probabilities, temperature_of(run, evaluation))
    return Answers(places, labels[places], probabilities)


def temperature_of(run: Run, evaluation: dict[str, Any]) -> float:
    """What the logits of a run are divided by.

    Raises:
        RunDamagedError: its evaluation says something that cannot be.
    """
    temperature = evaluation.get("temperature", 1.0)
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0.01 <= temperature <= 100:
        raise RunDamagedError(f"{run.run_id}: temperature is {temperature!r}, not a number from 0.01 to 100.")
    return float(temperature)


def witnesses(run: Run, runs: Iterable[Run]) -> tuple[Run, ...]:
    """The other runs whose answers may be put together with those of `run` to find wrong labels.

    They are finished, get at most twice as many of their validation images wrong in proportion, and were trained here:
    of a network from outside nobody knows which images it has seen.
    """
    least = _validation_accuracy(run)
    if least is None:
        return ()
    found = []
    for other in runs:
        accuracy = _validation_accuracy(other) if other.imported is None and other.run_id != run.run_id else None
        if accuracy is not None and 1 - accuracy <= MUCH_WORSE * (1 - least):
            found.append(other)
    return tuple(found)


def mixed(first: Answers, others: Iterable[Answers]) -> Answers:
    """The answers to the images of `first`, each the mean of all who answered it (n, 10)."""
    sums, count = first.probabilities.astype(np.float64), np.ones(len(first.places))
    for other in others:
        rows, theirs = shared_images(first.places, other.places)
        sums[rows] += other.probabilities[theirs]
        count[rows] += 1
    return replace(first, probabilities=(sums / count[:, np.newaxis]).astype(np.float32))


def paired(first: Answers, second: Answers) -> tuple[Answers, Answers]:
    """The answers of two runs to the images that both have answered; row by row of one image. May be empty."""
    rows_a, rows_b = shared_images(first.places, second.places)
    return first.at(rows_a), second.at(rows_b)


def matrix_difference(first: Answers, second: Answers) -> NDArray[np.int64]:
    """The second run's confusion matrix less the first's, (10, 10), over the images of `paired` answers."""
    counts = (confusion_matrix(one.labels, one.probabilities.argmax(axis=1)) for one in (first, second))
    return evaluation.matrix_difference(*counts)


def _validation_accuracy(run: Run) -> float | None:
    """None for a run without answers, or whose figures cannot be read."""
    try:
        validation = (run.evaluation() or {}).get("validation")
    except RunDamagedError:
        return None
    return float(validation["accuracy"]) if run.has_model and validation else None
