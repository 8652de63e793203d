"""A network from outside as it was understood, and its description written anew.

Owns `Network` and the form in which Keras gets it. Keras never sees the visitor's own description, only the one that
`Network.to_keras` writes from allowed classes and checked values; so nothing in the file can name a class, a function
or a file to load. Needs no Keras.
"""

from dataclasses import dataclass
from typing import Any, Final

from core.architecture import INPUT_SHAPE, Layer
from core.importing.layers import KINDS, Shape
from core.network import OUTPUT

INPUT: Final = "image"
MAX_PARAMETERS: Final = 5_000_000  # ten times the textbook network; converting four times as many took 7 GB


@dataclass(frozen=True, slots=True)
class Node:
    """A layer, and the names of those whose answers it takes."""

    layer: Layer
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """A network as it was understood.

    Attributes:
        sequential: Keras' class for it, by which its weights are filed.
        nodes: after the input, in an order in which each comes after what it takes; the last is `probabilities`.
        softmax_added: the file's network answers with logits, so a softmax was put behind it.
    """

    sequential: bool
    nodes: tuple[Node, ...]
    softmax_added: bool

    @property
    def parameters(self) -> int:
        """All weights, trainable and not."""
        return sum(node.layer.parameters for node in self.nodes)

    def to_keras(self) -> dict[str, Any]:
        """A description for `keras.saving.load_model`, made of allowed classes and checked values alone."""
        shapes = {INPUT: INPUT_SHAPE} | {node.layer.name: node.layer.output_shape for node in self.nodes}
        image = Layer(INPUT, "InputLayer", INPUT_SHAPE, 0, 0, {"batch_shape": [None, *INPUT_SHAPE]})
        config: dict[str, Any] = {
            "name": "imported",
            "layers": [_keras_layer(node, shapes) for node in (Node(image, ()), *self.nodes)],
        }
        if self.sequential:
            return {"module": "keras", "class_name": "Sequential", "config": config}
        config |= {"input_layers": [[INPUT, 0, 0]], "output_layers": [[OUTPUT, 0, 0]]}
        return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}


def _keras_layer(node: Node, shapes: dict[str, Shape]) -> dict[str, Any]:
    layer = node.layer
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None, *shapes[name]], "dtype": "float32", "keras_history": [name, 0, 0]},
        }
        for name in node.inputs
    ]
    merges = layer.kind in KINDS and KINDS[layer.kind].merges
    return {
        "module": "keras.layers",
        "class_name": layer.kind,
        "config": {"name": layer.name, **layer.options},
        "registered_name": None,
        "name": layer.name,
        "inbound_nodes": [{"args": [tensors] if merges else tensors, "kwargs": {}}] if tensors else [],
    }
