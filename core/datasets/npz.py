"""NumPy's `.npz`: a zip of arrays, images under one key and labels under another.

Owns which keys are understood and reading the images block by block. Python objects (pickles) are never loaded: the
arrays' headers are parsed by NumPy and the numbers taken from the bytes.
"""

import io
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.datasets.blocks import Block, Form, Levels, Opened, as_labels, first_of, images_per_block
from core.datasets.given import Given
from core.datasets.limits import MAX_PIXELS, check_count, reading
from core.errors import DataError

# Images and their labels, best first; compared without case. Test images come before training images.
_KEYS: Final = (
    ("x_test", "y_test"),
    ("test_images", "test_labels"),
    ("images", "labels"),
    ("image", "label"),
    ("x", "y"),
    ("data", "labels"),
    ("data", "target"),
    ("x_val", "y_val"),
    ("x_train", "y_train"),
    ("train_images", "train_labels"),
    ("arr_0", "arr_1"),
)
_MOST_IN_ONE: Final = 64_000_000  # bytes of an array in Fortran's order, which can only be read as a whole
_MAX_HEADER: Final = 12_000  # bytes; NumPy itself refuses longer ones
_CHANNELS: Final = (3, 4)


@dataclass(frozen=True, slots=True)
class StoredArray:
    """One member of an `.npz`: its type, its shape, and where its numbers begin."""

    given: Given
    dtype: np.dtype
    shape: tuple[int, ...]
    offset: int
    fortran: bool


def open_npz(arrays: list[Given], whole: Given) -> Opened:
    """The arrays of an `.npz`, whose members are `arrays`, as a data set.

    Raises:
        DataError: no known keys, Python objects, or shapes that are no images with their labels.
    """
    keys = {given.name.removesuffix(".npy").casefold(): given for given in arrays}
    pairs = [pair for pair in _KEYS if pair[0] in keys]
    pair = next((pair for pair in pairs if pair[1] in keys), pairs[0] if pairs else None)
    if pair is None:
        known = ", ".join(sorted(keys)[:8])[:200]
        raise DataError(f"{whole.name} has the arrays {known}; save the images as x and their labels as y.")
    images = header(keys[pair[0]], whole.name)
    labels = header(keys[pair[1]], whole.name) if pair[1] in keys else None
    shape = _picture_shape(images, whole.name)
    count = images.shape[0]
    check_count(count, whole.name)
    if labels is not None and labels.shape[:1] != (count,):
        raise DataError(
            f"{whole.name} holds {count:,} images and labels of the shape {labels.shape}; give one label per image."
        )

    def blocks() -> Iterator[Block]:
        return _blocks(images, labels, shape, whole.name)

    def sample(most: int) -> Block:
        return first_of(blocks(), most)

    used = f"Taken from it: {pair[0]}" + (f" with {pair[1]}." if labels is not None else ", without labels.")
    return Opened(
        form=Form.NPZ,
        title=whole.name.rpartition("/")[2],
        files=((whole.name, whole.size),),
        count=count,
        exact=True,
        labelled=labels is not None,
        shape=(shape[0], shape[1]),
        blocks=blocks,
        sample=sample,
        remarks=(used,),
    )


def header(given: Given, whole: str) -> StoredArray:
    """What a member of `whole` holds, checked against its size.

    Raises:
        DataError: it is no array of numbers.
    """
    what = f"{given.name} in {whole}"
    opening = io.BytesIO(given.head(_MAX_HEADER))
    try:
        version = npy.read_magic(opening)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        with warnings.catch_warnings(action="ignore"):  # that Python 2 wrote it, for one
            shape, fortran, dtype = reader(opening)
    except Exception as error:  # the parser of these few words of Python raises whatever Python's own does
        raise DataError(f"{what} is no array that NumPy saved; save it anew with np.savez.") from error
    offset = opening.tell()
    if dtype.hasobject or dtype.kind not in "uifb":
        kind = "Python objects (a pickle), which are never loaded" if dtype.hasobject else f"values of type {dtype}"
        raise DataError(f"{what} holds {kind}; save it as an array of numbers.")
    if not shape or any(axis < 0 for axis in shape) or offset + math.prod(shape) * dtype.itemsize != given.size:
        raise DataError(f"{what} has {given.size:,} bytes, which do not fit its shape {shape}; give the whole file.")
    return StoredArray(given, dtype, shape, offset, fortran)


def _picture_shape(array: StoredArray, whole: str) -> tuple[int, ...]:
    """Height, width and, for colours, channels of one picture."""
    rest = array.shape[1:]
    wanted = "give images as (n, 28, 28), another height and width, with 1, 3 or 4 channels, or flat"
    side = math.isqrt(math.prod(rest)) if len(rest) == 1 else 0
    if side:
        shape: tuple[int, ...] = (side, side)
    elif len(rest) == 3 and rest[2] == 1:
        shape = rest[:2]
    elif len(rest) == 3 and rest[0] == 1:  # as PyTorch keeps them
        shape = rest[1:]
    else:
        shape = rest
    fits = len(shape) == 2 or (len(shape) == 3 and shape[2] in _CHANNELS)
    if not fits or math.prod(shape) < 1 or math.prod(shape) != math.prod(rest):
        raise DataError(f"the images of {whole} have the shape {array.shape}; {wanted}.")
    if math.prod(array.shape) > MAX_PIXELS:
        raise DataError(
            f"the images of {whole} have the shape {array.shape}; at most {MAX_PIXELS:,} pixels are read: give a part."
        )
    return shape


def _blocks(images: StoredArray, labels: StoredArray | None, shape: tuple[int, ...], whole: str) -> Iterator[Block]:
    known = None if labels is None else _labels(labels, whole)
    levels, done = Levels(whole), 0
    for values in numbers(images, whole):
        grey = levels.grey(values.reshape(len(values), *shape))
        yield Block(grey, None if known is None else known[done : done + len(grey)])
        done += len(grey)


def _labels(labels: StoredArray, whole: str) -> NDArray[np.uint8]:
    if math.prod(labels.shape) > 10 * labels.shape[0]:
        raise DataError(f"the labels of {whole} have the shape {labels.shape}; give one number from 0 to 9 per image.")
    return as_labels(np.concatenate(list(numbers(labels, whole))), whole)


def numbers(array: StoredArray, whole: str) -> Iterator[NDArray]:
    """The array in pieces along its first axis. Raises DataError when it is cut short."""
    row = math.prod(array.shape[1:]) * array.dtype.itemsize
    what = f"{array.given.name} in {whole}"
    size = images_per_block(row)
    if array.fortran and len(array.shape) > 1:
        if row * array.shape[0] > _MOST_IN_ONE:
            raise DataError(f"{what} is in Fortran's order; save it after np.ascontiguousarray.")
        size = array.shape[0]
    with reading(what), array.given.open() as stream:
        _exactly(stream, array.offset, what)
        for start in range(0, array.shape[0], size):
            here = min(size, array.shape[0] - start)
            values = np.frombuffer(_exactly(stream, here * row, what), array.dtype)
            if array.fortran:
                yield values.reshape(array.shape, order="F")
            else:
                yield values.reshape(here, *array.shape[1:])


def _exactly(stream: BinaryIO, count: int, what: str) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise DataError(f"{what} is cut short; give the whole file.")
    return data
