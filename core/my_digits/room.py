"""What a visitor has kept, known without looking at every picture for each digit that is added; and what room is left.

Owns the limits, and which folders below `my_digits` are whose. What is in them is changed by `store` alone.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from core.errors import DataError
from core.home import StudioHome
from core.my_digits.digit import DIGIT_ID, PICTURE
from core.my_digits.visitor import OWNER

MOST: Final = 300  # of one visitor
MOST_OF_ALL: Final = 5_000
MAX_OWN_BYTES: Final = 40_000_000  # pictures of one visitor; less than a zip that can be brought back
MAX_BYTES: Final = 300_000_000  # of all visitors
SHARED: Final = ".shared"
DELETED: Final = ".deleted-"  # what was deleted last, until something else is, or for a day
_DELETED_SECONDS: Final = 24 * 3_600.0


class Room:
    """One visitor's digits by id and by the size of their pictures; made and asked while nobody else may change them.

    Looking through 300 digits once for each of 300 that are brought would take longer than all the rest.

    Attributes:
        paths: the folder of each digit by its id.
    """

    def __init__(self, home: StudioHome, folder: Path) -> None:
        owners = owners_in(home)
        _empty_trash(owners)
        self._folder = folder
        self.paths = digits_in(folder)
        self._by_size: dict[int, list[Path]] = {}
        for path in self.paths.values():
            self._by_size.setdefault(_picture_bytes(path), []).append(path)
        self._bytes = sum(size * len(paths) for size, paths in self._by_size.items())
        others = [path for owner in owners if owner != folder for path in digits_in(owner).values()]
        self._others, self._others_bytes = len(others), sum(map(_picture_bytes, others))
        self._changed = self._last_change()

    @property
    def current(self) -> bool:
        """Whether nothing but `add` has changed what is kept."""
        return self._changed == self._last_change()

    def check(self) -> None:
        """Raises DataError when there is no room for one more digit."""
        if len(self.paths) >= MOST:
            raise DataError(f"there are {MOST} digits already; export and delete some.")
        if self._bytes >= MAX_OWN_BYTES:
            raise DataError(f"your pictures take {MAX_OWN_BYTES / 1e6:.0f} MB already; export and delete some.")
        if self._others + len(self.paths) >= MOST_OF_ALL or self._others_bytes + self._bytes >= MAX_BYTES:
            raise DataError("this studio's room for digits of all visitors is full; somebody has to delete some.")

    def same(self, png: bytes) -> Path | None:
        """The folder of a digit with the same picture."""
        for path in self._by_size.get(len(png), ()):
            with contextlib.suppress(OSError):
                if (path / PICTURE).read_bytes() == png:
                    return path
        return None

    def add(self, digit_id: str, png: bytes) -> None:
        """Counts a digit that was just written."""
        path = self._folder / digit_id
        self.paths[digit_id] = path
        self._by_size.setdefault(len(png), []).append(path)
        self._bytes += len(png)
        self._changed = self._last_change()

    def _last_change(self) -> int:
        return self._folder.stat().st_mtime_ns


def owners_in(home: StudioHome) -> list[Path]:
    """The folder of each visitor who ever kept a digit."""
    return [path for path in _folders(home.my_digits) if OWNER.fullmatch(path.name)]


def digits_in(owner: Path) -> dict[str, Path]:
    """The folders of a visitor's digits by id."""
    found = {path.name.removesuffix(SHARED): path for path in _folders(owner)}
    return {digit_id: path for digit_id, path in found.items() if DIGIT_ID.fullmatch(digit_id)}


def _empty_trash(owners: Iterable[Path]) -> None:
    """Removes for good what any visitor deleted more than a day ago."""
    for path in (path for owner in owners for path in owner.glob(f"{DELETED}*")):
        with contextlib.suppress(FileNotFoundError):  # taken back meanwhile
            if time.time() - path.stat().st_mtime > _DELETED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _folders(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as found:
            return sorted(Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _picture_bytes(path: Path) -> int:
    try:
        return (path / PICTURE).stat().st_size
    except OSError:
        return 0
