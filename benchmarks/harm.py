"""Workers killed at planned moments.

Owns the plan of kills and the waiting for a moment. What is wrong afterwards is `aftermath`'s.
"""

import contextlib
import enum
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Final

import psutil

from benchmarks.aftermath import checkpoint_epoch, problems_of
from core.config import TrainingConfig
from core.jobs import Jobs
from core.run import Run
from core.runs import RunStore
from core.status import RunState, RunStatus

PATIENCE: Final = 600.0  # seconds that a run may take to reach a moment, or to end
CHECKPOINT_SECONDS: Final = 0.08  # about what it takes to write one
_POLL: Final = 0.003


class Stage(enum.StrEnum):
    """When a worker is killed."""

    STARTING = "starting"
    TRAINING = "training"
    CHECKPOINT = "checkpoint"
    EXPORTING = "exporting"
    EVALUATING = "evaluating"


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment to kill at: in `stage`, after a share (0 to 1) of the time that the stage usually takes.

    Attributes:
        epoch: from 1; of the moments in a training and in the writing of a checkpoint, else 0.
    """

    stage: Stage
    share: float
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Usual:
    """Seconds that the stages of an undisturbed run took."""

    starting: float
    epoch: float
    exporting: float
    evaluating: float

    def delay(self, moment: Moment) -> float:
        """Seconds from the beginning of the moment's stage to the moment."""
        seconds = {
            Stage.STARTING: self.starting,
            Stage.TRAINING: self.epoch,
            Stage.CHECKPOINT: CHECKPOINT_SECONDS,
            Stage.EXPORTING: self.exporting,
            Stage.EVALUATING: self.evaluating,
        }
        return moment.share * seconds[moment.stage]


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill and what came of it.

    Attributes:
        half_written: files that were being written; their temporary names are still there.
        seen_after: seconds until another reader of the store was told that the run is interrupted.
        written_after: seconds until `status.json` itself says so.
        lost_epochs: complete epochs that are trained again after it.
        problems: what is not as it should be, one sentence each.
    """

    stage: Stage
    half_written: tuple[str, ...]
    seen_after: float
    written_after: float
    lost_epochs: int
    problems: tuple[str, ...]


def quickest(usuals: Iterable[Usual]) -> Usual:
    """Of each stage the shortest time: a moment that is drawn too early is still in its stage, one too late is not."""
    return Usual(*(min(times) for times in zip(*map(astuple, usuals), strict=True)))


def plan(rng: random.Random, epochs: int, extra: Stage) -> list[Moment]:
    """The moments of one run, in an order that it can go through: each stage once, and `extra` once more.

    Training and checkpoints come in random epochs, the later ones later; the last two stages in either order, since
    the one before is gone through again; a start anywhere.
    """
    wanted = [*Stage, extra]
    late = [stage for stage in wanted if stage in (Stage.EXPORTING, Stage.EVALUATING)]
    early = [stage for stage in wanted if stage in (Stage.TRAINING, Stage.CHECKPOINT)]
    rng.shuffle(late)
    rng.shuffle(early)
    at = sorted(rng.sample(range(1, epochs + 1), len(early)))
    moments = [Moment(stage, rng.random(), epoch) for stage, epoch in zip(early, at, strict=True)]
    moments += [Moment(stage, rng.random()) for stage in late]
    for _ in range(wanted.count(Stage.STARTING)):
        moments.insert(rng.randint(0, len(moments)), Moment(Stage.STARTING, rng.random()))
    return moments


def timed(jobs: Jobs, config: TrainingConfig) -> tuple[Run, Usual]:
    """An undisturbed run, and how long its stages took."""
    began: dict[RunState, float] = {RunState.QUEUED: time.monotonic()}
    run = jobs.submit(config)
    for status in _statuses(run):
        began.setdefault(status.state, time.monotonic())
    jobs.wait(run.run_id, PATIENCE)
    ended = jobs.store.get(run.run_id)
    if ended.status.state is not RunState.FINISHED:
        raise RuntimeError(f"an undisturbed run ended as {ended.status.state}: {ended.status.message}")
    usual = Usual(
        starting=began[RunState.TRAINING] - began[RunState.QUEUED],
        epoch=(began[RunState.EXPORTING] - began[RunState.TRAINING]) / config.epochs,
        exporting=began[RunState.EVALUATING] - began[RunState.EXPORTING],
        evaluating=began[RunState.FINISHED] - began[RunState.EVALUATING],
    )
    return ended, usual


def kill(store: RunStore, run: Run, moment: Moment, usual: Usual) -> Kill | None:
    """Kills the run's worker at a moment; None when the run ended before it came."""
    worker = _worker(run)
    old = _hidden(run)
    if not _reached(run, moment, old):
        return None
    _wait(run, moment.stage, usual.delay(moment))
    before = store.get(run.run_id)
    if before.status.state.ended:
        return None
    known = len(before.epochs())
    os.kill(worker.pid, signal.SIGKILL)
    killed = time.monotonic()
    _until(lambda: RunStore(store.home).get(run.run_id).status.state is RunState.INTERRUPTED)
    seen = time.monotonic() - killed
    _until(lambda: RunStatus.read(run.path).state is RunState.INTERRUPTED)
    written = time.monotonic() - killed
    kept = checkpoint_epoch(run)
    complete = len(store.get(run.run_id).epochs())
    return Kill(
        stage=moment.stage if moment.stage is Stage.CHECKPOINT else _stage_of(before.status.state),
        half_written=tuple(sorted(_hidden(run) - old)),
        seen_after=seen,
        written_after=written,
        lost_epochs=max(0, complete - kept),
        problems=tuple(problems_of(store, run, at_least=known, kept=kept)),
    )


def wait_for_end(jobs: Jobs, run: Run) -> Run:
    """The run once its worker has ended by itself.

    Raises:
        subprocess.TimeoutExpired: it goes on too long.
    """
    jobs.wait(run.run_id, PATIENCE)
    return jobs.store.get(run.run_id)


def _reached(run: Run, moment: Moment, old: set[str]) -> bool:
    """Waits for the beginning of the moment's stage; False when the run ends before.

    Args:
        old: what an earlier kill left half written.
    """
    if moment.stage is Stage.STARTING:
        return True
    for status in _statuses(run):
        match moment.stage:
            case Stage.TRAINING:
                there = status.state is RunState.TRAINING and status.epoch >= moment.epoch
            case Stage.CHECKPOINT:
                there = status.epoch >= moment.epoch and any("checkpoint-" in name for name in _hidden(run) - old)
            case _:
                there = _stage_of(status.state) is moment.stage
        if there:
            return True
    return False


def _wait(run: Run, stage: Stage, seconds: float) -> None:
    """Waits so long, or to the end of the stage when that comes first, as it may on a machine that is busy in turns."""
    began = time.monotonic()
    for status in _statuses(run):
        over = _stage_of(status.state) is not (Stage.TRAINING if stage is Stage.CHECKPOINT else stage)
        if over or time.monotonic() - began >= seconds:
            return


def _statuses(run: Run) -> Iterator[RunStatus]:
    """What `status.json` says, again and again until it says that the run has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status = RunStatus.read(run.path)
        yield status
        if status.state.ended:
            return
        time.sleep(_POLL)
    raise TimeoutError(f"{run.run_id} has not come on for {PATIENCE:g} s")


def _stage_of(state: RunState) -> Stage:
    """The stage that a state belongs to: a run that is started anew is *queued* until its worker has looked."""
    return Stage(state) if state in tuple(Stage) else Stage.STARTING


def _worker(run: Run) -> psutil.Process:
    """The worker process of a run: a child of this process, so that no other can be killed by mistake."""

    def find() -> psutil.Process | None:
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                if "core.worker" in child.cmdline() and str(run.path) in child.cmdline():
                    return child
        return None

    _until(lambda: find() is not None)
    worker = find()
    assert worker is not None
    return worker


def _hidden(run: Run) -> set[str]:
    """Files that are being written, or were when their writer was killed."""
    return {entry.name for entry in os.scandir(run.path) if entry.name.startswith(".")}


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE:g} s in vain")
        time.sleep(_POLL)
