"""How a network does on its validation images while it learns: `validation.npz`, replaced after every epoch.

Owns that file: the confusion matrix as it forms, and the images that the network gets wrong most confidently. They
travel in the file, so that a page shows them without the training split in its memory.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from core.data import Split
from core.evaluation import CLASSES, confusion_matrix
from core.files import read_arrays, replacing

FILE: Final = "validation.npz"
SHOWN: Final = 24  # wrong images


@dataclass(frozen=True, slots=True)
class ValidationView:
    """One validation at a glance. The arrays of wrong images have the same length, at most `SHOWN`.

    Attributes:
        epoch: the epoch it was made after, from 1.
        matrix: (10, 10) counts, rows true, columns predicted.
        indices: the wrong images' places in MNIST's training split, the most confidently wrong first.
        images: (n, 28, 28) uint8.
        y_true, y_pred: their labels, and what was read.
        confidence: the probability of what was read, temperature not applied.
    """

    epoch: int
    matrix: NDArray[np.int64]
    indices: NDArray[np.int64]
    images: NDArray[np.uint8]
    y_true: NDArray[np.int64]
    y_pred: NDArray[np.int64]
    confidence: NDArray[np.float32]

    def write(self, folder: Path) -> None:
        """Replaces the file in a run folder."""
        with replacing(folder / FILE) as path:
            np.savez(path, **asdict(self))

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """What the file in a run folder says; None where there is none, or none that makes sense."""
        try:
            arrays = read_arrays(folder / FILE, tuple(cls.__slots__))
            view = cls(int(arrays.pop("epoch")), **arrays)
        except (OSError, ValueError, TypeError, OverflowError):
            return None
        count = len(view.indices) if view.indices.ndim == 1 else -1
        shapes = [array.shape for array in (view.matrix, view.images, view.y_true, view.y_pred, view.confidence)]
        whole = shapes == [(CLASSES, CLASSES), (count, 28, 28), (count,), (count,), (count,)]
        numbers = all(array.dtype.kind in "iu" for array in (view.matrix, view.indices, view.y_true, view.y_pred))
        sound = view.confidence.dtype == np.float32 and bool(np.isfinite(view.confidence).all())
        return view if whole and numbers and sound and view.images.dtype == np.uint8 else None


def view_of(
    epoch: int, probabilities: NDArray[np.float32], validation: Split, indices: NDArray[np.int64]
) -> ValidationView:
    """The view of one validation.

    Args:
        probabilities: (n, 10), in the order of the validation images.
        indices: (n,) places of these images in MNIST's training split.
    """
    y_pred = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(y_pred != validation.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:SHOWN]
    return ValidationView(
        epoch,
        confusion_matrix(validation.labels, y_pred),
        indices[worst],
        validation.images[worst],
        validation.labels[worst].astype(np.int64),
        y_pred[worst],
        confidence[worst],
    )
