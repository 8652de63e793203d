"""What can be done to a run that is there: rename, note, pin, delete, discard, and take either back.

Owns the rules (shipped runs stay as they are; a run under way cannot be deleted) and the trash, a hidden folder beside
the runs that keeps what was deleted for a day. What a run folder holds is `run`'s business, `notes.json` is `notes`'.
"""

import contextlib
import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import filelock

from core.disk import TRASH, folder_bytes
from core.errors import RunDamagedError, RunError, RunNotFoundError, RunStateError
from core.notes import check_note
from core.run import RUN_ID, Run, check_name, read_run
from core.runs import RunStore
from core.status import RunState, RunStatus

KEPT_SECONDS: Final = 24 * 3_600.0
DRAFT_SECONDS: Final = 3_600.0  # no import takes as long


@dataclass(frozen=True, slots=True)
class DeletedRun:
    """A run in the trash.

    Attributes:
        name: what it was called, or its id where that cannot be read.
        deleted_at: Unix time in seconds.
    """

    run_id: str
    name: str
    deleted_at: float


@dataclass(frozen=True, slots=True)
class HalfMade:
    """A hidden folder that was to become a run.

    Attributes:
        bytes: what it takes.
    """

    path: Path
    bytes: int


class Shelf:
    """Keeps the runs of one store in order; safe to use from several threads and processes.

    In a read-only studio every deed raises ReadOnlyError.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.trash = store.home.runs / TRASH

    def rename(self, run_id: str, name: str) -> Run:
        """Calls a run `name` from now on; an empty name gives it back its first one.

        Raises:
            ConfigError: the name is too long or holds control characters.
            RunNotFoundError, RunDamagedError: as for `RunStore.get`.
            RunStateError: the run is a shipped one.
            RunError: it cannot be written.
        """
        return self._note(run_id, name=check_name(name))

    def annotate(self, run_id: str, note: str) -> Run:
        """Replaces a run's note. Raises as `rename`."""
        return self._note(run_id, note=check_note(note))

    def pin(self, run_id: str, pinned: bool = True) -> Run:
        """Lists a run before the others, or among them again. Raises as `rename`."""
        return self._note(run_id, pinned=pinned)

    def delete(self, run_id: str) -> None:
        """Moves a run, damaged ones too, into the trash, and empties that of what is older than a day.

        Raises:
            RunNotFoundError: there is no such run.
            RunStateError: it is a shipped one, or under way, or waits for its turn.
            RunError: it cannot be moved.
        """
        with self._alone():
            path = self._own(run_id)
            if _under_way(path):
                raise RunStateError(f"{run_id} is under way; stop it before it is deleted.")
            self._move_to_trash(path)
        self.empty_trash()

    def discard(self, run_id: str) -> None:
        """As `delete`, whatever the run is doing. A worker that has it in hand, whoever started it, ends by itself
        within a second (see `worker`); taken back, the run is interrupted and can be resumed.

        Raises: as `delete`, but for a run under way.
        """
        with self._alone():
            path = self._own(run_id)
            self._move_to_trash(path)
            _interrupt(self.trash / path.name)
        self.empty_trash()

    def restore(self, run_id: str) -> None:
        """Takes a run back out of the trash.

        Raises:
            RunNotFoundError: it is not in the trash (any more).
            RunStateError: a run of its id has come in the meantime.
            RunError: it cannot be moved.
        """
        with self._alone():
            if not RUN_ID.fullmatch(run_id) or not (self.trash / run_id).is_dir():
                raise RunNotFoundError(f"{run_id[:64]!r} is not in the trash; deleted runs are kept for a day.")
            if (self.store.home.runs / run_id).exists():
                raise RunStateError(f"there is a run {run_id} already; rename its folder first.")
            _move(self.trash / run_id, self.store.home.runs / run_id)

    def is_shipped(self, run_id: str) -> bool:
        """Whether a run of the store, damaged or not, is one that stays as it is."""
        return (self.store.home.pretrained / run_id).is_dir()

    def deleted(self) -> list[DeletedRun]:
        """What the trash holds, last deleted first."""
        found = []
        for path in self._trashed():
            with contextlib.suppress(FileNotFoundError):  # restored or emptied since it was listed
                found.append(DeletedRun(path.name, _name_of(path), path.stat().st_mtime))
        return sorted(found, key=lambda run: -run.deleted_at)

    def empty_trash(self, older_than: float = KEPT_SECONDS) -> None:
        """Removes for good what was deleted more than `older_than` seconds ago; nothing in a read-only studio."""
        if self.store.home.read_only:
            return
        for path in self._trashed():
            with contextlib.suppress(FileNotFoundError):  # restored or emptied since it was listed
                if _age(path) > older_than:
                    shutil.rmtree(path, ignore_errors=True)

    def half_made(self) -> list[HalfMade]:
        """What a kill left of runs that were being made or imported: nobody works on them any more."""
        found = []
        for path in self.store.home.runs.glob(".*"):
            with contextlib.suppress(FileNotFoundError):  # finished since it was listed
                if RUN_ID.fullmatch(path.name[1:]) and path.is_dir() and _age(path) > DRAFT_SECONDS:
                    found.append(HalfMade(path, folder_bytes(path)))
        return found

    def clean_up(self) -> None:
        """Removes for good all that was deleted, and what was left half made."""
        with self._alone():
            self.empty_trash(older_than=-1)
            for each in self.half_made():
                shutil.rmtree(each.path, ignore_errors=True)

    def _note(self, run_id: str, **changes: Any) -> Run:
        with self._alone():
            run = self.store.get(run_id)
            if run.shipped:
                raise RunStateError(_shipped(run_id))
            try:
                replace(run.notes, **changes).write(run.path)
            except OSError as error:
                raise RunError(f"{run_id} cannot be changed: {error.strerror}.") from error
        return self.store.get(run_id)

    def _own(self, run_id: str) -> Path:
        """The folder of a run that may be changed, whether it can be read or not."""
        try:
            shipped = self.store.get(run_id).shipped
        except RunDamagedError:
            shipped = self.is_shipped(run_id)
        if shipped:
            raise RunStateError(_shipped(run_id))
        return self.store.home.runs / run_id

    def _move_to_trash(self, path: Path) -> None:
        target = self.trash / path.name
        try:
            self.trash.mkdir(exist_ok=True)
            shutil.rmtree(target, ignore_errors=True)  # a copy of this run that was deleted before
            os.utime(path)  # from here on the folder's time is that of its deletion
        except OSError as error:
            raise RunError(f"{path.name} cannot be deleted: {error.strerror}.") from error
        _move(path, target)

    def _trashed(self) -> list[Path]:
        return [path for path in self.trash.iterdir() if path.is_dir()] if self.trash.is_dir() else []

    def _alone(self) -> filelock.BaseFileLock:
        """Held while a run is moved or noted, and by `Jobs.resume`: none is deleted while it is being resumed.

        Raises ReadOnlyError where nothing may be changed.
        """
        self.store.home.check_writable("changed or deleted")
        return filelock.FileLock(self.store.home.resume_lock)


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except OSError as error:
        raise RunError(f"{path.name} cannot be moved: {error.strerror}.") from error


def _under_way(path: Path) -> bool:
    try:
        return not RunStatus.read(path).as_seen().state.ended
    except RunDamagedError:  # nothing says so
        return False


def _interrupt(folder: Path) -> None:
    """Writes down why a run under way ended. After it was moved: its worker cannot write any more."""
    with contextlib.suppress(RunDamagedError, OSError):  # then it counts as interrupted all the same
        status = RunStatus.read(folder)
        if not status.as_seen().state.ended:
            message = "Discarded by hand, and taken back."
            status.write_last(folder, state=RunState.INTERRUPTED, message=message, eta_seconds=None, pid=None)


def _name_of(path: Path) -> str:
    try:
        return read_run(path, shipped=False).name
    except RunError:
        return path.name


def _shipped(run_id: str) -> str:
    return f"{run_id} comes with the studio and stays as it is."
