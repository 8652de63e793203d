"""What a training reports while it runs: the records of `metrics.jsonl` and who receives them.

Owns the two kinds of record and their order in the file.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """The means over the steps since the record before it.

    Attributes:
        time: Unix time in seconds.
        epoch: from 1.
        step: steps done in the whole training.
        images_per_second: over the time since the last record.
    """

    kind: ClassVar = "step"
    time: float
    epoch: int
    step: int
    loss: float
    accuracy: float
    learning_rate: float
    images_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """The means over one epoch, and the validation at its end.

    Attributes:
        seconds: training time of the epoch, validation left out.
        val_loss: None, like `val_accuracy`, when no images are held back for validation.
    """

    kind: ClassVar = "epoch"
    time: float
    epoch: int
    step: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    seconds: float


def to_json(record: StepRecord | EpochRecord) -> dict[str, Any]:
    """The record as one line of `metrics.jsonl`; what is None is left out."""
    return {"kind": record.kind} | {key: value for key, value in asdict(record).items() if value is not None}


def epoch_from_json(values: dict[str, Any]) -> EpochRecord:
    """The epoch record of one line of `metrics.jsonl`; raises KeyError for a line that is none."""
    required = {field.name: values[field.name] for field in fields(EpochRecord) if not field.name.startswith("val_")}
    return EpochRecord(**required, val_loss=values.get("val_loss"), val_accuracy=values.get("val_accuracy"))


class Observer(Protocol):
    """Receives what a training reports, and says whether it should go on."""

    def on_step(self, record: StepRecord) -> None:
        """Called after every few steps."""

    def on_epoch(self, record: EpochRecord) -> None:
        """Called after every epoch, before its checkpoint is written."""

    def on_validation(self, epoch: int, probabilities: NDArray[np.float32]) -> None:
        """Called after every validation, before `on_epoch`, with what was answered to each image: (n, 10)."""

    def stop_requested(self) -> bool:
        """Asked after every few steps; True ends the training with the best weights so far."""

    def learning_rate(self) -> float | None:
        """Asked after every few steps; the schedule's highest value from now on, None to leave it as configured."""

    def paused(self) -> bool:
        """Asked after every few steps, and again and again while it is True."""
