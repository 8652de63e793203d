"""Finds the digit of MNIST's own size that a picture is an enlargement of, if it is one.

Owns the undoing of enlargements: a 28 x 28 digit blown up by squares or smoothly, at any factor, saved as JPEG or not.
Averaging such a picture down again would blur it, and placing it between the old pixels would shift it; here the old
pixels are found and read off. A drawing with real pixels of its own is told apart because it cannot be rebuilt from
20 x 20 of them.
"""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.arrays import Shares

CELLS: Final = 20  # longer side of an MNIST digit in pixels
LEVEL: Final = 0.1  # share of full ink at which the box is measured
# How far the box at that level reaches beyond the old pixels, in old pixels; smooth enlargement spreads the outermost.
SPREAD: Final = {"squares": 0.0, "smooth": 0.76}
REBUILT: Final = 0.13  # share of the ink that may differ from the picture when rebuilt from the old pixels
HOPELESS: Final = 0.12  # a first guess that differs by more is not refined
SMALLEST: Final = 1.9  # enlargements by less than this have no pixels to spare
LARGE: Final = 4.0  # enlargements by more than this have edges that are sharp at one place in four at most
SHARP: Final = 0.5  # difference between neighbouring pixels
OFTEN: Final = 0.5  # share of the places
ENOUGH: Final = 4.5  # new pixels to an old one suffice for finding the grid; more only take longer
CUBIC: Final = -0.5  # the parameter of Pillow's bicubic kernel


@dataclass(frozen=True, slots=True)
class Grid:
    """The old pixels along one axis: `count` of them, each `pitch` new pixels wide, the first beginning at `start`.

    With `start` and `pitch` (k, 1) these are k grids that are tried together, and so are the weights of each.
    """

    start: Any
    pitch: Any
    count: int
    length: int

    @classmethod
    def covering(cls, start: Any, pitch: Any, length: int) -> "Grid":
        """The grid with a line at `start` that covers an axis of `length` new pixels."""
        before = int(np.max(np.ceil(start / pitch)))
        after = int(np.max(np.ceil((length - start) / pitch)))
        return cls(start - before * pitch, pitch, before + after, length)

    def middles(self) -> Shares:
        """Where the middles of the old pixels lie, (count,)."""
        return (self.start + (np.arange(self.count) + 0.5) * self.pitch).astype(np.float32)

    def finer(self, times: int, length: int) -> "Grid":
        """The same grid over a picture `times` as fine, `length` pixels of which there are."""
        return Grid.covering(self.start * times, self.pitch * times, length)

    def read(self, lines: Shares) -> Shares:
        """(length, m) to (count, m): each old pixel read off around its middle, on every line."""
        half = np.maximum(0.15 * self.pitch, 0.5).astype(np.float32)
        starts = (self.middles() - half)[..., None]
        pixels = np.floor(starts) + np.arange(2 * np.max(half) + 1, dtype=np.float32)
        weights = np.minimum(starts + 2 * half[..., None], pixels + 1) - np.maximum(starts, pixels)
        weights[(weights < 0) | (pixels < 0) | (pixels >= self.length)] = 0
        near = lines[np.clip(pixels, 0, self.length - 1).astype(np.intp)]
        return ((weights / (2 * half[..., None]))[..., None, :] @ near)[..., 0, :]

    def squares(self) -> Shares:
        """(length, count): weights that enlarge by repeating each old pixel."""
        lines = (self.start + np.arange(self.count + 1) * self.pitch).astype(np.float32)
        return _overlap(lines[..., :-1], lines[..., 1:], self.length).swapaxes(-1, -2)

    def smooth(self) -> Shares:
        """(length, count): weights that enlarge by cubic interpolation."""
        places = ((np.arange(self.length) + (0.5 - self.start)) / self.pitch - 0.5).astype(np.float32)
        away = np.abs(places[..., None] - np.arange(self.count, dtype=np.float32))
        near = ((CUBIC + 2) * away - (CUBIC + 3)) * away * away + 1
        far = CUBIC * (((away - 5) * away + 8) * away - 4)
        return np.where(away <= 1, near, np.where(away < 2, far, np.float32(0)))


def original_pixels(ink: Shares, box: tuple[float, float, float, float]) -> Shares | None:
    """The old pixels of an enlarged digit; None when the picture is no such enlargement.

    Args:
        ink: (height, width) in [0, 1].
        box: left, top, right, bottom of the ink at `LEVEL`, in parts of a pixel.
    """
    left, top, right, bottom = box
    longer = max(right - left, bottom - top)
    if longer < SMALLEST * CELLS or (longer > LARGE * CELLS and _is_crisp(ink, box)):
        return None
    shorter = 0 if right - left < bottom - top else 1
    times = max(1, int(longer / CELLS / ENOUGH))
    rough = _coarser(ink, times)
    left, top, longer = left / times, top / times, longer / times
    guesses = {}
    for kind, spread in SPREAD.items():
        pitch = longer / (CELLS + spread)
        grids = [
            Grid.covering(left + spread / 2 * pitch, pitch, rough.shape[1]),
            Grid.covering(top + spread / 2 * pitch, pitch, rough.shape[0]),
        ]
        guesses[kind] = (_off(rough, grids, 1 - shorter, kind), grids)
    kind = min(guesses, key=lambda name: guesses[name][0])
    off, grids = guesses[kind]
    if off > HOPELESS:
        return None
    across, down = _refined(rough, grids, shorter, kind)
    pixels = _read_off(down, across, rough)
    rebuilt = np.clip(_enlarge(down, kind) @ pixels @ _enlarge(across, kind).T, 0, 1)
    if float(np.abs(rebuilt - rough).sum() / rough.sum()) >= REBUILT:
        return None
    across, down = across.finer(times, ink.shape[1]), down.finer(times, ink.shape[0])
    return _read_off(down, across, ink)


def _is_crisp(ink: Shares, box: tuple[float, float, float, float]) -> bool:
    """Whether there are edges as sharp as the pixels at most places from left to right, or from top to bottom.

    Squares have them where they meet alone, and smooth enlargements nowhere; most drawings are told by this, sooner
    than by the search.
    """
    left, top, right, bottom = box
    across = cv2.absdiff(ink[:, 1:], ink[:, :-1]).max(axis=0)
    if np.count_nonzero(across > SHARP) > OFTEN * (right - left):
        return True
    down = cv2.absdiff(ink[1:], ink[:-1]).max(axis=1)
    return bool(np.count_nonzero(down > SHARP) > OFTEN * (bottom - top))


def _read_off(down: Grid, across: Grid, ink: Shares) -> Shares:
    """(down's, across' count): all old pixels."""
    return np.ascontiguousarray(across.read(np.ascontiguousarray(down.read(ink).T)).T)


def _coarser(ink: Shares, times: int) -> Shares:
    """The means of squares of `times` pixels; blank paper is added at the far sides where they do not fit."""
    height, width = ink.shape
    padded = cv2.copyMakeBorder(ink, 0, -height % times, 0, -width % times, cv2.BORDER_CONSTANT, value=0)
    size = (padded.shape[1] // times, padded.shape[0] // times)
    return padded if times == 1 else cv2.resize(padded, size, interpolation=cv2.INTER_AREA)


def _refined(ink: Shares, grids: list[Grid], shorter: int, kind: str) -> list[Grid]:
    """Both grids moved to where the picture is rebuilt best; they share their pitch."""
    grids = list(grids)
    grids[shorter] = _best(ink, grids, shorter, kind, [(phase, 1.0) for phase in (-0.4, -0.2, 0.0, 0.2, 0.4)])
    for move, stretch in ((0.07, 0.004), (0.025, 0.0015)):
        longer = 1 - shorter
        changes = [(0.0, 1.0), (-move, 1.0), (move, 1.0), (0.0, 1 - stretch), (0.0, 1 + stretch)]
        grids[longer] = _best(ink, grids, longer, kind, changes)
        middle = grids[shorter].length / 2
        cells = round((middle - grids[shorter].start) / grids[shorter].pitch)
        line = grids[shorter].start + cells * grids[shorter].pitch
        grids[shorter] = Grid.covering(line, grids[longer].pitch, grids[shorter].length)
        grids[shorter] = _best(ink, grids, shorter, kind, changes[:3])
    return grids


def _best(ink: Shares, grids: list[Grid], axis: int, kind: str, changes: list[tuple[float, float]]) -> Grid:
    """The one grid of an axis, moved by a share of its pitch and stretched about its middle, that rebuilds best."""
    strips, grid = _strips(ink, grids, axis), grids[axis]
    move, stretch = np.array(changes).T[:, :, None]
    start = grid.start + move * grid.pitch + (1 - stretch) * (grid.length / 2 - grid.start)
    changed = Grid.covering(start, grid.pitch * stretch, grid.length)
    off = np.square(_rebuilt(strips, changed, kind) - strips).sum(axis=(1, 2))
    best = int(off.argmin())
    return Grid.covering(float(start[best, 0]), float(changed.pitch[best, 0]), grid.length)


def _off(ink: Shares, grids: list[Grid], axis: int, kind: str) -> float:
    strips = _strips(ink, grids, axis)
    difference = _rebuilt(strips, grids[axis], kind) - strips
    return float(np.abs(difference).sum() / max(float(strips.sum()), 1e-6))


def _strips(ink: Shares, grids: list[Grid], axis: int) -> Shares:
    """(length of the axis, old pixels of the other): one line of the picture through each old pixel's middle."""
    other = grids[1 - axis]
    lines = np.clip(other.middles().astype(np.intp), 0, other.length - 1)
    return ink[lines].T if axis == 0 else ink[:, lines]


def _rebuilt(strips: Shares, grid: Grid, kind: str) -> Shares:
    """The strips as they are when they are read off and enlarged again."""
    return _enlarge(grid, kind) @ grid.read(strips)


def _enlarge(grid: Grid, kind: str) -> Shares:
    return grid.smooth() if kind == "smooth" else grid.squares()


def _overlap(starts: NDArray, ends: NDArray, length: int) -> Shares:
    """(starts, length): how much of each new pixel lies between each start and end."""
    pixels = np.arange(length, dtype=np.float32)
    shares = np.minimum(ends[..., None], pixels + 1) - np.maximum(starts[..., None], pixels)
    return np.maximum(shares, 0)
