"""The ink of one digit in, the (28, 28) image that MNIST would have of it out.

Owns scale and place. MNIST's makers scaled each digit until the longer side of its box was 20 pixels, keeping soft
edges, and moved it by whole pixels until its centre of mass lay on pixel (14, 14).
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.enlarged import original_pixels

SIZE: Final = 28
LONGER_SIDE: Final = 20.0
CENTRE: Final = 14.5  # middle of pixel 14, from the image's edge
NEARLY: Final = (18.9, 20.9)  # longer sides in pixels that count as MNIST's size already


def place(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The digit as MNIST would show it.

    Args:
        ink: (height, width) in [0, 1], ink high, 0 beyond the digit; at least one pixel above one half.
    """
    if _is_placed(ink):
        return ink.copy()
    left, right = extent(ink.max(axis=0), 0.1)
    top, bottom = extent(ink.max(axis=1), 0.1)
    if NEARLY[0] <= max(right - left, bottom - top) <= NEARLY[1]:
        return _moved(ink)
    pixels = original_pixels(ink, (left, top, right, bottom))
    return _resampled(ink) if pixels is None else _moved(pixels)


def _is_placed(ink: NDArray[np.float32]) -> bool:
    """Whether this is an image of MNIST's as it is. A little more than half a pixel, since JPEG moves the centre too."""
    if ink.shape != (SIZE, SIZE):
        return False
    left, right = extent(ink.max(axis=0), 0.3)
    top, bottom = extent(ink.max(axis=1), 0.3)
    longer = max(right - left, bottom - top)
    return NEARLY[0] <= longer <= NEARLY[1] and max(abs(at - CENTRE) for at in _centre_of_mass(ink)) < 0.65


def _moved(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """A digit that has MNIST's size already, moved by whole pixels."""
    x, y = _centre_of_mass(ink)
    left, top = int(np.floor(CENTRE - x + 0.5)), int(np.floor(CENTRE - y + 0.5))
    height, width = ink.shape
    placed = np.zeros((SIZE, SIZE), np.float32)
    across, down = slice(max(0, left), min(SIZE, left + width)), slice(max(0, top), min(SIZE, top + height))
    placed[down, across] = ink[down.start - top : down.stop - top, across.start - left : across.stop - left]
    return placed


def _resampled(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    top, bottom = extent(ink.max(axis=1))
    left, right = extent(ink.max(axis=0))
    if max(bottom - top, right - left) < 2 * LONGER_SIDE:
        factor = int(np.ceil(4 * LONGER_SIDE / max(bottom - top, right - left)))
        padded = np.pad(ink, 2)
        larger = cv2.resize(padded, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        return _resampled(np.clip(larger, 0, 1))
    scale = LONGER_SIDE / max(bottom - top, right - left)
    x, y = _centre_of_mass(ink)
    rows = _averaged(ink, y + (np.arange(SIZE + 1) - CENTRE) / scale)
    return np.clip(_averaged(rows.T, x + (np.arange(SIZE + 1) - CENTRE) / scale).T, 0, 1)


def _centre_of_mass(ink: NDArray[np.float32]) -> tuple[float, float]:
    """x and y from the array's upper left corner."""
    total = float(ink.sum(dtype=np.float64))
    x = float(ink.sum(axis=0, dtype=np.float64) @ (np.arange(ink.shape[1]) + 0.5))
    y = float(ink.sum(axis=1, dtype=np.float64) @ (np.arange(ink.shape[0]) + 0.5))
    return x / total, y / total


def extent(profile: NDArray[np.float32], level: float = 0.5) -> tuple[float, float]:
    """Where a profile first rises over `level` and last falls below it, between pixels, from the first one's edge."""
    inside = np.flatnonzero(profile > level)
    first, last = int(inside[0]), int(inside[-1])
    start, end = float(first), float(last + 1)
    if first > 0:
        start = first + 0.5 - (profile[first] - level) / (profile[first] - profile[first - 1])
    if last + 1 < len(profile):
        end = last + 0.5 + (profile[last] - level) / (profile[last] - profile[last + 1])
    return float(start), float(end)


def _averaged(ink: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """The means of the rows between each two neighbouring `edges`, which need not lie between pixels; 0 outside."""
    sums = np.zeros((len(ink) + 1, ink.shape[1]), np.float32)
    np.cumsum(ink, axis=0, out=sums[1:])
    places = np.clip(edges, 0, len(ink))
    before = np.minimum(places.astype(np.intp), len(ink) - 1)
    after = (places - before).astype(np.float32)[:, None]
    at_edges = sums[before] * (1 - after) + sums[before + 1] * after
    return np.diff(at_edges, axis=0) / np.float32(edges[1] - edges[0])
