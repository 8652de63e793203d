"""Connected pieces of ink: what one is, and finding them all.

Owns no judgement: which of them are digits is `ink`'s and `frames`' business.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from core.preprocessing.arrays import Labels, Levels

_FEW = 8  # up to so many labels, measuring the pieces one by one is quicker than OpenCV's statistics of all


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


def bounds(group: list[Spot]) -> tuple[int, int, int, int]:
    """x, y, width, height of the box around some pieces."""
    left, top = min(spot.x for spot in group), min(spot.y for spot in group)
    right = max(spot.x + spot.width for spot in group)
    bottom = max(spot.y + spot.height for spot in group)
    return left, top, right - left, bottom - top


def connected(depth: Levels, threshold: float) -> tuple[list[Spot], Labels, int]:
    """The pieces deeper than a threshold, largest first (at most 200 of them), their labels, and the highest label."""
    mask = cv2.threshold(depth, int(threshold), 1, cv2.THRESH_BINARY)[1]
    left, top, width, height = cv2.boundingRect(mask)
    labels: Labels = np.zeros(depth.shape, np.int32)
    if not width:
        return [], labels, 0
    box = np.s_[top : top + height, left : left + width]
    table, labels[box] = components(mask[box])
    table[:, :2] += (left, top)
    order = np.argsort(-table[:, 4], kind="stable")[:200]
    return [Spot(int(row) + 1, *table[row].tolist()) for row in order], labels, len(table)


def components(mask: Levels) -> tuple[Labels, Labels]:
    """The pieces of a mask: (n, 5) x, y, width, height and number of pixels of each, and (height, width) their labels.

    Labels begin with 1 and follow the rows of the table.
    """
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    if count > _FEW:
        _, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        return table[1:], labels
    table = np.empty((count - 1, 5), np.int32)
    for row, measures in enumerate(table, 1):
        piece = cv2.inRange(labels, row, row) if count > 2 else mask
        measures[:] = *cv2.boundingRect(piece), cv2.countNonZero(piece)
    return table, labels
