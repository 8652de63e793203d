"""The Keras network of a configuration.

Owns the step from `architecture`'s list of layers to a Keras model, and its optimiser. Imports Keras inside its
functions: only the training process calls them.
"""

from typing import TYPE_CHECKING, Literal

from core.architecture import INPUT_SHAPE, layers
from core.config import TrainingConfig

if TYPE_CHECKING:
    import keras

    from core.trainee import Trainee

Precision = Literal["float32", "mixed_bfloat16"]
_NAME = "digit_classifier"


def build_model(config: TrainingConfig) -> "keras.Model":
    """An untrained network in float32: images (n, 28, 28, 1) in [0, 1] to probabilities (n, 10)."""
    import keras

    return keras.Model(*_tensors(config, "float32"), name=_NAME)


def build_trainee(config: TrainingConfig, precision: Precision) -> "Trainee":
    """The same network, made to be trained.

    Args:
        precision: the Keras dtype policy of every layer but the softmax, which always works in float32.
    """
    from core.trainee import Trainee

    return Trainee(*_tensors(config, precision), name=_NAME)


def _tensors(config: TrainingConfig, precision: Precision) -> "tuple[keras.KerasTensor, keras.KerasTensor]":
    """What goes into the network, and what comes out."""
    import keras

    image = keras.Input(INPUT_SHAPE, name="image")
    values = image
    for layer in layers(config):
        dtype = "float32" if layer.name == "probabilities" else precision
        values = getattr(keras.layers, layer.kind)(name=layer.name, dtype=dtype, **layer.options)(values)
    return image, values


def build_optimizer(config: TrainingConfig, total_steps: int) -> "keras.optimizers.Optimizer":
    """The optimiser of a training of `total_steps` steps, with its learning-rate schedule inside."""
    import keras

    from core.learning_rate import learning_rate

    # A mean that remembers more than a fifth of the training would still hold the random weights of its start.
    longest = max(0.0, 1 - 5 / total_steps)
    options = {
        "learning_rate": learning_rate(config, total_steps),
        "use_ema": config.weight_averaging > 0,
        "ema_momentum": min(config.weight_averaging, longest),
    }
    match config.optimizer:
        case "adam":
            return keras.optimizers.Adam(**options)
        case "adamw":
            return keras.optimizers.AdamW(weight_decay=config.weight_decay, **options)
        case "sgd":
            decay = config.weight_decay or None
            return keras.optimizers.SGD(momentum=0.9, nesterov=True, weight_decay=decay, **options)
        case _:
            return keras.optimizers.RMSprop(**options)
