"""The shape that every reader brings its file into: a count known or estimated, and blocks of pictures with labels.

Owns these types, and how raw numbers become grey levels and labels. What a file looks like is its reader's business.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.datasets.given import Given
from core.datasets.limits import BLOCK_BYTES
from core.errors import DataError

_TOPS: Final = (1, 255, 65_535)
_SMALL_SIDE: Final = 8  # scikit-learn's digits: 8 x 8 with values to 16


class Form(StrEnum):
    """What was given, in words."""

    TABLE = "CSV"
    IDX = "IDX"
    NPZ = "npz"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture that is not in the set, with the reason as a sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """Some pictures in their order.

    Attributes:
        pictures: (k, height, width[, 3 or 4]) uint8; or k picture files, not yet read.
        labels: (k,) uint8 in 0..9; None in a set without labels.
    """

    pictures: NDArray[np.uint8] | tuple[Given, ...]
    labels: NDArray[np.uint8] | None

    def __len__(self) -> int:
        return len(self.pictures)


@dataclass(frozen=True, slots=True)
class Opened:
    """A data set that was recognised and can be read.

    Attributes:
        title: a name for it, from the file's; text from outside.
        files: the names and bytes of what was given.
        count: its pictures; an estimate unless `exact`.
        labelled: whether every picture has a label.
        shape: height and width of every picture; None when they differ or are not known yet.
        blocks: reads it from the beginning. Its iterator raises DataError for what is found wrong on the way.
        sample: up to so many pictures of it, for a look.
        skipped: pictures that have no place in it.
        ignored: files beside it that are no pictures.
        remarks: sentences on how it was understood.
    """

    form: Form
    title: str
    files: tuple[tuple[str, int], ...]
    count: int
    exact: bool
    labelled: bool
    shape: tuple[int, int] | None
    blocks: Callable[[], Iterator[Block]]
    sample: Callable[[int], Block]
    skipped: tuple[Skipped, ...] = ()
    ignored: int = 0
    remarks: tuple[str, ...] = ()


def images_per_block(bytes_each: int) -> int:
    """How many images of so many bytes are read at a time."""
    return int(np.clip(BLOCK_BYTES // max(1, bytes_each), 1, 2_048))


def first_of(blocks: Iterator[Block], most: int) -> Block:
    """Up to `most` pictures, evenly chosen from the first block; the rest is not read."""
    with closing(blocks) as found:  # type: ignore[type-var]
        first = next(found)
    places = evenly(len(first), most)
    labels = None if first.labels is None else first.labels[places]
    if isinstance(first.pictures, tuple):
        return Block(tuple(first.pictures[place] for place in places), labels)
    return Block(first.pictures[places], labels)


def evenly(count: int, most: int) -> NDArray[np.int64]:
    """Up to `most` places among `count`, evenly spread, ascending."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64))


class Levels:
    """Turns numbers into grey levels, 0 to 255, by the range that the first block has: 0..1, 0..255 or 0..65535.

    Args:
        what: names the file in messages.
        row: what one image is called there.
    """

    def __init__(self, what: str, row: str = "image") -> None:
        self._what, self._row = what, row
        self._top: float | None = None
        self._done = 0

    def grey(self, values: NDArray) -> NDArray[np.uint8]:
        """The next images' values, the image axis first, as uint8.

        Raises:
            DataError: they are no numbers, not finite, below 0, or above the range of the first ones.
        """
        if values.dtype == np.bool_:
            values = values.view(np.uint8)
        if values.dtype.kind not in "uif":
            raise DataError(f"{self._what} holds {values.dtype} instead of numbers; give grey levels from 0 to 255.")
        if self._top is None:
            self._top = self._find_top(values)
        self._check(values, self._top)
        self._done += len(values)
        if self._top == 255 and values.dtype.kind in "ui":
            return values.astype(np.uint8, copy=False)
        return (values.astype(np.float32) * np.float32(255 / self._top) + 0.5).astype(np.uint8)

    def _find_top(self, values: NDArray) -> float:
        if values.dtype.kind == "u" and values.dtype.itemsize == 1 and values.size < 2:
            return 255
        highest = float(np.nanmax(values, initial=0))
        if values.shape[1:] == (_SMALL_SIDE, _SMALL_SIDE) and 1 < highest <= 16:
            return 16
        if highest == 0:  # nothing is drawn in the first images: whole numbers are rarely 0 and 1
            return 1 if values.dtype.kind == "f" else 255
        return next((top for top in _TOPS if highest <= top), _TOPS[-1])

    def _check(self, values: NDArray, top: float) -> None:
        flat = values.reshape(len(values), -1)
        with np.errstate(invalid="ignore"):
            wrong = ~((flat >= 0) & (flat <= top))  # NaN is neither
        if not wrong.any():
            return
        row = int(wrong.any(axis=1).argmax())
        value = flat[row][wrong[row]][0]
        raise DataError(
            f"{self._row} {self._done + row + 1:,} of {self._what} holds the value {value:g}; grey levels go from 0 "
            f"to {top:g} here: give them as 0 to 255, or as 0 to 1."
        )


def as_labels(values: NDArray, what: str, *, first: int = 1, row: str = "image") -> NDArray[np.uint8]:
    """Labels of any whole-number type, or one-hot rows, as (n,) uint8.

    Args:
        values: (n,), (n, 1), or (n, 10) with one 1 in each row.
        first: the number of the first of them, for messages.

    Raises:
        DataError: they are not in 0..9, or of another shape or type.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if (
        values.dtype.kind not in "uifb"
        or values.ndim not in (1, 2)
        or (values.ndim == 2 and values.shape[1] != CLASSES)
    ):
        raise DataError(
            f"the labels of {what} are {values.dtype} {values.shape}; give one whole number from 0 to 9 per image."
        )
    if values.ndim == 2:
        if not (np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()):
            raise DataError(f"the labels of {what} are {values.shape} without one 1 in each row; give them as 0 to 9.")
        return values.argmax(axis=1).astype(np.uint8)
    with np.errstate(invalid="ignore"):
        wrong = ~((values >= 0) & (values < CLASSES) & (values == np.floor(values)))
    if wrong.any():
        place = int(wrong.argmax())
        raise DataError(
            f"the label of {row} {first + place:,} of {what} is {values[place]:g}; labels are the digits 0 to 9: "
            "leave out what is none."
        )
    return values.astype(np.uint8)
