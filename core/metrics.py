"""The history of a run, `metrics.jsonl`, read as it grows.

Owns what a record in it must hold to be believed, and that what was read once is not read again: a page that watches a
training asks several times a second, and a long training has ten thousand records.
"""

import functools
import os
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from core.files import json_lines
from core.progress import EpochRecord, StepRecord

METRICS: Final = "metrics.jsonl"
_LARGEST: Final = 1e39  # above every float32, such as the loss of a training that diverges
_NEEDED: Final = ("time", "epoch", "step", "loss", "accuracy")
_TAIL: Final = 256  # bytes by which a file is known again


class History:
    """The records of one file. Any number of threads may ask; what they are given is to be read only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._forget()

    def steps(self) -> list[dict[str, Any]]:
        """The step records so far, in order; none while there is no file."""
        return self._read()[0]

    def epochs(self) -> list[dict[str, Any]]:
        """The epoch records so far, in order; none while there is no file."""
        return self._read()[1]

    def _forget(self) -> None:
        self._inode: int | None = None
        self._end, self._tail = 0, b""  # how many bytes are known, and the last of them
        self._steps: list[dict[str, Any]] = []
        self._epochs: list[dict[str, Any]] = []

    def _read(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        with self._lock:
            try:
                whole, newline, rest = self._news().rpartition(b"\n")
            except FileNotFoundError:
                self._forget()
                return [], []
            self._end += len(whole + newline)
            self._tail = (self._tail + whole + newline)[-_TAIL:]
            steps, epochs = _told_apart(whole)
            self._steps += steps
            self._epochs += epochs
            steps, epochs = _told_apart(rest)  # a line under way; it is read again
            return self._steps + steps, self._epochs + epochs

    def _news(self) -> bytes:
        """What stands behind the known bytes; the whole file where it is another one than before."""
        with self._path.open("rb") as stream:
            inode = os.fstat(stream.fileno()).st_ino
            stream.seek(self._end - len(self._tail))
            if inode != self._inode or stream.read(len(self._tail)) != self._tail:
                self._forget()
                self._inode = inode
                stream.seek(0)
            return stream.read()


@functools.lru_cache(maxsize=6)  # the run that is watched and those compared; a long one takes some megabytes
def history_of(path: Path) -> History:
    """The history in a file, the same one for everybody."""
    return History(path)


def is_number(value: Any) -> bool:
    """Whether pages can calculate with it: no infinity, which JSON can say as 1e400, and no integer of 400 digits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _told_apart(lines: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The step and the epoch records among the lines."""
    records = json_lines(lines.decode("utf-8", errors="replace"))
    steps, epochs = ([each for each in records if _is_record(each, kind)] for kind in (StepRecord, EpochRecord))
    return steps, epochs


def _is_record(record: dict[str, Any], kind: type[StepRecord] | type[EpochRecord]) -> bool:
    """Whether a line is such a record: what curves need is there, and all of it is numbers."""
    return record.get("kind") == kind.kind and all(
        is_number(record[field.name]) if field.name in record else field.name not in _NEEDED for field in fields(kind)
    )
