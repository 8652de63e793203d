"""Pen strokes from a digit of MNIST: its ink thinned to lines of one pixel, and these followed.

Thinning is that of Zhang & Suen, "A fast parallel algorithm for thinning digital patterns" (Communications of the ACM
27, 1984).
"""

import itertools
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Pixel = tuple[int, int]

FACTOR: Final = 3  # the digit is thinned at this size, so that its lines are smooth
LEAST: Final = 5  # pixels that a stroke is long; shorter ones are burrs of the thinning
ROUGH: Final = 3  # pixels of the canvas that a stroke may leave its line: few points are quick to draw
# The neighbours of a pixel, clockwise from the one above it.
AROUND: Final = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def strokes_of(image: NDArray[np.uint8], *, side: float = 280, share: float = 0.7) -> list[list[Point]]:
    """The strokes (x, y) of a digit, (28, 28) with the ink high, as they would be drawn in the middle of a canvas.

    Args:
        side: of the canvas.
        share: how much of it the longer side of the digit takes.
    """
    size = FACTOR * image.shape[0]
    large = cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC)
    lines = [line for line in _followed(_thinned(large > 110)) if len(line) >= LEAST]
    points = np.array([point for line in lines for point in line], float)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = share * side / extent.max()
    shift = (side - extent * scale) / 2
    placed = [((np.array(line) - low) * scale + shift).astype(np.float32) for line in lines]
    return [[(float(x), float(y)) for y, x in cv2.approxPolyDP(line, ROUGH, False)[:, 0]] for line in placed]


def _thinned(mask: NDArray[np.bool_]) -> set[Pixel]:
    ink = np.pad(mask, 1)
    changed = True
    while changed:
        changed = False
        for turn in (0, 1):
            around = [np.roll(ink, (-row, -column), (0, 1)) for row, column in AROUND]
            count = np.sum(around, axis=0)
            begins = np.sum([~a & b for a, b in itertools.pairwise([*around, around[0]])], axis=0)
            up, right, down, left = around[0], around[2], around[4], around[6]
            if turn == 0:
                open_side = ~(up & right & down) & ~(right & down & left)
            else:
                open_side = ~(up & right & left) & ~(up & down & left)
            gone = ink & (count >= 2) & (count <= 6) & (begins == 1) & open_side
            ink &= ~gone
            changed |= bool(gone.any())
    return {(int(row), int(column)) for row, column in np.argwhere(ink)}


def _followed(pixels: set[Pixel]) -> list[list[Pixel]]:
    """The lines as walks, each from an end where there is one, straight on where it forks."""
    left, lines = set(pixels), []
    while left:
        start = min(left, key=lambda pixel: (len(_beside(pixel, left)), pixel))
        joined = [other for other in _beside(start, pixels) if other not in left]
        line = [*joined[:1], start]
        left.discard(start)
        while following := _beside(line[-1], left):
            ahead = np.subtract(line[-1], line[-min(4, len(line))])
            best = max(following, key=lambda pixel: float(np.dot(ahead, np.subtract(pixel, line[-1]))))
            line.append(best)
            left.discard(best)
        joined = [other for other in _beside(line[-1], pixels) if other not in left and other not in line[-3:]]
        lines.append([*line, *joined[:1]])
    return lines


def _beside(pixel: Pixel, among: set[Pixel]) -> list[Pixel]:
    row, column = pixel
    return [near for down, across in AROUND if (near := (row + down, column + across)) in among]
