"""Several digits in one picture: which groups of strokes are large enough for digits.

Owns no pixels of its own: it picks from what `ink` found.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.preprocessing.arrays import Labels
from core.preprocessing.spots import Spot, bounds

SMALLEST: Final = 0.4  # share of the typical digit's height under which a group is a comma, a dash or a speck

Box = tuple[int, int, int, int]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Piece:
    """The ink of one digit.

    Attributes:
        box: x, y, width, height in pixels.
        own: (height, width), True where the ink in the box is this digit's.
        uncut: it looks like several digits, but there is no place to part them.
    """

    box: Box
    own: Mask
    uncut: bool = False


def whole(group: list[Spot], labels: Labels, *, uncut: bool = False) -> Piece:
    """All strokes of a group as one digit. Args: labels: (height, width), which piece of ink each pixel belongs to."""
    x, y, width, height = bounds(group)
    part = labels[y : y + height, x : x + width]
    if len(group) == 1:
        return Piece((x, y, width, height), part == group[0].label, uncut)
    return Piece((x, y, width, height), np.isin(part, [spot.label for spot in group]), uncut)


def large_groups(groups: list[list[Spot]]) -> tuple[list[list[Spot]], float]:
    """The groups that are no commas, dashes or specks beside the others, and the height in pixels of a typical one."""
    if not groups:
        return [], 0.0
    typical = _typical_height(groups)
    return [group for group in groups if bounds(group)[3] >= SMALLEST * typical], typical


def _typical_height(groups: list[list[Spot]]) -> float:
    """Half of all ink belongs to groups of at most this height; what is left of lines is much, but hardly any ink."""
    heights = np.array([bounds(group)[3] for group in groups])
    areas = np.array([sum(spot.area for spot in group) for group in groups])
    order = np.argsort(heights)
    return float(heights[order][np.searchsorted(np.cumsum(areas[order]), areas.sum() / 2)])
