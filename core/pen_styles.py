"""Digits drawn by code in the ways people write them that MNIST hardly has, to be mixed among its images in a training.

Owns the shapes: a crossed 7, a 1 with a flag, an open 4, a slashed 0, a 9 with a tail, and plain ones of every digit,
so that no network can take the drawing itself for a sign. Nobody's handwriting is in them: each shape is a few points
that a curve goes through, and every drawn digit moves them, slants, stretches and takes a pen of its own.
"""

from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.placing import SIZE, resampled

Point = tuple[float, float]
Stroke = tuple[Point, ...]
Shape = tuple[Stroke, ...]

# By digit; x to the right and y down, both from 0 to 1. A point named twice is a corner.
_RING: Final[Stroke] = ((0.6, 0.02), (0.2, 0.15), (0.05, 0.55), (0.3, 0.98), (0.75, 0.9), (0.92, 0.45), (0.7, 0.05))
SHAPES: Final[tuple[tuple[Shape, ...], ...]] = (
    (
        ((*_RING, (0.5, 0.0)),),
        ((*_RING, (0.5, 0.0)), ((0.85, 0.02), (0.1, 0.98))),  # slashed
        (((0.45, 0.35), (0.7, 0.12), (0.45, 0.0), (0.1, 0.35), (0.2, 0.9), (0.6, 1), (0.95, 0.6), (0.85, 0.15)),),
    ),
    (
        (((0.5, 0), (0.5, 1)),),
        (((0, 0.42), (0.3, 0.25), (0.62, 0), (0.62, 0), (0.5, 1)),),  # with a flag
        (((0, 0.56), (0.75, 0), (0.75, 0), (0.6, 1)),),  # a long one
        (((0.06, 0.36), (0, 0.46), (0.3, 0.32), (0.6, 0), (0.6, 0), (0.45, 1)),),
        (((0, 0.42), (0.35, 0.06), (0.6, 0), (0.62, 0.3), (0.5, 1)),),  # rounded
        (((0, 0.4), (0.6, 0), (0.6, 0), (0.55, 0.85), (0.4, 1), (0.1, 0.97)),),  # and a tail
        (((0.05, 0.35), (0.55, 0), (0.55, 0), (0.5, 0.85), (0.65, 1), (0.95, 0.95)),),
        (((0.1, 0.3), (0.55, 0), (0.55, 0), (0.55, 1)), ((0.1, 1), (1, 1))),  # and a foot
    ),
    (
        (((0.08, 0.22), (0.4, 0), (0.85, 0.2), (0.55, 0.6), (0.05, 0.98), (0.05, 0.98), (0.95, 0.95)),),
        (((0.08, 0.2), (0.45, 0), (0.85, 0.2), (0.5, 0.65), (0.1, 0.95), (0.15, 0.75), (0.4, 0.85), (0.95, 1)),),
    ),
    (
        (((0.1, 0.12), (0.5, 0), (0.85, 0.2), (0.45, 0.45), (0.45, 0.45), (0.9, 0.7), (0.55, 1), (0.05, 0.88)),),
        (((0.1, 0), (0.85, 0), (0.85, 0), (0.4, 0.4), (0.4, 0.4), (0.85, 0.65), (0.55, 1), (0.05, 0.92)),),  # flat top
    ),
    (
        (((0.75, 1), (0.75, 0), (0.75, 0), (0.05, 0.65), (0.05, 0.65), (1, 0.65)),),
        (((0.4, 0), (0.05, 0.62), (0.05, 0.62), (0.95, 0.58)), ((0.72, 0.3), (0.65, 1))),  # open
        (((0.5, 0), (0.1, 0.6), (0.14, 0.72), (0.5, 0.72), (0.95, 0.6)), ((0.82, 0.38), (0.66, 1))),
        (((0.55, 0), (0.14, 0.62), (0.1, 0.8), (0.5, 0.8), (0.85, 0.42), (0.85, 0.42), (0.62, 1)),),  # in one stroke
    ),
    (
        (
            ((0.25, 0.03), (0.18, 0.42), (0.18, 0.42), (0.6, 0.38), (0.9, 0.68), (0.55, 1), (0.05, 0.9)),
            ((0.25, 0.03), (0.9, 0)),
        ),
        (((0.85, 0.02), (0.25, 0.05), (0.25, 0.05), (0.18, 0.45), (0.65, 0.42), (0.88, 0.72), (0.5, 1), (0.05, 0.9)),),
    ),
    (
        (((0.75, 0), (0.25, 0.35), (0.1, 0.75), (0.45, 1), (0.85, 0.8), (0.6, 0.55), (0.15, 0.72)),),
        (((0.5, 0), (0.3, 0.55), (0.3, 0.92), (0.7, 1), (0.78, 0.75), (0.35, 0.74)),),  # a straight back, a small loop
    ),
    (
        (((0.02, 0.04), (0.95, 0), (0.95, 0), (0.4, 1)),),
        (((0.05, 0.2), (0.08, 0.02), (0.08, 0.02), (0.95, 0), (0.95, 0), (0.45, 1)),),
        (((0.05, 0.1), (0.1, 0.02), (0.9, 0.02), (0.9, 0.02), (0.4, 1)), ((0.25, 0.52), (0.85, 0.48))),  # crossed
        (((0.1, 0.2), (0.2, 0.05), (0.55, 0), (0.78, 0.15), (0.65, 0.55), (0.45, 1)), ((0.2, 0.62), (0.95, 0.6))),
        (
            ((0.1, 0.2), (0.25, 0.03), (0.55, 0), (0.75, 0.15), (0.65, 0.55), (0.5, 1)),
            ((0.3, 0.8), (0.22, 0.68), (0.95, 0.7)),
        ),
    ),
    (
        (
            (
                (0.8, 0.15),
                (0.5, 0),
                (0.2, 0.2),
                (0.5, 0.47),
                (0.85, 0.75),
                (0.5, 1),
                (0.12, 0.78),
                (0.5, 0.5),
                (0.85, 0.2),
                (0.72, 0.06),
            ),
        ),
        (((0.95, 0.05), (0.45, 0.02), (0.25, 0.25), (0.6, 0.6), (0.55, 0.97), (0.3, 0.95), (0.35, 0.65), (0.9, 0.1)),),
    ),
    (
        (((0.8, 0.1), (0.45, 0), (0.1, 0.25), (0.4, 0.48), (0.8, 0.15), (0.8, 0.15), (0.7, 1)),),
        (
            ((0.8, 0.12), (0.45, 0), (0.1, 0.2), (0.35, 0.42), (0.8, 0.15), (0.85, 0.6), (0.6, 0.97), (0.05, 0.9)),
        ),  # tail
        (((0.85, 0.1), (0.45, 0), (0.1, 0.2), (0.4, 0.4), (0.85, 0.1), (0.9, 0.7), (0.75, 0.97), (0, 0.98)),),
        (((0.6, 0.1), (0.4, 0), (0.18, 0.13), (0.35, 0.28), (0.62, 0.06), (0.7, 0.45), (0.85, 0.85), (0.1, 0.98)),),
    ),
)
_HEIGHT: Final = 96  # pixels that a digit is drawn with
_MARGIN: Final = 24
_FINE: Final = 4  # fractional bits of OpenCV's coordinates
_BETWEEN: Final = np.linspace(0, 1, 8, endpoint=False)[:, None]  # places on the curve from one point to the next
# How much the digits differ; x and y as parts of the height.
_MOVED: Final = 0.045  # standard deviation of each point
_SLANT: Final = 0.25  # largest, either way
_WIDTHS: Final = (0.4, 0.9)
_PENS: Final = (0.05, 0.17)


@dataclass(frozen=True, slots=True)
class PenStyles:
    """Drawn digits: `images` (n, 28, 28) uint8, ink high, placed as MNIST's are, and their `labels` (n,) uint8."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @classmethod
    def draw(cls, count: int, *, seed: int) -> Self:
        """`count` digits, as many of each, of each one's shapes in turn."""
        rng = np.random.default_rng(seed)
        labels = (np.arange(count) % len(SHAPES)).astype(np.uint8)
        images = np.empty((count, SIZE, SIZE), np.uint8)
        for index, label in enumerate(labels):
            shapes = SHAPES[label]
            images[index] = _drawn(shapes[index // len(SHAPES) % len(shapes)], rng)
        return cls(images, labels)

    def mix_in(
        self, images: NDArray[np.uint8], labels: NDArray[np.uint8], share: float, rng: np.random.Generator
    ) -> None:
        """Puts drawn digits in the place of `share` of a batch on average.

        Args:
            images, labels: (k, 28, 28) and (k,) uint8, changed where they are.
        """
        count = int(share * len(labels) + rng.random())
        chosen = rng.integers(len(self.labels), size=count)
        images[:count], labels[:count] = self.images[chosen], self.labels[chosen]


def _drawn(shape: Shape, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One digit of that shape, (28, 28) uint8."""
    slant, width, pen = rng.uniform(-_SLANT, _SLANT), rng.uniform(*_WIDTHS), rng.uniform(*_PENS)
    curves = []
    for stroke in shape:
        corners = np.array([point == before for before, point in zip((None, *stroke), stroke, strict=False)])
        moves = rng.normal(0, _MOVED, (len(stroke), 2))
        moves[corners] = moves[np.flatnonzero(corners) - 1]  # a corner stays one
        points = np.asarray(stroke, float) + moves
        points[:, 0] = points[:, 0] * width + slant * (0.5 - points[:, 1])
        curves.append(_curve(points) * _HEIGHT)
    left, top = np.concatenate(curves).min(axis=0)
    right, bottom = np.concatenate(curves).max(axis=0)
    canvas = np.zeros((int(bottom - top) + 2 * _MARGIN, int(right - left) + 2 * _MARGIN), np.uint8)
    for curve in curves:
        fixed = np.round((curve - (left, top) + _MARGIN) * 2**_FINE).astype(np.int32)
        cv2.polylines(canvas, [fixed.reshape(-1, 1, 2)], False, 255, round(pen * _HEIGHT), cv2.LINE_AA, _FINE)
    return np.round(resampled(canvas.astype(np.float32) / 255).image * 255).astype(np.uint8)


def _curve(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth line through the points: a Catmull-Rom spline (Catmull and Rom 1974), (n, 2)."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t = _BETWEEN
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*parts, points[-1:]])
