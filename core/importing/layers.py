"""The Keras layers that a network from outside may have, and what each makes of its input, computed without Keras.

Owns the allow-list: which options a layer may have and which values they may take, the output shape, the parameters and
the multiply-adds. `config` walks the network with it. An option that changes no answer (initialisers, penalties,
constraints, the precision) is left out; one that is neither known nor without effect is refused.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from core.importing.options import (
    ACTIVATIONS,
    REQUIRED,
    Option,
    amount,
    axis,
    choice,
    count,
    flag,
    optional,
    paddings,
    pair,
    share,
    sizes,
    sizes_but_one,
)

Shape = tuple[int, ...]
Options = dict[str, Any]
Measured = tuple[Shape, int, int]  # output shape without the batch axis, parameters, multiply-adds

_WIDEST: Final = 100_000  # filters or units; what they cost is limited by the parameters
_SIDE: Final = 28


@dataclass(frozen=True, slots=True)
class Kind:
    """One allowed layer.

    Attributes:
        options: those that are kept, each with its check and its default.
        measure: the options and the input's shape to what the layer makes of it; ValueError says why it cannot.
        merges: it takes several inputs of one shape; `measure` gets the shapes joined along the channels.
    """

    options: dict[str, Option]
    measure: Callable[[Options, Shape], Measured]
    merges: bool = False


def _same(options: Options, shape: Shape) -> Measured:
    return shape, 0, 0


def _same_along_channels(options: Options, shape: Shape) -> Measured:
    if options["axis"] not in (-1, len(shape)):
        raise ValueError("may work along the last axis only")
    return shape, 0, 0


def _image(shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ValueError(f"needs an input of height, width and channels, not {shape}")
    return shape[0], shape[1], shape[2]


def _slide(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    """How many places a window has along a side of `size` pixels."""
    reach = (window - 1) * dilation + 1
    places = -(-size // stride) if padding == "same" else (size - reach) // stride + 1
    if places < 1:
        raise ValueError(f"has a window of {reach} pixels on a side of {size}")
    return places


def _places(options: Options, shape: Shape, window: str) -> tuple[int, int]:
    height, width, _ = _image(shape)
    down, across = (
        _slide(
            size, options[window][side], options["strides"][side], options["dilation_rate"][side], options["padding"]
        )
        for side, size in enumerate((height, width))
    )
    return down, across


def _convolution(options: Options, shape: Shape) -> Measured:
    filters = options["filters"]
    height, width = _places(options, shape, "kernel_size")
    weights = math.prod(options["kernel_size"]) * _image(shape)[2] * filters
    return (height, width, filters), weights + filters * options["use_bias"], height * width * weights


def _depthwise(options: Options, shape: Shape) -> Measured:
    channels = _image(shape)[2] * options["depth_multiplier"]
    height, width = _places(options, shape, "kernel_size")
    weights = math.prod(options["kernel_size"]) * channels
    return (height, width, channels), weights + channels * options["use_bias"], height * width * weights


def _separable(options: Options, shape: Shape) -> Measured:
    channels, filters = _image(shape)[2] * options["depth_multiplier"], options["filters"]
    height, width = _places(options, shape, "kernel_size")
    weights = math.prod(options["kernel_size"]) * channels + channels * filters
    return (height, width, filters), weights + filters * options["use_bias"], height * width * weights


def _dense(options: Options, shape: Shape) -> Measured:
    units, weights = options["units"], shape[-1] * options["units"]
    return (*shape[:-1], units), weights + units * options["use_bias"], math.prod(shape[:-1]) * weights


def _normalised(statistics: int) -> Callable[[Options, Shape], Measured]:
    def measure(options: Options, shape: Shape) -> Measured:
        if options["axis"] not in (-1, len(shape)):
            raise ValueError("may normalise along the last axis only")
        return shape, shape[-1] * (statistics + options["center"] + options["scale"]), 0

    return measure


def _pool(options: Options, shape: Shape) -> Measured:
    options = {**options, "strides": options["strides"] or options["pool_size"], "dilation_rate": (1, 1)}
    return (*_places(options, shape, "pool_size"), shape[2]), 0, 0


def _global_pool(options: Options, shape: Shape) -> Measured:
    channels = _image(shape)[2]
    return ((1, 1, channels) if options["keepdims"] else (channels,)), 0, 0


def _flatten(options: Options, shape: Shape) -> Measured:
    return (math.prod(shape),), 0, 0


def _reshape(options: Options, shape: Shape) -> Measured:
    target, values = options["target_shape"], math.prod(shape)
    left = values // abs(math.prod(target))
    found = tuple(left if size == -1 else size for size in target)
    if math.prod(found) != values:
        raise ValueError(f"cannot make {target} of {shape}")
    return found, 0, 0


def _pad(options: Options, shape: Shape) -> Measured:
    (above, below), (left, right) = options["padding"]
    height, width, channels = _image(shape)
    return (height + above + below, width + left + right, channels), 0, 0


def _prelu(options: Options, shape: Shape) -> Measured:
    shared = options["shared_axes"] or ()
    return shape, math.prod(1 if index in shared else size for index, size in enumerate(shape, 1)), 0


_ACTIVATION: Final[Option] = (choice(*ACTIVATIONS), "linear")
_WINDOW: Final[dict[str, Option]] = {
    "kernel_size": (pair(_SIDE), REQUIRED),
    "strides": (pair(_SIDE), (1, 1)),
    "padding": (choice("same", "valid"), "valid"),
    "dilation_rate": (pair(_SIDE), (1, 1)),
    "activation": _ACTIVATION,
    "use_bias": (flag, True),
}
_FILTERS: Final[Option] = (count(_WIDEST), REQUIRED)
_MULTIPLIER: Final[Option] = (count(_WIDEST), 1)
_POOL = Kind(
    {
        "pool_size": (pair(_SIDE), REQUIRED),
        "strides": (optional(pair(_SIDE)), None),
        "padding": (choice("same", "valid"), "valid"),
    },
    _pool,
)
_GLOBAL_POOL = Kind({"keepdims": (flag, False)}, _global_pool)
_CENTRED: Final[dict[str, Option]] = {
    "axis": (axis, -1),
    "epsilon": (amount(1), 1e-3),
    "center": (flag, True),
    "scale": (flag, True),
}
_DROPOUT = Kind({"rate": (share, REQUIRED)}, _same)
_MERGE = Kind({}, _same, merges=True)

KINDS: Final[dict[str, Kind]] = {
    # Groups of channels cannot be converted to ONNX on a processor.
    "Conv2D": Kind({"filters": _FILTERS, "groups": (count(1), 1), **_WINDOW}, _convolution),
    "DepthwiseConv2D": Kind({"depth_multiplier": _MULTIPLIER, **_WINDOW}, _depthwise),
    "SeparableConv2D": Kind({"filters": _FILTERS, "depth_multiplier": _MULTIPLIER, **_WINDOW}, _separable),
    "Dense": Kind({"units": (count(_WIDEST), REQUIRED), "activation": _ACTIVATION, "use_bias": (flag, True)}, _dense),
    "BatchNormalization": Kind({"momentum": (share, 0.99), **_CENTRED}, _normalised(2)),
    "LayerNormalization": Kind(_CENTRED, _normalised(0)),
    "MaxPooling2D": _POOL,
    "AveragePooling2D": _POOL,
    "GlobalMaxPooling2D": _GLOBAL_POOL,
    "GlobalAveragePooling2D": _GLOBAL_POOL,
    "Flatten": Kind({}, _flatten),
    "Reshape": Kind({"target_shape": (sizes_but_one, REQUIRED)}, _reshape),
    "ZeroPadding2D": Kind({"padding": (paddings(_SIDE), REQUIRED)}, _pad),
    "Rescaling": Kind({"scale": (amount(1e6), REQUIRED), "offset": (amount(1e6), 0.0)}, _same),
    "Dropout": _DROPOUT,
    "SpatialDropout2D": _DROPOUT,
    "GaussianDropout": _DROPOUT,
    "GaussianNoise": Kind({"stddev": (amount(10), REQUIRED)}, _same),
    "Activation": Kind({"activation": _ACTIVATION}, _same),
    "Softmax": Kind({"axis": (axis, -1)}, _same_along_channels),
    "ReLU": Kind(
        {
            "max_value": (optional(amount(1e6)), None),
            "negative_slope": (amount(1e3), 0.0),
            "threshold": (amount(1e3), 0.0),
        },
        _same,
    ),
    "LeakyReLU": Kind({"negative_slope": (amount(1e3), 0.3)}, _same),
    "ELU": Kind({"alpha": (amount(1e3), 1.0)}, _same),
    "PReLU": Kind({"shared_axes": (optional(sizes), None)}, _prelu),
    "Add": _MERGE,
    "Average": _MERGE,
    "Maximum": _MERGE,
    "Multiply": _MERGE,
    "Concatenate": Kind({"axis": (axis, -1)}, _same_along_channels, merges=True),
}
