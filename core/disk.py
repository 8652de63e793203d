"""How much of the disk runs take.

Owns the adding up of `runs/` and how sizes are said. Whose folders these are, and what may be deleted, is `runs`' and
`shelf`'s business; what is yet to come, `room`'s.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import DiskLimitError
from core.home import LIMIT_VARIABLE, StudioHome
from core.run import RUN_ID

TRASH: Final = ".trash"  # no run id begins with a dot, so it is never listed


@dataclass(frozen=True, slots=True)
class Usage:
    """What lies in `runs/`, in bytes.

    Attributes:
        runs: of each run by its id, damaged ones too.
        trash: of the runs that were deleted and can be taken back.
        rest: of everything else, such as what a kill left half made.
        limit: what all of it may come to; None for no limit.
    """

    runs: dict[str, int]
    trash: int
    rest: int
    limit: int | None

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.runs.values()) + self.trash + self.rest

    def check_room(self, needed: int, pledged: int = 0) -> None:
        """Whether so many bytes more can be taken.

        Args:
            pledged: what runs under way or waiting will still take.

        Raises:
            DiskLimitError: they cannot.
        """
        if self.limit is None or self.total + pledged + needed <= self.limit:
            return
        waiting = f", and those under way or waiting need {said(pledged)} more" if pledged else ""
        raise DiskLimitError(
            f"There is no room for this: it takes up to {said(needed)}. Runs take {said(self.total)} of the "
            f"{said(self.limit)} that they may ({LIMIT_VARIABLE}){waiting}. Delete some and empty the trash on the "
            "Runs page, or raise the limit."
        )


class Disk:
    """What the runs of one home take; folders that did not change are not looked through again."""

    def __init__(self, home: StudioHome) -> None:
        self.home = home
        self._known: dict[str, tuple[int, int]] = {}  # by path: time of the folder's last change, bytes

    def usage(self) -> Usage:
        """What lies in `runs/` now."""
        runs: dict[str, int] = {}
        trash = rest = 0
        seen: dict[str, tuple[int, int]] = {}
        for entry in _entries(self.home.runs):
            if entry.name == TRASH:
                trash = sum(self._folder(each, seen) for each in _entries(Path(entry.path)))
            elif RUN_ID.fullmatch(entry.name):
                runs[entry.name] = self._folder(entry, seen)
            else:
                rest += self._folder(entry, seen)
        self._known = seen  # what is gone is forgotten
        return Usage(runs, trash, rest, self.home.runs_limit)

    def _folder(self, entry: "os.DirEntry[str]", seen: dict[str, tuple[int, int]]) -> int:
        """The bytes of one entry. What is in a run's folder is replaced, which changes the folder's own time; only the
        few lines that a running training appends between two such moments are missed."""
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # gone since it was listed
            return 0
        if not entry.is_dir(follow_symlinks=False):
            return status.st_size
        known = self._known.get(entry.path)
        if known is None or known[0] != status.st_mtime_ns:
            known = (status.st_mtime_ns, folder_bytes(Path(entry.path)))
        seen[entry.path] = known
        return known[1]


def folder_bytes(folder: Path) -> int:
    """The bytes of all files below a folder; links are not followed, and what goes meanwhile counts nothing."""
    total = 0
    for entry in _entries(folder):
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            total += folder_bytes(Path(entry.path)) if is_folder else entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return total


def said(size: int) -> str:
    """A number of bytes in words: 812 MB, 1.99 GB."""
    for unit, power, digits in (("GB", 1e9, 2), ("MB", 1e7, 0), ("MB", 1e6, 1), ("kB", 1e3, 0)):
        if size >= power:
            return f"{size / (1e6 if unit == 'MB' else power):,.{digits}f} {unit}"
    return f"{size} B"


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
