"""Short real trainings on real MNIST, for the tests of everything that trains, and ways to hurt them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeVar

import psutil

from core.config import preset
from core.home import StudioHome
from core.jobs import Jobs
from core.run import Run
from core.runs import RunStore
from core.status import RunState
from tests.digits import REPOSITORY

T = TypeVar("T")
# Three epochs of ten steps: most of the time goes into starting TensorFlow.
SHORT: Final = replace(preset("quick"), epochs=3, subset=640, batch_size=64, validation_size=500)
# Each step turns the weights about and makes them larger: infinite after some steps, whatever the images are.
DIVERGING: Final[dict[str, Any]] = {
    "optimizer": "sgd",
    "learning_rate": 3.0,
    "weight_decay": 1.0,
    "schedule": "constant",
    "batch_norm": False,
    "batch_size": 320,
    "epochs": 20,
}
# Never ends by itself within a test.
ENDLESS: Final = replace(SHORT, epochs=1_000)


def until(condition: Callable[[], T | None], what: str, *, seconds: float = 120) -> T:
    """What `condition` answers as soon as that is true; an AssertionError that names `what` after some time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds:g} s for {what}")


def state(store: RunStore, run: Run) -> RunState:
    return store.get(run.run_id).status.state


def until_state(store: RunStore, run: Run, *states: RunState) -> Run:
    """The run as soon as it is in one of these states; fails at once when it ends in another."""

    def there() -> Run | None:
        now = store.get(run.run_id)
        if now.status.state in states:
            return now
        assert not now.status.state.ended, f"{now.status.state} instead of {states}: {now.status.message}"
        return None

    return until(there, f"{run.run_id} to be {' or '.join(states)}")


def until_ended(jobs: Jobs, run: Run) -> Run:
    """The run once its worker is gone."""
    until(lambda: state(jobs.store, run).ended, f"{run.run_id} to end")
    jobs.wait(run.run_id, timeout=120)
    return jobs.store.get(run.run_id)


def worker_of(run: Run) -> psutil.Process:
    """The worker process of a run, from the list of processes rather than from the run's own word."""
    return until(lambda: _find(str(run.path)), f"the worker of {run.run_id}", seconds=30)


def _find(folder: str) -> psutil.Process | None:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "core.worker" in process.cmdline() and folder in process.cmdline():
                return process
    return None


def kill(jobs: Jobs, run: Run) -> Run:
    """SIGKILLs the worker, and gives the run as its server then tells it."""
    os.kill(worker_of(run).pid, signal.SIGKILL)
    return until_ended(jobs, run)


@contextlib.contextmanager
def jobs_in(home: StudioHome) -> Iterator[Jobs]:
    """The jobs of a home; whatever they started is ended afterwards."""
    jobs = Jobs(RunStore(home))
    try:
        yield jobs
    finally:
        jobs.shutdown()


@contextlib.contextmanager
def process(*arguments: str, home: StudioHome) -> Iterator["subprocess.Popen[str]"]:
    """`python` with these arguments beside the test, with its files under `home`; killed afterwards."""
    started = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "DIGIT_STUDIO_HOME": str(home.root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with started:
        try:
            yield started
        finally:
            started.kill()
