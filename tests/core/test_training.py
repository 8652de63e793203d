"""Trainings in this process: which weights are kept, going on from a checkpoint, and what is told on the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from core.config import TrainingConfig, preset
from core.data import Split, divide, load_split
from core.errors import TrainingError
from core.home import SHIPPED
from core.progress import EpochRecord, StepRecord
from core.training import Trained, steps_per_call, train
from tests.trainings import DIVERGING

pytestmark = pytest.mark.keras

SHORT = replace(preset("quick"), epochs=2, subset=640, batch_size=64, validation_size=200, filters=4, dense_units=16)


class Listener:
    """Keeps what it is told, and stops or pauses where a test says so."""

    def __init__(self, *, stop: Callable[["Listener"], bool] = lambda _: False) -> None:
        self.steps: list[StepRecord] = []
        self.epochs: list[EpochRecord] = []
        self.validations: list[NDArray[np.float32]] = []
        self.pauses = 0
        self.rate: float | None = None
        self._stop = stop

    def on_step(self, record: StepRecord) -> None:
        self.steps.append(record)

    def on_epoch(self, record: EpochRecord) -> None:
        self.epochs.append(record)

    def on_validation(self, epoch: int, probabilities: NDArray[np.float32]) -> None:
        assert epoch >= 1
        self.validations.append(probabilities)

    def stop_requested(self) -> bool:
        return self._stop(self)

    def learning_rate(self) -> float | None:
        return self.rate

    def paused(self) -> bool:
        self.pauses -= 1
        return self.pauses > 0


@pytest.fixture(scope="module")
def whole() -> Split:
    return load_split(SHIPPED / "mnist.npz", "train")


@pytest.fixture
def run(whole: Split, tmp_path: Path) -> Callable[..., Trained]:
    """Trains a configuration, with its checkpoints in the test's folder."""
    from core.checkpoints import Checkpoints

    def run(
        config: TrainingConfig, listener: Listener, history: list[EpochRecord] | None = None, folder: Path = tmp_path
    ) -> Trained:
        fit, held = divide(whole.labels, config)
        splits = [Split(whole.images[indices], whole.labels[indices]) for indices in (fit, held)]
        return train(config, *splits, listener, Checkpoints(folder), history or [])

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_epochs(run: Callable[..., Trained], tmp_path: Path, whole: Split) -> None:
    listener = Listener()
    trained = run(replace(SHORT, epochs=6), listener)
    assert (trained.reason, trained.epoch) == ("all_epochs", 6)
    assert [record.epoch for record in listener.epochs] == [1, 2, 3, 4, 5, 6]
    assert [record.step for record in listener.epochs] == [10, 20, 30, 40, 50, 60]
    assert [record.step for record in listener.steps] == list(range(1, 61))
    assert listener.epochs[-1].loss < 0.6 * listener.epochs[0].loss
    for epoch in listener.epochs:
        own = [record for record in listener.steps if record.epoch == epoch.epoch]
        assert_allclose(np.mean([record.loss for record in own]), epoch.loss, rtol=1e-4)
        assert_allclose(np.mean([record.accuracy for record in own]), epoch.accuracy, rtol=1e-4)
        assert epoch.seconds > 0
    images, labels = whole.images[-200:], whole.labels[-200:]
    answers = trained.model.predict(images[..., None].astype(np.float32) / 255, verbose=0)
    assert np.mean(answers.argmax(axis=1) == labels) == pytest.approx(listener.epochs[-1].val_accuracy, abs=0.011)
    told = [np.mean(validation.argmax(axis=1) == labels) for validation in listener.validations]
    assert_allclose(told, [record.val_accuracy for record in listener.epochs], rtol=1e-6)
    assert_allclose(answers, listener.validations[-1], atol=0.02)  # the training may calculate in bfloat16
    assert not trained.model.compiled
    assert names(tmp_path)[-1] == "checkpoint-0006.keras"
    assert len(names(tmp_path)) == 2


def test_the_learning_rate_is_told_as_it_is(run: Callable[..., Trained]) -> None:
    listener = Listener()
    run(SHORT, listener)
    rates = [record.learning_rate for record in listener.steps]
    assert max(rates) == pytest.approx(SHORT.learning_rate, rel=0.2)
    assert rates[-1] < rates[10]


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle"])
def test_the_learning_rate_changes_while_it_trains(run: Callable[..., Trained], schedule: str, tmp_path: Path) -> None:
    for folder in ("undisturbed", "steered"):
        (tmp_path / folder).mkdir()
    undisturbed = Listener()
    config = replace(SHORT, schedule=schedule, learning_rate=0.004, epochs=2)
    run(config, undisturbed, folder=tmp_path / "undisturbed")

    def halve_after_ten(listener: Listener) -> bool:
        listener.rate = 0.002 if len(listener.steps) >= 10 else None
        return False

    steered = Listener(stop=halve_after_ten)
    run(config, steered, folder=tmp_path / "steered")
    before, after = [record.learning_rate for record in undisturbed.steps], [r.learning_rate for r in steered.steps]
    assert_allclose(after[:10], before[:10], rtol=1e-5)
    assert_allclose(after[11:], [rate / 2 for rate in before[11:]], rtol=1e-5)


def test_going_on_from_a_checkpoint_is_as_if_never_interrupted(run: Callable[..., Trained], tmp_path: Path) -> None:
    config = replace(
        SHORT, epochs=3, rotation=10, weight_averaging=0.9, optimizer="adamw", weight_decay=0.1, dropout=0.0
    )
    (tmp_path / "whole").mkdir()
    (tmp_path / "halved").mkdir()
    at_once = Listener()
    expected = run(config, at_once, folder=tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(listener: Listener) -> bool:
        if len(listener.steps) == 25:
            raise Killed
        return False

    first = Listener(stop=kill)
    with pytest.raises(Killed):
        run(config, first, folder=tmp_path / "halved")
    assert names(tmp_path / "halved")[-1] == "checkpoint-0002.keras"
    second = Listener()
    trained = run(config, second, first.epochs, folder=tmp_path / "halved")
    assert [record.epoch for record in second.epochs] == [3]
    assert second.steps[0].step == 21
    told = first.epochs + second.epochs
    assert_allclose([record.loss for record in told], [record.loss for record in at_once.epochs], rtol=1e-3)
    assert_allclose([record.val_loss for record in told], [record.val_loss for record in at_once.epochs], rtol=1e-3)
    for one, other in zip(trained.model.get_weights(), expected.model.get_weights(), strict=True):
        assert_allclose(one, other, atol=1e-3)


def test_starting_from_the_weights_of_another_training(run: Callable[..., Trained], tmp_path: Path) -> None:
    from core.checkpoints import Checkpoints

    first, second = Listener(), Listener()
    run(replace(SHORT, epochs=4), first).model.save(Checkpoints(tmp_path).initial)
    for path in tmp_path.glob("checkpoint-*"):
        path.unlink()
    run(replace(SHORT, epochs=1, learning_rate=1e-4), second)
    assert second.epochs[0].loss == pytest.approx(first.epochs[-1].loss, rel=0.2)
    assert second.epochs[0].loss < 0.7 * first.epochs[0].loss


def test_going_on_when_nothing_was_left_to_do(run: Callable[..., Trained]) -> None:
    listener, again = Listener(), Listener()
    first = run(SHORT, listener)
    second = run(SHORT, again, listener.epochs)
    assert again.steps == again.epochs == []
    assert (second.reason, second.epoch) == ("all_epochs", 2)
    for one, other in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        assert_allclose(one, other)


def test_a_record_is_told_before_its_checkpoint_is_written(run: Callable[..., Trained], tmp_path: Path) -> None:
    class Full(Listener):
        def on_epoch(self, record: EpochRecord) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        run(SHORT, Full())
    assert not any(name.startswith("checkpoint") for name in names(tmp_path))


def test_stopping_by_hand_keeps_the_best_epoch(run: Callable[..., Trained], tmp_path: Path) -> None:
    listener = Listener(stop=lambda listener: len(listener.steps) == 25)
    trained = run(replace(SHORT, epochs=50, schedule="constant"), listener)
    assert trained.reason == "stopped"
    assert len(listener.steps) == 25
    best = min(listener.epochs, key=lambda record: record.val_loss or 0)
    assert trained.epoch == best.epoch
    assert names(tmp_path) == [f"best-{best.epoch:04d}.npz", "checkpoint-0002.keras"]


def test_stopping_at_the_first_step_still_gives_a_network(run: Callable[..., Trained], tmp_path: Path) -> None:
    trained = run(SHORT, Listener(stop=lambda _: True))
    assert (trained.reason, trained.epoch) == ("stopped", 1)
    assert names(tmp_path) == ["best-0001.npz"]


def test_stopping_without_validation_keeps_the_last(run: Callable[..., Trained], tmp_path: Path) -> None:
    listener = Listener(stop=lambda listener: len(listener.steps) == 15)
    trained = run(replace(SHORT, validation_size=0, epochs=50), listener)
    assert (trained.reason, trained.epoch) == ("stopped", 2)
    assert [record.val_loss for record in listener.epochs] == [None, None]
    assert names(tmp_path) == ["checkpoint-0001.keras"]


def test_early_stopping(run: Callable[..., Trained]) -> None:
    # A rate this high gets worse soon.
    config = replace(SHORT, epochs=60, early_stopping=2, schedule="constant", learning_rate=0.3, optimizer="adam")
    listener = Listener()
    trained = run(config, listener)
    assert trained.reason == "early_stopping"
    losses = [record.val_loss or 0 for record in listener.epochs]
    best = int(np.argmin(losses)) + 1
    assert trained.epoch == best
    assert len(losses) == best + 2


def test_the_time_budget_ends_a_training(run: Callable[..., Trained]) -> None:
    listener = Listener()
    trained = run(replace(SHORT, epochs=1_000, time_budget=1e-6), listener)
    assert trained.reason == "time_budget"
    assert len(listener.epochs) == 1


def test_a_pause_ends_and_is_no_training_time(run: Callable[..., Trained]) -> None:
    listener = Listener()
    listener.pauses = 15  # polls, a tenth of a second each
    run(replace(SHORT, epochs=1), listener)
    assert len(listener.steps) == 10
    assert listener.epochs[0].seconds < 1.4


def test_divergence_is_told_and_the_last_good_checkpoint_kept(run: Callable[..., Trained], tmp_path: Path) -> None:
    config = replace(SHORT, **DIVERGING)
    listener = Listener()
    with pytest.raises(TrainingError) as raised:
        run(config, listener)
    message = str(raised.value)
    assert "The loss became NaN or infinite in epoch" in message
    assert "Lower the learning rate (it was 3)" in message
    done = len(listener.epochs)
    assert done >= 1
    assert f"The checkpoint of epoch {done} is kept" in message
    assert [name for name in names(tmp_path) if name.startswith("checkpoint")] == [f"checkpoint-{done:04d}.keras"]


def test_divergence_in_the_first_epoch_is_told(run: Callable[..., Trained], tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"in epoch 1, by step .*\. No epoch was complete"):
        run(replace(SHORT, **DIVERGING | {"batch_size": 16}), Listener())
    assert not any(name.startswith("checkpoint") for name in names(tmp_path))


@pytest.mark.parametrize("moment", ["on_test_end", "on_epoch_end"])
def test_weights_that_the_last_step_broke_are_never_saved(tmp_path: Path, moment: str) -> None:
    """The loss of a step is that of the weights before it: the last one of an epoch can break them unseen."""
    import tensorflow as tf

    from core.callbacks import Reporting
    from core.checkpoints import Checkpoints
    from core.model import build_trainee

    listener = Listener()
    reporting = Reporting(SHORT, tf.data.Dataset.range(1), listener, Checkpoints(tmp_path), [], 0)
    model = build_trainee(SHORT, "float32")
    reporting.set_model(model)
    reporting.on_epoch_begin(0)
    weights = model.get_weights()
    weights[-1][3] = np.nan
    model.set_weights(weights)
    logs = {"loss": 0.5, "accuracy": 0.9} if moment == "on_epoch_end" else {"loss": float("nan"), "accuracy": 0.1}
    with pytest.raises(TrainingError, match="NaN or infinite in epoch 1"):
        reporting.on_test_end(logs) if moment == "on_test_end" else reporting.on_epoch_end(0, logs)
    assert names(tmp_path) == []
    assert listener.epochs == []


def test_fewer_images_than_a_batch(run: Callable[..., Trained]) -> None:
    listener = Listener()
    run(replace(SHORT, subset=3, epochs=2), listener)
    assert [record.step for record in listener.steps] == [1, 2]


def test_every_augmentation_and_option_trains(run: Callable[..., Trained]) -> None:
    options: dict[str, Any] = {
        "rotation": 10,
        "shift": 2,
        "scale": 0.1,
        "shear": 5,
        "thickness": 0.5,
        "elastic": 1,
        "blemishes": 0.2,
        "pen_styles": 0.2,
        "label_smoothing": 0.1,
        "weight_averaging": 0.9,
        "mixed_precision": "on",
        "optimizer": "rmsprop",
        "batch_size": 320,  # more than OpenCV resizes at a time
    }
    listener = Listener()
    trained = run(replace(SHORT, **options), listener)
    assert trained.reason == "all_epochs"
    assert {weights.dtype for weights in trained.model.get_weights()} == {np.dtype(np.float32)}


def test_a_cut_checkpoint_is_told(run: Callable[..., Trained], tmp_path: Path) -> None:
    listener = Listener()
    run(replace(SHORT, epochs=1), listener)
    path = tmp_path / "checkpoint-0001.keras"
    path.write_bytes(path.read_bytes()[:2_000])
    with pytest.raises(TrainingError, match=r"checkpoint-0001\.keras cannot be read .*; start this training anew"):
        run(SHORT, Listener(), listener.epochs)


def test_calls_are_short_enough_to_report() -> None:
    assert steps_per_call(preset("strong")) >= 1
    assert 1 <= steps_per_call(replace(preset("quick"), subset=640, batch_size=64)) <= 10
    assert steps_per_call(replace(preset("quick"), subset=3)) == 1
