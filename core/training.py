"""One training, from arrays to a trained network: `train(config, training, validation, observer, ...)`.

Owns the feeding of batches, going on from a checkpoint, and the rule of which weights are kept. Knows nothing of run
folders, processes or pages: what happens is told to an `Observer`. Runs in the training process only.

The weights that are kept are those of the last epoch when all epochs were run; those with the lowest `val_loss` when
the training ended early (by hand, early stopping, time budget). Without validation images always the last.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES, layers
from core.augmentation import augment
from core.config import TrainingConfig
from core.data import Split
from core.errors import TrainingError
from core.hardware import has_bfloat16
from core.lesson import Lesson
from core.model import Precision, build_model, build_optimizer, build_trainee
from core.pen_styles import PenStyles
from core.progress import EpochRecord, Observer

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from core.callbacks import EndReason
    from core.checkpoints import Checkpoints
    from core.trainee import Trainee

# About as many multiply-adds as fit into one call of several steps, so that a call takes a quarter of a second: few
# enough to report and to stop at once, many enough that Python between the calls costs next to nothing.
_WORK_PER_CALL = 0.6e10
_VALIDATION_BATCH = 500
_Batch = tuple[NDArray[np.uint8], NDArray[np.float32]]  # images (n, 28, 28) and one-hot labels (n, 10)
# Batches that TensorFlow is given at a time: given one by one, they cost a training 5 %.
_TOGETHER = 8
# Digits drawn for `pen_styles`, before the first step, about a millisecond each; augmentation varies them further.
_DRAWN = 3_000


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished training.

    Attributes:
        model: the network in float32, without optimiser state, holding the weights that are kept.
        epoch: the epoch (from 1) whose weights these are.
    """

    model: "keras.Model"
    epoch: int
    reason: "EndReason"


def precision_of(config: TrainingConfig) -> Precision:
    """The arithmetic that `config.mixed_precision` means on this machine."""
    import tensorflow as tf

    if config.mixed_precision == "auto":
        pays = has_bfloat16() or bool(tf.config.list_physical_devices("GPU"))
        return "mixed_bfloat16" if pays else "float32"
    return "mixed_bfloat16" if config.mixed_precision == "on" else "float32"


def train(
    config: TrainingConfig,
    training: Split,
    validation: Split,
    observer: Observer,
    checkpoints: "Checkpoints",
    history: list[EpochRecord],
    lesson: Lesson | None = None,
) -> Trained:
    """Trains the network of `config`, going on from the latest checkpoint where there is one.

    Args:
        training: `config.training_images` images.
        validation: `config.validation_size` images; may be none.
        history: the records of the epochs before the checkpoint; empty for a new training.
        lesson: digits of a visitor's own, which take the place of some of each batch.

    Raises:
        TrainingError: the loss became NaN or infinite, or the checkpoint cannot be read.
    """
    import keras

    from core.callbacks import EndReason, Reporting

    keras.utils.set_random_seed(config.seed)
    model, epochs_done = _start(config, checkpoints)
    model.make_room(len(validation))
    batches = _batches(training, config, epochs_done, lesson)
    reporting = Reporting(config, batches, observer, checkpoints, history, epochs_done)
    averaging = [keras.callbacks.SwapEMAWeights()] if config.weight_averaging else []
    model.fit(
        batches,
        epochs=config.epochs,
        initial_epoch=epochs_done,
        validation_data=_validation_batches(validation),
        callbacks=[reporting, *averaging],
        shuffle=False,  # `_batches` shuffles
        verbose=0,
    )
    epoch = reporting.last_epoch
    if reporting.reason is not EndReason.ALL_EPOCHS:
        epoch = checkpoints.load_best(model) or epoch
    return Trained(_in_float32(model, config), epoch, reporting.reason)


def steps_per_call(config: TrainingConfig) -> int:
    """How many steps run between two looks at the clock and the controls."""
    work = config.batch_size * sum(layer.multiply_adds for layer in layers(config))
    return int(np.clip(_WORK_PER_CALL / work, 1, max(1, min(50, config.steps_per_epoch // 10))))


def _start(config: TrainingConfig, checkpoints: "Checkpoints") -> "tuple[Trainee, int]":
    """The compiled network with the number of epochs it has behind it."""
    import keras

    found = checkpoints.latest()
    if found is not None:
        epoch, path = found
        return _load(path), epoch
    model = build_trainee(config, precision_of(config))
    if checkpoints.initial.exists():
        model.set_weights(_load(checkpoints.initial).get_weights())
    model.compile(
        optimizer=build_optimizer(config, config.epochs * config.steps_per_epoch),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
        steps_per_execution=steps_per_call(config),
        jit_compile=False,  # measured on processors: an order of magnitude slower with XLA
    )
    return model, 0


def _load(path: Path) -> Any:
    """The model in a file that this studio wrote."""
    import keras

    from core import trainee  # noqa: F401 -- a checkpoint names the class in it

    try:
        return keras.saving.load_model(path)
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{path.name} cannot be read ({type(error).__name__}); start this training anew."
        ) from error


def _batches(training: Split, config: TrainingConfig, epochs_done: int, lesson: Lesson | None) -> "tf.data.Dataset":
    """One epoch of shuffled, augmented batches each time it is iterated; `seed` and the epoch decide its order."""
    import tensorflow as tf

    size = min(config.batch_size, len(training))
    steps = config.steps_per_epoch
    one_hot = np.eye(CLASSES, dtype=np.float32)
    epochs = iter(range(epochs_done, config.epochs))
    styles = PenStyles.draw(_DRAWN, seed=config.seed) if config.pen_styles else None

    def epoch() -> Iterator[_Batch]:
        rng = np.random.default_rng((config.seed, next(epochs)))
        order = rng.permutation(len(training))
        for step in range(steps):
            chosen = order[step * size : (step + 1) * size]
            images, labels = training.images[chosen], training.labels[chosen]
            if styles is not None:
                styles.mix_in(images, labels, config.pen_styles, rng)
            if config.augments:
                images = augment(images, config, rng)
            if lesson is not None:
                lesson.mix_in(images, labels, config, rng)
            yield images, one_hot[labels]

    def together() -> Iterator[_Batch]:
        batches = epoch()
        while some := list(itertools.islice(batches, _TOGETHER)):
            images, labels = zip(*some, strict=True)
            yield np.stack(images), np.stack(labels)

    signature = (tf.TensorSpec((None, size, 28, 28), tf.uint8), tf.TensorSpec((None, size, CLASSES), tf.float32))
    dataset = tf.data.Dataset.from_generator(together, output_signature=signature).prefetch(1).unbatch()
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return _untuned(dataset.map(_as_input, num_parallel_calls=1, deterministic=True).prefetch(8))


def _validation_batches(validation: Split) -> "tf.data.Dataset | None":
    import tensorflow as tf

    if len(validation) == 0:
        return None
    one_hot = np.eye(CLASSES, dtype=np.float32)[validation.labels]
    batches = tf.data.Dataset.from_tensor_slices((validation.images, one_hot)).batch(_VALIDATION_BATCH)
    return _untuned(batches.map(_as_input))


def _untuned(dataset: "tf.data.Dataset") -> "tf.data.Dataset":
    """The same without the thread of `tf.data` that tunes it.

    There is nothing to tune, and an iterator is often not let go before that thread wakes up: it sleeps twice as long
    each time, so that an epoch of six seconds was followed by up to four of waiting.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _as_input(images: "tf.Tensor", labels: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor]":
    """uint8 (n, 28, 28) to float32 (n, 28, 28, 1) in [0, 1]: the normalisation of the training data."""
    import tensorflow as tf

    return tf.cast(images, tf.float32)[..., None] / 255, labels


def _in_float32(model: "keras.Model", config: TrainingConfig) -> "keras.Model":
    """The same weights in a network without mixed precision, optimiser or compilation: what is saved and exported."""
    plain = build_model(config)
    plain.set_weights(model.get_weights())
    return plain
