"""What further ink would do: the reverse of occlusion, a dab of a pen in one place after the other.

Owns the dab and where it goes. It tells what the network would answer, which for a dab far from any stroke need not be
what a person would.
"""

import functools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.explain.trials import SIDE, Ask, Trials, as_float, carry_out

STRIDE: Final = 2
# Across a stroke of MNIST: full ink, with the paler rim that its antialiasing left.
_PROFILE: Final = np.array([0.4, 1, 1, 0.4], np.float32)
_MARGIN: Final = 2  # pixels at the border that hardly any image of MNIST has ink in
# A dab that adds less than this share of its ink lies on a stroke that is there already.
_LEAST: Final = 0.25


def add_ink(image: NDArray[Any], ask: Ask, *, stride: int = STRIDE) -> Trials:
    """Puts a dab of 4 x 4 pixels in one place after the other and asks about all of them at once.

    Dabs that lie on ink are not asked about.

    Args:
        image: (28, 28), ink high; uint8, or float in [0, 1].
        stride: pixels from one dab to the next, 1 to 4.

    Raises:
        ValueError: the image has another shape, or the stride is out of its range.
    """
    if not 1 <= stride <= len(_PROFILE):
        raise ValueError(f"stride must be 1 to {len(_PROFILE)}, not {stride}")
    values, dabs = as_float(image), _dabs(stride)
    inked = np.maximum(values, dabs)
    kept = (inked - values).sum(axis=(1, 2)) > _LEAST * _PROFILE.sum() ** 2
    return carry_out(values, inked, kept, dabs, ask)


@functools.lru_cache(maxsize=4)
def _dabs(stride: int) -> NDArray[np.float32]:
    """One image (28, 28) for each place of the dab."""
    size = len(_PROFILE)
    starts = range(_MARGIN, SIDE - _MARGIN - size + 1, stride)
    dabs = np.zeros((len(starts), len(starts), SIDE, SIDE), np.float32)
    for row, top in enumerate(starts):
        for column, left in enumerate(starts):
            dabs[row, column, top : top + size, left : left + size] = np.outer(_PROFILE, _PROFILE)
    return dabs.reshape(-1, SIDE, SIDE)
