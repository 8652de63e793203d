"""The ink of one digit in, the (28, 28) image that MNIST would have of it out.

Owns scale and place. MNIST's makers scaled each digit until the longer side of its box was 20 pixels, keeping soft
edges, and moved it by whole pixels until its centre of mass lay on pixel (14, 14).
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE: Final = 28
LONGER_SIDE: Final = 20.0
CENTRE: Final = 14.5  # middle of pixel 14, from the image's edge


def place(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The digit as MNIST would show it.

    Args:
        ink: (height, width) in [0, 1], ink high, 0 beyond the digit; at least one pixel above one half.
    """
    ready = _whole_pixels(ink)
    return ready if ready is not None else _resampled(ink)


def _whole_pixels(ink: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """A digit that has MNIST's size already is moved, not resampled."""
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.02), np.flatnonzero(ink.max(axis=0) > 0.02)
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if max(crop.shape) not in (19, 20, 21):
        return None
    x, y = _centre_of_mass(crop)
    left, top = int(np.floor(CENTRE - x + 0.5)), int(np.floor(CENTRE - y + 0.5))
    placed = np.zeros((SIZE + 48, SIZE + 48), np.float32)
    placed[top + 24 : top + 24 + crop.shape[0], left + 24 : left + 24 + crop.shape[1]] = crop
    return placed[24 : 24 + SIZE, 24 : 24 + SIZE].copy()


def _resampled(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    top, bottom = _extent(ink.max(axis=1))
    left, right = _extent(ink.max(axis=0))
    if max(bottom - top, right - left) < 2 * LONGER_SIDE:
        factor = int(np.ceil(4 * LONGER_SIDE / max(bottom - top, right - left)))
        padded = np.pad(ink, 2)
        larger = cv2.resize(padded, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        return _resampled(np.clip(larger, 0, 1))
    scale = LONGER_SIDE / max(bottom - top, right - left)
    x, y = _centre_of_mass(ink)
    down = _shares(ink.shape[0], y, scale)
    across = _shares(ink.shape[1], x, scale)
    return np.clip(down @ ink @ across.T, 0, 1)


def _centre_of_mass(ink: NDArray[np.float32]) -> tuple[float, float]:
    """x and y from the array's upper left corner."""
    total = float(ink.sum(dtype=np.float64))
    x = float(ink.sum(axis=0, dtype=np.float64) @ (np.arange(ink.shape[1]) + 0.5))
    y = float(ink.sum(axis=1, dtype=np.float64) @ (np.arange(ink.shape[0]) + 0.5))
    return x / total, y / total


def _extent(profile: NDArray[np.float32], level: float = 0.5) -> tuple[float, float]:
    """Where a profile first rises over `level` and last falls below it, between pixels, from the first one's edge."""
    inside = np.flatnonzero(profile > level)
    first, last = int(inside[0]), int(inside[-1])
    start, end = float(first), float(last + 1)
    if first > 0:
        start = first + 0.5 - (profile[first] - level) / (profile[first] - profile[first - 1])
    if last + 1 < len(profile):
        end = last + 0.5 + (profile[last] - level) / (profile[last] - profile[last + 1])
    return float(start), float(end)


def _shares(length: int, centre: float, scale: float) -> NDArray[np.float32]:
    """(28, length): how much of each target pixel every source pixel covers, with `centre` at the image's centre."""
    edges = centre + (np.arange(SIZE + 1) - CENTRE) / scale
    pixels = np.arange(length)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (np.maximum(overlap, 0) * scale).astype(np.float32)
