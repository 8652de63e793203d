"""Runs being trained: begun, steered, gone on with, and put straight after a crash.

Owns what may be done to a run in which state; its process is `workers`'. Whose turn it is the workers settle among
themselves (`worker`), so the queue is the same whether a page or the command line started a run.
"""

import contextlib
import functools
import shutil
import time
from collections.abc import Callable, Iterator

import filelock

from core import continuing, control, room, teaching, turns
from core.checkpoints import Checkpoints
from core.config import TrainingConfig
from core.control import Command
from core.errors import RunError, RunStateError
from core.home import StudioHome
from core.lesson import Lesson
from core.run import Run
from core.runs import RunStore
from core.status import RunState, this_process
from core.workers import Workers, settle


class Jobs:
    """Starts and steers the training processes of one store; safe to use from several threads.

    In a read-only studio every such deed raises ReadOnlyError; what trains elsewhere can be watched.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._workers = Workers(store.home)

    def submit(self, config: TrainingConfig, *, name: str = "", preset: str | None = None) -> Run:
        """A new run, which trains at once or after the runs before it.

        Raises:
            ConfigError: the name is not allowed.
            RunError: the run folder cannot be written, or the process not be started.
            ReadOnlyError, DiskLimitError: as for `RunStore.create`; so raise `train_longer` and `teach` too.
        """
        return self._begin(self.store.create(config, name=name, preset=preset))

    def train_longer(self, run_id: str, *, epochs: int, learning_rate: float, name: str = "") -> Run:
        """A new run that goes on from the weights of a finished one, with a fresh optimiser.

        Args:
            epochs: of the new run alone.
            name: of the new run; by default that of the other one and "continued".

        Raises:
            RunNotFoundError, RunDamagedError: as for `RunStore.get`, or the finished run lacks its weights.
            RunStateError: it is not finished, or came as a file.
            ConfigError: a value or the name is not allowed.
            RunError: as for `submit`.
        """
        parent = self.store.get(run_id)
        config = continuing.continued(parent, epochs=epochs, learning_rate=learning_rate)
        name = name or continuing.name_after(parent.name)
        return self._begin(self.store.create(config, name=name, preset=parent.preset, parent=parent))

    def teach(self, run_id: str, lesson: Lesson, *, name: str = "") -> Run:
        """A new run that goes on from a finished one for a short while, with a visitor's own digits among MNIST's.

        Raises: as `train_longer`.
        """
        parent = self.store.get(run_id)
        config, name = teaching.settings(parent), name or teaching.name_after(parent.name)
        return self._begin(self.store.create(config, name=name, preset=parent.preset, parent=parent, lesson=lesson))

    def resume(self, run_id: str) -> Run:
        """Lets an interrupted or failed run go on from its last checkpoint, after the runs before it.

        Raises:
            RunNotFoundError, RunDamagedError: as for `RunStore.get`.
            RunStateError: the run is under way or finished.
            RunError: its folder cannot be written, or the process not be started.
            DiskLimitError: runs would take more than they may.
        """
        # Two visitors may press the button together, in two servers of one home as well.
        with self._workers.lock, self._alone():
            run = self.store.get(run_id)
            if run.shipped or run.status.state not in (RunState.INTERRUPTED, RunState.FAILED):
                raise RunStateError(f"{run_id} is {run.status.state}; only an interrupted or failed run can go on.")
            with room.reserving(self.store, room.training_peak(run.config), going_on=run_id):
                pass  # what is resumed counts as under way from its next word on
            try:
                control.forget(run.path)
                run.status.write(run.path, state=RunState.QUEUED, message="", queued_at=time.time(), **this_process())
                self._workers.start(run)
            except (OSError, RunError) as error:
                with contextlib.suppress(OSError):
                    run.status.write(run.path)
                reason = error.strerror if isinstance(error, OSError) else error
                raise RunError(f"{run_id} cannot go on: {reason}") from error
        return self.store.get(run_id)

    def stop(self, run_id: str) -> None:
        """Ends a run that trains, keeping its best weights; takes one that waits out of the queue.

        A run that has ended already is left as it is. Raises as `RunStore.get`.
        """
        self._steer(run_id, lambda run: control.command(run.path, Command.STOP))

    def pause(self, run_id: str) -> None:
        """Halts a run between two steps until `go_on`. Raises as `RunStore.get`."""
        self._steer(run_id, lambda run: control.command(run.path, Command.PAUSE))

    def go_on(self, run_id: str) -> None:
        """Ends a pause. Raises as `RunStore.get`."""
        self._steer(run_id, lambda run: control.command(run.path, Command.RUN))

    def change_learning_rate(self, run_id: str, rate: float) -> None:
        """Lets a run that trains go on with another learning rate, its schedule keeping its shape.

        Raises:
            ConfigError: the rate is not allowed.
            RunNotFoundError, RunDamagedError: as for `RunStore.get`.
        """
        self._steer(run_id, lambda run: control.change_learning_rate(run.path, run.config, rate))

    def move(self, run_id: str, *, before: str | None) -> None:
        """Puts a run that waits directly before another one, or at the end of the queue.

        What is said twice, by two visitors together, is done once: it names the place, not a direction.

        Args:
            before: the run it shall stand before; one that has begun or ended since stood before all that wait.

        Raises:
            RunStateError: the run does not wait.
            RunNotFoundError, RunDamagedError: as for `RunStore.get`, for either run.
            RunError: it cannot be written.
        """
        with self._alone():
            run, other = self.store.get(run_id), self.store.get(before) if before is not None else None
            if run.status.state is not RunState.QUEUED:
                raise RunStateError(f"{run_id} is {run.status.state}: only a run that waits can be moved.")
            with _told(run_id):
                turns.move(run, self.queue(), before=other)

    def current(self) -> Run | None:
        """The run that a worker has in hand now, whoever started it."""
        return next((run for run in self.store.runs() if run.status.state.active), None)

    def queue(self) -> list[Run]:
        """The runs that wait for their turn, in order."""
        return turns.in_order(self.store.runs())

    def reconcile(self) -> None:
        """Writes down as interrupted what claims to be under way without a living process.

        A read-only studio leaves it as it is: every reader works the state out anew.
        """
        if self.store.home.read_only:
            return
        for run in self.store.runs():
            if not run.shipped:
                settle(run.path)
            if not run.shipped and run.status.state is RunState.FINISHED:
                Checkpoints(run.path).clear()  # left by a kill between a run's last word and its tidying up

    def shutdown(self, timeout: float = 8.0) -> None:
        """Ends the workers of this process: asked first, killed after `timeout` seconds."""
        self._workers.shutdown(timeout)

    def wait(self, run_id: str, timeout: float | None = None) -> None:
        """Waits for the worker of a run that this process started.

        Raises:
            subprocess.TimeoutExpired: it is still at work after `timeout` seconds.
        """
        self._workers.wait(run_id, timeout)

    def _steer(self, run_id: str, order: Callable[[Run], None]) -> None:
        """Gives a run an order, unless it has ended. Two orders given together are both kept."""
        with self._alone():
            run = self.store.get(run_id)
            if not run.status.state.ended:
                with _told(run_id):
                    order(run)

    def _alone(self) -> filelock.BaseFileLock:
        """Held while runs are steered, in whatever server; by `Shelf` as well, while one is moved into the trash.

        Raises ReadOnlyError where nothing may be changed.
        """
        self.store.home.check_writable("trained or steered")
        return filelock.FileLock(self.store.home.resume_lock)

    def _begin(self, run: Run) -> Run:
        """Starts the worker of a new run; takes the run away again where that cannot be."""
        try:
            self._workers.start(run)
        except RunError:
            shutil.rmtree(run.path, ignore_errors=True)
            raise
        return run


@contextlib.contextmanager
def _told(run_id: str) -> Iterator[None]:
    """What cannot be written to a run folder, as a RunError."""
    try:
        yield
    except OSError as error:
        raise RunError(f"{run_id} cannot be told: {error.strerror}.") from error


@functools.cache
def jobs_for(home: StudioHome) -> Jobs:
    """This process' one `Jobs` for a home, with what an earlier process left behind put straight."""
    jobs = Jobs(RunStore(home))
    jobs.reconcile()
    return jobs
