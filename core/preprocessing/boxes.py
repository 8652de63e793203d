"""Printed boxes around digits, as on forms, taken out of a picture's ink.

Owns the finding of rectangles of straight lines, level or upright within a degree or two, that hold ink, and which of
the ink is theirs. `lines` removes what crosses the whole picture, `frames` what stands apart of a box that no line is
left of; here a digit may touch its box, and boxes may share their sides.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.preprocessing.arrays import Labels, Levels
from core.preprocessing.lines import without_lines
from core.preprocessing.spots import components

SHORTEST: Final = 0.045  # share of the picture's longer side that a box's side has at least
FEWEST: Final = 16  # pixels of the same
THICKEST: Final = 0.08  # share of a line's length that it is thick at most
NEAR: Final = 0.07  # share of a box's height that its corners may gape or its lines stick out
HELD: Final = 0.25  # share of a box's height that the ink in it has at least
FAINTEST: Final = 5.0  # grey levels
REACH: Final = 2  # pixels that a line's soft edges reach beside it, and that gaps in it are bridged by from both sides
MOST: Final = 60  # lines that are looked at; more are no form


@dataclass(frozen=True, slots=True)
class _Line:
    """One straight line: its box in pixels along (`start` to `end`) and across (`near` to `far`), and its label."""

    label: int
    upright: bool
    start: int
    end: int
    near: int
    far: int

    @property
    def middle(self) -> float:
        return (self.near + self.far) / 2

    def of(self, depth: Levels) -> Levels:
        """(length, thickness): its part of a picture, a row for each place along it."""
        if self.upright:
            return depth[self.start : self.end, self.near : self.far]
        return depth[self.near : self.far, self.start : self.end].T


def remove_boxes(depth: Levels, noise: float) -> Levels:
    """The ink's depth without the boxes that hold ink; the very same array when there are none.

    Args:
        depth: (height, width), darkness over the paper.
        noise: standard deviation of the paper's grain in the same levels.
    """
    length = max(FEWEST, round(SHORTEST * max(depth.shape)))
    if min(depth.shape) < 2 * length:
        return depth
    mask = cv2.threshold(depth, int(max(FAINTEST, 2.5 * noise)), 1, cv2.THRESH_BINARY)[1]
    x, y, width, height = cv2.boundingRect(mask)
    # The paper beside the ink stays with it: beyond the edge of an array, ink counts as going on.
    beside = 2 * REACH
    cut = np.s_[max(0, y - beside) : y + height + beside, max(0, x - beside) : x + width + beside]
    inked = _without_boxes(depth[cut], mask[cut], length, noise)
    if inked is None:
        return depth
    found = depth.copy()
    found[cut] = inked
    return found


def _without_boxes(depth: Levels, mask: Levels, length: int, noise: float) -> Levels | None:
    """The part of a picture that holds its ink, without boxes; None when there are none."""
    uprights, upright_labels = _lines(mask, length, upright=True)
    if len(uprights) < 2:
        return None
    levels, level_labels = _lines(mask, length, upright=False)
    if len(uprights) > MOST or len(levels) > MOST:
        return None
    sides = _sides(levels, uprights, mask)
    if not sides:
        return None
    found = depth
    for labels, upright in ((upright_labels, True), (level_labels, False)):
        chosen = [line for line in sides if line.upright == upright]
        if chosen:
            found = _without(found, depth, labels, chosen, noise)
    return found


def _lines(mask: Levels, length: int, *, upright: bool) -> tuple[list[_Line], Labels]:
    """Straight thin runs of ink of this length at least, and which pixels are whose."""
    bridge, run = ((2 * REACH + 1, 1), (length, 1)) if upright else ((1, 2 * REACH + 1), (1, length))
    mended = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones(bridge, np.uint8))
    runs = cv2.morphologyEx(mended, cv2.MORPH_OPEN, np.ones(run, np.uint8))
    labels: Labels = np.zeros(mask.shape, np.int32)
    left, top, wide, tall = cv2.boundingRect(runs)
    if not wide:
        return [], labels
    box = np.s_[top : top + tall, left : left + wide]
    runs = runs[box]
    thickest = int(max(4, THICKEST * (tall if upright else wide))) + 1
    thick = np.ones((1, thickest) if upright else (thickest, 1), np.uint8)
    # Most drawings have broad strokes alone, which is told sooner than the pieces are found.
    thin = cv2.morphologyEx(runs, cv2.MORPH_TOPHAT, thick)
    if not cv2.countNonZero(cv2.morphologyEx(thin, cv2.MORPH_OPEN, np.ones(run, np.uint8))):
        return [], labels
    table, labels[box] = components(runs)
    table[:, :2] += (left, top)
    found = []
    for label, (x, y, width, height, _) in enumerate(table.tolist(), 1):
        along, across = ((y, y + height), (x, x + width)) if upright else ((x, x + width), (y, y + height))
        line = _Line(label, upright, *along, *across)
        if line.far - line.near <= max(4, THICKEST * (line.end - line.start)):
            found.append(line)
    return found, labels


def _sides(levels: list[_Line], uprights: list[_Line], mask: Levels) -> set[_Line]:
    """The lines that make up boxes; none when no box holds ink."""
    sides: set[_Line] = set()
    held = False
    for top, bottom in itertools.permutations(levels, 2):
        tall = bottom.middle - top.middle
        beside = [line for line in uprights if _joins(line, top, bottom)] if tall >= FEWEST else []
        if len(beside) < 2:
            continue
        beside.sort(key=lambda line: line.middle)
        sides.update((top, bottom, *beside))
        for left, right in itertools.pairwise(beside):
            inside = mask[top.far + 2 : bottom.near - 2, left.far + 2 : right.near - 2]
            held = held or _holds_ink(inside, tall)
    return sides if held else set()


def _joins(line: _Line, top: _Line, bottom: _Line) -> bool:
    """Whether an upright leads from one level line to another."""
    near = NEAR * (bottom.middle - top.middle) + 3
    from_start, to_end = max(top.start, bottom.start), min(top.end, bottom.end)
    return (
        abs(line.start - top.middle) <= near
        and abs(line.end - bottom.middle) <= near
        and from_start - near <= line.middle <= to_end + near
    )


def _holds_ink(inside: Levels, tall: float) -> bool:
    return bool(inside.size and np.count_nonzero(inside.max(axis=1)) >= HELD * tall)


def _without(found: Levels, depth: Levels, labels: Labels, chosen: list[_Line], noise: float) -> Levels:
    """What is left when the chosen lines go, each as dark as it mostly is; ink over them is darker and stays."""
    strength = np.zeros(int(labels.max()) + 1, np.float32)
    for line in chosen:
        strength[line.label] = np.median(line.of(depth).max(axis=1))
    lines = cv2.dilate(strength[labels], np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8))
    return without_lines(found, lines, noise)
