"""A picture of several digits: its groups of strokes, and what each would be if it were parted.

Owns no judgement of digits. A group is one digit, or several that touch; which of them somebody says who knows digits,
from the parts that are offered here.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.preprocessing.digits import Piece, large_groups, whole
from core.preprocessing.ink import group_strokes
from core.preprocessing.path import Preprocessed, Seen, digit_of, see
from core.preprocessing.seams import Way, seams
from core.preprocessing.spots import bounds

LOWEST: Final = 0.45  # share of the group's height that each part has, or it is no digit
WIDEST: Final = 1.6  # width over height of a digit at most
LEAST: Final = 0.06  # share of the group's ink that each part has

Part = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Strokes that stand close together.

    Attributes:
        digit: all of it as one digit.
        tall: height in pixels of the picture's typical digit, or its own where that is more; of at most 1,000 a side.
        slimness: width over that height.
    """

    digit: Preprocessed
    tall: float
    _seen: Seen
    _piece: Piece

    @property
    def slimness(self) -> float:
        return self._piece.box[2] / self.tall

    def pieces(self) -> tuple[int, dict[Part, Piece]]:
        """The ends that parts may have, from the left, and the ink between any two of them that may be a digit.

        Returns:
            How many ends there are, the group's own sides included, and by the numbers of its left and right end each
            piece; the one from the first end to the last is the whole.
        """
        _, _, width, height = self._piece.box
        ways = [np.zeros(height, np.intp), *seams(self._piece.own, self.tall), np.full(height, width)]
        last = len(ways) - 1
        offered = {
            (left, right): _between(self._piece, ways[left], ways[right])
            for left, right in itertools.combinations(range(len(ways)), 2)
        }
        found = {part: piece for part, piece in offered.items() if part != (0, last) and self._may_be_digit(piece)}
        return len(ways), {**found, (0, last): self._piece}

    def parts(self) -> tuple[int, dict[Part, Preprocessed]]:
        """The same as digits."""
        ends, pieces = self.pieces()
        parts = {
            part: digit_of(self._seen, piece, part=True) for part, piece in pieces.items() if part != (0, ends - 1)
        }
        return ends, {**parts, (0, ends - 1): self.digit}

    def _may_be_digit(self, piece: Piece) -> bool:
        _, _, width, height = piece.box
        enough = piece.own.sum() >= LEAST * self._piece.own.sum()
        return bool(enough and height >= LOWEST * self._piece.box[3] and width <= WIDEST * self.tall)


def find_groups(picture: NDArray) -> list[Group]:
    """The groups of strokes that are large enough for digits; none when nothing is drawn.

    Args and raises are those of `preprocess`.
    """
    seen = see(picture)
    groups, typical = large_groups(group_strokes(seen.spots.spots))
    found = []
    for strokes in groups:
        piece = whole(strokes, seen.spots.labels)
        tall = max(bounds(strokes)[3], typical)
        found.append(Group(digit_of(seen, piece), tall, seen, piece))
    return found


def _between(piece: Piece, left: Way, right: Way) -> Piece:
    """The part of a piece between two ways, its box drawn close; empty parts have no height."""
    x, y, width, _ = piece.box
    columns = np.arange(width)
    own = piece.own & (columns >= left[:, None]) & (columns < right[:, None])
    across, down = np.flatnonzero(own.any(axis=0)), np.flatnonzero(own.any(axis=1))
    if not len(across):
        return Piece((x, y, 0, 0), own[:0, :0])
    close = own[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    return Piece((x + int(across[0]), y + int(down[0]), close.shape[1], close.shape[0]), close)
