"""A run told to MLflow, at the tracking server that `MLFLOW_TRACKING_URI` names.

Owns what a run's settings, records, figures and files are called there. MLflow is an extra (`requirements-mlflow.txt`)
and imported only here, when asked for. Nothing is sent anywhere else: its own telemetry is switched off.
"""

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from core import run as files
from core.errors import ConfigError, ExportError, RunStateError
from core.home import StudioHome
from core.run import Run
from core.status import RunState
from core.thresholds import threshold_of

if TYPE_CHECKING:
    import mlflow

URI: Final = "MLFLOW_TRACKING_URI"
EXPERIMENT: Final = "Digit Studio"
_TAG: Final = "digit_studio.run_id"
_AT_ONCE: Final = 500  # values in one request; MLflow allows 1,000
_OF_A_RECORD: Final = ("kind", "time", "epoch", "step")
_FIGURES: Final = ("accuracy", "accuracy_low", "accuracy_high", "loss", "ece")
_ARTIFACTS: Final = (
    *(files.CONFIG, files.METRICS, files.EVALUATION, files.ENVIRONMENT),
    *(files.KERAS_MODEL, files.ONNX_MODEL, files.PREDICTIONS),
)
_ENDINGS: Final = {
    RunState.FINISHED: "FINISHED",
    RunState.INTERRUPTED: "KILLED",
    RunState.FAILED: "FAILED",
}


def log_run(home: StudioHome, run: Run) -> tuple[str, bool]:
    """Tells the tracking server about a run that has ended. Returns MLflow's id for it, and whether it is new there.

    Args:
        home: whose threshold for the run is told.

    Raises:
        ConfigError: no tracking server is named.
        RunStateError: the run is under way.
        RunDamagedError: its evaluation cannot be read.
        ExportError: MLflow is not installed, or the server does not take the run.
    """
    if not os.environ.get(URI):
        raise ConfigError(f"no tracking server is named: set {URI}, for instance to sqlite:///mlflow.db.")
    if run.status.state not in _ENDINGS:
        raise RunStateError(f"{run.run_id} is {run.status.state}; a run can be logged once it has ended.")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        import mlflow
    except ModuleNotFoundError as error:
        raise ExportError(
            "MLflow is not installed; `python -m pip install -r requirements-mlflow.txt` does it."
        ) from error
    try:
        return _log(mlflow.MlflowClient(), home, run)
    except OSError as error:  # requests' exceptions are among these
        raise ExportError(f"{URI} cannot be reached or written: {type(error).__name__}.") from error
    except mlflow.MlflowException as error:
        raise ExportError(f"MLflow does not take {run.run_id}: {_first_line(error)}") from error


def _log(client: "mlflow.MlflowClient", home: StudioHome, run: Run) -> tuple[str, bool]:
    from mlflow.entities import Metric, Param, RunTag

    found = client.get_experiment_by_name(EXPERIMENT)
    experiment = found.experiment_id if found else client.create_experiment(EXPERIMENT)
    known = client.search_runs([experiment], filter_string=f"tags.`{_TAG}` = '{run.run_id}'", max_results=1)
    if known:
        return known[0].info.run_id, False
    metrics = [Metric(name, value, round(1000 * time), step) for name, value, time, step in _metrics(home, run)]
    params = [Param(name, str(value)) for name, value in _parameters(run).items()]
    created: str = client.create_run(
        experiment, start_time=round(1000 * (run.status.started_at or run.created_at)), run_name=run.name
    ).info.run_id
    for start in range(0, len(metrics), _AT_ONCE):
        client.log_batch(created, metrics=metrics[start : start + _AT_ONCE])
    client.log_batch(created, params=params)
    for name in _ARTIFACTS:
        with contextlib.suppress(FileNotFoundError):  # a run that failed has not all of them
            if (run.path / name).is_file():
                client.log_artifact(created, str(run.path / name))
    # The tag comes last: a run that was cut off on the way is logged anew.
    client.log_batch(created, tags=[RunTag(_TAG, run.run_id)])
    client.set_terminated(created, _ENDINGS[run.status.state], end_time=round(1000 * run.status.updated_at))
    return created, True


def _parameters(run: Run) -> dict[str, Any]:
    """The settings; of an imported network only that it is one."""
    settings = {"imported": True} if run.imported is not None else run.config.to_dict()
    return {"preset": run.preset, **settings}


def _metrics(home: StudioHome, run: Run) -> Iterator[tuple[str, float, float, int]]:
    """Name, value, Unix time and step of everything that was measured; the epochs' own means are `epoch_...`."""
    for prefix, records in (("", run.steps()), ("epoch_", run.epochs())):
        for record in records:
            for name, value in record.items():
                if name not in _OF_A_RECORD:
                    yield name if name.startswith("val_") else prefix + name, value, record["time"], record["step"]
    evaluation = run.evaluation() or {}
    figures = evaluation | {"threshold": threshold_of(home, run)}
    for name in ("parameters", "train_seconds", "temperature", "threshold"):
        if isinstance(figures.get(name), (int, float)):
            yield name, figures[name], run.status.updated_at, run.status.step
    for split in ("validation", "test"):
        for name in _FIGURES:
            if split in evaluation:
                yield f"{split}_{name}", evaluation[split][name], run.status.updated_at, run.status.step


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
