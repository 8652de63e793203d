"""Corruptions that change pixels: of the pen, of what lies over the digit, and of the way it was taken.

Each takes images (n, 28, 28) uint8, ink high, and an amount above 0, and gives values around 0 to 255 that the caller
rounds and cuts off.
"""

from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.config import IMAGE_SIZE
from core.corruptions.chance import Chance

Images = NDArray[np.uint8]

_FINE: Final = 4  # parts of a pixel by which strokes grow and shrink
_SPACING: Final = 7  # pixels from one ruled line to the next
_INK: Final = (4, 24)  # where the ink of MNIST's digits lies, in pixels
_MIDDLE: Final = 127.5  # the grey between ink and paper


def thin(images: Images, amount: float, chance: Chance) -> NDArray[Any]:
    """Strokes by so many pixels narrower."""
    return _strokes(images, amount, cv2.erode)


def thick(images: Images, amount: float, chance: Chance) -> NDArray[Any]:
    """Strokes by so many pixels wider."""
    return _strokes(images, amount, cv2.dilate)


def _strokes(images: Images, amount: float, change: Callable[..., Any]) -> NDArray[Any]:
    """Half of the amount on each side of a stroke, in quarters of a pixel and mixed between these."""
    radius = amount / 2 * _FINE
    whole = int(radius)
    less, more = (cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1)) for r in (whole, whole + 1))
    found = np.empty(images.shape, np.float32)
    for row, image in enumerate(images):
        fine = image.repeat(_FINE, axis=0).repeat(_FINE, axis=1)
        first, second = _coarse(change(fine, less)), _coarse(change(fine, more))
        found[row] = first + (radius - whole) * (second - first)
    return found


def _coarse(fine: Images) -> NDArray[Any]:
    return cv2.resize(fine.astype(np.float32), (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)


def occlusion(images: Images, amount: float, chance: Chance) -> NDArray[Any]:
    """A square of paper, so many pixels wide, somewhere over the digit."""
    middles = _INK[0] + (_INK[1] - _INK[0]) * chance.uniform(2)
    rows, columns = _covered(middles[:, :1], amount), _covered(middles[:, 1:], amount)
    return images * (1 - rows[:, :, None] * columns[:, None, :])


def lines(images: Images, amount: float, chance: Chance) -> NDArray[Any]:
    """Ruled lines, a pixel wide and 7 apart, as dark as so many grey levels; ink stays where it is darker."""
    first = _SPACING * chance.uniform(1)
    ruled = sum(_covered(first + _SPACING * number, 1) for number in range(-1, IMAGE_SIZE // _SPACING + 1))
    return np.maximum(images, amount * np.asarray(ruled)[:, :, None])


def _covered(middles: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """How much of each of the 28 pixels of a line lies within `width` around the middles (n, 1); (n, 28) in [0, 1]."""
    pixels = np.arange(IMAGE_SIZE)
    ends = np.minimum(pixels + 1, middles + width / 2), np.maximum(pixels, middles - width / 2)
    return np.clip(ends[0] - ends[1], 0, 1)


def blur(images: Images, amount: float, chance: Chance) -> NDArray[Any]:
    """A Gaussian blur whose standard deviation is so many pixels."""
    return np.stack([cv2.GaussianBlur(image, (0, 0), amount, borderType=cv2.BORDER_CONSTANT) for image in images])


def contrast(images: Images, amount: float, chance: Chance) -> NDArray[Any]:
    """Ink and paper come closer, by so many percent of what lay between them."""
    return _MIDDLE + (images.astype(np.float32) - np.float32(_MIDDLE)) * np.float32(1 - amount / 100)


def noise(images: Images, amount: float, chance: Chance) -> NDArray[Any]:
    """Gaussian grain whose standard deviation is so many grey levels."""
    return images + amount * chance.normal(IMAGE_SIZE * IMAGE_SIZE).reshape(images.shape)
