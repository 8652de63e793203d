"""Which parts of an image speak for a digit: cover one part after the other and see what the answer loses.

Owns occlusion saliency after Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks" (ECCV 2014,
section 4.2). They cover with grey, which in a photograph says nothing; on our images grey is ink. The background says
nothing here, and an image without a piece of its stroke is still one of the kind that the network was trained on. A
blurred patch (Fong & Vedaldi, ICCV 2017) would leave pale ink, which is not.
"""

import functools
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.explain.trials import SIDE, Ask, Trials, as_float, carry_out, log_odds

Measure = Literal["log_odds", "probability"]
PATCH: Final = 4  # a little more than the width of a stroke
STRIDE: Final = 2


def occlude(image: NDArray[Any], ask: Ask, *, patch: int = PATCH, stride: int = STRIDE, fill: float = 0.0) -> Trials:
    """Covers one square after the other and asks about all of them at once.

    Squares that change nothing, because all in them is as `fill` already, are not asked about.

    Args:
        image: (28, 28), ink high; uint8, or float in [0, 1].
        patch: side of the square in pixels, 1 to 28.
        stride: pixels from one square to the next, 1 to `patch`; squares begin outside, so that the border is covered
            as often as the middle where `patch` is a multiple of it.
        fill: value in [0, 1] that the square gets; 0 is the background.

    Raises:
        ValueError: the image has another shape, or an argument is out of its range.
    """
    if not (1 <= stride <= patch <= SIDE and 0 <= fill <= 1):
        raise ValueError(f"1 <= stride ({stride}) <= patch ({patch}) <= {SIDE} and 0 <= fill ({fill}) <= 1 must hold")
    values, squares = as_float(image), _squares(patch, stride)
    covered = np.where(squares, np.float32(fill), values)
    kept = (covered != values).any(axis=(1, 2))
    return carry_out(values, covered, kept, squares.astype(np.float32), ask)


def saliency(trials: Trials, digit: int, measure: Measure = "log_odds") -> NDArray[np.float32]:
    """What covering takes from a digit, (28, 28): above 0 the part speaks for the digit, below 0 against it.

    Each pixel has the mean over the squares that cover it, empty ones included. The digit may be any of the ten; the
    network is not asked again.

    Args:
        trials: of `occlude`.
        measure: the drop in the digit's log-odds, in nats, which also tells where an answer is almost certain; or in
            its probability, which hardly changes there.
    """
    value = log_odds if measure == "log_odds" else _probability
    return trials.spread(value(trials.before, digit) - value(trials.after, digit))


def common_limit(*maps: NDArray[np.floating]) -> float:
    """The largest absolute value in any of the maps, at least 1e-6: drawn from its negative to itself, they share one
    scale, and 0 is in its middle."""
    return max([1e-6, *(float(np.abs(values).max()) for values in maps)])


def _probability(probabilities: NDArray[np.floating], digit: int) -> NDArray[np.floating]:
    return probabilities[..., digit]


@functools.lru_cache(maxsize=8)
def _squares(patch: int, stride: int) -> NDArray[np.bool_]:
    """One mask (28, 28) for each place of the square, those that reach over the border included."""
    starts = np.arange(stride - patch, SIDE, stride)
    places = np.arange(SIDE)
    inside = (starts[:, np.newaxis] <= places) & (places < starts[:, np.newaxis] + patch)
    masks = inside[:, np.newaxis, :, np.newaxis] & inside[np.newaxis, :, np.newaxis, :]
    return masks.reshape(-1, SIDE, SIDE)
