"""What a worker does with its run once its turn has come: train, export, evaluate, each step written to the run folder.

Owns the order of the stages and the content of `metrics.jsonl`, `environment.json`, `predictions.npz` and
`evaluation.json`, for a network from outside too. Waiting, signals and failures are `worker`'s.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core import control, data, hardware
from core.architecture import count_parameters
from core.checkpoints import Checkpoints
from core.control import Command
from core.data import Split
from core.errors import TrainingError
from core.evaluation import fit_temperature, summarise
from core.files import line_appender, replacing, sweep, write_json
from core.home import StudioHome
from core.lesson import read_lesson
from core.loading import load_keras
from core.metrics import METRICS
from core.network import OnnxNetwork
from core.progress import EpochRecord, StepRecord, epoch_from_json, to_json
from core.run import ENVIRONMENT, EVALUATION, INITIAL_MODEL, KERAS_MODEL, ONNX_MODEL, PREDICTIONS, Run
from core.status import RunState, RunStatus
from core.validation_view import view_of

if TYPE_CHECKING:
    import keras

PARITY_IMAGES: Final = 1_000
# What nobody but the worker writes while it works, whole or not at all: the beginnings of these names.
WRITTEN: Final = (
    *("status", "checkpoint", "best", "validation", "environment"),
    *("metrics", "model", "predictions", "evaluation"),
)


class Recorder:
    """The observer of a run: appends to `metrics.jsonl`, keeps `status.json` fresh, reads `control.json`."""

    def __init__(self, run: Run, status: RunStatus, validation: Split, indices: NDArray[np.int64]) -> None:
        self.epochs: list[EpochRecord] = []
        self.status = status
        self._run = run
        self._validation, self._indices = validation, indices
        self._append = line_appender(run.path / METRICS)
        self._first: tuple[float, int] | None = None
        self._paused_seconds = 0.0
        self._paused_since: float | None = None

    def on_step(self, record: StepRecord) -> None:
        self._append(to_json(record))
        self._write(
            state=RunState.TRAINING,
            epoch=record.epoch,
            step=record.step,
            images_per_second=record.images_per_second,
            eta_seconds=self._eta(record),
        )

    def on_epoch(self, record: EpochRecord) -> None:
        self.epochs.append(record)
        self._append(to_json(record))

    def on_validation(self, epoch: int, probabilities: NDArray[np.float32]) -> None:
        view_of(epoch, probabilities, self._validation, self._indices).write(self._run.path)

    def stop_requested(self) -> bool:
        return control.read(self._run.path).command is Command.STOP

    def paused(self) -> bool:
        wanted = control.read(self._run.path).command is Command.PAUSE
        if wanted and self._paused_since is None:
            self._paused_since = time.time()
            self._write(state=RunState.PAUSED, eta_seconds=None)
        elif not wanted and self._paused_since is not None:
            self._paused_seconds += time.time() - self._paused_since
            self._paused_since = None
            self._write(state=RunState.TRAINING)
        return wanted

    def learning_rate(self) -> float | None:
        return control.read(self._run.path).learning_rate

    def stage(self, state: RunState) -> None:
        """Tells which stage has begun."""
        self._write(state=state, eta_seconds=None)

    def _eta(self, record: StepRecord) -> float | None:
        """Seconds until the last step, at the mean pace since the first record; validation is part of that pace."""
        now = record.time - self._paused_seconds
        if self._first is None:
            self._first = now, record.step
            return None
        began, first_step = self._first
        return (now - began) / (record.step - first_step) * (self.status.steps - record.step)

    def _write(self, **changes: Any) -> None:
        self.status = self.status.write(self._run.path, **changes)


def complete(home: StudioHome, run: Run, status: RunStatus) -> None:
    """Takes a run from its settings to a finished model, going on from its checkpoint where there is one.

    Raises:
        StudioError: the data is damaged, the training failed, or the export does not agree with Keras.
    """
    from core.training import precision_of, train

    sweep(run.path, WRITTEN)
    began = time.time()
    with ThreadPoolExecutor(1) as beside:  # the images are unpacked while TensorFlow is imported
        loading = beside.submit(training_data, home, run)
        load_keras()
        training, validation, validation_indices = loading.result()

    checkpoints = Checkpoints(run.path)
    if run.continued_from is not None and checkpoints.latest() is None and not checkpoints.initial.exists():
        raise TrainingError(f"{INITIAL_MODEL} is gone: the weights that this run was to start from.")
    lesson = read_lesson(run.path, run.taught) if run.taught is not None else None
    history = _rewind(run, checkpoints.latest())
    precision = precision_of(run.config)
    _write_environment(run, precision)
    recorder = Recorder(run, status, validation, validation_indices)
    trained = train(run.config, training, validation, recorder, checkpoints, history, lesson)
    epochs = history + recorder.epochs
    figures = _training_figures(run, epochs, recorder.status.step) | {
        "startup_seconds": round(recorder.epochs[0].time - recorder.epochs[0].seconds - began, 3)
        if recorder.epochs
        else 0,
        "precision": precision,
        "ended": str(trained.reason),
        "epoch_kept": trained.epoch,
    }

    recorder.stage(RunState.EXPORTING)
    figures |= export_models(run, trained.model, validation if len(validation) else training)
    recorder.stage(RunState.EVALUATING)
    evaluate(home, run, validation, validation_indices, figures)
    message = _ending(trained.reason, trained.epoch)
    recorder.status.write(run.path, state=RunState.FINISHED, message=message, eta_seconds=None, pid=None)
    checkpoints.clear()


def training_data(home: StudioHome, run: Run) -> tuple[Split, Split, NDArray[np.int64]]:
    """Training images, validation images, and the latter's indices in MNIST's training split."""
    whole = data.load_split(home.mnist, "train")
    training, validation = data.divide(whole.labels, run.config)
    return (
        Split(whole.images[training], whole.labels[training]),
        Split(whole.images[validation], whole.labels[validation]),
        validation,
    )


def _rewind(run: Run, checkpoint: tuple[int, Path] | None) -> list[EpochRecord]:
    """Cuts `metrics.jsonl` back to the checkpoint that the training goes on from, and returns its epochs."""
    done = checkpoint[0] if checkpoint else 0
    epochs = [record for record in run.epochs() if "seconds" in record]
    records = sorted(run.steps() + epochs, key=lambda record: (record["step"], record["kind"] == EpochRecord.kind))
    kept = [record for record in records if record["epoch"] <= done]
    with replacing(run.path / METRICS) as path:
        path.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")
    return [epoch_from_json(record) for record in kept if record["kind"] == EpochRecord.kind]


def _write_environment(run: Run, precision: str) -> None:
    environment = hardware.describe()
    write_json(
        run.path / ENVIRONMENT,
        environment | {"precision": precision, "seed": run.config.seed, "data_sha256": data.DATA_HASH},
    )


def _training_figures(run: Run, epochs: list[EpochRecord], steps: int) -> dict[str, Any]:
    seconds = sum(record.seconds for record in epochs)
    images = steps * min(run.config.batch_size, run.config.training_images)
    return {
        "run_id": run.run_id,
        "parameters": count_parameters(run.config),
        "train_seconds": round(seconds, 3),
        "images_per_second": round(images / seconds, 1) if seconds else 0.0,
    }


def export_models(run: Run, model: "keras.Model", images: Split) -> dict[str, Any]:
    """Writes both model files, and checks the one against the other."""
    from core.onnx_export import check_parity, export_onnx

    began = time.time()
    with replacing(run.path / KERAS_MODEL) as path:
        model.save(path)
    export_onnx(model, run.path / ONNX_MODEL)
    difference = check_parity(model, run.path / ONNX_MODEL, images.images[:PARITY_IMAGES])
    return {"onnx_difference": difference, "export_seconds": round(time.time() - began, 3)}


def evaluate(
    home: StudioHome, run: Run, validation: Split, indices: NDArray[np.int64], figures: dict[str, Any]
) -> None:
    """Writes `predictions.npz` and `evaluation.json`. The one place where the test split is read."""
    began = time.time()
    test = data.load_split(home.mnist, "test")
    network = OnnxNetwork(run.path / ONNX_MODEL, threads=hardware.cores())
    on_validation, on_test = network.probabilities(validation.images), network.probabilities(test.images)
    with replacing(run.path / PREDICTIONS) as path:
        np.savez_compressed(path, validation=on_validation, test=on_test, validation_indices=indices)
    temperature = fit_temperature(on_validation, validation.labels)
    evaluation = figures | {"temperature": temperature}
    if len(validation):
        evaluation["validation"] = summarise(
            on_validation, validation.labels, split="validation", temperature=temperature
        )
    evaluation["test"] = summarise(on_test, test.labels, split="test", temperature=temperature)
    write_json(run.path / EVALUATION, evaluation | {"evaluation_seconds": round(time.time() - began, 3)})


def _ending(reason: str, epoch: int) -> str:
    """Why the training ended early and what was kept; empty when it ran to its end."""
    why = {
        "stopped": "Stopped by hand",
        "early_stopping": "Stopped early: the validation loss fell no more",
        "time_budget": "Stopped at the end of its time budget",
    }.get(reason)
    return f"{why}; kept the weights of epoch {epoch}." if why else ""
