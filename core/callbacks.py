"""The Keras callback that turns Keras' running means into records, guards against divergence, and has checkpoints kept.

Owns what happens between batches and epochs. Imports Keras at the top: only `training` imports this module, inside the
training process.
"""

import contextlib
import enum
import math
import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.checkpoints import Checkpoints
from core.config import TrainingConfig
from core.errors import TrainingError
from core.learning_rate import SteerableSchedule
from core.progress import EpochRecord, Observer, StepRecord
from core.trainee import Trainee

_PAUSE_POLL = 0.1  # seconds


class EndReason(enum.StrEnum):
    """Why a training ended."""

    ALL_EPOCHS = "all_epochs"
    STOPPED = "stopped"
    EARLY_STOPPING = "early_stopping"
    TIME_BUDGET = "time_budget"


class Reporting(keras.callbacks.Callback):
    """Reports to the observer, stops where the configuration or the observer says so, and writes the checkpoints.

    Stands before `SwapEMAWeights` in the list of callbacks, so that at the end of the validation the model still holds
    the averaged weights that were validated.
    """

    def __init__(
        self,
        config: TrainingConfig,
        batches: tf.data.Dataset,
        observer: Observer,
        checkpoints: Checkpoints,
        history: list[EpochRecord],
        epochs_done: int,
    ) -> None:
        super().__init__()
        self._batches = batches
        self.reason = EndReason.ALL_EPOCHS
        self._config, self._observer, self._checkpoints = config, observer, checkpoints
        self._steps = config.steps_per_epoch
        self._batch = min(config.batch_size, config.training_images)
        self._seconds = sum(record.seconds for record in history)
        losses = [(record.val_loss, record.epoch) for record in history if record.val_loss is not None]
        self._best_loss, self._best_epoch = min(losses, default=(math.inf, 0))
        self._epoch = epochs_done

    @property
    def last_epoch(self) -> int:
        """The epoch that ran last, from 1."""
        return self._epoch

    @property
    def _trainee(self) -> Trainee:
        return self.model

    @property
    def _schedule(self) -> SteerableSchedule:
        return self.model.optimizer._learning_rate  # the public property is its value at this step

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        # A call without a batch compiles the step, so that the first epoch's clock counts training alone.
        optimizer = self.model.optimizer
        optimizer.build(self.model.trainable_variables)
        variables = [*self.model.variables, *optimizer.variables]
        before = [variable.numpy() for variable in variables]
        with contextlib.suppress(StopIteration, tf.errors.OutOfRangeError):
            self.model.train_function(iter(self._batches.take(0)))
        # What needs no batch runs all the same: the optimiser counts a step and lets the weights decay.
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
        self._steer()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch + 1
        self._done, self._loss_sum, self._accuracy_sum = 0, 0.0, 0.0
        self._epoch_seconds = 0.0
        self._mark = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        assert logs is not None
        now = time.perf_counter()
        done = min(batch + 1, self._steps)  # the last execution of an epoch may be cut short
        steps, seconds = done - self._done, now - self._mark
        self._mark, self._done = now, done
        self._epoch_seconds += seconds
        # Keras gives means since the epoch's start: the difference of the sums is what these steps added.
        loss_sum, accuracy_sum = float(logs["loss"]) * done, float(logs["accuracy"]) * done
        step = (self._epoch - 1) * self._steps + done
        if not math.isfinite(loss_sum):
            raise TrainingError(self._divergence())
        self._observer.on_step(
            StepRecord(
                time=time.time(),
                epoch=self._epoch,
                step=step,
                loss=max(0.0, (loss_sum - self._loss_sum) / steps),
                accuracy=min(1.0, max(0.0, (accuracy_sum - self._accuracy_sum) / steps)),
                learning_rate=float(self.model.optimizer.learning_rate),
                images_per_second=steps * self._batch / seconds,
            )
        )
        self._loss_sum, self._accuracy_sum = loss_sum, accuracy_sum
        self._steer()
        self._stop_if_asked()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._trainee.forget_answers()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        assert logs is not None
        if not math.isfinite(float(logs["loss"])):
            raise TrainingError(self._divergence())
        if float(logs["loss"]) < self._best_loss:
            self._best_loss, self._best_epoch = float(logs["loss"]), self._epoch
            self._checkpoints.save_best(self.model, self._epoch)
        self._observer.on_validation(self._epoch, self._trainee.answers())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        assert logs is not None
        self._seconds += self._epoch_seconds
        # The loss is that before each update: the last update of an epoch shows in the weights alone.
        if not all(np.isfinite(weights).all() for weights in self.model.get_weights()):
            raise TrainingError(self._divergence())
        record = EpochRecord(
            time=time.time(),
            epoch=self._epoch,
            step=epoch * self._steps + self._done,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_loss=_number(logs.get("val_loss")),
            val_accuracy=_number(logs.get("val_accuracy")),
            seconds=self._epoch_seconds,
        )
        self._observer.on_epoch(record)
        # After the record: going on from a checkpoint cuts what is newer, and cannot make up for what is missing.
        if self.reason is EndReason.ALL_EPOCHS:  # an epoch that was cut short is no place to go on from
            self._checkpoints.save_latest(self.model, self._epoch)
        patience = self._config.early_stopping
        if patience and self._epoch - self._best_epoch >= patience and self._epoch < self._config.epochs:
            self._stop(EndReason.EARLY_STOPPING)

    def _steer(self) -> None:
        rate = self._observer.learning_rate()
        if rate is not None:
            self._schedule.factor.assign(rate / self._config.learning_rate)

    def _stop_if_asked(self) -> None:
        budget = self._config.time_budget * 60
        while self._observer.paused() and not self._observer.stop_requested():
            time.sleep(_PAUSE_POLL)
            self._mark = time.perf_counter()  # a pause is no training time
        if self._observer.stop_requested():
            self._stop(EndReason.STOPPED)
        elif budget and self._seconds + self._epoch_seconds >= budget:
            self._stop(EndReason.TIME_BUDGET)

    def _stop(self, reason: EndReason) -> None:
        self.reason = reason
        self.model.stop_training = True

    def _divergence(self) -> str:
        saved = self._checkpoints.latest()
        kept = f"The checkpoint of epoch {saved[0]} is kept" if saved else "No epoch was complete"
        step = (self._epoch - 1) * self._steps + self._done
        return (
            f"The loss became NaN or infinite in epoch {self._epoch}, by step {step:,}. {kept}. "
            f"Lower the learning rate (it was {self._config.learning_rate:g}) and train again."
        )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
