"""What the first convolution looks for: its weights, read from `model.onnx`.

Owns how they are found in the file. Later filters read other maps rather than pixels, so their weights show nothing
that a person would recognise; `strongest` shows those by examples.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import Layer

if TYPE_CHECKING:  # 30 ms and 6 MB, which the first look takes
    import onnx

_LARGEST: Final = 28  # pixels of a filter's side; a larger one is none of ours


def first_filters(path: Path) -> NDArray[np.float32] | None:
    """The weights of the convolution that reads the image, (filters, height, width); None when there is none.

    Where batch norm follows at once, it is multiplied into them.

    Args:
        path: of a run's `model.onnx`.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        graph = onnx.load(path).graph
    except (OSError, DecodeError):  # whoever asks the network says what is wrong with it
        return None
    node = next((node for node in graph.node if node.op_type == "Conv"), None)
    weights = None if node is None or len(node.input) < 2 else _weights(graph, node.input[1])
    if weights is None or weights.ndim != 4 or weights.shape[1] != 1 or max(weights.shape[2:]) > _LARGEST:
        return None
    return np.ascontiguousarray(weights[:, 0], dtype=np.float32)


def _weights(graph: "onnx.GraphProto", name: str) -> NDArray | None:
    from onnx import numpy_helper

    found = next((tensor for tensor in graph.initializer if tensor.name == name), None)
    return None if found is None else np.asarray(numpy_helper.to_array(found))


def reads_pixels(layers: Sequence[Layer], name: str, filters: NDArray[np.float32] | None) -> bool:
    """Whether the maps of a layer are those that the first filters make, bent or pooled, one for each filter.

    Args:
        layers: of the run (`Run.layers`).
        filters: of `first_filters`.
    """
    names = [layer.name for layer in layers]
    multiplying = [place for place, layer in enumerate(layers) if layer.multiply_adds]
    if filters is None or name not in names or not multiplying or layers[multiplying[0]].kind != "Conv2D":
        return False
    place = names.index(name)
    shape = layers[place].output_shape
    before_next = len(multiplying) == 1 or place < multiplying[1]
    return multiplying[0] <= place and before_next and len(shape) == 3 and shape[-1] == len(filters)
