"""Connected pieces of ink: what one is, and finding them all.

Owns no judgement: which of them are digits is `ink`'s and `frames`' business.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from core.preprocessing.arrays import Labels, Levels


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
    count, labels[box], table, _ = cv2.connectedComponentsWithStats(mask[box], connectivity=8)
    table[:, (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP)] += (left, top)
    order = np.argsort(-table[1:, cv2.CC_STAT_AREA], kind="stable")[:200] + 1
    return [Spot(int(label), *(int(value) for value in table[label])) for label in order], labels, count - 1
