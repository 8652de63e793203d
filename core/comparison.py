"""Runs beside each other: which settings differ, which images one gets right and the other wrong, and whether that
could be chance.

Owns the figures of the comparison of two to four runs, as pure functions on values and arrays. Numbers about one run
alone are `evaluation`'s; curves and galleries are drawn by the pages. In every pair A is the run compared with and B
the one judged: B *fixed* an image that A got wrong, and *broke* one that A got right.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.architecture import CLASSES
from core.config import TrainingConfig
from core.errors import DataError
from core.evaluation import Share

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


def read_differently(
    y_true: ArrayLike,
    predicted_a: ArrayLike,
    predicted_b: ArrayLike,
    *,
    true: int | None = None,
    pred: int | None = None,
) -> NDArray[np.int64]:
    """The images behind a cell of the difference of two confusion matrices, (k,) indices in their order.

    These are what came into the cell and what left it: one run puts them there, and the other one does not.

    Args:
        y_true, predicted_a, predicted_b: (n,) integers in 0..9, of the same images.
        true, pred: only this label, only what one of the runs reads as this: both for a cell, one for a row or column.
    """
    labels, first, second = (np.asarray(digits) for digits in (y_true, predicted_a, predicted_b))
    kept = first != second
    if true is not None:
        kept &= labels == true
    if pred is not None:
        kept &= (first == pred) | (second == pred)
    return np.flatnonzero(kept)


def mcnemar(fixed: int, broken: int) -> float:
    """The two-sided p-value of McNemar's exact test (McNemar 1947): how often chance alone is this uneven.

    Without a difference between the runs each flip is as likely a fix as a break, so the fixes are binomial. The exact
    test is used rather than its mid-p variant (Fagerland et al. 2013), which finds more but is wrong slightly more
    often than it says for some counts: here someone chooses a model by it. It holds for few flips too, unlike the
    chi-squared approximation.
    """
    fewer, flips = min(fixed, broken), fixed + broken
    if 2 * fewer >= flips:
        return 1.0
    # The tail of the binomial: its largest term by logarithms, the smaller ones relative to it. No SciPy: it would
    # cost the server 27 MB.
    log_largest = math.lgamma(flips + 1) - math.lgamma(fewer + 1) - math.lgamma(flips - fewer + 1) - flips * math.log(2)
    below = np.arange(fewer, 0, -1)
    terms = np.cumprod(below / (flips - below + 1.0))
    return min(1.0, 2 * math.exp(log_largest) * (1 + float(terms.sum())))


def net_interval(both: int, fixed: int, broken: int, n: int) -> tuple[float, float]:
    """The 95 % interval of how many more of `n` images B reads rightly than A.

    That of Newcombe (1998) for pairs, method 10: from the Wilson intervals of the two, and how alike they err. It holds
    where one of the two makes hardly a mistake; near its limit McNemar's exact test may be the more careful one.

    Args:
        both: the images that both read rightly.
        fixed, broken: those that only B does, and only A; n is at least the sum of the three.
    """
    a, b = Share(both + broken, n), Share(both + fixed, n)
    alike = float(both) * (n - both - fixed - broken) - float(fixed) * broken
    alike = alike if alike < 0 else max(0.0, alike - n / 2)
    margins = math.prod((float(a.count), n - a.count, float(b.count), n - b.count))
    phi = alike / math.sqrt(margins) if margins else 0.0

    def reach(up: float, down: float) -> float:
        return math.sqrt(max(0.0, up * up - 2 * phi * up * down + down * down))

    net, share_a, share_b = fixed - broken, a.count / n, b.count / n
    low = net - n * reach(share_b - b.low, a.high - share_a)
    return low, net + n * reach(b.high - share_b, share_a - a.low)


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
