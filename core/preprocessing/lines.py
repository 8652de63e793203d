"""Ruled and squared lines taken out of a picture's ink.

Owns the finding of straight lines that cross the whole picture, level or upright within `STEEPEST` degrees, and their
removal without cutting the strokes that cross them. A line is told from a stroke by three things: it goes on from one
side of the picture to the other, it is straight, and it is paler than the ink.
"""

from typing import Final

import cv2
import numpy as np

from core.preprocessing.arrays import Levels, Shares

STEEPEST: Final = 14.0  # degrees
COARSE_SIZE: Final = 160  # longest side in pixels at which the slope is searched for
SMALLEST: Final = 64  # pictures with a shorter side than this have no room for lines
SEGMENTS: Final = 8  # a line has to show in all of these parts of its way but one
THICKEST: Final = 0.012  # share of the picture's longest side; a thicker straight stroke is a digit's
FAINTEST: Final = 3.0  # grey levels


def remove_lines(depth: Levels, noise: float) -> Levels:
    """The ink's depth without lines that cross the picture; the very same array when there are none.

    Args:
        depth: (height, width), darkness over the paper.
        noise: standard deviation of the paper's grain in the same levels.
    """
    if min(depth.shape) < SMALLEST:
        return depth
    floor = max(FAINTEST, noise)
    found = depth
    for upright in (False, True):
        level = depth.T if upright else depth
        if not _crosses(level, floor):
            continue
        lines = _lines(np.ascontiguousarray(level), noise)
        if lines is not None:
            found = without_lines(found, lines.T if upright else lines, noise)
    return found


def _crosses(depth: Levels, floor: float) -> bool:
    """Whether there is any ink at both the left and the right side, without which no level line is possible."""
    edge = max(2, depth.shape[1] // 50)
    return bool(depth[:, :edge].max() > floor and depth[:, -edge:].max() > floor)


def _lines(depth: Levels, noise: float) -> Shares | None:
    """(height, width) darkness of the level lines, 0 beside them; None when there are none."""
    positive = depth[depth > max(FAINTEST, 2 * noise)]
    if positive.size == 0:
        return None
    # A stroke is darker than a line, but must not weigh more in the search for it.
    thin = _thin(depth)
    capped = np.minimum(thin, np.uint8(np.ceil(np.median(positive)))).astype(np.float32)
    slope = _slope(capped)
    palest, typical = _profiles(thin.astype(np.float32), slope)
    base = _running_median(palest, max(5, depth.shape[0] // 25) | 1)
    peaks = palest - base
    grain = max(FAINTEST / 4, 1.4826 * float(np.median(np.abs(peaks))))
    is_line = (peaks > max(FAINTEST, 5 * grain)).astype(np.uint8)
    if not is_line.any():
        return None
    # A line's own soft edges, and the little that its slope is off, belong to it.
    grown = cv2.dilate(is_line.reshape(-1, 1), np.ones((5, 1), np.uint8)).ravel()
    strength = cv2.dilate(typical.reshape(-1, 1), np.ones((3, 1), np.uint8)).ravel()
    return _spread(np.where(grown > 0, np.maximum(strength, FAINTEST / 2), 0).astype(np.float32), slope, depth.shape)


def _thin(depth: Levels) -> Levels:
    """What is no taller than a line is thick: the level stroke of a 2 from one side to the other is not."""
    tallest = max(5, round(THICKEST * max(depth.shape))) + 1
    return cv2.morphologyEx(depth, cv2.MORPH_TOPHAT, np.ones((tallest, 1), np.uint8))


def _slope(depth: Shares) -> float:
    """Rise per pixel of the direction along which the picture has the sharpest rows."""
    factor = min(1.0, COARSE_SIZE / max(depth.shape))
    small = cv2.resize(depth, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else depth
    steepest = np.tan(np.radians(STEEPEST))
    coarse = np.linspace(-steepest, steepest, 57)
    best = coarse[int(np.argmax([_sharpness(small, slope) for slope in coarse]))]
    step = coarse[1] - coarse[0]
    middle = cv2.resize(depth, None, fx=4 * factor, fy=4 * factor, interpolation=cv2.INTER_AREA)
    depth = middle if 4 * factor < 1 else depth
    for halving in (2, 4, 8, 16):
        nearby = (best - step / halving, best, best + step / halving)
        best = nearby[int(np.argmax([_sharpness(depth, slope) for slope in nearby]))]
    return float(best)


def _sharpness(depth: Shares, slope: float) -> float:
    """How much the row means differ from row to row when the picture is sheared level."""
    means = cv2.reduce(_sheared(depth, slope), 1, cv2.REDUCE_AVG).ravel()
    return float(np.square(np.diff(means)).sum())


def _sheared(depth: Shares, slope: float) -> Shares:
    """The picture with what rises by `slope` made level, about its middle column; same size, outside is 0."""
    height, width = depth.shape
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * (width - 1) / 2]], np.float32)
    return cv2.warpAffine(depth, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def _profiles(depth: Shares, slope: float) -> tuple[Shares, Shares]:
    """(height,) darkness of each sheared row, in its palest parts and in most: a line fills all, a stroke few."""
    width = depth.shape[1]
    level = _sheared(depth, slope)
    inside = _sheared(np.ones_like(depth), slope)
    parts = np.array_split(np.arange(width), SEGMENTS)
    sums = np.stack([level[:, part].sum(axis=1) for part in parts])
    weights = np.stack([inside[:, part].sum(axis=1) for part in parts])
    means = np.where(weights > 0.5 * width / SEGMENTS, sums / np.maximum(weights, 1e-6), np.inf)
    ordered = np.sort(means, axis=0)
    ordered[~np.isfinite(ordered)] = 0  # rows that lie nearly all outside have no line
    return ordered[1].astype(np.float32), ordered[SEGMENTS // 2].astype(np.float32)


def _running_median(values: Shares, width: int) -> Shares:
    padded = np.pad(values, width // 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1).astype(np.float32)


def _spread(values: Shares, slope: float, shape: tuple[int, int]) -> Shares:
    """A profile laid back over the picture along its slope."""
    height, width = shape
    rows = np.arange(height)[:, None] - slope * (np.arange(width) - (width - 1) / 2)[None, :]
    return np.interp(rows, np.arange(height), values, left=0, right=0).astype(np.float32)


def without_lines(depth: Levels, lines: Shares, noise: float) -> Levels:
    """Depth with lines gone; ink that lies over a line is darker than it and stays as it is.

    Args:
        lines: (height, width) darkness of the lines, 0 beside them.
    """
    low = 1.15 * lines + noise
    high = 1.45 * lines + noise
    keep = np.clip((depth - low) / np.maximum(high - low, 1e-6), 0, 1)
    return np.where(lines > 0, depth * keep, depth).astype(np.uint8)
