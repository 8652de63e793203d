"""The one path, in order: paper, lines, ink, placing; with every stage kept for display.

Owns the result types, the warnings, and which piece of the picture is handed to which step. The steps themselves are
its neighbours'.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.ink import PALE, Spot, Spots, bounds, find_spots, group_strokes
from core.preprocessing.lines import remove_lines
from core.preprocessing.paper import Ink, as_pixels, find_ink, flatten_alpha, shrink, to_grey
from core.preprocessing.placing import SIZE, place

FRAME: Final = 280  # longest side in pixels of a stage's picture

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Stage:
    """One frame of the filmstrip: `image` is (height, width) or (height, width, 3) uint8, at most 280 a side."""

    name: str
    caption: str
    image: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Preprocessed:
    """A picture of a digit as MNIST would have it, and how it came about.

    Attributes:
        image: (28, 28) float32 in [0, 1], ink high; all zero when nothing is drawn.
        warnings: some of `blank`, `low_contrast`, `touches_border`, `several_digits`, `thin_strokes`.
        box: x, y, width, height of the ink in pixels of the upright picture; None when nothing is drawn.
        stages: what each step made of the picture, first to last.
    """

    image: NDArray[np.float32]
    warnings: tuple[str, ...]
    box: Box | None
    stages: tuple[Stage, ...]

    @property
    def blank(self) -> bool:
        """Whether nothing is drawn, so that no digit can be given."""
        return self.box is None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture as far as all its digits share the way."""

    pixels: NDArray[np.uint8]
    grey: NDArray[np.uint8]
    ink: Ink
    depth: NDArray[np.uint8]
    spots: Spots
    full_size: tuple[int, int]


def preprocess(picture: NDArray) -> Preprocessed:
    """The digit in a picture, as MNIST would have it; of several digits the largest.

    Args:
        picture: (height, width) or (height, width, 1, 3 or 4), uint8 or float in [0, 1]; RGB or RGBA, any size.

    Raises:
        ValueError: the array is not of such a shape or holds no numbers. No content ever raises.
    """
    seen = _see(picture)
    groups = group_strokes(seen.spots.spots)
    if not groups:
        return Preprocessed(np.zeros((SIZE, SIZE), np.float32), ("blank",), None, _first_stages(seen))
    largest = max(bounds(group)[3] for group in groups)
    others = [group for group in groups[1:] if bounds(group)[3] > 0.5 * largest]
    return _digit(seen, groups[0], ("several_digits",) if others else ())


def split_digits(picture: NDArray) -> list[Preprocessed]:
    """Every digit of a picture in reading order: rows from the top, each from the left. Empty when nothing is drawn.

    Args and raises are those of `preprocess`.
    """
    seen = _see(picture)
    groups = group_strokes(seen.spots.spots)
    return [_digit(seen, group, ()) for group in sorted(groups, key=lambda group: bounds(group)[0])]


def _see(picture: NDArray) -> _Seen:
    given = as_pixels(picture)
    pixels = flatten_alpha(shrink(given))
    grey = to_grey(pixels)
    ink = find_ink(grey)
    depth = remove_lines(ink.depth, ink.noise)
    return _Seen(pixels, grey, ink, depth, find_spots(ink, depth), (given.shape[1], given.shape[0]))


def _digit(seen: _Seen, group: list[Spot], warnings: tuple[str, ...]) -> Preprocessed:
    x, y, width, height = bounds(group)
    # A picture of MNIST's size is kept whole: it may be in its place already.
    margin = SIZE if seen.grey.shape == (SIZE, SIZE) else max(2, round(0.1 * max(width, height)))
    top, left = max(0, y - margin), max(0, x - margin)
    bottom, right = y + height + margin, x + width + margin
    depth = seen.depth[top:bottom, left:right]
    labels = seen.spots.labels[top:bottom, left:right]
    others = np.isin(labels, [spot.label for spot in group], invert=True) & (labels > 0)
    if others.any():
        depth = np.where(cv2.dilate(others.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0, 0, depth)
    low = 2.5 * seen.ink.noise
    ink = np.clip((depth - low) / max(1.0, seen.spots.darkness - low), 0, 1).astype(np.float32)
    image = place(ink)
    full = _full_box(seen, (x, y, width, height))
    found = _digit_warnings(seen, (x, y, width, height), image) + warnings
    stages = (*_first_stages(seen), Stage("ink", "The digit's ink.", _frame((255 * ink).astype(np.uint8))))
    placed = Stage("placed", "28 x 28, placed by its centre of mass.", (image * 255 + 0.5).astype(np.uint8))
    return Preprocessed(image, found, full, (*stages, placed))


def _digit_warnings(seen: _Seen, box: Box, image: NDArray[np.float32]) -> tuple[str, ...]:
    x, y, width, height = box
    found = []
    if seen.spots.darkness < PALE:
        found.append("low_contrast")
    if x == 0 or y == 0 or x + width == seen.grey.shape[1] or y + height == seen.grey.shape[0]:
        found.append("touches_border")
    return tuple(found)


def _full_box(seen: _Seen, box: Box) -> Box:
    x, y, width, height = box
    across = seen.full_size[0] / seen.grey.shape[1]
    down = seen.full_size[1] / seen.grey.shape[0]
    return round(x * across), round(y * down), max(1, round(width * across)), max(1, round(height * down))


def _first_stages(seen: _Seen) -> tuple[Stage, ...]:
    return (
        Stage("upright", "The picture as it came.", _frame(seen.pixels)),
        Stage("grey", "Brightness only.", _frame(seen.grey)),
        Stage("evened", "The ink over its paper.", _frame(seen.depth)),
    )


def _frame(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    factor = FRAME / max(image.shape[:2])
    if factor >= 1:
        return image
    height, width = image.shape[:2]
    return cv2.resize(
        image, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA
    )
