"""Printed boxes around digits, taken out of the pieces of ink.

Owns the telling of a form's boxes from digits where `boxes` did not find them: a box stands apart, holds a digit and is
made of straight lines, and what is left of a row of boxes are upright sides of one height.
"""

from typing import Final

import cv2
import numpy as np

from core.preprocessing.arrays import Labels, Levels
from core.preprocessing.spots import Spot

STRAIGHT: Final = 0.6  # share of a frame's ink that lies on level or upright lines
THIN: Final = 0.2  # share of a frame's box that its ink takes at most
HELD: Final = 0.25  # height of what a frame holds, as a share of its shorter side, at least
RUN: Final = 0.5  # length of a line, as a share of the frame's shorter side
SLIM: Final = 0.15  # width over height of what may be a side of a box
ALIKE: Final = 0.06  # share of their height that sides of one row differ by, in place and in height
SIDES: Final = 3  # fewer uprights of one height are digits


def without_frames(spots: list[Spot], labels: Labels) -> list[Spot]:
    """The pieces that are no part of a printed box.

    Args:
        spots: pieces of ink, largest first.
        labels: (height, width), which piece each pixel belongs to.
    """
    kept = [spot for spot in spots if not (_holds_another(spot, spots) and _is_straight(spot, labels))]
    uprights = [spot for spot in kept if spot.width <= SLIM * spot.height]
    if len(uprights) < SIDES:
        return kept
    highest = max(spot.height for spot in uprights)
    digits = [spot.height for spot in kept if spot.width > SLIM * spot.height and spot.height > 0.3 * highest]
    tallest = float(np.quantile(digits, 0.75)) if digits else np.inf
    sides = [spot for spot in uprights if spot.height > 1.05 * tallest and _count_alike(spot, uprights) >= SIDES]
    return [spot for spot in kept if not any(_is_part(spot, side) for side in sides)]


def _is_part(spot: Spot, side: Spot) -> bool:
    """Whether it is that side, one like it, or a piece of one: as thin, and between their top and bottom."""
    near = ALIKE * side.height
    inside = spot.y >= side.y - near and spot.y + spot.height <= side.y + side.height + near
    return inside and spot.width <= 1.5 * side.width


def _holds_another(frame: Spot, spots: list[Spot]) -> bool:
    return any(
        frame.x < spot.x
        and frame.y < spot.y
        and spot.x + spot.width < frame.x + frame.width
        and spot.y + spot.height < frame.y + frame.height
        and spot.height > HELD * min(frame.width, frame.height)
        for spot in spots
    )


def _is_straight(spot: Spot, labels: Labels) -> bool:
    if spot.area > THIN * spot.width * spot.height:
        return False
    part = labels[spot.y : spot.y + spot.height, spot.x : spot.x + spot.width]
    mask = np.pad((part == spot.label).astype(np.uint8), 1)
    length = max(3, round(RUN * min(spot.width, spot.height)))
    lines = _opened(mask, (1, length)) | _opened(mask, (length, 1))
    return bool(lines.sum() > STRAIGHT * spot.area)


def _opened(mask: Levels, size: tuple[int, int]) -> Levels:
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(size, np.uint8))


def _count_alike(side: Spot, uprights: list[Spot]) -> int:
    near = ALIKE * side.height
    return sum(abs(side.y - other.y) <= near and abs(side.height - other.height) <= near for other in uprights)
