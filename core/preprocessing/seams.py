"""Where digits that touch might be parted: the ways from top to bottom that lead through the least ink.

Owns the ways, too many of them on purpose; which of them part digits is for somebody to say who knows digits.
Over-segmentation as in LeCun et al., "Gradient-based learning applied to document recognition", 1998, section VI.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.arrays import Shares

HEIGHT: Final = 48  # rows that ways are searched in; strokes are four of them thick or so
STEP: Final = 0.07  # share of a digit's height that starting places are apart
REACH: Final = 0.13  # the same, that a way may wander off its starting place to each side
MARGIN: Final = 0.12  # the same, that the outermost starting places stay within
THICKEST: Final = 0.5  # share of the height that a way may lead through ink
LEAN: Final = 0.06  # what a step aside costs, in rows of ink
ALIKE: Final = 0.02  # share of the ink between two ways under which they are one
MOST: Final = 10

Mask = NDArray[np.bool_]
Way = NDArray[np.intp]  # (height,): for each row the first column beyond the cut


def seams(own: Mask, tall: float) -> list[Way]:
    """Ways that may part the ink, from the left; none of them crosses another.

    Args:
        own: (height, width), True where ink is.
        tall: height in pixels of one digit.
    """
    height, width = own.shape
    factor = min(1.0, HEIGHT / height)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    ink = cv2.resize(own.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    tall *= factor
    first, last = MARGIN * tall, size[0] - MARGIN * tall
    if last <= first:
        return []
    middles = np.linspace(first, last, int((last - first) / (STEP * tall)) + 1)
    ways, costs = _cheapest(ink, middles, max(2, round(REACH * tall)))
    chosen: list[Way] = []
    for place in np.argsort(costs, kind="stable"):
        way = ways[place]
        if costs[place] <= THICKEST * size[1] and all(_differ(ink, way, other) for other in chosen):
            chosen.append(way)
        if len(chosen) == MOST:
            break
    rows = np.minimum((np.arange(height) * (size[1] / height)).astype(np.intp), size[1] - 1)
    chosen.sort(key=lambda way: float(way.mean()))
    ordered = list(np.maximum.accumulate(np.array(chosen), axis=0)) if chosen else []
    return [np.round(way[rows] / factor).astype(np.intp) for way in ordered]


def _cheapest(ink: Shares, middles: NDArray, reach: int) -> tuple[NDArray[np.intp], NDArray]:
    """(n, height) the cheapest way within `reach` of each middle, and (n,) how much ink and leaning it takes."""
    height, width = ink.shape
    columns = np.round(middles).astype(np.intp)[:, None] + np.arange(-reach, reach + 1)
    outside = (columns < 1) | (columns > width - 1)
    columns = np.clip(columns, 0, width - 1)
    away = np.abs(columns - middles[:, None]) * (1e-3 / height)
    costs = np.where(outside, np.inf, 0.0)
    steps = np.zeros((height, *columns.shape), np.int8)
    edge = np.full((len(columns), 1), np.inf)
    for row in range(height):
        left = np.concatenate((edge, costs[:, :-1]), axis=1) + LEAN
        right = np.concatenate((costs[:, 1:], edge), axis=1) + LEAN
        aside = np.minimum(left, right)
        steps[row] = np.where(costs <= aside, 0, np.where(left <= right, -1, 1))
        costs = np.minimum(costs, aside) + np.where(outside, np.inf, ink[row][columns] + away)
    place = costs.argmin(axis=1)
    each = np.arange(len(columns))
    total = costs[each, place]
    ways = np.empty((len(columns), height), np.intp)
    for row in range(height - 1, -1, -1):
        ways[:, row] = columns[each, place]
        place = place + steps[row, each, place]
    return ways, total


def _differ(ink: Shares, one: Way, other: Way) -> bool:
    """Whether more than a little ink lies between two ways."""
    low, high = np.minimum(one, other)[:, None], np.maximum(one, other)[:, None]
    columns = np.arange(ink.shape[1])
    return bool(ink[(columns >= low) & (columns < high)].sum() > ALIKE * ink.sum())
