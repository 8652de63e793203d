"""What the other rooms of `evaluation` take: labels and probabilities, checked where they enter."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.architecture import CLASSES
from core.errors import DataError

# Probabilities below that come from float32's rounding, not from certainty; scikit-learn's log loss has the same floor.
SMALLEST: Final = float(np.finfo(np.float32).eps)


def label_array(labels: ArrayLike, what: str = "labels") -> NDArray[np.int64]:
    """Labels as (n,) int64.

    Raises:
        DataError: they are no row of whole numbers from 0 to 9.
    """
    found = np.asarray(labels)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise DataError(f"{what} are {found.dtype} {found.shape}, not whole numbers (n,).")
    outside = found[(found < 0) | (found >= CLASSES)]
    if outside.size:
        raise DataError(f"{what} hold {outside[0]}; a digit is 0 to {CLASSES - 1}.")
    return found.astype(np.int64)


def probability_array(probabilities: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Probabilities (n, 10) and the labels (n,) that they belong to.

    Raises:
        DataError: they are not of these shapes, are no numbers from 0 to 1, or the labels are not digits.
    """
    rows, digits = np.asarray(probabilities), label_array(labels)
    if rows.shape != (len(digits), CLASSES) or rows.dtype.kind != "f":
        raise DataError(
            f"probabilities {rows.dtype} {rows.shape} do not belong to {len(digits):,} labels: "
            f"they are float ({len(digits)}, {CLASSES})."
        )
    # Written so that NaN fails too; float32 rows may pass 1 in their last digit.
    if rows.size and not (rows.min() >= 0 and rows.max() <= 1 + 1e-5):
        raise DataError("probabilities hold what is no number from 0 to 1.")
    return rows, digits


def some_probabilities(probabilities: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """As `probability_array`, for what cannot be said of no images at all.

    Raises:
        DataError: as there, or there are none.
    """
    rows, digits = probability_array(probabilities, labels)
    if not len(digits):
        raise DataError("there are no images to measure.")
    return rows, digits
