"""A trained network as `model.onnx`, with its activations as further outputs, checked against Keras.

Owns the ONNX file: input float32 (n, 28, 28, 1) in [0, 1]; first output `probabilities` (n, 10) without temperature;
then each convolution, pooling and dense activation under its layer's name. Runs in the training process only.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingError
from core.files import replacing
from core.network import OUTPUT, OnnxNetwork

if TYPE_CHECKING:
    import keras

# What is worth looking at: what a layer answers after its non-linearity, and what pooling leaves of it.
_SHOWN: Final = (
    *("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Dense"),
    *("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D"),
)
TOLERANCE: Final = 1e-4


def export_onnx(model: "keras.Model", path: Path) -> None:
    """Writes a float32 network to `path`, its outputs named as their layers."""
    import keras
    import onnx
    import tensorflow as tf
    import tf2onnx

    shown = [layer for layer in model.layers if _is_shown(layer) and layer.name != OUTPUT]
    outputs = [model.output, *(layer.output for layer in shown)]
    names = [OUTPUT, *(layer.name for layer in shown)]
    # Named outputs: a plain list comes out as Identity, Identity_1, ... in an order that only convention promises.
    wide = keras.Model(model.input, dict(zip(names, outputs, strict=True)))
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="image")]
    function = tf.function(lambda image: wide(image, training=False), signature)
    converted, _ = tf2onnx.convert.from_function(
        function, input_signature=signature, opset=17, custom_op_handlers={"Erfc": (_as_erf, [])}
    )
    by_name = {output.name.split(":")[0]: output for output in converted.graph.output}
    ordered = [by_name[name] for name in names]
    del converted.graph.output[:]
    converted.graph.output.extend(ordered)
    onnx.checker.check_model(converted)
    with replacing(path) as temporary:
        onnx.save(converted, temporary)


def _is_shown(layer: Any) -> bool:
    import keras

    # A convolution of ours has its non-linearity in a layer of its own; those of others often have it within.
    bends = getattr(layer, "activation", keras.activations.linear) is not keras.activations.linear
    return type(layer).__name__ in _SHOWN or bends


def _as_erf(context: Any, node: Any, name: str, arguments: list[Any]) -> None:
    """Erfc(x), which gelu uses and ONNX does not know, as 1 - Erf(x)."""
    inputs, dtype, shape = node.input, context.get_dtype(node.output[0]), context.get_shape(node.output[0])
    context.remove_node(name)
    one = context.make_const(f"{name}/one", np.float32(1)).output[0]
    erf = context.make_node("Erf", inputs, name=f"{name}/erf").output[0]
    context.make_node("Sub", [one, erf], name=name, outputs=node.output, dtypes=[dtype], shapes=[shape])


def check_parity(model: "keras.Model", path: Path, images: NDArray[np.uint8]) -> float:
    """The largest difference in probability between Keras and the exported file on these images.

    Raises:
        TrainingError: it is larger than 1e-4.
    """
    expected = model.predict(images[..., None].astype(np.float32) / 255, batch_size=500, verbose=0)
    difference = float(np.abs(OnnxNetwork(path).probabilities(images) - expected).max())
    if not difference <= TOLERANCE:
        raise TrainingError(
            f"the exported model.onnx differs from Keras by {difference:.2g} in probability; {TOLERANCE:g} is allowed."
        )
    return difference
