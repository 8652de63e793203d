"""A data set while it is written: a hidden folder that becomes the set in one move, or goes without a trace.

Owns the writing of the folder's files block by block, so that no set is ever in memory, and the sweeping up of what a
kill left behind.
"""

import contextlib
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import filelock
import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.datasets.blocks import Skipped
from core.datasets.converting import Converted
from core.datasets.dataset import HEADER_BYTES, IMAGES, LABELS, NAMES
from core.datasets.limits import check_count
from core.datasets.proposal import SIDE
from core.errors import DataError
from core.files import write_json

PREFIX: Final = ".draft-"  # no data set's id begins with a dot, so it is never listed
DELETED: Final = ".deleted-"  # what a set that goes is called first
_LOCK: Final = ".lock"  # held by whoever writes the draft: a dead writer holds none
_LISTED: Final = 1_000
_AT_ONCE: Final = 1_024  # images


class Draft:
    """The images of a set so far. Used by one thread.

    Attributes:
        count: images written.
        supports: the images of each digit, (10,).
        warnings: how often each came up.
        skipped: the first thousand pictures left out.
        skipped_count: all of them.
    """

    def __init__(self, path: Path, labelled: bool) -> None:
        self.path = path
        self.labelled = labelled
        self.count = 0
        self.supports = np.zeros(CLASSES, np.int64)
        self.warnings: Counter[str] = Counter()
        self.skipped: list[Skipped] = []
        self.skipped_count = 0
        self._names: list[str] = []
        self._images = _begin(path / IMAGES)
        self._labels = _begin(path / LABELS) if labelled else None

    def add(self, part: Converted) -> None:
        """Writes some more images. Raises OSError, and DataError when they become too many."""
        self.count += len(part.images)
        if self.count:
            check_count(self.count, "the set")
        self._images.write(np.ascontiguousarray(part.images, np.uint8).data)
        if self._labels is not None and part.labels is not None:
            self._labels.write(np.ascontiguousarray(part.labels, np.uint8).data)
            self.supports += np.bincount(part.labels, minlength=CLASSES)
        self._names += part.names
        self.warnings.update(part.warnings)
        self.skip(part.skipped)

    def skip(self, skipped: tuple[Skipped, ...]) -> None:
        """Notes pictures that are not in the set."""
        self.skipped_count += len(skipped)
        self.skipped += skipped[: _LISTED - len(self.skipped)]

    def close(self) -> None:
        """Completes the arrays' files.

        Raises:
            OSError: the disk is full.
            DataError: no picture could be used.
        """
        if not self.count and self.skipped:
            first = self.skipped[0]
            raise DataError(
                f"none of the {self.skipped_count:,} pictures could be used; the first, {first.name}: {first.reason}"
            )
        check_count(self.count, "the set")
        _complete(self._images, (self.count, SIDE, SIDE))
        if self._labels is not None:
            _complete(self._labels, (self.count,))
        if self._names:
            write_json(self.path / NAMES, {"names": self._names})

    def images(self) -> Iterator[NDArray[np.uint8]]:
        """All of them, some (k, 28, 28) at a time; once closed."""
        with (self.path / IMAGES).open("rb") as stream:  # not mapped: what is mapped counts as this process's memory
            stream.seek(HEADER_BYTES)
            while data := stream.read(_AT_ONCE * SIDE * SIDE):
                yield np.frombuffer(data, np.uint8).reshape(-1, SIDE, SIDE)

    def abandon(self) -> None:
        """Closes the files as they are."""
        for stream in (self._images, self._labels):
            if stream is not None:
                with contextlib.suppress(OSError):  # what it could not write goes with the folder
                    stream.close()


@contextlib.contextmanager
def drafting(folder: Path, labelled: bool) -> Iterator[Draft]:
    """A draft in `folder` that is gone when the block ends, unless it was moved away by then.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    path = folder / f"{PREFIX}{secrets.token_hex(8)}"
    lock = filelock.FileLock(_lock_of(path))
    with lock:
        try:
            path.mkdir()
            draft = Draft(path, labelled)
            try:
                yield draft
            finally:
                draft.abandon()
        finally:
            shutil.rmtree(path, ignore_errors=True)
            _lock_of(path).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes what dead processes left: drafts, and sets that were half deleted."""
    for path in folder.glob(f"{DELETED}*"):
        shutil.rmtree(path, ignore_errors=True)
    for path in {folder / found.name.removesuffix(_LOCK) for found in folder.glob(f"{PREFIX}*")}:
        with contextlib.suppress(filelock.Timeout, OSError), filelock.FileLock(_lock_of(path), timeout=0):
            shutil.rmtree(path, ignore_errors=True)
            _lock_of(path).unlink(missing_ok=True)


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + _LOCK)


def _begin(path: Path) -> BinaryIO:
    stream = path.open("wb")
    stream.write(bytes(HEADER_BYTES))  # the shape is known at the end
    return stream


def _complete(stream: BinaryIO, shape: tuple[int, ...]) -> None:
    stream.seek(0)
    values = {"descr": "|u1", "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(stream, values)
    if stream.tell() != HEADER_BYTES:
        raise AssertionError(f"NumPy wrote a header of {stream.tell()} bytes for {shape}")
    stream.flush()
    os.fsync(stream.fileno())
    stream.close()
