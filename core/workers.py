"""The training processes that this process started: begun, waited for, ended with it.

Owns those processes, and the last word of a run whose process could not write it. What they are to do is `jobs`'.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from core.errors import RunDamagedError, RunError
from core.home import StudioHome
from core.run import LOG, Run
from core.status import RunStatus

_REPOSITORY = Path(__file__).resolve().parent.parent


class Workers:
    """One process a run; safe to use from several threads.

    Attributes:
        lock: to be held from writing that a run waits until its worker has started: meanwhile nobody says the last
            word of the worker that it had before.
    """

    def __init__(self, home: StudioHome) -> None:
        self.lock = threading.RLock()
        self._home = home
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, run: Run) -> None:
        """Starts the worker of a run.

        Raises:
            RunError: it could not be started.
        """
        with self.lock:
            try:
                with (run.path / LOG).open("ab") as log:
                    process = subprocess.Popen(
                        [sys.executable, "-m", "core.worker", str(run.path), "--parent", str(os.getpid())],
                        cwd=_REPOSITORY,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
            except OSError as error:
                raise RunError(f"the training process could not be started: {error.strerror}.") from error
            self._processes[run.run_id] = process
        threading.Thread(
            target=self._attend, args=(run.run_id, process), name=f"attend {run.run_id}", daemon=True
        ).start()

    def wait(self, run_id: str, timeout: float | None = None) -> None:
        """Waits for the worker of a run, if it has one here.

        Raises:
            subprocess.TimeoutExpired: it is still at work after `timeout` seconds.
        """
        with self.lock:
            process = self._processes.get(run_id)
        if process is not None:
            self._attend(run_id, process, timeout)

    def shutdown(self, timeout: float) -> None:
        """Ends them all: asked first, killed after `timeout` seconds."""
        with self.lock:
            processes = list(self._processes.values())
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + timeout
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _attend(self, run_id: str, process: "subprocess.Popen[bytes]", timeout: float | None = None) -> None:
        """Waits for a worker's end, and writes the reason down where it could not do so itself."""
        code = process.wait(timeout)
        with self.lock:  # a resumed run has a new worker, whose word counts
            if self._processes.get(run_id) is process:
                del self._processes[run_id]
                settle(self._home.runs / run_id, _killed(code), gone=(process.pid, os.getpid()))


def settle(folder: Path, reason: str = "", gone: tuple[int, ...] = ()) -> None:
    """Writes a run down as interrupted when its process is not there any more.

    Args:
        gone: processes that do not work on the run, though they may live: this one answers for a run until the worker
            does, and a worker may end before that.
    """
    try:
        written = RunStatus.read(folder)
        seen = written.lost() if written.pid in gone and not written.state.ended else written.as_seen()
        if seen.state is not written.state:
            seen.write_last(folder, message=reason or seen.message)
    except (RunDamagedError, OSError):
        return  # deleted, damaged, or not to be written: the state is worked out anew at every reading


def _killed(code: int) -> str:
    if code == -9:
        return "The training process was killed (signal 9), perhaps because the machine ran out of memory."
    if code < 0:
        return f"The training process was ended by signal {-code}."
    return f"The training process ended unexpectedly (exit code {code}); {LOG} in its run folder may say why."
