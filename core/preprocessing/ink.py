"""Which of the dark spots in a picture are the digit.

Owns the threshold between ink and paper, the dropping of specks, which strokes belong to one digit, and the decision
that there is nothing drawn at all.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.preprocessing.arrays import Labels, Levels, Sums, histogram
from core.preprocessing.frames import without_frames
from core.preprocessing.paper import Ink
from core.preprocessing.spots import Spot, bounds, connected

FAINTEST: Final = 10  # grey levels over the paper below which nothing counts as ink
PALE: Final = 40  # grey levels under which the ink is there but hard to see
GRAIN: Final = 4.5  # standard deviations of the paper's grain that ink stands out by
THRESHOLD: Final = 0.25  # share of the ink's darkness that belongs to a stroke
UNEVEN_THRESHOLD: Final = 0.4  # the same where light or lines were evened out, which leaves traces
TAP: Final = 0.15  # a filled round spot up to this share of the picture's longest side is a tap, not a digit
SPECK: Final = 0.2  # a spot up to this share of the largest one's size is a speck, unless it touches it nearly
CROWD: Final = 60  # pieces; more than this without large ones among them are a texture
LARGE: Final = 0.4  # share of the largest piece's side from which a piece is as large as a digit beside it
SMALLEST: Final = 0.03  # share of the picture's longest side that a digit has at least


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
    darkness = _darkness(ink.counts, floor) if untouched else _darkness_of_main(depth, floor)
    share = THRESHOLD if untouched else UNEVEN_THRESHOLD
    spots, labels, count = connected(depth, max(floor, share * darkness))
    spots = without_frames(spots, labels)
    kept = tuple(_without_specks(spots)) if spots else ()
    if _is_nothing(kept, spots, max(depth.shape)):
        return Spots((), labels, 0.0, count)
    return Spots(kept, labels, darkness, count)


def _darkness(counts: Sums, floor: float) -> float:
    """Depth of full ink where all that is deeper than `floor` is ink: nine tenths of it are paler."""
    inked = np.where(np.arange(256) > floor, counts, 0).cumsum()
    return float(np.searchsorted(inked, 0.9 * inked[-1])) if inked[-1] else 0.0


def _darkness_of_main(depth: Levels, floor: float) -> float:
    """The same where there may be traces of shadows too: they can be larger than the digit, but are paler."""
    spots, labels, _ = connected(depth, floor)
    if not spots:
        return 0.0
    main = max(spots[:20], key=lambda spot: cv2.norm(_own(depth, labels, spot).astype(np.float32) ** 2, cv2.NORM_L2SQR))
    return _darkness(histogram(_own(depth, labels, main)), floor)


def group_strokes(spots: tuple[Spot, ...]) -> list[list[Spot]]:
    """Pieces that belong to one digit each: close to one another, or one over the other as the bar of a 5."""
    groups = [[spot] for spot in spots]
    while True:
        pairs = itertools.combinations(range(len(groups)), 2)
        found = [(_apart(bounds(groups[one]), bounds(groups[other])), one, other) for one, other in pairs]
        # The nearest first, so that the bar of a 5 goes to its own body and not to the digit above.
        distance, one, other = min(found, default=(1.0, 0, 0))
        if distance >= 1:
            break
        groups[one] += groups.pop(other)
    return sorted(groups, key=lambda group: -sum(spot.area for spot in group))


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
    """Noise, gravel, cloth: many pieces and few large ones among them. Digits stand out, even a page of them."""
    total = sum(spot.area for spot in spots)
    if len(spots) <= CROWD or spots[0].area >= 0.2 * total:
        return False
    large = [spot.area for spot in spots if spot.size > LARGE * spots[0].size]
    return len(large) > CROWD or sum(large) < 0.5 * total


def _apart(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> float:
    """How far two boxes are apart, as a share of what strokes of one digit may be."""
    x1, y1, w1, h1 = first
    x2, y2, w2, h2 = second
    size = max(h1, h2)
    across = max(x1, x2) - min(x1 + w1, x2 + w2)  # gap from side to side; negative where they overlap
    down = max(y1, y2) - min(y1 + h1, y2 + h2)
    gap = max(across, 0) + max(down, 0)
    both_tall = min(h1, h2) > 0.6 * size
    stacked = across < -0.4 * min(w1, w2)
    reach = (0.15 if stacked else 0.03) if both_tall else (0.3 if stacked else 0.2)
    return gap / (reach * size + 1)
