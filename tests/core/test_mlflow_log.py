"""A run told to MLflow's SQLite store, read back from the file itself; and the refusals."""

import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import TrainingConfig
from core.home import StudioHome
from core.runs import RunStore
from core.thresholds import Threshold, keep_threshold
from tests.digits import REPOSITORY

installed = importlib.util.find_spec("mlflow") is not None
needs_mlflow = pytest.mark.skipif(not installed, reason="MLflow is not installed (requirements-mlflow.txt)")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tracking store of the test's own."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    return tmp_path / "mlflow.db"


def log(home: StudioHome, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command in a folder of the test's own: MLflow puts files into the one it is called from."""
    home.root.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "core", "log-mlflow", *arguments],
        cwd=home.root,
        env={**os.environ, "DIGIT_STUDIO_HOME": str(home.root), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@needs_mlflow
def test_a_run_is_logged_once_with_everything(home: StudioHome, database: Path) -> None:
    keep_threshold(home, RunStore(home).get("classic"), Threshold(0.916))
    done = [log(home, "classic", "--json") for _ in range(2)]
    assert [one.returncode for one in done] == [0, 0], done[0].stderr
    first, second = (json.loads(one.stdout) for one in done)
    assert (first["run_id"], first["new"]) == ("classic", True)
    assert second == first | {"new": False}
    run = RunStore(home).get("classic")
    evaluation = run.evaluation()
    assert evaluation is not None
    with sqlite3.connect(database) as connection:

        def ask(query: str) -> list[tuple]:
            return connection.execute(query).fetchall()

        assert ask("select run_uuid, name, status from runs") == [(first["mlflow_run_id"], "Classic", "FINISHED")]
        parameters = dict(ask("select key, value from params"))
        assert parameters == {"preset": "classic"} | {key: str(value) for key, value in run.config.to_dict().items()}
        assert len(ask("select value from metrics where key = 'loss'")) == len(run.steps())
        assert ask("select step, value from metrics where key = 'val_accuracy' order by step") == [
            (record["step"], record["val_accuracy"]) for record in run.epochs()
        ]
        assert ask("select value from metrics where key = 'test_accuracy'") == [(evaluation["test"]["accuracy"],)]
        assert ask("select value from metrics where key = 'threshold'") == [(0.916,)]
        (where,) = ask("select artifact_uri from runs")[0]
    connection.close()
    stored = Path(where.removeprefix("file://"))
    assert stored.is_relative_to(home.root)
    assert (stored / "model.onnx").read_bytes() == (run.path / "model.onnx").read_bytes()
    assert len(list(stored.iterdir())) == 7


@needs_mlflow
def test_a_server_that_is_not_there(home: StudioHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    done = log(home, "classic")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr


def test_without_a_server_named(home: StudioHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = log(home, "classic")
    assert (done.returncode, done.stdout) == (2, "")
    assert "set MLFLOW_TRACKING_URI" in done.stderr


def test_a_run_under_way_is_refused(home: StudioHome, database: Path) -> None:
    store = RunStore(home)
    run = store.create(TrainingConfig())
    assert run.status.pid == os.getpid()
    done = log(home, run.run_id)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is queued; a run can be logged once it has ended" in done.stderr


@pytest.mark.skipif(installed, reason="MLflow is installed")
def test_without_mlflow(home: StudioHome, database: Path) -> None:
    done = log(home, "classic")
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install -r requirements-mlflow.txt" in done.stderr
