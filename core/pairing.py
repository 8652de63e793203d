"""What runs answered to single images, from their stored predictions, and the images that two runs have in common.

Owns the way from `predictions.npz` to labelled answers. The figures made of them are `evaluation`'s and `comparison`'s.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core import evaluation
from core.comparison import shared_images
from core.errors import RunDamagedError, RunStateError
from core.evaluation import apply_temperature, confusion_matrix
from core.run import Run

Judged = Literal["validation", "test"]


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


def read_answers(run: Run, split: Judged, labels: NDArray[np.uint8]) -> Answers:
    """The stored answers of a run.

    Args:
        labels: of all of MNIST's test images, or for validation of all its training images.

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
    temperature = evaluation.get("temperature", 1.0)
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0.01 <= temperature <= 100:
        raise RunDamagedError(f"{run.run_id}: temperature is {temperature!r}, not a number from 0.01 to 100.")
    return Answers(places, labels[places], apply_temperature(probabilities, float(temperature)))


def paired(first: Answers, second: Answers) -> tuple[Answers, Answers]:
    """The answers of two runs to the images that both have answered; row by row of one image. May be empty."""
    rows_a, rows_b = shared_images(first.places, second.places)
    return first.at(rows_a), second.at(rows_b)


def matrix_difference(first: Answers, second: Answers) -> NDArray[np.int64]:
    """The second run's confusion matrix less the first's, (10, 10), over the images of `paired` answers."""
    counts = (confusion_matrix(one.labels, one.probabilities.argmax(axis=1)) for one in (first, second))
    return evaluation.matrix_difference(*counts)
