"""The peer of the training: the network of a configuration, trained by a plain Keras `model.fit` from arrays in memory.

    python -m benchmarks.plain_fit '{"subset": 20000, "epochs": 2}' --precision float32

Prints one line of JSON: images/s, and the seconds of each epoch. It is given every advantage: a first fit of two
batches compiles the step before the clock runs, the images are whole batches of float32 that need no work while it
trains, there is no validation and no progress bar. Optimiser and loss are those of the configuration, so that both do
the same arithmetic; augmentation is left out.
"""

import argparse
import json
import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from core import data
from core.architecture import INPUT_SHAPE, layers
from core.config import TrainingConfig
from core.home import StudioHome
from core.model import Precision, build_optimizer

if TYPE_CHECKING:
    import keras

PRIORITY = 10  # that of a training process of the studio, so that a busy machine takes from both alike


def network(config: TrainingConfig, precision: Precision) -> "keras.Model":
    """The layers of the configuration under one global policy, as Keras' guide to mixed precision has it."""
    import keras

    keras.config.set_dtype_policy(precision)
    image = values = keras.Input(INPUT_SHAPE)
    for layer in layers(config):
        policy = {"dtype": "float32"} if layer.name == "probabilities" else {}
        values = getattr(keras.layers, layer.kind)(**layer.options, **policy)(values)
    return keras.Model(image, values)


def fit(config: TrainingConfig, precision: Precision) -> list[float]:
    """Seconds of each epoch; the images are those of the configuration, less the last part of a batch."""
    import keras

    class Clock(keras.callbacks.Callback):
        """Times the epochs alone, without what `fit` does around them."""

        def __init__(self) -> None:
            super().__init__()
            self.seconds: list[float] = []

        def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            self._began = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            self.seconds.append(time.perf_counter() - self._began)

    whole = data.load_split(StudioHome.from_environment().mnist, "train")
    chosen = data.divide(whole.labels, config)[0][: config.steps_per_epoch * config.batch_size]
    x = whole.images[chosen].astype(np.float32)[..., None] / 255
    y = keras.utils.to_categorical(whole.labels[chosen], 10)
    keras.utils.set_random_seed(config.seed)
    model = network(config, precision)
    model.compile(
        optimizer=build_optimizer(config, config.epochs * config.steps_per_epoch),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
    )
    clock = Clock()
    batch = config.batch_size
    model.fit(x[: 2 * batch], y[: 2 * batch], batch_size=batch, verbose=0)
    model.fit(x, y, batch_size=batch, epochs=config.epochs, verbose=0, callbacks=[clock])
    return clock.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("settings", nargs="?", default="{}", help="as JSON; what is not named keeps its default")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    psutil.Process().nice(PRIORITY)
    config = TrainingConfig.from_dict(json.loads(arguments.settings))
    seconds = fit(config, arguments.precision)
    images = config.epochs * config.steps_per_epoch * config.batch_size
    print(json.dumps({"images_per_second": images / sum(seconds), "epoch_seconds": seconds}))


if __name__ == "__main__":
    main()
