"""The kept digits of one visitor, and those that everybody shares.

Owns `my_digits/<visitor>/<digit id>[.shared]/` in the studio's home: a digit is written under a hidden name and moved
into place, and sharing or deleting it is a move as well, so that a kill leaves it as it was or as it was to be.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import filelock
import numpy as np

from core.errors import DataError
from core.home import StudioHome
from core.my_digits.digit import MyDigit, Seen, fitting_png, new_id, read_digit, write_digit
from core.my_digits.room import DELETED, MOST, SHARED, Room, digits_in, owners_in
from core.my_digits.visitor import OWNER

_DRAFT: Final = ".draft-"
_LOCK: Final = ".lock"
_WAIT_SECONDS: Final = 10.0
_DRAFT_SECONDS: Final = 600.0  # nobody writes a digit for so long: a kill left it


class MyDigits:
    """The digits of one visitor, by `owner_of` the cookie; safe to use from several threads and processes.

    Raises:
        DataError: no visitor can be called that.
    """

    def __init__(self, home: StudioHome, owner: str) -> None:
        if not OWNER.fullmatch(owner):
            raise DataError("my digits belong to a visitor; this is the name of none.")
        self.home, self.owner = home, owner
        self._folder = home.my_digits / owner
        self._room: Room | None = None

    def digits(self) -> list[MyDigit]:
        """All of them, newest first; what is damaged is left out."""
        found = []
        for digit_id, path in self._paths().items():
            with contextlib.suppress(DataError):
                found.append(read_digit(path, digit_id, shared=path.name.endswith(SHARED)))
        return sorted(found, key=lambda digit: (-digit.made_at, digit.digit_id))

    def stamp(self) -> tuple[str, ...]:
        """Changes whenever another digit is there, or one is shared or not."""
        return tuple(sorted(path.name for path in self._paths().values()))

    def keep(self, seen: Seen, label: int) -> str:
        """Keeps a picture under its true label, in the place of the same picture kept before. Returns its id.

        Raises:
            DataError: there is no such label, there are too many digits already, or it cannot be written.
        """
        if isinstance(label, bool) or label not in range(10):
            raise DataError(f"a digit is 0 to 9, not {label!r}.")
        png = fitting_png(seen.picture)
        with self._alone():
            room = self._current_room()
            same = room.same(png)
            if same is None:
                room.check()
            made_at = time.time()
            digit_id = new_id(made_at)
            self._write(digit_id, seen, png, label, made_at)
            if same is not None:
                shutil.rmtree(same, ignore_errors=True)
        return digit_id

    def put(self, digit_id: str, seen: Seen, label: int, made_at: float) -> bool:
        """Keeps a digit that comes back from a zip; False when it is there already. Raises as `keep`."""
        png = fitting_png(seen.picture)
        with self._alone():
            room = self._current_room()
            if digit_id in room.paths or room.same(png) is not None:
                return False
            room.check()
            self._write(digit_id, seen, png, label, made_at)
            room.add(digit_id, png)
        return True

    def share(self, digit_id: str, shared: bool = True) -> None:
        """Shows a digit to everybody, or to its visitor alone again.

        Raises:
            DataError: there is no such digit, or it cannot be moved.
        """
        with self._alone():
            path = self._path(digit_id)
            path.rename(path.with_name(digit_id + SHARED if shared else digit_id))

    def delete(self, digit_ids: Iterable[str]) -> None:
        """Deletes digits; until the next ones are deleted they can be taken back, for a day at most.

        Raises:
            DataError: one is no digit of this visitor's, or cannot be moved.
        """
        with self._alone():
            paths = [self._path(digit_id) for digit_id in digit_ids]
            for gone in self._deleted():
                shutil.rmtree(gone, ignore_errors=True)
            for path in paths:
                os.utime(path)  # from here on the folder's time is that of its deletion
                path.rename(path.with_name(DELETED + path.name))

    def undo_delete(self) -> int:
        """Takes back what was deleted last, shared or not as before; returns how many. Raises DataError."""
        with self._alone():
            gone = self._deleted()
            for path in gone:
                path.rename(path.with_name(path.name.removeprefix(DELETED)))
            return len(gone)

    def _write(self, digit_id: str, seen: Seen, png: bytes, label: int, made_at: float) -> None:
        draft = self._folder / f"{_DRAFT}{digit_id}"
        try:
            draft.mkdir()
            write_digit(draft, seen, png, label, made_at)
            draft.rename(self._folder / digit_id)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _current_room(self) -> Room:
        """What is kept and how much more may be, looked through anew when somebody else changed it."""
        if self._room is None or not self._room.current:
            self._room = Room(self.home, self._folder)
        return self._room

    def _path(self, digit_id: str) -> Path:
        path = self._paths().get(digit_id)
        if path is None:
            raise DataError(f"there is no digit {digit_id[:40]!r} among yours; it may have been deleted.")
        return path

    def _paths(self) -> dict[str, Path]:
        return digits_in(self._folder)

    def _deleted(self) -> list[Path]:
        return sorted(self._folder.glob(f"{DELETED}*"))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Held while something changes; what a kill left half written goes first. The disk's words become DataError.

        Raises ReadOnlyError where nothing may be kept or changed.
        """
        self.home.check_writable("kept or changed")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self._folder / _LOCK, timeout=_WAIT_SECONDS):
                for draft in self._folder.glob(f"{_DRAFT}*"):
                    if time.time() - draft.stat().st_mtime > _DRAFT_SECONDS:
                        shutil.rmtree(draft, ignore_errors=True)
                yield
        except OSError as error:  # the time-out of the lock is one too
            reason = error.strerror or "another tab is changing them"
            raise DataError(f"my digits cannot be changed: {reason}.") from error


def shared_digits(home: StudioHome, most: int = MOST) -> list[MyDigit]:
    """The digits that visitors share, newest first; without a word on whose they are."""
    found = [
        (digit_id, path)
        for owner in owners_in(home)
        for digit_id, path in digits_in(owner).items()
        if path.name.endswith(SHARED)
    ]
    digits = []
    for digit_id, path in sorted(found, reverse=True)[:most]:  # ids begin with the time
        with contextlib.suppress(DataError):
            digits.append(read_digit(path, digit_id, shared=True))
    return digits


def arrays_of(digits: Iterable[MyDigit]) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 28, 28) uint8, ink high, and labels (n,) uint8, oldest first."""
    oldest_first = sorted(digits, key=lambda digit: (digit.made_at, digit.digit_id))
    images = np.array([digit.image for digit in oldest_first], np.uint8).reshape(-1, 28, 28)
    return images, np.array([digit.label for digit in oldest_first], np.uint8)
