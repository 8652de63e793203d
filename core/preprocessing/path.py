"""The one path, in order: paper, lines, ink, placing; with every stage kept for display.

Owns the result types, the warnings, and which piece of the picture is handed to which step. The steps themselves are
its neighbours'.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.arrays import Levels, Shares
from core.preprocessing.boxes import remove_boxes
from core.preprocessing.digits import Piece, whole
from core.preprocessing.grey import as_pixels, flatten_alpha, shrink, to_grey
from core.preprocessing.ink import PALE, Spots, find_spots, group_strokes
from core.preprocessing.lines import remove_lines
from core.preprocessing.paper import Ink, find_ink
from core.preprocessing.placing import SIZE, place
from core.preprocessing.spots import bounds

SOFT: Final = 0.04  # share of a digit's size that the soft edge of a stroke in an unsharp photo reaches
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
class Seen:
    """A picture as far as all its digits share the way."""

    grey: Levels
    ink: Ink
    depth: Levels
    spots: Spots
    full_size: tuple[int, int]
    frames: tuple[Stage, ...]


def preprocess(picture: NDArray) -> Preprocessed:
    """The digit in a picture, as MNIST would have it; of several digits the largest.

    Args:
        picture: (height, width) or (height, width, 1, 3 or 4), uint8 or float in [0, 1]; RGB or RGBA, any size.

    Raises:
        ValueError: the array is not of such a shape or holds no numbers. No content ever raises.
    """
    seen = see(picture)
    groups = group_strokes(seen.spots.spots)
    if not groups:
        return Preprocessed(np.zeros((SIZE, SIZE), np.float32), ("blank",), None, seen.frames)
    tallest = max(bounds(group)[3] for group in groups)
    several = any(bounds(group)[3] > 0.5 * tallest for group in groups[1:])
    return digit_of(seen, whole(groups[0], seen.spots.labels, uncut=several))


def see(picture: NDArray) -> Seen:
    """Everything on the way to a picture's digits that they share. Args and raises are those of `preprocess`."""
    given = as_pixels(picture)
    pixels = flatten_alpha(shrink(given))
    grey = to_grey(pixels)
    ink = find_ink(grey)
    depth = remove_lines(remove_boxes(ink.depth, ink.noise), ink.noise)
    frames = (
        Stage("upright", "The picture as it came.", _frame(pixels if pixels.ndim == 2 else pixels[:, :, :3])),
        Stage("grey", "Brightness only.", _frame(grey)),
        Stage("evened", "The ink over its paper.", _frame(depth)),
    )
    return Seen(grey, ink, depth, find_spots(ink, depth), (given.shape[1], given.shape[0]), frames)


def digit_of(seen: Seen, piece: Piece, *, part: bool = False) -> Preprocessed:
    """The digit that a piece of ink is. Args: part: it is part of a larger piece, so no image of MNIST's as it was."""
    ink = _own_ink(seen, piece)
    placed = place(ink, enlarged=not part)
    frames = (
        *seen.frames,
        Stage("ink", "The digit's own ink, cut out.", _frame(_levels(ink))),
        Stage("placed", "28 x 28, its centre of mass in the middle.", _levels(placed.image)),
    )
    return Preprocessed(placed.image, _warnings(seen, piece, placed.thin), _full_box(seen, piece.box), frames)


def _own_ink(seen: Seen, piece: Piece) -> Shares:
    """(height, width) in [0, 1]: the piece with a margin, everything else in it wiped out."""
    x, y, width, height = piece.box
    # A picture of MNIST's size is kept whole: it may be in its place already.
    margin = SIZE if seen.grey.shape == (SIZE, SIZE) else max(2, round(0.1 * max(width, height)))
    top, left = max(0, y - margin), max(0, x - margin)
    cut = np.s_[top : y + height + margin, left : x + width + margin]
    depth, labels = seen.depth[cut], seen.spots.labels[cut]
    own = np.zeros(labels.shape, np.uint8)
    own[y - top : y - top + height, x - left : x - left + width] = piece.own
    wiped: Levels = ((labels > 0) & (own == 0)).astype(np.uint8)
    if wiped.any():
        wiped = cv2.dilate(wiped, np.ones((3, 3), np.uint8))
        wiped[own > 0] = 0
    if not seen.ink.flat:  # shadows and lines leave traces beside the strokes
        near = 2 * max(2, round(SOFT * max(width, height))) + 1
        wiped[cv2.dilate(own, np.ones((near, near), np.uint8)) == 0] = 1
    low = 2.5 * seen.ink.noise
    # Under uneven light the palest stretch of a stroke should still be full ink.
    high = seen.spots.darkness * (1.0 if seen.ink.flat else 0.7)
    ink = cv2.LUT(depth, np.clip((np.arange(256) - low) / max(1.0, high - low), 0, 1).astype(np.float32))
    ink[wiped > 0] = 0
    return ink


def _warnings(seen: Seen, piece: Piece, thin: bool) -> tuple[str, ...]:
    x, y, width, height = piece.box
    found = {
        "low_contrast": seen.spots.darkness < PALE,
        "touches_border": x == 0 or y == 0 or x + width == seen.grey.shape[1] or y + height == seen.grey.shape[0],
        "several_digits": piece.uncut,
        "thin_strokes": thin,
    }
    return tuple(name for name, holds in found.items() if holds)


def _full_box(seen: Seen, box: Box) -> Box:
    x, y, width, height = box
    across = seen.full_size[0] / seen.grey.shape[1]
    down = seen.full_size[1] / seen.grey.shape[0]
    return round(x * across), round(y * down), max(1, round(width * across)), max(1, round(height * down))


def _levels(ink: Shares) -> Levels:
    return cv2.convertScaleAbs(ink, alpha=255)


def _frame(image: Levels) -> Levels:
    factor = FRAME / max(image.shape[:2])
    if factor >= 1:
        return image
    height, width = image.shape[:2]
    return cv2.resize(
        image, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA
    )
