"""Real runs in real processes: what a finished one leaves, and what happens when one is hurt at any moment."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core import data, evaluation
from core.architecture import count_parameters
from core.errors import RunError
from core.files import read_json_object
from core.home import StudioHome
from core.jobs import Jobs
from core.network import OnnxNetwork
from core.run import INITIAL_MODEL, Origin, Run
from core.runs import RunStore
from core.status import RunState
from core.validation_view import FILE as VALIDATION_VIEW
from core.validation_view import ValidationView
from tests.trainings import (
    DIVERGING,
    ENDLESS,
    SHORT,
    jobs_in,
    kill,
    process,
    state,
    until,
    until_ended,
    until_state,
    worker_of,
)

FILES = {
    "config.json",
    "status.json",
    "metrics.jsonl",
    "model.keras",
    "model.onnx",
    "predictions.npz",
    "evaluation.json",
    "environment.json",
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    home = StudioHome(tmp_path_factory.mktemp("worker"))
    home.runs.mkdir()
    with jobs_in(home) as jobs:
        yield jobs


@pytest.fixture(scope="module")
def finished(jobs: Jobs) -> Run:
    """A run that nothing happened to."""
    run = until_ended(jobs, jobs.submit(SHORT, name="Undisturbed", preset="quick"))
    assert run.status.state is RunState.FINISHED, run.status.message
    return run


def contents(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.path.iterdir()}


def test_a_finished_run_holds_every_file_and_nothing_else(finished: Run) -> None:
    assert set(os.listdir(finished.path)) - {"worker.log", "control.json"} == FILES | {VALIDATION_VIEW}
    assert finished.has_model
    status = finished.status
    assert (status.epoch, status.step, status.epochs, status.steps) == (3, 30, 3, 30)
    assert (status.message, status.pid, status.eta_seconds) == ("", None, None)
    assert status.started_at is not None
    assert status.queued_at <= status.started_at <= status.updated_at


def test_its_last_validation_is_shown(finished: Run) -> None:
    view = ValidationView.read(finished.path)
    assert view is not None
    assert view.epoch == 3
    last = finished.epochs()[-1]["val_accuracy"]
    assert np.trace(view.matrix) / view.matrix.sum() == pytest.approx(last, abs=1e-6)
    predictions = finished.predictions()
    assert predictions is not None
    assert set(view.indices) <= set(predictions["validation_indices"])


def test_its_history_is_whole(finished: Run) -> None:
    assert [record["step"] for record in finished.steps()] == list(range(1, 31))
    assert [record["epoch"] for record in finished.epochs()] == [1, 2, 3]
    assert {"val_loss", "val_accuracy", "seconds", "time"} <= finished.epochs()[0].keys()
    assert {"learning_rate", "images_per_second", "time"} <= finished.steps()[0].keys()
    assert finished.epochs()[-1]["loss"] < finished.epochs()[0]["loss"]


def test_its_figures_are_those_of_its_model(finished: Run) -> None:
    found, predictions = finished.evaluation(), finished.predictions()
    assert found is not None
    assert predictions is not None
    test = data.load_split(StudioHome(Path()).mnist, "test")
    assert_allclose(
        predictions["test"], OnnxNetwork(finished.path / "model.onnx").probabilities(test.images), atol=1e-5
    )
    assert_array_equal(predictions["validation_indices"], np.arange(59_500, 60_000))
    summary = evaluation.summarise(predictions["test"], test.labels, split="test", temperature=found["temperature"])
    assert found["test"] == json.loads(json.dumps(summary))
    assert (found["test"]["n"], found["validation"]["n"]) == (10_000, 500)
    assert found["validation"]["accuracy"] == pytest.approx(finished.epochs()[-1]["val_accuracy"], abs=0.005)
    assert found["parameters"] == count_parameters(finished.config)
    assert found["onnx_difference"] <= 1e-4
    assert found["train_seconds"] == pytest.approx(sum(record["seconds"] for record in finished.epochs()), abs=0.01)
    assert found["images_per_second"] == pytest.approx(3 * 640 / found["train_seconds"], rel=0.01)
    assert (found["ended"], found["epoch_kept"]) == ("all_epochs", 3)


def test_its_environment_names_versions_and_no_paths(finished: Run) -> None:
    environment = read_json_object(finished.path / "environment.json")
    assert environment["data_sha256"] == data.DATA_HASH
    assert environment["seed"] == 1
    assert environment["precision"] in ("float32", "mixed_bfloat16")
    for name in FILES - {"model.onnx", "model.keras", "predictions.npz"}:
        assert str(finished.path.parent) not in (finished.path / name).read_text()


def test_its_keras_model_carries_no_optimiser(finished: Run) -> None:
    with zipfile.ZipFile(finished.path / "model.keras") as archive:
        config = json.loads(archive.read("config.json"))
        assert not config["compile_config"]
        assert b"adam" not in archive.read("model.weights.h5").lower()


def test_killed_again_and_again_it_goes_on_and_ends_as_if_nothing_had_been(jobs: Jobs, finished: Run) -> None:
    others = contents(finished)
    run = jobs.submit(SHORT, preset="quick")
    folder = run.path

    until_state(jobs.store, run, RunState.STARTING)
    killed = kill(jobs, run)
    assert killed.status.state is RunState.INTERRUPTED
    assert "killed" in killed.status.message
    assert killed.steps() == []
    assert not killed.has_model

    jobs.resume(run.run_id)
    until(lambda: (folder / "metrics.jsonl").exists() and jobs.store.get(run.run_id).epochs(), "the first epoch")
    killed = kill(jobs, run)  # about where the checkpoint is written
    assert killed.status.state is RunState.INTERRUPTED
    assert [record["epoch"] for record in killed.epochs()][:1] == [1]

    jobs.resume(run.run_id)
    until_state(jobs.store, run, RunState.TRAINING)
    worker_of(run).rlimit(psutil.RLIMIT_FSIZE, (20_000, 20_000))  # every checkpoint and every model is larger
    failed = until_ended(jobs, run)
    assert failed.status.state is RunState.FAILED
    assert failed.status.message == "A file of the run could not be written or read: File too large."

    jobs.resume(run.run_id)
    until_state(jobs.store, run, RunState.EXPORTING, RunState.EVALUATING)
    assert kill(jobs, run).status.state is RunState.INTERRUPTED

    jobs.resume(run.run_id)
    until_state(jobs.store, run, RunState.EVALUATING)
    killed = kill(jobs, run)
    assert killed.status.state is RunState.INTERRUPTED
    assert not killed.has_model

    (folder / ".checkpoint-0002-x1y2z3.keras").write_bytes(b"half")  # as a kill at a worse moment leaves it
    jobs.resume(run.run_id)
    ended = until_ended(jobs, run)
    assert (ended.status.state, ended.status.message) == (RunState.FINISHED, "")
    assert [record["epoch"] for record in ended.epochs()] == [1, 2, 3]
    assert [record["step"] for record in ended.steps()] == list(range(1, 31))
    assert set(os.listdir(folder)) >= FILES
    assert not [name for name in os.listdir(folder) if name.startswith((".", "checkpoint-", "best-"))]
    # Dropout draws anew after each start; all else is as in the run that nothing happened to.
    assert ended.epochs()[0]["loss"] == pytest.approx(finished.epochs()[0]["loss"], rel=1e-3)
    assert ended.epochs()[2]["val_loss"] == pytest.approx(finished.epochs()[2]["val_loss"], rel=0.3)
    assert contents(finished) == others


def test_a_run_goes_on_from_the_weights_of_another_with_a_fresh_optimiser(jobs: Jobs, finished: Run) -> None:
    others = contents(finished)
    run = jobs.train_longer(finished.run_id, epochs=2, learning_rate=5e-3)
    until_state(jobs.store, run, RunState.STARTING)
    kill(jobs, run)
    assert (run.path / INITIAL_MODEL).read_bytes() == others["model.keras"]
    ended = until_ended(jobs, jobs.resume(run.run_id))
    assert (ended.status.state, ended.status.message) == (RunState.FINISHED, "")
    assert ended.name == "Undisturbed, continued"
    assert ended.continued_from == Origin(finished.run_id, "Undisturbed")
    assert not (run.path / INITIAL_MODEL).exists()
    assert [record["epoch"] for record in ended.epochs()] == [1, 2]

    # It begins about where the other one ended; its schedule, and the moments that go with it, from the start.
    first, before = ended.epochs()[0], finished.epochs()
    assert first["loss"] < (before[0]["loss"] + before[-1]["loss"]) / 2
    assert finished.steps()[-1]["learning_rate"] < 1e-4
    rates = [record["learning_rate"] for record in ended.steps()]
    assert rates[0] < max(rates) == pytest.approx(5e-3, rel=0.05)
    indices = [(run.predictions() or {})["validation_indices"] for run in (ended, finished)]
    assert_array_equal(*indices)
    assert contents(finished) == others


def test_a_server_that_is_killed_takes_its_worker_with_it(tmp_path: Path) -> None:
    home = StudioHome(tmp_path)
    home.runs.mkdir()
    server = """
        import sys, time
        from dataclasses import replace
        from core.home import StudioHome
        from core.jobs import Jobs
        from core.runs import RunStore
        from tests.trainings import ENDLESS
        jobs = Jobs(RunStore(StudioHome.from_environment()))
        print(jobs.submit(ENDLESS).run_id, flush=True)
        print(jobs.submit(ENDLESS).run_id, flush=True)
        time.sleep(600)
    """
    store = RunStore(home)
    with process("-c", textwrap.dedent(server), home=home) as serving:
        assert serving.stdout is not None
        training, waiting = (store.get(serving.stdout.readline().strip()) for _ in range(2))
        workers = [worker_of(run) for run in (training, waiting)]
        until(lambda: store.get(training.run_id).epochs(), "the first epoch")
        assert state(store, waiting) is RunState.QUEUED
        serving.send_signal(signal.SIGKILL)
        serving.wait()
        assert psutil.wait_procs(workers, timeout=120)[1] == []
    for run in (training, waiting):
        assert state(store, run) is RunState.INTERRUPTED
        assert store.get(run.run_id).status.message == "The studio was closed before this run was done."

    # The next server finds them, and lets one go on where it was: pressed twice, by two servers, it goes on once.
    with jobs_in(home) as jobs:
        jobs.reconcile()
        done = len(store.get(training.run_id).epochs())
        resume = f"""
            from core.errors import RunStateError
            from core.home import StudioHome
            from core.jobs import Jobs
            from core.runs import RunStore
            try:
                Jobs(RunStore(StudioHome.from_environment())).resume({training.run_id!r})
                print("resumed", flush=True)
                input()
            except RunStateError as error:
                print(error, flush=True)
        """
        with (
            process("-c", textwrap.dedent(resume), home=home) as one,
            process("-c", textwrap.dedent(resume), home=home) as other,
        ):
            answers = sorted(pressed.stdout.readline().strip() for pressed in (one, other) if pressed.stdout)
            assert answers[0].startswith(training.run_id)
            assert answers[0].endswith("only an interrupted or failed run can go on.")
            assert answers[1] == "resumed"
            until(lambda: len(store.get(training.run_id).epochs()) > done, "an epoch more")
        until(lambda: state(store, training).ended, "the end of its server to be noticed", seconds=20)
        epochs = [record["epoch"] for record in store.get(training.run_id).epochs()]
        assert epochs == list(range(1, len(epochs) + 1))


def test_a_worker_whose_server_died_before_it_looked_ends_all_the_same(tmp_path: Path) -> None:
    home = StudioHome(tmp_path)
    home.runs.mkdir()
    run = RunStore(home).create(ENDLESS)
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    run.status.write(run.path, pid=gone.pid)
    with process("-m", "core.worker", str(run.path), "--parent", str(gone.pid), home=home) as worker:
        worker.wait(timeout=120)
    until(lambda: state(RunStore(home), run) is RunState.INTERRUPTED, "the run to be interrupted")


def test_a_run_that_diverges_fails_and_says_why(jobs: Jobs, finished: Run) -> None:
    others = contents(finished)
    run = until_ended(jobs, jobs.submit(replace(SHORT, **DIVERGING)))
    assert run.status.state is RunState.FAILED
    done = len(run.epochs())
    assert run.status.message.startswith("The loss became NaN or infinite in epoch")
    assert f"The checkpoint of epoch {done} is kept. Lower the learning rate (it was 3)" in run.status.message
    assert (run.path / f"checkpoint-{done:04d}.keras").exists()
    assert all(np.isfinite(record["loss"]) for record in run.steps())
    assert run.evaluation() is None
    assert not run.has_model
    assert contents(finished) == others
    assert jobs.current() is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only the administrator may mount a small disk here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4_096))


def test_a_full_disk_fails_the_run_with_the_reason(small_disk: Path) -> None:
    home = StudioHome(small_disk)
    home.runs.mkdir()
    with jobs_in(home) as jobs:
        whole = jobs.store.create(SHORT)
        whole.status.write(whole.path, state=RunState.INTERRUPTED)
        before = contents(whole)
        run = jobs.submit(ENDLESS)
        until(lambda: jobs.store.get(run.run_id).epochs(), "the first epoch")
        with pytest.raises(OSError, match="No space left"):
            _fill(small_disk / "filler")
        failed = until_ended(jobs, run)
        assert failed.status.state is RunState.FAILED
        assert failed.status.message == "A file of the run could not be written or read: No space left on device."
        assert failed.epochs()
        assert contents(whole) == before
        with pytest.raises(OSError, match="No space left"):
            _fill(small_disk / "what the worker left")
        with pytest.raises(RunError, match="a new run cannot be written: No space left on device"):
            jobs.submit(SHORT)
        assert {found.run_id for found in jobs.store.runs() if not found.shipped} == {run.run_id, whole.run_id}
        assert jobs.store.damaged() == []
