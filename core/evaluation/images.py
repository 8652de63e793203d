"""Each image by itself: what was read, how certainly, how close it was; and the choice of images by any of that.

One choice serves every way in: a cell of the confusion matrix, its row or column, and the list of misclassifications.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import DataError
from core.evaluation.arrays import SMALLEST, label_array, probability_array

Which = Literal["all", "wrong", "right"]
Order = Literal["confidence", "margin", "loss", "true", "index"]
ORDERS: Final[tuple[Order, ...]] = get_args(Order)


@dataclass(frozen=True, slots=True)
class PerImage:
    """The answers to n images, one entry an image in each array (n,).

    Attributes:
        labels: int64 in 0..9.
        predicted: int64, the most probable digit.
        runner_up: int64, the second most probable digit.
        confidence: float64, the probability of what was predicted.
        margin: float64 in [0, 1], by how much that is above the runner-up's: 0 is a toss-up.
        loss: float64, the negative log-likelihood of the label, in nats.
        right: bool, whether the prediction is the label.
    """

    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    runner_up: NDArray[np.int64]
    confidence: NDArray[np.float64]
    margin: NDArray[np.float64]
    loss: NDArray[np.float64]
    right: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)


def per_image(probabilities: ArrayLike, y_true: ArrayLike) -> PerImage:
    """Looks at each image.

    Raises:
        DataError: these are no probabilities (n, 10) with their labels (n,).
    """
    rows, labels = probability_array(probabilities, y_true)
    each = np.arange(len(labels))
    # By argmax, not by sorting: among equal ones the first is the prediction, as everywhere else.
    predicted = rows.argmax(axis=1)
    others = rows.copy()
    others[each, predicted] = -1
    runner_up = others.argmax(axis=1)
    confidence = rows[each, predicted].astype(np.float64)
    return PerImage(
        labels=labels,
        predicted=predicted,
        runner_up=runner_up,
        confidence=confidence,
        margin=confidence - rows[each, runner_up],
        loss=-np.log(np.maximum(rows[each, labels].astype(np.float64), SMALLEST)),
        right=predicted == labels,
    )


def chosen(
    images: PerImage,
    *,
    true: int | None = None,
    pred: int | None = None,
    which: Which = "all",
    confidence: tuple[float, float] = (0.0, 1.0),
    order: Order = "confidence",
) -> NDArray[np.int64]:
    """The rows of the images that meet every condition, (k,), in the order wanted.

    Args:
        true, pred: only this label, only this prediction: both for a cell of the confusion matrix, one for a row or
            a column.
        which: `wrong` for the misclassifications.
        confidence: the lowest and the highest that are let in.
        order: `confidence` puts the most confident first, `margin` the closest call, `loss` the largest loss, `true`
            goes by label and within it by confidence, `index` leaves the images as they stand. What is equal stays in
            the order of the images.

    Raises:
        DataError: there is no such digit, choice or order.
    """
    for digit in (true, pred):
        if digit is not None:
            label_array([digit], "the digits chosen")
    if which not in get_args(Which) or order not in ORDERS:
        raise DataError(f"{which!r} in the order {order!r} is no choice of images.")
    low, high = confidence
    # A confidence may pass 1 in its last digit; the highest that can be asked for means all.
    kept = (images.confidence >= low) & ((images.confidence <= high) | (high >= 1))
    if true is not None:
        kept &= images.labels == true
    if pred is not None:
        kept &= images.predicted == pred
    if which != "all":
        kept &= images.right == (which == "right")
    rows = np.flatnonzero(kept)
    keys = {
        "confidence": -images.confidence,
        "margin": images.margin,
        "loss": -images.loss,
        "true": images.labels * 2.0 - images.confidence,
    }
    return rows if order == "index" else rows[np.argsort(keys[order][rows], kind="stable")]
