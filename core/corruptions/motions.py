"""Corruptions that move a digit: each is a motion about the middle of the image, (n, 3, 3), one for each image.

Several are put together before the image is resampled, once. What comes in from outside is paper.
"""

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.config import IMAGE_SIZE
from core.corruptions.chance import Chance

Motions = NDArray[np.float64]
_CENTRE: Final = (IMAGE_SIZE - 1) / 2


def moved(images: NDArray[np.uint8], motions: Sequence[Motions]) -> NDArray[np.uint8]:
    """The images after these motions, the first one first."""
    if not motions:
        return images
    to_middle, back = np.eye(3), np.eye(3)
    to_middle[:2, 2], back[:2, 2] = -_CENTRE, _CENTRE
    whole = np.broadcast_to(to_middle, (len(images), 3, 3))
    for motion in motions:
        whole = motion @ whole
    matrices = (back @ whole)[:, :2]
    size = (IMAGE_SIZE, IMAGE_SIZE)
    return np.stack([cv2.warpAffine(image, matrix, size) for image, matrix in zip(images, matrices, strict=True)])


def shift(amount: float, chance: Chance) -> Motions:
    """By so many pixels, in any direction."""
    angle = 2 * math.pi * chance.uniform(1)[:, 0]
    motions = _still(len(angle))
    motions[:, 0, 2], motions[:, 1, 2] = amount * np.cos(angle), amount * np.sin(angle)
    return motions


def rotate(amount: float, chance: Chance) -> Motions:
    """By so many degrees, either way."""
    angle = math.radians(amount) * chance.sign()
    motions = _still(len(angle))
    motions[:, 0, 0] = motions[:, 1, 1] = np.cos(angle)
    motions[:, 0, 1], motions[:, 1, 0] = -np.sin(angle), np.sin(angle)
    return motions


def scale(amount: float, chance: Chance) -> Motions:
    """Larger or smaller by so many percent."""
    factor = 1 + amount / 100 * chance.sign()
    motions = _still(len(factor))
    motions[:, 0, 0] = motions[:, 1, 1] = factor
    return motions


def shear(amount: float, chance: Chance) -> Motions:
    """What is upright leans by so many degrees, either way."""
    lean = math.tan(math.radians(amount)) * chance.sign()
    motions = _still(len(lean))
    motions[:, 0, 1] = lean
    return motions


def _still(count: int) -> Motions:
    return np.tile(np.eye(3), (count, 1, 1))
