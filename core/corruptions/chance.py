"""Random numbers of an image: which way a digit turns, where a patch lies, the grain of the noise.

They depend on the image's seed and on what they are for, never on other images: one image can be corrupted again just
as it was among a thousand. By splitmix64 (Steele, Lea and Flood 2014), the same on every machine and NumPy.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

_GOLDEN: Final = 0x9E3779B97F4A7C15
_MASK: Final = 2**64 - 1


class Chance:
    """The random numbers of n images for one purpose; asked twice, it gives the same.

    Args:
        seeds: (n,) uint64.
        purpose: another one gives other numbers.
    """

    def __init__(self, seeds: NDArray[np.uint64], purpose: int) -> None:
        self._start = _scrambled(seeds + np.uint64(purpose * _GOLDEN & _MASK))

    def uniform(self, count: int) -> NDArray[np.float64]:
        """Numbers in [0, 1), (n, count)."""
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        return (_scrambled(self._start[:, None] + steps) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, count: int) -> NDArray[np.float64]:
        """Standard normal numbers, (n, count), by Box and Muller (1958)."""
        first, second = np.split(self.uniform(2 * count), 2, axis=1)
        return np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * math.pi * second)

    def sign(self) -> NDArray[np.float64]:
        """-1 or 1, (n,)."""
        return np.where(self.uniform(1)[:, 0] < 0.5, -1.0, 1.0)


def _scrambled(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
