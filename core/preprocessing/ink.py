"""Which of the dark spots in a picture are the digit.

Owns the threshold between ink and paper, the dropping of specks, which strokes belong to one digit, and the decision
that there is nothing drawn at all.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.preprocessing.arrays import Labels, Levels, histogram
from core.preprocessing.paper import Ink

FAINTEST: Final = 10  # grey levels over the paper below which nothing counts as ink
PALE: Final = 40  # grey levels under which the ink is there but hard to see
GRAIN: Final = 4.5  # standard deviations of the paper's grain that ink stands out by
THRESHOLD: Final = 0.25  # share of the ink's darkness that belongs to a stroke
UNEVEN_THRESHOLD: Final = 0.4  # the same where light or lines were evened out, which leaves traces
TAP: Final = 0.15  # a filled round spot up to this share of the picture's longest side is a tap, not a digit
SPECK: Final = 0.2  # a spot up to this share of the largest one's size is a speck, unless it touches it nearly
CROWD: Final = 60  # pieces; more than this without a large one among them are a texture
SMALLEST: Final = 0.03  # share of the picture's longest side that a digit has at least


@dataclass(frozen=True, slots=True)
class Spot:
    """One connected piece of ink: its box in pixels, its number of pixels and its label in `Spots.labels`."""

    label: int
    x: int
    y: int
    width: int
    height: int
    area: int

    @property
    def size(self) -> int:
        """Longer side in pixels."""
        return max(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Spots:
    """All pieces of ink that may belong to digits.

    Attributes:
        spots: largest first; empty when nothing is drawn.
        labels: (height, width) int32, the label of the piece that each pixel belongs to; 0 on paper.
        darkness: depth of the ink in grey levels, 0 when nothing is drawn.
        count: the highest label.
    """

    spots: tuple[Spot, ...]
    labels: Labels
    darkness: float
    count: int


def find_spots(ink: Ink, depth: Levels) -> Spots:
    """The pieces of ink in `depth` (the ink's depth after the removal of lines), specks left out."""
    floor = max(float(FAINTEST), GRAIN * ink.noise)
    untouched = ink.flat and depth is ink.depth
    darkness = _darkness(depth, floor) if untouched else _darkness_of_main(depth, floor)
    share = THRESHOLD if untouched else UNEVEN_THRESHOLD
    spots, labels, count = _connected(depth, max(floor, share * darkness))
    kept = tuple(_without_specks(spots)) if spots else ()
    if _is_nothing(kept, spots, max(depth.shape)):
        return Spots((), labels, 0.0, count)
    return Spots(kept, labels, darkness, count)


def _darkness(depth: Levels, floor: float) -> float:
    """Depth of full ink where all that is deeper than `floor` is ink: nine tenths of it are paler."""
    counts = histogram(depth)
    counts[: int(floor) + 1] = 0
    inked = counts.cumsum()
    return float(np.searchsorted(inked, 0.9 * inked[-1])) if inked[-1] else 0.0


def _darkness_of_main(depth: Levels, floor: float) -> float:
    """The same where there may be traces of shadows too: they can be larger than the digit, but are paler."""
    spots, labels, _ = _connected(depth, floor)
    if not spots:
        return 0.0
    main = max(spots[:20], key=lambda spot: cv2.norm(_own(depth, labels, spot), cv2.NORM_L2SQR))
    return _darkness(_own(depth, labels, main), floor)


def group_strokes(spots: tuple[Spot, ...]) -> list[list[Spot]]:
    """Pieces that belong to one digit each: close to one another, or one over the other as the bar of a 5."""
    groups = [[spot] for spot in spots]
    joined = True
    while joined:
        joined = False
        for first in range(len(groups)):
            for second in range(len(groups) - 1, first, -1):
                if _belong(bounds(groups[first]), bounds(groups[second])):
                    groups[first] += groups.pop(second)
                    joined = True
    return sorted(groups, key=lambda group: -sum(spot.area for spot in group))


def bounds(group: list[Spot]) -> tuple[int, int, int, int]:
    """x, y, width, height of the box around some pieces."""
    left, top = min(spot.x for spot in group), min(spot.y for spot in group)
    right = max(spot.x + spot.width for spot in group)
    bottom = max(spot.y + spot.height for spot in group)
    return left, top, right - left, bottom - top


def _connected(depth: Levels, threshold: float) -> tuple[list[Spot], Labels, int]:
    """The pieces deeper than a threshold, largest first (at most 200 of them), their labels, and the highest label."""
    mask = cv2.threshold(depth, int(threshold), 1, cv2.THRESH_BINARY)[1]
    left, top, width, height = cv2.boundingRect(mask)
    labels: Labels = np.zeros(depth.shape, np.int32)
    if not width:
        return [], labels, 0
    box = np.s_[top : top + height, left : left + width]
    count, labels[box], table, _ = cv2.connectedComponentsWithStats(mask[box], connectivity=8)
    table[:, (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP)] += (left, top)
    order = np.argsort(-table[1:, cv2.CC_STAT_AREA], kind="stable")[:200] + 1
    return [Spot(int(label), *(int(value) for value in table[label])) for label in order], labels, count - 1


def _own(depth: Levels, labels: Labels, spot: Spot) -> Levels:
    """The depths of a piece's pixels, as one row."""
    box = np.s_[spot.y : spot.y + spot.height, spot.x : spot.x + spot.width]
    return depth[box][labels[box] == spot.label]


def _without_specks(spots: list[Spot]) -> list[Spot]:
    size = max(spot.size for spot in spots[:3])
    return [spot for spot in spots if spot.size > SPECK * size and spot.area > 0.01 * spots[0].area]


def _is_nothing(spots: tuple[Spot, ...], every: list[Spot], longest: int) -> bool:
    if not spots:
        return True
    largest = spots[0]
    if largest.size < SMALLEST * longest or _is_texture(every):
        return True
    round_and_full = (
        largest.area > 0.65 * largest.width * largest.height and min(largest.width, largest.height) > 0.6 * largest.size
    )
    return len(spots) == 1 and largest.size <= TAP * longest and round_and_full


def _is_texture(spots: list[Spot]) -> bool:
    """Noise, gravel, cloth: many pieces and none that stands out. Digits stand out, even a page of them."""
    return len(spots) > CROWD and spots[0].area < 0.2 * sum(spot.area for spot in spots)


def _belong(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> bool:
    x1, y1, w1, h1 = first
    x2, y2, w2, h2 = second
    size = max(w1, h1, w2, h2)
    across = max(x1, x2) - min(x1 + w1, x2 + w2)  # gap from side to side; negative where they overlap
    down = max(y1, y2) - min(y1 + h1, y2 + h2)
    if across < -0.4 * min(w1, w2):
        return down <= 0.3 * size
    both_tall = min(h1, h2) > 0.6 * size
    return max(across, 0) + max(down, 0) <= (0.06 if both_tall else 0.2) * size
