"""Which labels may be wrong: confident learning (Northcutt, Jiang and Chuang 2021) on out-of-sample probabilities.

Owns the ranking and its reasons. The probabilities must come from models that were not trained on these images, or the
wrong labels are learned along with the right ones. The few lines are written out here rather than taken from the
`cleanlab` package: that one ranks the same images first, and brings 156 MB of memory and 4 s of import.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.architecture import CLASSES
from core.evaluation.arrays import probability_array
from core.evaluation.intervals import percent

LISTED: Final = 60  # how many are listed unless someone asks for more


@dataclass(frozen=True, slots=True)
class Suspect:
    """An image whose label is doubted.

    Attributes:
        row: its place among the images given.
        label: what it is labelled as.
        other: the most probable digit besides.
        label_probability, other_probability: of the two, in [0, 1].
        counts_as: the digit it belongs to by confident learning: the most probable among those whose probability
            reaches the mean that this digit's own images get; None when there is none.
        other_mean: that mean for `other`; None when no image is labelled so.
    """

    row: int
    label: int
    other: int
    label_probability: float
    other_probability: float
    counts_as: int | None
    other_mean: float | None

    @property
    def score(self) -> float:
        """The normalised margin, in [-1, 1]: by how much the label is more probable than any other digit. The list is
        sorted by it, the lowest first."""
        return self.label_probability - self.other_probability

    @property
    def confident(self) -> bool:
        """Whether confident learning calls the label wrong."""
        return self.counts_as is not None and self.counts_as != self.label

    @property
    def reason(self) -> str:
        """Why it is listed, in plain words."""
        if self.score >= 0:
            return (
                f"Labelled {self.label} and read as {self.label}, but with {percent(self.label_probability, 1)} only; "
                f"{self.other} follows with {percent(self.other_probability, 1)}."
            )
        read = f"Labelled {self.label}, read as {self.other} with {percent(self.other_probability, 1)}"
        if self.other_mean is None:
            return f"{read}."
        others = f"images labelled {self.other} get on average ({percent(self.other_mean, 1)})"
        if self.counts_as == self.other:
            return f"{read}: as much as {others}, so it counts as one of them."
        return f"{read}: less than {others}."


def class_thresholds(probabilities: ArrayLike, y_true: ArrayLike) -> NDArray[np.float64]:
    """The mean probability that each digit gets in the images labelled so, (10,); NaN for a digit without images.

    Raises:
        DataError: these are no probabilities (n, 10) with their labels (n,).
    """
    rows, labels = probability_array(probabilities, y_true)
    own = rows[np.arange(len(labels)), labels].astype(np.float64)
    support = np.bincount(labels, minlength=CLASSES)
    sums = np.bincount(labels, weights=own, minlength=CLASSES)
    return np.divide(sums, support, out=np.full(CLASSES, np.nan), where=support > 0)


def suspect_labels(probabilities: ArrayLike, y_true: ArrayLike, most: int = LISTED) -> tuple[Suspect, ...]:
    """The labels that are doubted most, the worst first; equal ones in the order of the images.

    Args:
        probabilities: out of sample; those of several runs may be averaged (`pairing.mixed`).
        most: how many at most.

    Raises:
        DataError: as `class_thresholds`.
    """
    rows, labels = probability_array(probabilities, y_true)
    means = class_thresholds(rows, labels)
    each = np.arange(len(labels))
    others = rows.copy()
    others[each, labels] = -1
    other = others.argmax(axis=1)
    score = rows[each, labels].astype(np.float64) - rows[each, other]
    # A digit without images has no mean, and no image counts as it.
    reaching = np.where(rows >= np.nan_to_num(means, nan=np.inf), rows, -1)
    counts_as = np.where(reaching.max(axis=1, initial=-1) >= 0, reaching.argmax(axis=1), -1)
    return tuple(
        Suspect(
            row=int(row),
            label=int(labels[row]),
            other=int(other[row]),
            label_probability=float(rows[row, labels[row]]),
            other_probability=float(rows[row, other[row]]),
            counts_as=int(counts_as[row]) if counts_as[row] >= 0 else None,
            other_mean=None if np.isnan(means[other[row]]) else float(means[other[row]]),
        )
        for row in np.argsort(score, kind="stable")[:most]
    )
