"""The network of a configuration as a list of layers, computed without TensorFlow.

Owns which layers a `TrainingConfig` means, their output shapes, parameters and multiply-adds. `model.build_model` turns
the same list into Keras layers, so the table on the page and the network that trains cannot disagree.
"""

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # config checks itself against this module
    from core.config import TrainingConfig

CLASSES: Final = 10
INPUT_SHAPE: Final = (28, 28, 1)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the network.

    Attributes:
        name: the Keras layer's name, and its output's name in `model.onnx`.
        kind: the Keras class.
        output_shape: without the batch axis: (height, width, channels) or (units,).
        parameters: trainable and not, as Keras' `count_params` has them.
        multiply_adds: multiplications with a following addition for one image, biases left out.
        options: the Keras class' arguments.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    options: dict[str, Any] = field(default_factory=dict)


def layers_from_json(rows: Any) -> tuple[Layer, ...]:
    """The layers of a network that no configuration means, as `dataclasses.asdict` gave them to a JSON file.

    Raises:
        ValueError: these are none.
    """
    found = []
    for row in rows if isinstance(rows, list) else [None]:
        if not isinstance(row, dict) or set(row) != {field.name for field in fields(Layer)}:
            raise ValueError("the network is no list of layers")
        numbers = [row["parameters"], row["multiply_adds"], *list(row["output_shape"])]
        texts = isinstance(row["name"], str) and isinstance(row["kind"], str)
        if not texts or not all(type(number) is int and 0 <= number <= 2**53 for number in numbers):
            raise ValueError("a layer of the network has an impossible value")
        found.append(Layer(**{**row, "output_shape": tuple(row["output_shape"])}))
    return tuple(found)


def layers(config: "TrainingConfig") -> list[Layer]:
    """The layers after the input, first to last; the last one is `probabilities` with shape (10,)."""
    built: list[Layer] = []
    shape: tuple[int, ...] = INPUT_SHAPE
    for block in range(config.blocks):
        built += _block(config, block, shape)
        shape = built[-1].output_shape
    if config.head == "flatten":
        units = math.prod(shape)
        built.append(Layer("flatten", "Flatten", (units,), 0, 0))
    else:
        units = shape[-1]
        built.append(Layer("global_average", "GlobalAveragePooling2D", (units,), 0, 0))
    if config.dense_units:
        built.append(_dense("dense", units, config.dense_units, config.activation))
        units = config.dense_units
    if config.dropout:
        built.append(Layer("dropout", "Dropout", (units,), 0, 0, {"rate": config.dropout}))
    built.append(_dense("probabilities", units, CLASSES, "softmax"))
    return built


def count_parameters(config: "TrainingConfig") -> int:
    """All parameters of the network."""
    return sum(layer.parameters for layer in layers(config))


def training_bytes(config: "TrainingConfig") -> int:
    """About how much memory one training step needs: weights with their optimiser state, one batch forward and back."""
    table = layers(config)
    activations = sum(math.prod(layer.output_shape) for layer in table)
    return 16 * sum(layer.parameters for layer in table) + 8 * config.batch_size * activations


def _block(config: "TrainingConfig", block: int, shape: tuple[int, ...]) -> list[Layer]:
    """Convolutions, each with its normalisation and activation, and the pooling that ends the block."""
    filters = round(config.filters * config.filter_growth**block)
    built: list[Layer] = []
    for index in range(config.convs_per_block):
        height, width, channels = shape
        suffix = f"{block + 1}" if config.convs_per_block == 1 else f"{block + 1}_{index + 1}"
        last = index == config.convs_per_block - 1
        pooled = (height // 2, width // 2, filters)
        pool = Layer(f"pool{block + 1}", "MaxPooling2D", pooled, 0, 0, {"pool_size": 2})
        shape = (height, width, filters)
        built.append(_convolution(config, f"conv{suffix}", shape, channels))
        if last and config.pool_first:
            built.append(pool)
            shape = pooled
        if config.batch_norm:
            # 0.9 rather than Keras' 0.99: with few steps the slow mean would lag far behind the weights.
            built.append(Layer(f"norm{suffix}", "BatchNormalization", shape, 4 * filters, 0, {"momentum": 0.9}))
        built.append(Layer(f"act{suffix}", "Activation", shape, 0, 0, {"activation": config.activation}))
        if last and not config.pool_first:
            built.append(pool)
    return built


def _convolution(config: "TrainingConfig", name: str, shape: tuple[int, ...], channels: int) -> Layer:
    height, width, filters = shape
    weights = config.kernel_size**2 * channels * filters
    bias = 0 if config.batch_norm else filters  # the normalisation has a shift of its own
    options = {
        "filters": filters,
        "kernel_size": config.kernel_size,
        "padding": "same",
        "use_bias": not config.batch_norm,
    }
    return Layer(name, "Conv2D", shape, weights + bias, height * width * weights, options)


def _dense(name: str, inputs: int, units: int, activation: str) -> Layer:
    options = {"units": units, "activation": activation}
    return Layer(name, "Dense", (units,), (inputs + 1) * units, inputs * units, options)
