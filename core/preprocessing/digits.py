"""Several digits in one picture: their reading order, and where touching ones part.

Owns no pixels of its own: it orders and cuts the groups of strokes that `ink` found.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.preprocessing.arrays import Labels
from core.preprocessing.spots import Spot, bounds

SMALLEST: Final = 0.4  # share of the typical digit's height under which a group is a comma, a dash or a speck
WIDEST: Final = 1.25  # width over height from which a group is likely to be two digits that touch
WIDE: Final = 1.1  # the same from which it may be
TYPICAL: Final = 0.8  # width over height of one digit among touching ones
THINNEST_CUT: Final = 0.3  # share of the group's height that a cut may lead through ink
TALL: Final = 0.6  # share of the group's height that each part has, or it is no digit
REACH: Final = 0.3  # share of a part's width that a cut may be off the place where equal parts would meet
LEAN: Final = 0.05  # what a step aside costs a cut, in pixels of ink

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


def pieces(groups: list[list[Spot]], labels: Labels) -> list[Piece]:
    """One piece per digit, in reading order: rows from the top, each row from the left.

    Args:
        groups: strokes that belong together.
        labels: (height, width), which piece of ink each pixel belongs to; 0 is paper.
    """
    if not groups:
        return []
    typical = _typical_height(groups)
    found = []
    for group in groups:
        height = bounds(group)[3]
        if height >= SMALLEST * typical:
            # Strokes that lie apart and yet belong together, as a 5 and its bar, are wide for one digit already.
            wide = WIDE if len(group) == 1 else WIDEST
            found += _parted(whole(group, labels), max(height, typical), wide)
    return [piece for row in _rows(found) for piece in sorted(row, key=lambda piece: piece.box[0])]


def _typical_height(groups: list[list[Spot]]) -> float:
    """Half of all ink belongs to groups of at most this height; what is left of lines is much, but hardly any ink."""
    heights = np.array([bounds(group)[3] for group in groups])
    areas = np.array([sum(spot.area for spot in group) for group in groups])
    order = np.argsort(heights)
    return float(heights[order][np.searchsorted(np.cumsum(areas[order]), areas.sum() / 2)])


def _rows(found: list[Piece]) -> list[list[Piece]]:
    """Pieces whose middles lie beside one another, from the top."""
    rows: list[list[Piece]] = []
    for piece in sorted(found, key=lambda piece: piece.box[1] + piece.box[3] / 2):
        middle = piece.box[1] + piece.box[3] / 2
        if rows:
            tops = [other.box[1] for other in rows[-1]]
            bottoms = [other.box[1] + other.box[3] for other in rows[-1]]
            if middle < (np.mean(tops) + 3 * np.mean(bottoms)) / 4:
                rows[-1].append(piece)
                continue
        rows.append([piece])
    return rows


def _parted(piece: Piece, tall: float, wide: float) -> list[Piece]:
    """The piece cut into as many digits as its width suggests, where the ink between them is thin."""
    width = piece.box[2]
    if width < max(2, wide * tall):  # a single pixel has no middle
        return [piece]
    parts = max(2, round(width / (TYPICAL * tall)))
    uncut = [Piece(piece.box, piece.own, uncut=width >= WIDEST * tall)]
    cuts = [np.zeros(piece.box[3], np.intp)]
    for part in range(1, parts):
        cut = _cut(piece.own, part * width / parts, REACH * width / parts)
        if cut is None:
            return uncut
        cuts.append(cut)
    cuts.append(np.full(piece.box[3], width))
    found = [_between(piece, left, right) for left, right in itertools.pairwise(cuts)]
    return found if all(part.box[3] >= TALL * piece.box[3] for part in found) else uncut


def _cut(own: Mask, middle: float, reach: float) -> NDArray[np.intp] | None:
    """The way from top to bottom through the least ink: for each row the first column beyond it.

    None where it would lead through much ink or through more than one stroke: a 0 is not two digits.
    """
    low, high = max(1, int(middle - reach)), min(own.shape[1], int(middle + reach) + 2)
    band = own[:, low:high]
    inner = band.shape[1]
    away = 1e-3 * np.abs(np.arange(inner) + low - middle)
    costs = np.zeros(inner)
    steps = np.zeros(band.shape, np.intp)
    for row, ink in enumerate(band):
        padded = np.concatenate(([np.inf], costs, [np.inf]))
        ways = np.stack([padded[1:-1], padded[:-2] + LEAN, padded[2:] + LEAN])
        best = ways.argmin(axis=0)
        steps[row] = np.array([0, -1, 1])[best]
        costs = ways[best, np.arange(inner)] + ink + away / len(band)
    column = int(costs.argmin())
    way = np.zeros(len(band), np.intp)
    for row in range(len(band) - 1, -1, -1):
        way[row] = column
        column += steps[row, column]
    crossed = band[np.arange(len(band)), way]
    strokes = int(crossed[0]) + int(np.count_nonzero(crossed[1:] & ~crossed[:-1]))
    return way + low if strokes <= 1 and crossed.sum() <= THINNEST_CUT * len(band) else None


def _between(piece: Piece, left: NDArray[np.intp], right: NDArray[np.intp]) -> Piece:
    """The part of a piece between two cuts, its box drawn close; empty parts have no height."""
    x, y, width, _ = piece.box
    columns = np.arange(width)
    own = piece.own & (columns >= left[:, None]) & (columns < right[:, None])
    across, down = np.flatnonzero(own.any(axis=0)), np.flatnonzero(own.any(axis=1))
    if not len(across):
        return Piece((x, y, 0, 0), own[:0, :0])
    close = own[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    return Piece((x + int(across[0]), y + int(down[0]), close.shape[1], close.shape[0]), close)
