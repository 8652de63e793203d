"""One image, changed in one place at a time, and what the network answered to each change.

Owns the bookkeeping that `occlusion` and `ink` share: which change touches which pixels, and the map that the effects
of all changes make. Pure functions on arrays; the network comes as a function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import INPUT_SHAPE

SIDE: Final = INPUT_SHAPE[0]
# Images (n, 28, 28) float32 in [0, 1] to probabilities (n, 10), as `Classifier.probabilities` or that of `OnnxNetwork`.
Ask = Callable[[NDArray[np.float32]], NDArray[np.floating]]
# Below the smallest normal float32 a probability has lost its digits; its logarithm is taken as this one's.
_SMALLEST: Final = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, slots=True)
class Trials:
    """What the network answered before and after each change.

    Attributes:
        image: (28, 28) float32 in [0, 1], unchanged.
        before: (10,) probabilities of the image; or whatever else was asked about it (`driving`).
        after: (n, 10) the same of the changed images; changes without effect on the image were left out.
        weights: (n, 28, 28) float32 in [0, 1], how far each change reaches each pixel.
        reach: (28, 28) float32, the sum of the weights of all changes, those left out included.
    """

    image: NDArray[np.float32]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    weights: NDArray[np.float32]
    reach: NDArray[np.float32]

    @property
    def predicted(self) -> int:
        """The answer to the unchanged image."""
        return int(self.before.argmax())

    def spread(self, effects: NDArray[np.floating]) -> NDArray[np.float32]:
        """The effects (n,) of the changes as a map (28, 28): each pixel has the mean of those that reach it.

        What was left out has the effect 0.
        """
        total = np.tensordot(effects.astype(np.float32), self.weights, axes=1)
        return np.divide(total, self.reach, out=np.zeros_like(self.reach), where=self.reach > 0)


def carry_out(
    image: NDArray[Any], changed: NDArray[np.float32], kept: NDArray[np.bool_], weights: NDArray[np.float32], ask: Ask
) -> Trials:
    """Asks once about the image and those of its changed forms that are kept.

    Args:
        changed: (m, 28, 28), the image after each change.
        kept: (m,), which changes are worth asking about.
        weights: (m, 28, 28), as in `Trials`.
    """
    answers = np.asarray(ask(np.concatenate([image[np.newaxis], changed[kept]])), dtype=np.float64)
    return Trials(image, answers[0], answers[1:], weights[kept], weights.sum(axis=0))


def as_float(image: NDArray[Any]) -> NDArray[np.float32]:
    """One image as float32 in [0, 1].

    Args:
        image: (28, 28) or (28, 28, 1), ink high; uint8, or float in [0, 1].

    Raises:
        ValueError: it has another shape.
    """
    if image.shape not in ((SIDE, SIDE), INPUT_SHAPE):
        raise ValueError(f"an image must have the shape ({SIDE}, {SIDE}), not {image.shape}")
    scaled = image / np.float32(255) if image.dtype == np.uint8 else image
    return np.asarray(scaled, dtype=np.float32).reshape(SIDE, SIDE)


def log_probability(probabilities: NDArray[np.floating], digit: int) -> NDArray[np.float64]:
    """The logarithm, in nats, of the digit's probability in each of the rows (..., 10)."""
    return np.log(np.maximum(probabilities[..., digit], _SMALLEST))


def log_odds(probabilities: NDArray[np.floating], digit: int) -> NDArray[np.float64]:
    """The logarithm, in nats, of how much more probable the digit is than all others together, in each row (..., 10).

    The others are summed rather than taken from 1, so that it is exact where the network is almost certain.
    """
    others = np.delete(probabilities, digit, axis=-1).sum(axis=-1)
    return log_probability(probabilities, digit) - np.log(np.maximum(others, _SMALLEST))
