"""Rows of digits: which boxes stand in one line, also one that rises or falls, and the order in which they are read.

Owns no pixels. A line is followed from digit to digit, each sought where the one before it and the slope of the whole
picture put it, so that neither a slope nor an uneven hand adds up along it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

Box = tuple[int, int, int, int]

APART: Final = 0.6  # of two digits' mean height: how far from the line of the one the other's middle may lie
NEAR: Final = 4.0  # of their mean height: neighbours no farther apart than this tell of the slope
STEEPEST: Final = 0.4  # pixels up or down a pixel to the right
PAIRS: Final = 2  # neighbours: a single pair tells more of the hand than of the slope


def rows(boxes: Sequence[Box]) -> list[list[int]]:
    """The places of boxes (x, y, width, height) by rows from the top, each row from the left."""
    middles = [(x + width / 2, y + height / 2) for x, y, width, height in boxes]
    slope = _slope(boxes, middles)
    found: list[list[int]] = []
    for place in sorted(range(len(boxes)), key=middles.__getitem__):
        x, y = middles[place]
        nearest, least = None, 1.0
        for row in found:
            before_x, before_y = middles[row[-1]]
            apart = abs(y - before_y - slope * (x - before_x)) / (APART * _height(boxes, place, row[-1]))
            if apart < least:
                nearest, least = row, apart
        if nearest is None:
            found.append([place])
        else:
            nearest.append(place)
    return sorted(found, key=lambda row: np.mean([middles[place][1] - slope * middles[place][0] for place in row]))


def _slope(boxes: Sequence[Box], middles: list[tuple[float, float]]) -> float:
    """The typical rise between a digit and the next one right of it, in pixels downwards a pixel."""
    x, y = np.array(middles).reshape(-1, 2).T
    heights = np.array([box[3] for box in boxes], float)
    height = (heights[:, None] + heights) / 2
    right, down = x - x[:, None], y - y[:, None]  # [one, other]
    share = np.where((right > 0) & (np.abs(down) < APART * height), right / height, np.inf)
    ones = np.flatnonzero(share.min(axis=1, initial=np.inf) < NEAR)
    if len(ones) < PAIRS:
        return 0.0
    others = share[ones].argmin(axis=1)
    return float(np.clip(np.median(down[ones, others] / right[ones, others]), -STEEPEST, STEEPEST))


def _height(boxes: Sequence[Box], one: int, other: int) -> float:
    return (boxes[one][3] + boxes[other][3]) / 2
