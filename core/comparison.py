"""Runs beside each other: which settings differ, which images one gets right and the other wrong, and whether that
could be chance.

Owns the figures of the comparison of two to four runs, as pure functions on values and arrays. Numbers about one run
alone are `evaluation`'s; curves and galleries are drawn by the pages. In every pair A is the run compared with and B
the one judged: B *fixed* an image that A got wrong, and *broke* one that A got right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.architecture import CLASSES
from core.config import TrainingConfig
from core.errors import DataError

CHANCE: Final = 0.05  # a p-value below this is called unlikely to be chance


@dataclass(frozen=True, slots=True)
class Flips:
    """Images on which exactly one of two runs is right, most confident answer of B first.

    Attributes:
        fixed: (n,) indices where A is wrong and B is right.
        broken: (m,) indices where A is right and B is wrong.
    """

    fixed: NDArray[np.int64]
    broken: NDArray[np.int64]


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


def differing_settings(configs: Sequence[TrainingConfig]) -> list[tuple[str, tuple[Any, ...]]]:
    """The settings in which not all configurations agree, each with its values in the order of `configs`."""
    rows = [(rule.name, tuple(getattr(config, rule.name) for config in configs)) for rule in fields(TrainingConfig)]
    return [(name, values) for name, values in rows if len(set(values)) > 1]


def shared_images(indices_a: ArrayLike, indices_b: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where two runs hold the predictions of the same validation images, which neither of them was trained on.

    Args:
        indices_a, indices_b: (n,) and (m,) `validation_indices` of the runs, without repetition.

    Returns:
        Two arrays of positions of one length: A's row `first[i]` and B's row `second[i]` are of one image.
    """
    first, second = np.asarray(indices_a, dtype=np.int64), np.asarray(indices_b, dtype=np.int64)
    _, rows_a, rows_b = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return rows_a, rows_b


def flips(y_true: ArrayLike, probabilities_a: NDArray[np.floating], probabilities_b: NDArray[np.floating]) -> Flips:
    """Which images B fixed and which it broke.

    Args:
        y_true: (n,) integers in 0..9.
        probabilities_a, probabilities_b: (n, 10), of the same images in the same order, as each run shows them.

    Raises:
        DataError: the arrays are not of the same images.
    """
    labels = np.asarray(y_true)
    for probabilities in (probabilities_a, probabilities_b):
        if labels.ndim != 1 or probabilities.shape != (len(labels), CLASSES):
            raise DataError(
                f"predictions {probabilities.shape} do not belong to labels {labels.shape}; "
                "compare runs on the images that both have answered."
            )
    right_a, right_b = (probabilities.argmax(axis=1) == labels for probabilities in (probabilities_a, probabilities_b))
    # A stable sort: equal confidences stay in the order of the images.
    order = np.argsort(-probabilities_b.max(axis=1, initial=0.0), kind="stable")
    return Flips(fixed=order[(~right_a & right_b)[order]], broken=order[(right_a & ~right_b)[order]])


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


def mcnemar(fixed: int, broken: int) -> float:
    """The two-sided p-value of McNemar's exact test (McNemar 1947): how often chance alone is this uneven.

    Without a difference between the runs each flip is as likely a fix as a break, so the fixes are binomial. The exact
    test is used rather than its mid-p variant (Fagerland et al. 2013), which finds more but is wrong slightly more
    often than it says for some counts: here someone chooses a model by it. It holds for few flips too, unlike the
    chi-squared approximation.
    """
    from scipy.special import bdtr  # half the import of `scipy.stats`

    return min(1.0, 2 * float(bdtr(min(fixed, broken), fixed + broken, 0.5)))


def verdict(name_a: str, name_b: str, fixed: int, broken: int) -> str:
    """What the flips say of the two runs, in one sentence; the names are put in as they are, to be shown as text."""
    if not fixed and not broken:
        return f"{name_a} and {name_b} are right on the same images."
    p = mcnemar(fixed, broken)
    if p >= CHANCE:
        return f"No clear difference: {name_b} fixed {fixed:,} and broke {broken:,}; may well be chance, {_as_text(p)}."
    if fixed > broken:
        return f"{name_b} is better: {fixed:,} fixed, {broken:,} broken; unlikely to be chance, {_as_text(p)}."
    return f"{name_a} is better: {name_b} fixed {fixed:,} and broke {broken:,}; unlikely to be chance, {_as_text(p)}."


def _as_text(p: float) -> str:
    if p < 0.001:
        return "p < 0.001"
    # Rounded down, so that what is below the limit does not read as the limit.
    return f"p = {np.floor(p * 1000) / 1000:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _counts(matrix: ArrayLike) -> NDArray[np.int64]:
    counts = np.asarray(matrix)
    if counts.shape != (CLASSES, CLASSES):
        raise DataError(f"a confusion matrix is {CLASSES} x {CLASSES}, not {counts.shape}.")
    return counts.astype(np.int64)


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """`part / whole`, 0 where `whole` is."""
    return np.divide(part, whole, out=np.zeros(CLASSES), where=whole > 0)
