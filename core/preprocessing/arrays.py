"""Names for the arrays that the steps hand to one another, and their histogram.

OpenCV's type hints do not say what its arrays hold, so a checker cannot hold these to it either; the names tell people.
"""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Levels: TypeAlias = NDArray[Any]  # uint8: grey levels, or colours
Shares: TypeAlias = NDArray[Any]  # float32: shares of full ink in [0, 1], weights, profiles
Labels: TypeAlias = NDArray[Any]  # int32: which piece of ink a pixel belongs to; 0 is paper
Sums: TypeAlias = NDArray[Any]  # float64: running sums, and places among them


def histogram(levels: Levels) -> Sums:
    """(256,) how many pixels there are of each grey level. Ten times as quick as NumPy's `bincount`."""
    if not levels.size:
        return np.zeros(256)
    return cv2.calcHist([levels], [0], None, [256], [0, 256]).ravel().astype(np.float64)
