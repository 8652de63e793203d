"""Data sets as people have them, made from MNIST's test digits: every form, sound and broken."""

import gzip
import io
import struct
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets import Given
from tests.digits import digits, encoded

COUNT = 30


def images() -> NDArray[np.uint8]:
    """The images (30, 28, 28) that these sets hold."""
    return digits()[0][:COUNT]


def labels() -> NDArray[np.uint8]:
    """Their labels (30,); every digit is among them."""
    return digits()[1][:COUNT]


def table(
    pictures: NDArray | None = None,
    known: Iterable[object] | None = None,
    *,
    header: bool = True,
    labelled: bool = True,
    mark: str = ",",
    end: str = "\n",
) -> bytes:
    """A CSV file like Kaggle's train.csv, or with `labelled=False` like its test.csv."""
    pictures = images() if pictures is None else pictures
    known = labels() if known is None else known
    lines = (
        [mark.join([*(["label"] if labelled else []), *(f"pixel{place}" for place in range(784))])] if header else []
    )
    for picture, label in zip(pictures, known, strict=True):
        lines.append(mark.join([*([str(label)] if labelled else []), *map(str, picture.ravel().tolist())]))
    return (end.join(lines) + end).encode()


def idx(array: NDArray[np.uint8]) -> bytes:
    """An IDX file of bytes."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def npz(*, packed: bool = False, **arrays: NDArray) -> bytes:
    """An `.npz` file."""
    stream = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def zipped(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def folders(
    pictures: NDArray | None = None, *, inside: str = "", kind: str = "PNG", more: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """Files in a folder for each digit, named by their place, and `more` beside them."""
    pictures = images() if pictures is None else pictures
    own = {
        f"{inside}{label}/{place:03}.{kind.lower()}": encoded(picture, kind)
        for place, (picture, label) in enumerate(zip(pictures, labels(), strict=True))
    }
    return {**own, **(more or {})}


def given(name: str, data: bytes) -> list[Given]:
    """One uploaded file."""
    return [Given.of_bytes(name, data)]


def packed(data: bytes) -> bytes:
    """The file as .gz."""
    return gzip.compress(data, 1)


def lying(archive: bytes, member: str, **changes: Any) -> bytes:
    """The zip with other values in the directory's entry of `member`: `size`, `mode`, `flags`, `method`."""
    data = bytearray(archive)
    name = member.encode()
    start = data.rindex(name) - 46
    assert data[start : start + 4] == b"PK\x01\x02"
    places = {"size": ("<I", 24), "mode": ("<I", 38), "flags": ("<H", 8), "method": ("<H", 10)}
    for field, value in changes.items():
        form, place = places[field]
        struct.pack_into(form, data, start + place, value << 16 if field == "mode" else value)
    return bytes(data)
