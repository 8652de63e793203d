"""The queue and its controls, with real workers: one trains, the rest wait in order, any button may be pressed."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.errors import ConfigError, RunDamagedError, RunError, RunNotFoundError, RunStateError
from core.home import StudioHome
from core.jobs import Jobs, jobs_for
from core.runs import RunStore
from core.status import RunState
from tests.digits import copy_of_classic
from tests.trainings import ENDLESS, SHORT, jobs_in, kill, state, until, until_ended, until_state, worker_of


@pytest.fixture
def jobs(home: StudioHome) -> Iterator[Jobs]:
    with jobs_in(home) as jobs:
        yield jobs


def test_pause_go_on_and_stop_twice(jobs: Jobs) -> None:
    run = jobs.submit(ENDLESS, name="<b>🖊️</b> **bold** [x](y)")
    assert jobs.store.get(run.run_id).name == "<b>🖊️</b> **bold** [x](y)"
    until(lambda: len(jobs.store.get(run.run_id).epochs()) >= 2, "two epochs")
    jobs.pause(run.run_id)
    paused = until_state(jobs.store, run, RunState.PAUSED)
    assert jobs.current() == jobs.store.get(run.run_id)
    steps = len(paused.steps())
    assert jobs.store.get(run.run_id).status.step == paused.status.step
    jobs.pause(run.run_id)
    jobs.go_on(run.run_id)
    until(lambda: len(jobs.store.get(run.run_id).steps()) > steps, "more steps")
    with pytest.raises(RunStateError, match="only an interrupted or failed run can go on"):
        jobs.resume(run.run_id)
    jobs.stop(run.run_id)
    jobs.stop(run.run_id)
    ended = until_ended(jobs, run)
    assert ended.status.state is RunState.FINISHED
    found = ended.evaluation()
    assert found is not None
    assert ended.status.message == f"Stopped by hand; kept the weights of epoch {found['epoch_kept']}."
    best = min(ended.epochs(), key=lambda record: record["val_loss"])
    assert best["epoch"] == found["epoch_kept"]
    assert found["validation"]["accuracy"] == pytest.approx(best["val_accuracy"], abs=0.005)
    assert ended.has_model
    jobs.stop(run.run_id)
    jobs.pause(run.run_id)
    assert jobs.store.get(run.run_id).status == ended.status
    with pytest.raises(RunStateError, match=f"{run.run_id} is finished"):
        jobs.resume(run.run_id)
    assert jobs.store.activate(run.run_id) == jobs.store.active()


def test_submitted_together_one_trains_and_the_rest_wait_in_order(jobs: Jobs) -> None:
    threads = [threading.Thread(target=jobs.submit, args=(replace(ENDLESS, seed=seed),)) for seed in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    submitted = sorted(
        (run for run in jobs.store.runs() if not run.shipped), key=lambda run: (run.status.queued_at, run.run_id)
    )
    first, second, third = submitted
    until_state(jobs.store, first, RunState.STARTING, RunState.TRAINING)
    assert [run.run_id for run in jobs.queue()] == [second.run_id, third.run_id]
    current = jobs.current()
    assert current is not None
    assert current.run_id == first.run_id

    # One that waits is taken out of the queue, and queued anew at its end.
    jobs.stop(second.run_id)
    cancelled = until_ended(jobs, second)
    assert cancelled.status.state is RunState.INTERRUPTED
    assert cancelled.status.message == "Taken out of the queue before its turn came."
    assert [run.run_id for run in jobs.queue()] == [third.run_id]
    jobs.stop(second.run_id)
    answers: list[str] = []

    def press() -> None:
        try:
            answers.append(jobs.resume(second.run_id).status.state)
        except RunStateError as error:
            answers.append(str(error))

    pressing = [threading.Thread(target=press) for _ in range(4)]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()
    assert sorted(answers)[-1] == "queued"
    assert sum("only an interrupted or failed run can go on" in answer for answer in answers) == 3
    assert [run.run_id for run in jobs.queue()] == [third.run_id, second.run_id]

    # The one that trains is killed and queued anew at once: nobody waits for ever.
    kill(jobs, first)
    jobs.resume(first.run_id)
    until_state(jobs.store, third, RunState.STARTING, RunState.TRAINING)
    assert [run.run_id for run in jobs.queue()] == [second.run_id, first.run_id]

    # Stopped while it starts, it ends with what one look at the data gave it, and the next begins.
    jobs.stop(third.run_id)
    until_state(jobs.store, second, RunState.STARTING)
    ended = jobs.store.get(third.run_id)
    assert ended.status.state is RunState.FINISHED
    assert ended.status.message == "Stopped by hand; kept the weights of epoch 1."
    assert ended.has_model

    # A server that ends takes its workers with it, those that wait as well.
    workers = [worker_of(run) for run in (second, first)]
    jobs.shutdown()
    assert not any(worker.is_running() for worker in workers)
    until(lambda: {state(jobs.store, run) for run in (first, second)} == {RunState.INTERRUPTED}, "both to be settled")
    assert jobs.queue() == []
    assert jobs.current() is None


def test_a_worker_killed_before_it_can_speak_leaves_an_interrupted_run(jobs: Jobs) -> None:
    run = jobs.submit(SHORT)
    os.kill(worker_of(run).pid, signal.SIGKILL)
    ended = until_ended(jobs, run)
    assert ended.status.state is RunState.INTERRUPTED
    assert "signal 9" in ended.status.message
    assert jobs.queue() == []


def test_a_worker_that_cannot_read_its_run_leaves_it_as_it_is(jobs: Jobs) -> None:
    run = jobs.submit(SHORT)
    (run.path / "config.json").write_text("{")
    worker = worker_of(run)
    worker.wait(timeout=60)
    jobs.wait(run.run_id, timeout=60)
    assert [damaged.run_id for damaged in jobs.store.damaged()] == [run.run_id]
    for ask in (jobs.stop, jobs.pause, jobs.resume):
        with pytest.raises(RunDamagedError):
            ask(run.run_id)
    assert jobs.current() is None


def test_a_run_whose_folder_is_deleted_ends_and_the_next_one_starts(jobs: Jobs) -> None:
    first, second = jobs.submit(ENDLESS), jobs.submit(ENDLESS)
    until_state(jobs.store, first, RunState.STARTING)
    worker = worker_of(first)
    shutil.rmtree(first.path)
    worker.wait(timeout=60)
    until_state(jobs.store, second, RunState.STARTING)
    assert first.run_id not in {run.run_id for run in jobs.store.runs()}


def test_a_process_that_cannot_be_started_is_said_and_leaves_nothing(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(RunError, match="the training process could not be started: No such file or directory"):
        jobs.submit(SHORT)
    assert os.listdir(jobs.store.home.runs) == []
    run = jobs.store.create(SHORT)
    run.status.write(run.path, state=RunState.INTERRUPTED, message="Why.")
    with pytest.raises(RunError, match="cannot go on: the training process could not be started"):
        jobs.resume(run.run_id)
    assert jobs.store.get(run.run_id).status.message == "Why."
    assert state(jobs.store, run) is RunState.INTERRUPTED


@pytest.mark.parametrize("name", ["n" * 10_000, "a\nb", "\x1b[31m"])
def test_a_name_that_is_refused_starts_nothing(jobs: Jobs, name: str) -> None:
    with pytest.raises(ConfigError):
        jobs.submit(SHORT, name=name)
    assert os.listdir(jobs.store.home.runs) == []


@pytest.mark.parametrize("run_id", ["nothing", "../x", "/etc", "", "X"])
def test_a_run_that_is_not_there_cannot_be_steered(jobs: Jobs, run_id: str) -> None:
    for ask in (jobs.stop, jobs.pause, jobs.go_on, jobs.resume):
        with pytest.raises(RunNotFoundError):
            ask(run_id)


def test_shipped_runs_are_never_written_to(jobs: Jobs) -> None:
    folder = jobs.store.get("classic").path
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    for ask in (jobs.stop, jobs.pause, jobs.go_on):
        ask("classic")
    with pytest.raises(RunStateError):
        jobs.resume("classic")
    jobs.reconcile()
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_reconcile_writes_down_what_an_earlier_server_left(home: StudioHome) -> None:
    store = RunStore(home)
    left = {}
    for claimed in RunState:
        run = store.create(SHORT)
        run.status.write(run.path, state=claimed, pid=2**22 + 1, pid_started=1.0, message="")
        left[run.run_id] = claimed
    copy_of_classic(home, "damaged").joinpath("config.json").unlink()
    jobs = jobs_for(home)
    assert jobs is jobs_for(home)
    for run_id, claimed in left.items():
        written = (home.runs / run_id / "status.json").read_text()
        expected = claimed if claimed.ended else RunState.INTERRUPTED
        assert f'"state": "{expected}"' in written
        assert (jobs.store.get(run_id).status.message != "") == (not claimed.ended)
    assert jobs.current() is None
    assert jobs.queue() == []
