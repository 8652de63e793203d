"""A peer of the time to 99 %: Keras' example *Simple MNIST convnet*, with the test split looked at after each epoch.

    python -m benchmarks.keras_example [--seed 1] [--target 0.99] [--subset N]

The example as Keras' documentation describes it (https://keras.io/examples/vision/mnist_convnet): two convolutions of
32 and 64 filters, each pooled, dropout of one half, softmax; Adam as it comes, batches of 128, at most 15 epochs, the
last tenth of the training images held back. Here it stops at the target, which the example does not. Prints one line of
JSON: for each epoch the seconds of its training steps, validation left out, and the test accuracy after it. The step is
compiled before the clock runs, as the studio does it.
"""

import argparse
import json
import os
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.plain_fit import PRIORITY
from core import data
from core.home import SHIPPED

if TYPE_CHECKING:
    import keras

BATCH: Final = 128
EPOCHS: Final = 15
HELD_BACK: Final = 0.1


def network() -> "keras.Model":
    """The example's network; 34,826 parameters."""
    import keras
    from keras import layers

    image = values = keras.Input((28, 28, 1))
    for filters in (32, 64):
        values = layers.Conv2D(filters, 3, activation="relu")(values)
        values = layers.MaxPooling2D(2)(values)
    values = layers.Dropout(0.5)(layers.Flatten()(values))
    return keras.Model(image, layers.Dense(10, activation="softmax")(values))


def arrays(name: data.SplitName, count: int | None = None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The first images of a split as the example takes them: (n, 28, 28, 1) in [0, 1], and (n, 10) labels."""
    split = data.load_split(SHIPPED / "mnist.npz", name)
    x = split.images[:count].astype(np.float32)[..., None] / np.float32(255)
    return x, np.eye(10, dtype=np.float32)[split.labels[:count]]


def compile_ahead(model: "keras.Model", x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
    """Has the step compiled by two batches, and forgets what they taught."""
    model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    before = [variable.numpy() for variable in variables]
    model.fit(x[: 2 * BATCH], y[: 2 * BATCH], batch_size=BATCH, verbose=0)
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)


def train(seed: int, target: float, subset: int | None) -> list[dict[str, float]]:
    """`seconds` and `test_accuracy` of each epoch, up to the first that reaches the target."""
    import keras

    test_x, test_y = arrays("test")
    found: list[dict[str, float]] = []

    class Watch(keras.callbacks.Callback):
        """Times the training steps of each epoch, and stops at the target."""

        def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            self._began = time.perf_counter()

        def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
            self._seconds = time.perf_counter() - self._began

        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            accuracy = self.model.evaluate(test_x, test_y, batch_size=500, verbose=0)[1]
            found.append({"seconds": self._seconds, "test_accuracy": float(accuracy)})
            self.model.stop_training = accuracy >= target

    x, y = arrays("train", subset)
    keras.utils.set_random_seed(seed)
    model = network()
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    compile_ahead(model, x, y)
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, validation_split=HELD_BACK, verbose=0, callbacks=[Watch()])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", type=float, default=0.99, help="test accuracy at which it stops")
    parser.add_argument("--subset", type=int, help="only so many training images, for a try")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    psutil.Process().nice(PRIORITY)
    print(json.dumps(train(arguments.seed, arguments.target, arguments.subset)))


if __name__ == "__main__":
    main()
