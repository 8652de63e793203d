"""The ink of one digit in, the (28, 28) image that MNIST would have of it out.

Owns scale and place. MNIST's makers scaled each digit until the longer side of its box was 20 pixels, keeping soft
edges, and moved it by whole pixels until its centre of mass lay on pixel (14, 14).
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from core.preprocessing.arrays import Shares, Sums
from core.preprocessing.enlarged import LEVEL, original_pixels

SIZE: Final = 28
LONGER_SIDE: Final = 19.0  # where the ink is half as dark; its soft edges then fill MNIST's 20 pixels
FINE: Final = 4  # steps per pixel in which strokes are measured and thickened
LARGEST: Final = 400  # pixels a side that a small digit is enlarged to at most
SMALL: Final = 2.0  # times MNIST's size up to which a digit shows the steps of its pixels
THINNEST: Final = 1.8  # width of strokes in pixels; thinner ones are read worse than MNIST's
FATTEST: Final = 2.75  # the same; a marker's 1 is a block to a network that knows pens
THIN: Final = 0.8  # width of strokes in pixels under which a visitor is told
CENTRE: Final = 14.5  # middle of pixel 14, from the image's edge
NEARLY: Final = (18.9, 20.9)  # longer sides in pixels that count as MNIST's size already


@dataclass(frozen=True, slots=True)
class Placed:
    """`image` is (28, 28) float32 in [0, 1]; `thin`: its strokes were so thin that they had to be strengthened."""

    image: Shares
    thin: bool = False


def place(ink: Shares, *, enlarged: bool = True) -> Placed:
    """The digit as MNIST would show it.

    Args:
        ink: (height, width) in [0, 1], ink high, 0 beyond the digit.
        enlarged: it may be an image of MNIST's enlarged, whose own pixels are looked for.
    """
    highest = float(ink.max())
    if highest < 0.6:  # the pale one among several
        ink = ink / max(highest, 1e-3)
    if not highest:
        return Placed(np.zeros((SIZE, SIZE), np.float32))
    profiles = _profiles(ink)
    if _is_placed(ink, profiles):
        return Placed(ink.copy())
    left, top, right, bottom = _box(profiles, LEVEL)
    if NEARLY[0] <= max(right - left, bottom - top) <= NEARLY[1]:
        return Placed(_moved(ink))
    pixels = original_pixels(ink, (left, top, right, bottom)) if enlarged else None
    return _resampled(ink, _box(profiles, 0.5)) if pixels is None else Placed(_moved(pixels))


def _is_placed(ink: Shares, profiles: tuple[Shares, Shares]) -> bool:
    """Whether this is an image of MNIST's as it is; a little over half a pixel off, since JPEG moves the centre too."""
    if ink.shape != (SIZE, SIZE):
        return False
    left, top, right, bottom = _box(profiles, 0.3)
    longer = max(right - left, bottom - top)
    return NEARLY[0] <= longer <= NEARLY[1] and max(abs(at - CENTRE) for at in _centre_of_mass(ink)) < 0.65


def _moved(ink: Shares) -> Shares:
    """A digit that has MNIST's size already, moved by whole pixels."""
    x, y = _centre_of_mass(ink)
    left, top = int(np.floor(CENTRE - x + 0.5)), int(np.floor(CENTRE - y + 0.5))
    height, width = ink.shape
    placed = np.zeros((SIZE, SIZE), np.float32)
    across, down = slice(max(0, left), min(SIZE, left + width)), slice(max(0, top), min(SIZE, top + height))
    placed[down, across] = ink[down.start - top : down.stop - top, across.start - left : across.stop - left]
    return placed


def resampled(ink: Shares) -> Placed:
    """A digit of any other size, averaged down; thin strokes brought to the weight that MNIST's have."""
    return _resampled(ink, _box(_profiles(ink), 0.5))


def _resampled(ink: Shares, box: tuple[float, float, float, float]) -> Placed:
    left, top, right, bottom = box
    longer = max(right - left, bottom - top, 1.0)
    small = longer < SMALL * LONGER_SIDE
    if longer < FINE * LONGER_SIDE:
        factor = int(np.ceil(min(FINE * LONGER_SIDE / longer, max(1.0, LARGEST / max(ink.shape)))))
        larger = cv2.resize(np.pad(ink, 2), None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        ink, longer = np.clip(larger, 0, 1), longer * factor
    sums, centre = cv2.integral(ink), _centre_of_mass(ink)
    fine = _averaged_down(sums, centre, LONGER_SIDE / longer)
    wide = _stroke_width(fine)
    missing = THINNEST - wide
    if missing > 0:
        fine = _thickened(_averaged_down(sums, centre, (LONGER_SIDE - missing) / longer), missing)
    elif wide > FATTEST:
        surplus = wide - FATTEST
        fine = 1 - _thickened(1 - _averaged_down(sums, centre, (LONGER_SIDE + surplus) / longer), surplus)
    if small:
        fine = cv2.GaussianBlur(fine, (0, 0), 0.4 * FINE)  # steps of the few pixels it was made of
    image = np.clip(cv2.resize(fine, (SIZE, SIZE), interpolation=cv2.INTER_AREA), 0, 1)
    return Placed(image, thin=missing > THINNEST - THIN)


def _averaged_down(sums: Sums, centre: tuple[float, float], scale: float) -> Shares:
    """(28 * FINE, 28 * FINE) means of the ink, its centre in MNIST's, `scale` times as large in MNIST's pixels.

    Args:
        sums: (height + 1, width + 1), the ink summed above and left of each corner, so that the mean of any rectangle
            takes four of them, and one between corners is exact too.
        centre: x and y in the ink.
        scale: MNIST's pixels per pixel of the ink.
    """
    offsets = (np.arange(SIZE * FINE + 1) / FINE - CENTRE) / scale
    rows = _steps(sums, centre[1] + offsets)
    means = _steps(cv2.transpose(rows), centre[0] + offsets) * (scale * FINE) ** 2
    return cv2.transpose(np.clip(means, 0, 1).astype(np.float32))


def _steps(rows: Sums, places: Sums) -> Sums:
    """What is between each place and the next: of rows there, straight lines between neighbouring ones."""
    inside = np.clip(places, 0, len(rows) - 1)  # beyond the outermost they stay the same
    before = np.minimum(inside.astype(np.intp), len(rows) - 2)
    start, there = rows[before], rows[before + 1]
    there -= start
    there *= (inside - before)[:, None]
    there += start
    return np.diff(there, axis=0)


def _stroke_width(fine: Shares) -> float:
    """Mean width of the strokes in MNIST's pixels: in a long strip the mean way to the edge is a quarter of it."""
    inside = (fine > 0.5).astype(np.uint8)
    if not inside.any():
        return 0.0
    way = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    return 4 * (cv2.mean(way, inside)[0] - 0.5) / FINE + 1 / FINE


def _thickened(fine: Shares, missing: float) -> Shares:
    """Strokes wider by `missing` of MNIST's pixels, in parts of a fine pixel too, so that no step shows."""
    steps = missing * FINE / 2
    whole = int(steps)
    wider = [fine]
    for _ in range(whole + 1):
        wider.append(cv2.dilate(wider[-1], cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))))
    part = steps - whole
    return (1 - part) * wider[whole] + part * wider[whole + 1]


def _centre_of_mass(ink: Shares) -> tuple[float, float]:
    """x and y from the array's upper left corner."""
    columns = cv2.reduce(ink, 0, cv2.REDUCE_SUM, dtype=cv2.CV_64F).ravel()
    rows = cv2.reduce(ink, 1, cv2.REDUCE_SUM, dtype=cv2.CV_64F).ravel()
    total = float(columns.sum())
    return float(columns @ (np.arange(len(columns)) + 0.5)) / total, float(rows @ (np.arange(len(rows)) + 0.5)) / total


def _profiles(ink: Shares) -> tuple[Shares, Shares]:
    """The darkest of each column, and of each row."""
    return ink.max(axis=0), ink.max(axis=1)


def _box(profiles: tuple[Shares, Shares], level: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is darker than `level`, in parts of a pixel."""
    left, right = _extent(profiles[0], level)
    top, bottom = _extent(profiles[1], level)
    return left, top, right, bottom


def _extent(profile: Shares, level: float) -> tuple[float, float]:
    """Where a profile first rises over `level` and last falls below it, between pixels, from the first one's edge."""
    inside = np.flatnonzero(profile > level)
    first, last = int(inside[0]), int(inside[-1])
    start, end = float(first), float(last + 1)
    if first > 0:
        start = first + 0.5 - (profile[first] - level) / (profile[first] - profile[first - 1])
    if last + 1 < len(profile):
        end = last + 0.5 + (profile[last] - level) / (profile[last] - profile[last + 1])
    return float(start), float(end)
