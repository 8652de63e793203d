"""What a visitor hands in: uploaded bytes, files and folders, each as a name that can be opened again and again.

Owns `Given` and its opening, packed as .gz or not. What a zip holds is `archive`'s business, what the bytes mean that
of the readers.
"""

import gzip
import io
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, Self

from core.datasets.limits import MAX_MEMBERS, MAX_UNPACKED_BYTES, check_size, reading
from core.errors import DataError

_GZIP: Final = b"\x1f\x8b"
_IDX_IMAGES: Final = re.compile(r"images([-.])idx3")  # train-images-idx3-ubyte, or with a point
# What other programs leave beside files, and nobody means to give.
_LITTER: Final = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class Given:
    """One file, wherever it lies.

    Attributes:
        name: its path as the visitor knows it, with `/`; text from outside.
        size: bytes, as it lies there.
        open: a new stream from its beginning; what reading it raises is for `limits.reading`.
        top: the zip or folder that was given and that it stands in; empty for a file that was given by itself.
        packed: whether it is a .gz, which `open` unpacks.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]
    top: str = ""
    packed: bool = False

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> Self:
        """An uploaded file. The bytes are not copied."""
        return cls(as_text(name) or "the file", len(data), lambda: io.BytesIO(data))

    @classmethod
    def of_path(cls, path: Path, *, name: str = "", top: str = "") -> Self:
        """A file on the disk.

        Raises:
            DataError: there is none.
        """
        shown = as_text(name or path.name)
        with reading(shown):
            return cls(shown, path.stat().st_size, lambda: path.open("rb"), top)

    def head(self, count: int = 4_096) -> bytes:
        """Its first bytes, unpacked. Raises DataError."""
        with reading(self.name), self.open() as stream:
            return stream.read(count)

    def unpacked(self) -> "Given":
        """The file inside a .gz; any other file as it is. Raises DataError."""
        if self.packed or self.head(2) != _GZIP:
            return self
        plain, shorter = self.open, self.name.removesuffix(".gz")
        return replace(self, name=shorter, open=lambda: _unpack(plain(), shorter), packed=True)


def given_paths(paths: Iterable[Path]) -> list[Given]:
    """The files that these paths name; a folder stands for all files in and below it, by name.

    Images in IDX bring the labels that lie beside them, as MNIST names the two.

    Raises:
        DataError: a path names nothing, or a folder holds too many files.
    """
    found: list[Given] = []
    named = list(paths)
    for path in named:
        found += _in_folder(path) if path.is_dir() else [Given.of_path(path)]
    if len(named) == 1 and _IDX_IMAGES.search(named[0].name):
        labels = named[0].with_name(_IDX_IMAGES.sub(r"labels\1idx1", named[0].name))
        if labels.is_file():
            found.append(Given.of_path(labels))
    return found


def is_litter(name: str) -> bool:
    """Whether a path names a hidden file, or one that an operating system left behind."""
    return any(part.startswith(".") or part.casefold() in _LITTER for part in name.split("/"))


def as_text(name: str) -> str:
    """A file's name as text that can be written as UTF-8 and shown on one line."""
    known = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(character if character.isprintable() else "?" for character in known)[:300]


def _in_folder(folder: Path) -> list[Given]:
    top = as_text(folder.resolve().name)
    found = []
    for parent, folders, names in os.walk(folder):  # links to folders are not followed, so there are no circles
        folders[:] = sorted(name for name in folders if not is_litter(name))
        for name in sorted(name for name in names if not is_litter(name)):
            path = Path(parent, name)
            if path.is_file():
                below = path.relative_to(folder).as_posix()
                found.append(Given.of_path(path, name=below, top=top))
        if len(found) > MAX_MEMBERS:
            raise DataError(f"{top} holds over {MAX_MEMBERS:,} files; at most so many are read: give a part of it.")
    if not found:
        raise DataError(f"the folder {top} holds no files; give one with a folder of pictures per digit.")
    return found


def check_sizes(givens: list[Given]) -> None:
    """Raises DataError when nothing was given, or a file is empty or too large."""
    if not givens:
        raise DataError("no file was given; give a CSV, an IDX pair, an .npz or a zip.")
    for given in givens:
        if not given.top:
            check_size(given.size, given.name)


class _Bounded(io.RawIOBase):
    """A .gz unpacked, up to the limit: zeros pack a thousandfold, so the size of the file says nothing."""

    def __init__(self, packed: BinaryIO, name: str) -> None:
        self._packed, self._name, self._left = packed, name, MAX_UNPACKED_BYTES
        self._stream = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        count = self._stream.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise DataError(
                f"{self._name} unpacks to more than {MAX_UNPACKED_BYTES / 1e6:,.0f} MB, which is the limit: "
                "give a part of it."
            )
        return int(count)

    def close(self) -> None:
        self._stream.close()
        self._packed.close()
        super().close()


def _unpack(packed: BinaryIO, name: str) -> BinaryIO:
    return io.BufferedReader(_Bounded(packed, name))
