"""The queue and its controls, with real workers: one trains, the rest wait in order, any button may be pressed."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace

import filelock
import psutil
import pytest

from core import control
from core.control import Command
from core.errors import ConfigError, RunDamagedError, RunError, RunNotFoundError, RunStateError
from core.home import StudioHome
from core.jobs import Jobs, jobs_for
from core.runs import RunStore
from core.shelf import Shelf
from core.status import RunState
from tests.digits import copy_of_classic
from tests.trainings import ENDLESS, SHORT, jobs_in, kill, process, state, until, until_ended, until_state, worker_of


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


@pytest.fixture
def busy(home: StudioHome) -> Iterator[filelock.FileLock]:
    """Held like by a run that trains elsewhere, so that all others wait; released, the next one begins."""
    lock = filelock.FileLock(home.training_lock)
    with lock:
        yield lock


def test_the_queue_is_put_in_another_order_and_kept_to(jobs: Jobs, busy: filelock.FileLock) -> None:
    first, second, third = (jobs.submit(ENDLESS, name=name).run_id for name in ("First", "Second", "Third"))
    server = Jobs(RunStore(jobs.store.home))  # another visitor's, of the same home
    pressing = [
        threading.Thread(target=target.move, args=(run_id,), kwargs={"before": before})
        for target in (jobs, server)
        for run_id, before in ((third, first), (second, None))
    ]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()
    assert [run.run_id for run in jobs.queue()] == [third, first, second]
    for order in (jobs.pause, jobs.go_on):
        order(third)
    assert [run.run_id for run in server.queue()] == [third, first, second]

    # Taken out and queued anew, a run has no place of its own any more.
    jobs.stop(third)
    until_ended(jobs, jobs.store.get(third))
    with pytest.raises(RunStateError, match=f"{third} is interrupted: only a run that waits can be moved"):
        jobs.move(third, before=first)
    jobs.resume(third)
    assert [run.run_id for run in jobs.queue()] == [first, second, third]
    jobs.move(second, before=first)
    worker_of(jobs.store.get(third))

    busy.release()
    until_state(jobs.store, jobs.store.get(second), RunState.STARTING)
    assert [run.run_id for run in jobs.queue()] == [first, third]
    with pytest.raises(RunStateError, match=f"{second} is (starting|training): only a run that waits can be moved"):
        jobs.move(second, before=None)
    jobs.move(third, before=second)  # which has begun since the page was drawn
    assert [run.run_id for run in jobs.queue()] == [third, first]
    for before in ("nothing", "../x"):
        with pytest.raises(RunNotFoundError):
            jobs.move(third, before=before)


def test_orders_given_together_are_all_kept(jobs: Jobs, busy: filelock.FileLock) -> None:
    run = jobs.submit(ENDLESS)
    deeds = [
        lambda: jobs.pause(run.run_id),
        lambda: jobs.change_learning_rate(run.run_id, 0.002),
        lambda: jobs.move(run.run_id, before=None),
    ]
    for _ in range(10):
        control.forget(run.path)
        pressing = [threading.Thread(target=deed) for deed in deeds]
        for thread in pressing:
            thread.start()
        for thread in pressing:
            thread.join()
        orders = control.read(run.path)
        assert (orders.command, orders.learning_rate) == (Command.PAUSE, 0.002)
        assert orders.place is not None


def test_an_order_that_cannot_be_written_is_said(jobs: Jobs, busy: filelock.FileLock) -> None:
    run = jobs.submit(ENDLESS)
    (run.path / "control.json").mkdir()
    deeds = [jobs.pause, jobs.stop, lambda run_id: jobs.move(run_id, before=None)]
    for deed in (*deeds, lambda run_id: jobs.change_learning_rate(run_id, 0.1)):
        with pytest.raises(RunError, match=f"{run.run_id} cannot be told: Is a directory"):
            deed(run.run_id)


def test_a_run_that_waits_is_discarded_and_taken_back(jobs: Jobs, busy: filelock.FileLock) -> None:
    shelf = Shelf(jobs.store)
    first, second = jobs.submit(ENDLESS, name="First"), jobs.submit(ENDLESS, name="Second")
    worker = worker_of(first)
    shelf.discard(first.run_id)
    assert [run.run_id for run in jobs.queue()] == [second.run_id]
    assert psutil.wait_procs([worker], timeout=120)[1] == []
    for deed in (jobs.stop, jobs.resume, shelf.discard, lambda run_id: jobs.move(run_id, before=None)):
        with pytest.raises(RunNotFoundError):
            deed(first.run_id)
    with pytest.raises(RunNotFoundError):
        jobs.move(second.run_id, before=first.run_id)
    shelf.restore(first.run_id)
    assert state(jobs.store, first) is RunState.INTERRUPTED
    jobs.resume(first.run_id)
    assert [run.run_id for run in jobs.queue()] == [second.run_id, first.run_id]

    # Taken back and resumed before the old worker has seen it, the run has one worker all the same.
    old = worker_of(second)
    shelf.discard(second.run_id)
    shelf.restore(second.run_id)
    jobs.resume(second.run_id)
    until(lambda: jobs.store.get(second.run_id).status.pid not in (old.pid, os.getpid()), "the new worker")
    assert psutil.wait_procs([old], timeout=120)[1] == []
    assert [run.run_id for run in jobs.queue()] == [first.run_id, second.run_id]


def test_a_command_whose_run_is_discarded_on_a_page_says_so(jobs: Jobs, busy: filelock.FileLock) -> None:
    with process("-m", "core", "train", "--preset", "quick", home=jobs.store.home) as command:
        (run,) = until(jobs.queue, "the command's run to be queued")
        Shelf(jobs.store).discard(run.run_id)
        out, said = command.communicate(timeout=120)
    assert (command.returncode, out) == (1, "")
    assert f"{run.run_id} was discarded; the Runs page takes it back within a day." in said


def test_a_finished_run_is_continued(jobs: Jobs, busy: filelock.FileLock) -> None:
    run = jobs.train_longer("classic", epochs=2, learning_rate=3e-4)
    assert (run.name, run.preset) == (f"{jobs.store.get('classic').name}, continued", "classic")
    assert (run.config.epochs, run.config.learning_rate) == (2, 3e-4)
    assert [waiting.run_id for waiting in jobs.queue()] == [run.run_id]
    assert jobs.train_longer("classic", epochs=1, learning_rate=1e-4, name="Other").name == "Other"
    with pytest.raises(RunStateError, match="only a finished run can be continued"):
        jobs.train_longer(run.run_id, epochs=1, learning_rate=1e-3)
    with pytest.raises(ConfigError):
        jobs.train_longer("classic", epochs=0, learning_rate=1e-3)
    with pytest.raises(RunNotFoundError):
        jobs.train_longer("nothing", epochs=1, learning_rate=1e-3)
    assert len(jobs.queue()) == 2


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
    worker.wait(timeout=120)
    jobs.wait(run.run_id, timeout=120)
    assert [damaged.run_id for damaged in jobs.store.damaged()] == [run.run_id]
    for ask in (jobs.stop, jobs.pause, jobs.resume):
        with pytest.raises(RunDamagedError):
            ask(run.run_id)
    assert jobs.current() is None


def test_a_run_that_trains_is_discarded_or_deleted_and_the_next_one_starts(jobs: Jobs) -> None:
    first, second, third = (jobs.submit(ENDLESS, name=name) for name in ("First", "Second", "Third"))
    until(lambda: jobs.store.get(first.run_id).epochs(), "the first epoch")
    jobs.stop(first.run_id)  # it may be discarded all the same
    worker = worker_of(first)
    Shelf(jobs.store).discard(first.run_id)
    worker.wait(timeout=120)
    until_state(jobs.store, second, RunState.STARTING)
    worker = worker_of(second)
    shutil.rmtree(second.path)
    worker.wait(timeout=120)
    until_state(jobs.store, third, RunState.STARTING)
    assert {run.run_id for run in jobs.store.runs() if not run.shipped} == {third.run_id}

    Shelf(jobs.store).restore(first.run_id)
    back = jobs.store.get(first.run_id)
    assert (back.status.state, back.status.message) == (RunState.INTERRUPTED, "Discarded by hand, and taken back.")
    assert back.epochs()
    assert not back.has_model


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
        (run.path / "checkpoint-0003.keras").write_bytes(b"weights")
        left[run.run_id] = claimed
    copy_of_classic(home, "damaged").joinpath("config.json").unlink()
    jobs = jobs_for(home)
    assert jobs is jobs_for(home)
    for run_id, claimed in left.items():
        written = (home.runs / run_id / "status.json").read_text()
        expected = claimed if claimed.ended else RunState.INTERRUPTED
        assert f'"state": "{expected}"' in written
        assert (home.runs / run_id / "checkpoint-0003.keras").exists() == (claimed is not RunState.FINISHED)
        assert (jobs.store.get(run_id).status.message != "") == (not claimed.ended)
    assert jobs.current() is None
    assert jobs.queue() == []
