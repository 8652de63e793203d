"""The training process of one run: `python -m core.worker <run folder>`.

Owns the way of a run from *queued* to *finished*: it waits for its turn, trains, exports, evaluates, and writes all of
it into the run folder. The only code that reads the test split: once, at the end. TensorFlow is imported only when the
turn has come, so a run that waits costs little.
"""

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import filelock
import psutil

from core import control, turns
from core.control import Command
from core.errors import RunDamagedError, StudioError
from core.home import StudioHome
from core.pipeline import complete
from core.run import Run
from core.runs import RunStore
from core.status import RunState, RunStatus, this_process

_POLL = 0.2  # seconds between two looks at the queue
_PARENT_POLL = 1.0
_CLOSED = "The studio was closed before this run was done."
_LAST_WORDS = 5.0  # seconds to write down that the run is interrupted
# A page must stay quick while a run trains beside it; with idle cores this costs the training nothing.
_NICENESS = 10


class Cancelled(Exception):
    """The run was taken out of the queue before its turn came."""


def main(argv: list[str] | None = None) -> int:
    """Trains the run in the folder given; 0 when it is finished."""
    parser = argparse.ArgumentParser(prog="python -m core.worker", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the run folder, <home>/runs/<run id>")
    parser.add_argument("--parent", type=int, default=os.getppid(), help="the process to end with; default: the parent")
    arguments = parser.parse_args(argv)
    folder = arguments.folder.resolve()
    # SIGTERM unwinds like Ctrl-C, so that a server that stops leaves an interrupted run, not a broken one.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _leave_with(arguments.parent, folder)
    with contextlib.suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            psutil.Process().nice(_NICENESS)
    store = RunStore(StudioHome(root=folder.parent.parent))
    return work(store, store.get(folder.name))


def work(store: RunStore, run: Run) -> int:
    """Takes one run through; whatever happens ends in its `status.json`."""
    status = run.status.write(
        run.path, state=RunState.QUEUED, message="", images_per_second=None, eta_seconds=None, **this_process()
    )
    try:
        with _in_hand(run), _turn(store, run):
            status = status.write(run.path, state=RunState.STARTING, started_at=time.time())
            complete(store.home, run, status)
    except Cancelled:
        _end(run.path, RunState.INTERRUPTED, "Taken out of the queue before its turn came.")
    except KeyboardInterrupt:
        _end(run.path, RunState.INTERRUPTED, _CLOSED)
    except StudioError as error:
        _end(run.path, RunState.FAILED, str(error))
        return 1
    except Exception as error:  # noqa: BLE001 -- the process ends here, and the run must say why
        traceback.print_exc()
        _end(run.path, RunState.FAILED, _in_one_line(error))
        return 1
    else:
        return 0
    return 130


@contextlib.contextmanager
def _turn(store: RunStore, run: Run) -> Iterator[None]:
    """Waits until no run stands before this one in the queue, then holds the lock that lets one run train."""
    lock = filelock.FileLock(store.home.training_lock)
    while True:
        if control.read(run.path).command is Command.STOP:
            raise Cancelled
        # Only who has the lock looks at the whole queue: the order may have been changed until now.
        with contextlib.suppress(filelock.Timeout):
            lock.acquire(timeout=0)
            if turns.is_next(run, store.runs()):
                break
            lock.release()
        time.sleep(_POLL)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _in_hand(run: Run) -> Iterator[None]:
    """Ends this process as soon as the run is not its own any more: discarded, or resumed by another worker.

    At once, whatever it is doing: nothing that it could still write would be wanted. What others read is written so
    that this harms nothing, and the lock of the one that trains goes with the process.
    """
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_POLL):
            if _taken_away(run):
                os._exit(1)

    threading.Thread(target=watch, name="run watch", daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _taken_away(run: Run) -> bool:
    try:
        status = RunStatus.read(run.path)
    except RunDamagedError:  # whoever edited it did not mean to end the training
        return not run.path.is_dir()
    return status.pid != os.getpid() and status.state is not RunState.FINISHED


def _end(folder: Path, state: RunState, message: str) -> None:
    # The folder may be gone or made read-only; without a status the run still counts as interrupted.
    with contextlib.suppress(OSError, StudioError):
        status = RunStatus.read(folder)
        if not status.state.ended:  # what ends a run that is finished already comes too late
            status.write_last(folder, state=state, message=message, eta_seconds=None, pid=None)


def _in_one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"A file of the run could not be written or read: {error.strerror}."
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text if len(text) <= 300 else text[:300] + "…"


def _leave_with(parent: int, folder: Path) -> None:
    """Ends this process like SIGTERM does when its parent is gone, however it went, even before this was called."""

    def watch() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            started_by = psutil.Process(parent)
            while started_by.is_running() and started_by.status() != psutil.STATUS_ZOMBIE:
                time.sleep(_PARENT_POLL)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_LAST_WORDS)
        _end(folder, RunState.INTERRUPTED, _CLOSED)  # Python loses an interrupt that comes while it finalises an object
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
