"""The records of a run as the coach's rules need them: numbers that can be calculated with, and means that are steady.

Owns what is left out (records that are no finite numbers) and over how much is averaged.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.config import TrainingConfig

_LARGEST = 1e9  # a loss or rate above this is as good as infinite, and sums of it would be
_WINDOW_STEPS, _WINDOW_IMAGES = 20, 1_000  # an accuracy over so many images is known to about one point
_SMOOTH = 3  # epochs


@dataclass(frozen=True, slots=True)
class Stretch:
    """The means over some steps: those of one record, or of several together."""

    steps: int
    loss: float
    accuracy: float
    rate: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch that was validated."""

    number: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


@dataclass(frozen=True, slots=True)
class History:
    """What a run has recorded so far.

    Attributes:
        epoch: the last epoch that is complete; 0 before.
        epochs: those with validation figures, in order.
        stretches: the records of steps, in order.
        windows: the same in longer pieces of at least 20 steps and 1,000 images, the last one ending now.
        diverged: the last that was recorded is no finite loss, or the caller knows that it became none.
        ended: no more will be recorded.
    """

    config: TrainingConfig
    epoch: int
    epochs: tuple[Epoch, ...]
    stretches: tuple[Stretch, ...]
    windows: tuple[Stretch, ...]
    diverged: bool
    ended: bool

    @classmethod
    def read(
        cls,
        config: TrainingConfig,
        steps: Iterable[Mapping[str, Any]],
        epochs: Iterable[Mapping[str, Any]],
        *,
        ended: bool,
        diverged: bool,
    ) -> Self:
        """The history in a run's records."""
        step_records, epoch_records = list(steps), list(epochs)
        last_ones = [records[-1]["loss"] for records in (step_records, epoch_records) if records]
        stretches = _stretches(config, step_records)
        return cls(
            config=config,
            epoch=int(_finite(epoch_records[-1]["epoch"]) or 0) if epoch_records else 0,
            epochs=tuple(epoch for record in epoch_records if (epoch := _validated(record)) is not None),
            stretches=stretches,
            windows=_windows(stretches, max(_WINDOW_STEPS, math.ceil(_WINDOW_IMAGES / config.batch_size))),
            diverged=diverged or any(_finite(loss) is None for loss in last_ones),
            ended=ended,
        )

    @property
    def steps(self) -> int:
        """Steps recorded so far."""
        return sum(stretch.steps for stretch in self.stretches)

    @property
    def rate(self) -> float:
        """The learning rate now where it is constant, else the schedule's highest."""
        return self.stretches[-1].rate if self.stretches and self.steady else self.config.learning_rate

    @property
    def steady(self) -> bool:
        """Whether no schedule changes the learning rate."""
        return self.config.schedule == "constant"

    def chance_of(self, accuracy: float) -> float:
        """The standard error of a validation accuracy."""
        return math.sqrt(max(0.0, accuracy * (1 - accuracy)) / max(1, self.config.validation_size))


def smooth(values: Iterable[float]) -> list[float]:
    """The means of each three neighbours: two fewer than there are values."""
    numbers = list(values)
    return [sum(numbers[at : at + _SMOOTH]) / _SMOOTH for at in range(len(numbers) - _SMOOTH + 1)]


def _stretches(config: TrainingConfig, records: list[Mapping[str, Any]]) -> tuple[Stretch, ...]:
    known_rate = config.learning_rate if config.schedule == "constant" else 0.0
    stretches, before = [], 0
    for record in records:
        step, loss, accuracy = (_finite(record[name]) for name in ("step", "loss", "accuracy"))
        if step is None or loss is None or accuracy is None:
            continue
        rate = _finite(record.get("learning_rate"))
        stretches.append(Stretch(max(1, int(step) - before), loss, accuracy, known_rate if rate is None else rate))
        before = int(step)
    return tuple(stretches)


def _windows(stretches: tuple[Stretch, ...], steps: int) -> tuple[Stretch, ...]:
    """Neighbouring stretches put together to at least so many steps, from the end on; what is left over is dropped."""
    windows: list[Stretch] = []
    total, loss, accuracy, rate = 0, 0.0, 0.0, 0.0
    for piece in reversed(stretches):
        total += piece.steps
        loss += piece.steps * piece.loss
        accuracy += piece.steps * piece.accuracy
        rate += piece.steps * piece.rate
        if total >= steps:
            windows.append(Stretch(total, loss / total, accuracy / total, rate / total))
            total, loss, accuracy, rate = 0, 0.0, 0.0, 0.0
    return tuple(reversed(windows))


def _validated(record: Mapping[str, Any]) -> Epoch | None:
    number, *values = (_finite(record.get(name)) for name in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy"))
    loss, accuracy, val_loss, val_accuracy = values
    if number is None or loss is None or accuracy is None or val_loss is None or val_accuracy is None:
        return None
    return Epoch(int(number), loss, accuracy, val_loss, val_accuracy)


def _finite(value: Any) -> float | None:
    """`value` as a number from 0 on; None where it is missing, NaN, or as good as infinite."""
    # Compared before it is converted: JSON allows whole numbers too long for a float. NaN fails as well.
    return max(0.0, float(value)) if value is not None and -_LARGEST <= value <= _LARGEST else None
