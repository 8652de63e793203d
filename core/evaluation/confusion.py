"""Which digits are taken for which: the confusion matrix, and what can be read off it.

Rows are true and columns predicted, as in scikit-learn. The images behind a cell are found by `images`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.architecture import CLASSES
from core.errors import DataError
from core.evaluation.arrays import label_array


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one digit fares; what would be divided by zero is 0, as in scikit-learn.

    Attributes:
        precision: share of the predictions of this digit that are right.
        recall: share of this digit's images that are recognised.
        f1: the harmonic mean of the two.
        support: this digit's images.
    """

    digit: int
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """A digit that was taken for another.

    Attributes:
        true, pred: the label, and what was read instead.
        count: how many images.
        share: of the images with this label, in (0, 1].
    """

    true: int
    pred: int
    count: int
    share: float


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.int64]:
    """Counts, (10, 10): rows true, columns predicted, as in scikit-learn.

    Raises:
        DataError: these are not as many digits as digits.
    """
    labels, predicted = label_array(y_true), label_array(y_pred, "predictions")
    if len(labels) != len(predicted):
        raise DataError(f"{len(predicted):,} predictions do not belong to {len(labels):,} labels.")
    return np.bincount(labels * CLASSES + predicted, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)


def normalised(matrix: ArrayLike, by: Literal["true", "pred"]) -> NDArray[np.float64]:
    """The matrix in shares of its rows (`true`) or columns (`pred`), (10, 10); 0 where those are empty.

    The diagonal then holds the recalls, or the precisions.

    Raises:
        DataError: the matrix is not 10 x 10.
    """
    counts = _counts(matrix)
    return _share(counts, counts.sum(axis=1 if by == "true" else 0, keepdims=True))


def matrix_difference(matrix_a: ArrayLike, matrix_b: ArrayLike) -> NDArray[np.int64]:
    """B's confusion matrix less A's, (10, 10): on the diagonal more is better, everywhere else less.

    Raises:
        DataError: the matrices are not 10 x 10, or count different images.
    """
    first, second = _counts(matrix_a), _counts(matrix_b)
    if not np.array_equal(first.sum(axis=1), second.sum(axis=1)):
        raise DataError("the two confusion matrices count different images; compare runs on the same split.")
    return second - first


def per_class(matrix: ArrayLike) -> tuple[ClassFigures, ...]:
    """The figures of each digit, 0 to 9, from a confusion matrix (10, 10) with the truth in its rows.

    Raises:
        DataError: the matrix is not 10 x 10.
    """
    counts = _counts(matrix)
    right, support, predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    precision, recall = _share(right, predicted), _share(right, support)
    # 2 PR / (P + R), written in counts: also right where P and R are 0.
    f1 = _share(2 * right, predicted + support)
    return tuple(
        ClassFigures(digit, float(precision[digit]), float(recall[digit]), float(f1[digit]), int(support[digit]))
        for digit in range(CLASSES)
    )


def confused_pairs(matrix: ArrayLike) -> tuple[ConfusedPair, ...]:
    """Every pair of digits that was confused at least once, the most frequent first.

    Among equal counts the pair that takes the larger share of its true class comes first, then the smaller digits.

    Raises:
        DataError: the matrix is not 10 x 10.
    """
    counts = _counts(matrix)
    shares = normalised(counts, "true")
    pairs = [
        ConfusedPair(int(true), int(pred), int(counts[true, pred]), float(shares[true, pred]))
        for true, pred in np.argwhere(counts > 0)
        if true != pred
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.count, -pair.share, pair.true, pair.pred)))


def _counts(matrix: ArrayLike) -> NDArray[np.int64]:
    counts = np.asarray(matrix)
    if counts.shape != (CLASSES, CLASSES):
        raise DataError(f"a confusion matrix is {CLASSES} x {CLASSES}, not {counts.shape}.")
    return counts.astype(np.int64)


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """`part / whole`, 0 where `whole` is."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
