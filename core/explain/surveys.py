"""When a run's atlas is made: in the background, in a process of its own, once however many ask.

Owns the making and how it stands. What an atlas is and where it lies is `atlas`' business; `surveying` is the process.
"""

import threading
from dataclasses import dataclass
from typing import Final

import filelock

from core.background import Background, failure
from core.errors import StudioError
from core.explain.atlas import Part, key_of, path_of, read_seen, read_tsne, tidy
from core.explain.worker import clear_progress, read_progress
from core.files import sweep
from core.home import StudioHome
from core.run import Run, require_model
from core.sandbox import run_module

KEPT: Final = 20  # runs whose atlases stay on the disk, 3 to 6 MB each
_SECONDS: Final = 3_600.0  # a machine that trains at the same time gets time


@dataclass(frozen=True, slots=True)
class Making:
    """How it stands with a part that is not there.

    Attributes:
        running: it is being made, or waits until another one is.
        fraction: how much of it is made, 0 to 1.
        problem: why it could not be made, as text for a visitor; else empty.
    """

    running: bool = False
    fraction: float = 0.0
    problem: str = ""


class Surveys:
    """The atlases of one home's runs in the making; one for a process, safe to use from several threads."""

    def __init__(self, home: StudioHome) -> None:
        self._home = home
        self._background = Background()
        self._starting = threading.Lock()

    def state(self, run: Run, part: Part) -> Making:
        """How it stands now; starts nothing."""
        work = self._background.find((run.run_id, part, key_of(run)))
        if work is None:
            return Making()
        if not work.done():
            return Making(running=True, fraction=read_progress(self._home.inside, f"{run.run_id}-{part}"))
        return Making(problem=failure(work))

    def start(self, run: Run, part: Part, *, again: bool = False) -> Making:
        """Has a part made in the background, unless that is under way, or could not be done.

        To be called when the part is not there.

        Args:
            again: also when it could not be made before.

        Raises:
            RunStateError: the run has no model.
        """
        require_model(run)
        with self._starting:
            state = self.state(run, part)
            if state.running or (state.problem and not again):
                return state
            key = (run.run_id, part, key_of(run))
            self._background.forget(key)  # it was made, and is gone or damaged since
            self._background.start(key, lambda: self._make(run, part))
        return self.state(run, part)

    def wait(self, run: Run, part: Part, seconds: float) -> Making:
        """How it stands when the making has ended.

        Raises:
            TimeoutError: it has not after so many seconds.
        """
        work = self._background.find((run.run_id, part, key_of(run)))
        if work is not None:
            work.exception(seconds)
        return self.state(run, part)

    def _make(self, run: Run, part: Part) -> None:
        """Makes a part in a process of its own, or waits for whoever is making it."""
        folder, name = self._home.inside, f"{run.run_id}-{part}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # One at a time of each part, whichever run it is for: each takes every core.
            with filelock.FileLock(folder / f".{part}.lock"):
                if self._is_there(run, part):
                    return
                sweep(folder, [name])  # of one that was killed
                clear_progress(folder, name)
                key = key_of(run)
                try:
                    roots = (str(self._home.root), str(self._home.shipped))
                    run_module("core.explain.surveying", *roots, run.run_id, part, seconds=_SECONDS)
                finally:
                    clear_progress(folder, name)
                tidy(self._home, KEPT)
                if key == key_of(run) and not self._is_there(run, part):
                    raise StudioError(f"{path_of(self._home, run.run_id, part).name} cannot be read back.")
        except OSError as error:
            raise StudioError(f"{folder.name} cannot be written: {error.strerror}.") from error

    def _is_there(self, run: Run, part: Part) -> bool:
        return (read_seen if part == "seen" else read_tsne)(self._home, run) is not None
