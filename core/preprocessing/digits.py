"""Several digits in one picture: their reading order, and where touching ones part.

Owns no pixels of its own: it orders and cuts the groups of strokes that `ink` found.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.preprocessing.ink import Spot, bounds

SMALLEST: Final = 0.4  # share of the typical digit's height under which a group is a comma or a speck
WIDEST: Final = 1.25  # width over height from which a group may be two digits that touch
TYPICAL: Final = 0.8  # width over height of one digit among touching ones
THINNEST_CUT: Final = 0.3  # share of the group's height that a cut may lead through ink


@dataclass(frozen=True, slots=True)
class Piece:
    """The strokes of one digit, and the columns that are its own where it touched another.

    Attributes:
        strokes: pieces of ink; shared with the neighbour where they touch.
        box: x, y, width, height in pixels.
        uncut: it looks like several digits, but there is no place to part them.
    """

    strokes: tuple[Spot, ...]
    box: tuple[int, int, int, int]
    uncut: bool = False


def pieces(groups: list[list[Spot]], mask: NDArray[np.bool_]) -> list[Piece]:
    """One piece per digit, in reading order: rows from the top, each row from the left.

    Args:
        groups: strokes that belong together.
        mask: (height, width), True where there is ink.
    """
    if not groups:
        return []
    typical = float(np.median([bounds(group)[3] for group in groups]))
    found = []
    for group in groups:
        x, y, width, height = bounds(group)
        if max(width, height) >= SMALLEST * typical:
            found += _parted(tuple(group), (x, y, width, height), mask)
    return [piece for row in _rows(found) for piece in sorted(row, key=lambda piece: piece.box[0])]


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


def _parted(strokes: tuple[Spot, ...], box: tuple[int, int, int, int], mask: NDArray[np.bool_]) -> list[Piece]:
    """The group cut into as many digits as its width suggests, where the ink between them is thin."""
    x, y, width, height = box
    parts = max(2, round(width / (TYPICAL * height)))
    if width < WIDEST * height:
        return [Piece(strokes, box)]
    columns = mask[y : y + height, x : x + width].sum(axis=0)
    cuts = [0]
    for part in range(1, parts):
        middle, reach = part * width / parts, 0.3 * width / parts
        low, high = int(middle - reach), int(middle + reach) + 1
        cut = low + int(np.argmin(columns[low:high] + 1e-3 * np.abs(np.arange(low, high) - middle)))
        if columns[cut] > THINNEST_CUT * height:
            return [Piece(strokes, box, uncut=True)]
        cuts.append(cut)
    cuts.append(width)
    return [_between(strokes, box, left, right, mask) for left, right in itertools.pairwise(cuts)]


def _between(
    strokes: tuple[Spot, ...], box: tuple[int, int, int, int], left: int, right: int, mask: NDArray[np.bool_]
) -> Piece:
    """The part of a group between two columns, its box drawn close."""
    x, y, _, height = box
    inside = mask[y : y + height, x + left : x + right]
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    close = (x + left + int(columns[0]), y + int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    return Piece(strokes, close)
