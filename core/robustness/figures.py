"""What a measurement comes to: curves, the weakest conditions, means, and two runs beside each other.

Accuracies are shares of the part's images with Wilson intervals. A mean over conditions is one over the same images
again and again, so its interval is that of the images' own means (Student's t is the normal for a thousand of them).
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.comparison import shared_images
from core.corruptions import CORRUPTIONS, Corruption
from core.evaluation import ConfusedPair, Share, confused_pairs, confusion_matrix
from core.robustness.measuring import LEVELS, STRENGTHS, Measured

HALF: Final = LEVELS // 2 - 1  # the level of half strength, where people hardly notice
_Z: Final = 1.959963984540054  # 95 % of a normal distribution
COLUMNS: Final = (
    *("run_id", "split", "corruption", "amount", "unit", "n", "correct"),
    *("accuracy", "accuracy_low", "accuracy_high", "most_often", "read_as", "times"),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One corruption at one strength.

    Attributes:
        strength: in [0, 1]; 0 is the undisturbed image.
        share: of the images that are read right.
        pair: the confusion that is most frequent; None when everything is right.
        alone: whether no other is as frequent.
    """

    corruption: Corruption
    strength: float
    share: Share
    pair: ConfusedPair | None
    alone: bool

    @property
    def amount(self) -> float:
        """In the corruption's unit."""
        return self.corruption.amount(self.strength)

    @property
    def confusion(self) -> str:
        """The confusion in words; empty when everything is right."""
        if self.pair is None:
            return ""
        return f"{'most often' if self.alone else 'such as'} {self.pair.true} read as {self.pair.pred}"


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of accuracies over conditions, or a difference of two, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second of two runs gains over the first under one corruption, averaged over its strengths.

    Attributes:
        gain: in shares: 0.02 is two percentage points better.
    """

    corruption: Corruption
    gain: Mean

    @property
    def sure(self) -> bool:
        """Whether the images decide who is better."""
        return self.gain.low > 0 or self.gain.high < 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside each other, on the `n` images that both were asked about."""

    n: int
    overall: Mean
    each: tuple[Difference, ...]


def curve(found: Measured, corruption: Corruption) -> tuple[Condition, ...]:
    """The conditions of one corruption from nothing to the strongest; only the first while it is not measured."""
    readings = [(0.0, found.undisturbed), *zip(STRENGTHS, found.read.get(corruption.name, ()), strict=False)]
    return tuple(_condition(found, corruption, strength, read) for strength, read in readings)


def conditions(found: Measured) -> tuple[Condition, ...]:
    """Every condition that is measured, the undisturbed images left out."""
    return tuple(each for corruption in CORRUPTIONS for each in curve(found, corruption)[1:])


def weakest(found: Measured, level: int = HALF) -> tuple[Condition, ...]:
    """The corruptions at one strength, the one with the fewest right answers first."""
    measured = [each for each in conditions(found) if each.strength == STRENGTHS[level]]
    return tuple(sorted(measured, key=lambda each: each.share.count))


def mean_accuracy(found: Measured, corruption: Corruption | None = None) -> Mean | None:
    """The mean accuracy over the strengths of one corruption or, over those of all; None while nothing is measured."""
    names = list(found.read) if corruption is None else [corruption.name]
    if not all(name in found.read for name in names) or not names:
        return None
    return _mean(_right(found, names))


def compared(first: Measured, second: Measured) -> Comparison | None:
    """The second run less the first; None where they share no image or no corruption that both have been through."""
    rows_a, rows_b = shared_images(first.places, second.places)
    both = [each for each in CORRUPTIONS if each.name in first.read and each.name in second.read]
    if not len(rows_a) or not both:
        return None
    gains = {each.name: _right(second, [each.name])[rows_b] - _right(first, [each.name])[rows_a] for each in both}
    each = tuple(Difference(one, _mean(gains[one.name])) for one in both)
    return Comparison(len(rows_a), _mean(np.mean(list(gains.values()), axis=0)), each)


def record(found: Measured) -> dict[str, Any]:
    """A measurement as plain values, for JSON."""
    mean = mean_accuracy(found)
    return {
        "run_id": found.run_id,
        "split": found.split,
        "n": found.n,
        "undisturbed": _share(Share(int((found.undisturbed == found.labels).sum()), found.n)),
        "mean_accuracy": None if mean is None else mean.value,
        "corruptions": [
            {
                "name": each.name,
                "unit": each.unit,
                "mean_accuracy": mean.value,
                "conditions": [_values(condition) for condition in curve(found, each)[1:]],
            }
            for each in CORRUPTIONS
            if (mean := mean_accuracy(found, each)) is not None
        ],
        "weakest": [{"name": each.corruption.name, **_values(each)} for each in weakest(found)],
    }


def csv_table(measurements: Iterable[Measured]) -> str:
    """Every condition of some runs as CSV, a line each, the undisturbed images first."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for found in measurements:
        clean = curve(found, CORRUPTIONS[0])[0]
        writer.writerow((found.run_id, found.split, "none", "", "", *_cells(clean)))
        for each in conditions(found):
            about = (each.corruption.name, f"{each.amount:g}", each.corruption.unit)
            writer.writerow((found.run_id, found.split, *about, *_cells(each)))
    return stream.getvalue()


def _condition(found: Measured, corruption: Corruption, strength: float, read: NDArray[np.uint8]) -> Condition:
    pairs = confused_pairs(confusion_matrix(found.labels, read))
    right = Share(int((read == found.labels).sum()), found.n)
    alone = len(pairs) == 1 or (len(pairs) > 1 and pairs[0].count > pairs[1].count)
    return Condition(corruption, strength, right, pairs[0] if pairs else None, alone)


def _right(found: Measured, names: list[str]) -> NDArray[np.float64]:
    """In what share of the conditions of these corruptions each image is read right, (n,)."""
    return np.mean([found.read[name] == found.labels for name in names], axis=(0, 1))


def _mean(values: NDArray[np.float64]) -> Mean:
    value = float(values.mean())
    half = _Z * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 1.0
    return Mean(value, value - half, value + half)


def _share(share: Share) -> dict[str, Any]:
    return {
        "correct": share.count,
        "accuracy": share.value,
        "accuracy_low": share.low,
        "accuracy_high": share.high,
    }


def _values(each: Condition) -> dict[str, Any]:
    pair = None if each.pair is None else {"true": each.pair.true, "read_as": each.pair.pred, "count": each.pair.count}
    return {"strength": each.strength, "amount": each.amount, **_share(each.share), "most_often": pair}


def _cells(each: Condition) -> tuple[Any, ...]:
    share, pair = each.share, each.pair
    figures = (f"{value:.6f}" for value in (share.value, share.low, share.high))
    return share.n, share.count, *figures, *(("", "", "") if pair is None else (pair.true, pair.pred, pair.count))
