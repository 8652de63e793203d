"""An image as the network sees it just before its answer: the vector that its last layer reads.

Owns which layer that is, in our own networks and in imported ones, and the vector's length: 1, with at most 256
numbers. Images that lie close by this vector look alike to the network.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import Layer
from core.network import OnnxNetwork

MOST_NUMBERS: Final = 256


class Embedder:
    """Turns images into vectors for one network. Any number of threads may ask at the same time.

    Attributes:
        layer: the name of the layer that is read; None when the network has no hidden layer, and the pixels are taken.

    Args:
        layers: of the run (`Run.layers`).
    """

    def __init__(self, network: OnnxNetwork, layers: Sequence[Layer]) -> None:
        self._network = network
        self.layer = last_hidden_layer(layers, network.layer_names)

    def vectors(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """One vector of length 1 for each image, (n, d); of length 0 where the layer is silent.

        Args:
            images: at least one, (n, 28, 28), ink high; uint8, or float in [0, 1].
        """
        return self.vectors_from(images, {} if self.layer is None else self._network.activations(images, [self.layer]))

    def vectors_from(self, images: NDArray[Any], found: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """The same from `activations` that are known already."""
        raw = images if self.layer is None else found[self.layer]
        flat = np.asarray(raw, dtype=np.float32).reshape(len(images), -1)
        vectors = flat if flat.shape[1] <= MOST_NUMBERS else _sketch(flat)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def last_hidden_layer(layers: Sequence[Layer], available: Sequence[str]) -> str | None:
    """The layer whose answer the network's last weights read: the last one before them that is `available`.

    The last layer that multiplies gives the ten logits; between it and the layer that is read there may be some that
    hand on what they get (dropout, flatten). In a network with branches, which only imported ones can have, it is the
    branch that comes last.
    """
    multiplying = [place for place, layer in enumerate(layers) if layer.multiply_adds]
    before = [layer.name for layer in layers[: multiplying[-1]]] if multiplying else []
    return next((name for name in reversed(before) if name in available), None)


def _sketch(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Long vectors (n, m) as (n, 256), their inner products kept on the average (count sketch, Charikar et al. 2002).

    Each number goes with a random sign into one of 256 sums; chosen once, by a fixed seed. No matrix is held, as a
    random projection would need: m may be 200,000. Of the eight nearest by 3,136 numbers, six or seven stay among the
    eight nearest by 256.
    """
    order, signs = _sums(values.shape[1])
    padded = np.zeros((len(values), len(order)), np.float32)
    padded[:, : values.shape[1]] = values * signs
    sums: NDArray[np.float32] = padded[:, order].reshape(len(values), -1, MOST_NUMBERS).sum(axis=1)
    return sums


@functools.lru_cache(maxsize=4)
def _sums(length: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    whole = math.ceil(length / MOST_NUMBERS) * MOST_NUMBERS
    return rng.permutation(whole), rng.choice(np.array([-1, 1], np.float32), length)
