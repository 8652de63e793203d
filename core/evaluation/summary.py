"""The figures of a split put together: as `evaluation.json` states them, and without the images left out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import DataError
from core.evaluation.arrays import some_probabilities
from core.evaluation.calibration import apply_temperature, expected_calibration_error, log_loss, reliability
from core.evaluation.confusion import confusion_matrix
from core.evaluation.intervals import Share


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """How a split was answered.

    Attributes:
        accuracy: the right answers, of all.
        loss: the mean log loss in nats.
        ece, mce: the expected and the maximum calibration error.
        matrix: (10, 10) int64, the confusion matrix.
    """

    accuracy: Share
    loss: float
    ece: float
    mce: float
    matrix: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corrected:
    """Figures without some images, beside the plain ones.

    Attributes:
        plain: of all images.
        kept: of the images that are not left out; None when none is kept.
        left_out: how many are.
    """

    plain: SplitFigures
    kept: SplitFigures | None
    left_out: int


def split_figures(probabilities: ArrayLike, y_true: ArrayLike) -> SplitFigures:
    """The figures of these answers.

    Raises:
        DataError: these are no probabilities (n, 10) with their labels (n,), or there are none.
    """
    rows, labels = some_probabilities(probabilities, y_true)
    matrix = confusion_matrix(labels, rows.argmax(axis=1))
    bins = reliability(rows, labels)
    return SplitFigures(Share(int(np.trace(matrix)), len(labels)), log_loss(rows, labels), bins.ece, bins.mce, matrix)


def beside(probabilities: ArrayLike, y_true: ArrayLike, left_out: ArrayLike) -> Corrected:
    """The figures without the images left out, and the plain ones that always stand beside them.

    Args:
        left_out: (n,) bool, such as the images whose label was marked wrong.

    Raises:
        DataError: as `split_figures`, or `left_out` is not of these images.
    """
    rows, labels = some_probabilities(probabilities, y_true)
    out = np.asarray(left_out)
    if out.shape != labels.shape or out.dtype != np.bool_:
        raise DataError(f"what is left out is {out.dtype} {out.shape}, not one yes or no for each of {len(labels):,}.")
    kept = split_figures(rows[~out], labels[~out]) if not out.all() else None
    return Corrected(split_figures(rows, labels), kept, int(out.sum()))


def summarise(
    probabilities: NDArray[np.floating], y_true: ArrayLike, *, split: str, temperature: float
) -> dict[str, Any]:
    """Everything about one split that `evaluation.json` and `evaluate --json` state.

    Args:
        probabilities: (n, 10) as the model gives them; `temperature` is applied here.

    Raises:
        DataError: as `split_figures`.
    """
    raw, labels = some_probabilities(probabilities, y_true)
    figures = split_figures(apply_temperature(raw, temperature), labels)
    return {
        "split": split,
        "n": figures.accuracy.n,
        "correct": figures.accuracy.count,
        "accuracy": figures.accuracy.value,
        "accuracy_low": figures.accuracy.low,
        "accuracy_high": figures.accuracy.high,
        "loss": figures.loss,
        "ece": figures.ece,
        "ece_before_temperature": expected_calibration_error(raw, labels),
        "confusion_matrix": figures.matrix.tolist(),
    }
