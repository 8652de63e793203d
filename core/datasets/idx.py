"""The IDX format of MNIST's own four files: a big-endian header, then bytes (http://yann.lecun.com/exdb/mnist/).

Owns reading such a pair, images and labels, block by block.
"""

import math
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np

from core.datasets.blocks import Block, Form, Opened, as_labels, first_of, images_per_block
from core.datasets.given import Given
from core.datasets.limits import MAX_PIXELS, check_count, reading
from core.errors import DataError

_BYTES: Final = 0x08  # the type of the values: unsigned bytes
_TYPES: Final = (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E)
_LABELS, _IMAGES = 1, 3  # axes


def looks_like_idx(head: bytes) -> bool:
    """Whether a file that opens so is an IDX file, of any type and number of axes."""
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= 4


def open_idx(givens: list[Given]) -> Opened:
    """One or two IDX files as a data set; without one of labels a set without labels.

    Raises:
        DataError: they are no pair of images and labels, or their sizes do not fit.
    """
    shapes = {given.name: _shape(given) for given in givens}
    images = [given for given in givens if len(shapes[given.name]) == _IMAGES]
    labels = [given for given in givens if len(shapes[given.name]) == _LABELS]
    if len(images) != 1 or len(labels) > 1 or len(givens) != len(images) + len(labels):
        names = ", ".join(f"{given.name} {shapes[given.name]}" for given in givens[:4])
        raise DataError(f"an IDX set is one file of images with one of labels; these are {names}: give one pair.")
    pictures, named = images[0], labels[0] if labels else None
    count, height, width = shapes[pictures.name]
    check_count(count, pictures.name)
    if height * width < 1 or count * height * width > MAX_PIXELS:
        raise DataError(
            f"{pictures.name} holds {count:,} images of {height} x {width}; at most {MAX_PIXELS:,} pixels are read: "
            "give a part of them."
        )
    _check_length(pictures, shapes[pictures.name])
    if named is not None:
        if shapes[named.name][0] != count:
            raise DataError(
                f"{pictures.name} holds {count:,} images and {named.name} {shapes[named.name][0]:,} labels; "
                "give the labels of these images."
            )
        _check_length(named, shapes[named.name])

    def blocks() -> Iterator[Block]:
        return _blocks(pictures, named, (count, height, width))

    def sample(most: int) -> Block:
        return first_of(blocks(), most)

    files = tuple((given.name, given.size) for given in givens)
    title = pictures.top or pictures.name.rpartition("/")[2]
    return Opened(Form.IDX, title, files, count, True, named is not None, (height, width), blocks, sample)


def _shape(given: Given) -> tuple[int, ...]:
    head = given.head(16)
    if len(head) < 4 or len(head) < 4 + 4 * head[3]:
        raise DataError(f"{given.name} is cut short: it ends within its header; give the whole file.")
    if head[2] != _BYTES:
        raise DataError(f"{given.name} holds values of the IDX type 0x{head[2]:02x}; give unsigned bytes (0x08).")
    return struct.unpack(f">{head[3]}I", head[4 : 4 + 4 * head[3]])


def _check_length(given: Given, shape: tuple[int, ...]) -> None:
    expected = 4 + 4 * len(shape) + math.prod(shape)
    if not given.packed and given.size != expected:
        raise DataError(
            f"{given.name} has {given.size:,} bytes where its header promises {expected:,}; give the whole file."
        )


def _blocks(pictures: Given, named: Given | None, shape: tuple[int, int, int]) -> Iterator[Block]:
    count, height, width = shape
    labels = None
    if named is not None:
        with reading(named.name), named.open() as stream:
            values = _exactly(stream, 4 + 4 * _LABELS + count, named.name)[4 + 4 * _LABELS :]
        labels = as_labels(np.frombuffer(values, np.uint8), named.name)
    size = images_per_block(height * width)
    with reading(pictures.name), pictures.open() as stream:
        _exactly(stream, 4 + 4 * _IMAGES, pictures.name)
        for start in range(0, count, size):
            here = min(size, count - start)
            values = _exactly(stream, here * height * width, pictures.name)
            images = np.frombuffer(values, np.uint8).reshape(here, height, width)
            yield Block(images, None if labels is None else labels[start : start + here])
        if stream.read(1):
            raise DataError(f"{pictures.name} goes on after the last image of its header; give the whole file.")


def _exactly(stream: BinaryIO, count: int, what: str) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise DataError(f"{what} is cut short: it ends before the last image or label; give the whole file.")
    return data
