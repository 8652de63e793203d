"""Which images a layer's filters answer to most: what a filter looks for, shown by examples.

Owns what one number a map has for an image, and the ranking of many images that are looked at a batch at a time. After
Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks" (ECCV 2014, section 4), without their
deconvolution.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

COUNT: Final = 8  # images that are kept for each map
MOST_MAPS: Final = 4_096  # of one layer; a layer with more is not ranked, its ranking would outweigh everything else


@dataclass(frozen=True, slots=True)
class Strongest:
    """The images that each map of a layer answers to most.

    Attributes:
        places: (maps, n) int32, the strongest first.
        answers: (maps, n) float32, what `peaks` makes of each.
    """

    places: NDArray[np.int32]
    answers: NDArray[np.float32]

    @classmethod
    def nothing(cls, maps: int) -> "Strongest":
        """No images yet."""
        return cls(np.empty((maps, 0), np.int32), np.empty((maps, 0), np.float32))

    def with_more(self, first: int, answers: NDArray[np.float32]) -> "Strongest":
        """The ranking with further images, (n, maps), whose places count up from `first`.

        Of equals, those that came first stay first.
        """
        places = np.broadcast_to(np.arange(first, first + len(answers), dtype=np.int32), answers.T.shape)
        together = np.concatenate([self.answers, answers.T], axis=1)
        places = np.concatenate([self.places, places], axis=1)
        best = np.argsort(-together, axis=1, kind="stable")[:, :COUNT]
        return Strongest(np.take_along_axis(places, best, axis=1), np.take_along_axis(together, best, axis=1))


def peaks(activations: NDArray[np.float32]) -> NDArray[np.float32]:
    """How strongly each map answers at the place where it answers most, (n, maps).

    Args:
        activations: (n, height, width, maps), or (n, units), where every unit is its own map.
    """
    return _rows(activations).max(axis=1)


def means(activations: NDArray[np.float32]) -> NDArray[np.float32]:
    """How strongly each map answers on the average, (n, maps). Arguments as `peaks`."""
    return _rows(activations).mean(axis=1)


def _rows(activations: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, places, maps), with one place where there are none."""
    if activations.ndim == 4:
        return activations.reshape(len(activations), -1, activations.shape[-1])
    return activations.reshape(len(activations), 1, -1)
