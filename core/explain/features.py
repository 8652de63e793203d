"""What each layer makes of one image: its feature maps, for pages to draw.

Owns the form in which they are handed out. Which layers the ONNX file gives is `onnx_export`'s business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.architecture import Layer
from core.explain.trials import as_float
from core.network import OnnxNetwork


@dataclass(frozen=True, slots=True)
class LayerMaps:
    """The activations of one layer for one image.

    Attributes:
        name, kind: of the layer, and its Keras class.
        values: (height, width, channels) float32, or (units,) for a layer without places.
        low, high: the smallest and the largest value of the whole layer.
    """

    name: str
    kind: str
    values: NDArray[np.float32]
    low: float
    high: float

    @property
    def shares(self) -> NDArray[np.float32]:
        """The values on the layer's own scale: 0 for its smallest, 1 for its largest."""
        return (self.values - np.float32(self.low)) / np.float32(max(self.high - self.low, 1e-12))

    def silent(self) -> "LayerMaps":
        """The same layer before it has seen anything: 0 everywhere."""
        return LayerMaps(self.name, self.kind, np.zeros_like(self.values), 0.0, 0.0)

    def strongest(self, count: int) -> list[int]:
        """The channels that tell most about this image, by how far their values lie apart; units by their size."""
        if self.values.ndim == 1:
            strength = np.abs(self.values)
        else:
            flat = self.values.reshape(-1, self.values.shape[-1])
            strength = flat.max(axis=0) - flat.min(axis=0)
        return [int(channel) for channel in np.argsort(-strength, kind="stable")[:count]]


def feature_maps(network: OnnxNetwork, layers: Sequence[Layer], image: NDArray[Any]) -> list[LayerMaps]:
    """What the layers answer to an image, from the image's side to the answer's.

    Args:
        layers: of the run (`Run.layers`).
        image: (28, 28), ink high; uint8, or float in [0, 1].
    """
    kinds = {layer.name: layer.kind for layer in layers}
    found = network.activations(as_float(image)[np.newaxis])
    # Kernels other than 2D ones do not occur; whatever has no places is a row of units.
    values = {name: batch[0] if batch.ndim == 4 else batch[0].reshape(-1) for name, batch in found.items()}
    return [
        LayerMaps(name, kinds.get(name, ""), maps, float(maps.min()), float(maps.max()))
        for name, maps in values.items()
    ]
