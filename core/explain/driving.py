"""Which parts of an image drive one map of a layer: cover one part after the other and see what the map loses.

The same as `occlusion`, with a layer's maps in the place of the ten digits. All maps of a layer are asked at once, so
going from one to the next costs nothing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.explain.occlusion import occlude
from core.explain.strongest import means
from core.explain.trials import Trials
from core.network import BATCH, OnnxNetwork


def cover_for(network: OnnxNetwork, layer: str, image: NDArray[Any]) -> Trials:
    """The image with one piece after the other covered, and the mean answer of each map of the layer.

    Args:
        layer: of `network.layer_names`.
        image: (28, 28), ink high; uint8, or float in [0, 1].

    Returns:
        Trials with `before` (maps,) and `after` (n, maps).
    """

    def ask(images: NDArray[np.float32]) -> NDArray[np.float32]:
        # A batch at a time: all maps of two hundred images would be hundreds of megabytes in a wide network.
        batches = (images[start : start + BATCH] for start in range(0, len(images), BATCH))
        return np.concatenate([means(network.activations(batch, [layer])[layer]) for batch in batches])

    return occlude(image, ask)


def driving(trials: Trials, channel: int) -> NDArray[np.float32]:
    """What covering takes from a map, (28, 28), in the map's own unit: above 0 the part drives it, below 0 it holds it
    back.

    Args:
        trials: of `cover_for`.
        channel: of the map.
    """
    return trials.spread(trials.before[channel] - trials.after[:, channel])
