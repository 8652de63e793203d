"""The learning rate over a training: the schedule of the configuration, times what somebody asked for meanwhile.

Owns the schedules. Imports Keras at the top: only `model` and `training` import this module, inside the training
process.
"""

from typing import Any, Self

import keras

from core.config import TrainingConfig


@keras.saving.register_keras_serializable("digit_studio")
class SteerableSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule, or one constant rate, times a factor that may change while the compiled training runs.

    The factor is no part of a checkpoint: who trains sets it anew.
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule | float) -> None:
        super().__init__()
        self.schedule = schedule
        self.factor = keras.Variable(1.0, trainable=False, dtype="float32", name="learning_rate_factor")

    def __call__(self, step: Any) -> Any:
        rate = self.schedule(step) if callable(self.schedule) else self.schedule
        return rate * self.factor

    def get_config(self) -> dict[str, Any]:
        plain = self.schedule if isinstance(self.schedule, float) else None
        return {"schedule": keras.optimizers.schedules.serialize(self.schedule) if plain is None else plain}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        schedule = config["schedule"]
        return cls(schedule if isinstance(schedule, float) else keras.optimizers.schedules.deserialize(schedule))


def learning_rate(config: TrainingConfig, total_steps: int) -> SteerableSchedule:
    """The schedule of a training of `total_steps` steps."""
    if config.schedule == "constant":
        return SteerableSchedule(config.learning_rate)
    if config.schedule == "cosine":
        return SteerableSchedule(keras.optimizers.schedules.CosineDecay(config.learning_rate, total_steps))
    # One cycle (Smith 2018): up to the highest rate over the first third, down to nothing over the rest.
    warmup = max(1, round(0.3 * total_steps))
    return SteerableSchedule(
        keras.optimizers.schedules.CosineDecay(
            config.learning_rate / 25,
            max(1, total_steps - warmup),
            warmup_target=config.learning_rate,
            warmup_steps=warmup,
        )
    )
