"""Blemishes that pictures have, put on some images of a batch at random: noise, blur, low contrast, lines, a patch.

Owns which of the `corruptions` these are and how far they go in a training. Geometry is `augmentation`'s.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.corruptions import corrupt

KINDS: Final = ("noise", "blur", "contrast", "lines", "occlusion")
MOST: Final = 0.7  # of each one's strongest, where some digits cannot be told any more


def blemish(images: NDArray[np.uint8], share: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Images of which `share` on average have one blemish, of any kind and of a strength up to `MOST`.

    Args:
        images: (n, 28, 28) uint8, ink high.

    Returns:
        A new array of the same shape and type.
    """
    found = images.copy()
    kinds = rng.integers(len(KINDS), size=len(images))
    kinds[rng.random(len(images)) >= share] = -1
    for kind, name in enumerate(KINDS):
        chosen = np.flatnonzero(kinds == kind)
        found[chosen] = corrupt(
            images[chosen], {name: rng.uniform(0, MOST)}, seeds=rng.integers(2**32, size=len(chosen), dtype=np.uint64)
        )
    return found
