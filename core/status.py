"""The state of a run: what `status.json` says, and whether the process behind it still lives.

Owns the states, their file and the rule that a run without a living process is interrupted, whatever its file says.
"""

import enum
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import psutil

from core.errors import RunDamagedError
from core.files import overwrite_json, read_json_object, write_json

FILE = "status.json"
_COUNTS = ("epochs", "steps", "epoch", "step", "pid")
_MEASURES = ("queued_at", "updated_at", "started_at", "images_per_second", "eta_seconds", "pid_started")
_MAY_BE_UNKNOWN = ("started_at", "images_per_second", "eta_seconds", "pid", "pid_started")
MOST = 1e11  # above every time in seconds, count and rate that a run can have


class RunState(enum.StrEnum):
    """Where a run is on its way."""

    QUEUED = "queued"
    STARTING = "starting"
    TRAINING = "training"
    PAUSED = "paused"
    EXPORTING = "exporting"
    EVALUATING = "evaluating"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """No process works on the run any more."""
        return self in (RunState.FINISHED, RunState.INTERRUPTED, RunState.FAILED)

    @property
    def active(self) -> bool:
        """A process works on the run now."""
        return not self.ended and self is not RunState.QUEUED


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """The content of `status.json`.

    Attributes:
        queued_at, updated_at, started_at: Unix times in seconds; `started_at` is None while the run waits.
        message: why the run ended as it did, or which weights were kept; plain text, may be empty.
        epoch, step: done so far; `epochs`, `steps`: of the whole training.
        eta_seconds: expected until the last step; None while unknown.
        pid, pid_started: the process that answers for the run, and the time that process was made.
    """

    state: RunState
    queued_at: float
    updated_at: float
    epochs: int
    steps: int
    started_at: float | None = None
    message: str = ""
    epoch: int = 0
    step: int = 0
    images_per_second: float | None = None
    eta_seconds: float | None = None
    pid: int | None = None
    pid_started: float | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What `status.json` says, believed or not: see `as_seen`.

        Raises:
            RunDamagedError: the file is missing, unreadable or not a status.
        """
        try:
            values = read_json_object(folder / FILE)
            known = {field.name for field in fields(cls)}
            status = cls(**{key: value for key, value in values.items() if key in known})
            status = replace(status, state=RunState(status.state))
            _check(status)
        except FileNotFoundError:
            raise RunDamagedError(f"{FILE} is missing.") from None
        except (OSError, ValueError, TypeError) as error:
            raise RunDamagedError(f"{FILE} cannot be read: {error}.") from error
        return status

    def as_seen(self) -> Self:
        """This status, set to *interrupted* where it claims a process that is gone."""
        if self.state.ended or self.process_lives():
            return self
        return self.lost()

    def lost(self) -> Self:
        """This status of a run under way, once the process behind it is known to be gone."""
        return replace(self, state=RunState.INTERRUPTED, message=_lost(self.state), eta_seconds=None, pid=None)

    def write(self, folder: Path, **changes: Any) -> Self:
        """Replaces the file by this status with `changes`, and returns what was written."""
        status = replace(self, updated_at=time.time(), **changes)
        write_json(folder / FILE, asdict(status))
        return status

    def write_last(self, folder: Path, **changes: Any) -> None:
        """As `write`, on a full disk too."""
        try:
            self.write(folder, **changes)
        except OSError:
            overwrite_json(folder / FILE, asdict(replace(self, updated_at=time.time(), **changes)))

    def process_lives(self) -> bool:
        """Whether the process that answers for the run exists: the same one, not another with its number."""
        if self.pid is None or self.pid_started is None:
            return False
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.pid_started) < 1.0
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


def this_process() -> dict[str, Any]:
    """The fields that make this process answer for a run."""
    process = psutil.Process()
    return {"pid": process.pid, "pid_started": process.create_time()}


def _lost(state: RunState) -> str:
    if state is RunState.QUEUED:
        return "The studio was closed before this run's turn came."
    return "The training process ended without a word: it was killed, or the machine went down."


def _check(status: RunStatus) -> None:
    """Raises ValueError for a value that no run ever wrote: pages calculate with them, and ask for the process."""
    for name in (*_COUNTS, *_MEASURES):
        value: Any = getattr(status, name)
        if value is None and name in _MAY_BE_UNKNOWN:
            continue
        kinds = (int,) if name in _COUNTS else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not 0 <= value <= MOST:
            raise ValueError(f"{name} is {value!r}")
    if not isinstance(status.message, str):
        raise ValueError("message is not text")
