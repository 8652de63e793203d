"""Which images of a set are MNIST's own: on those a network proves memory, not skill.

Owns the comparison, by a hash of each image; images that were scaled or shifted are not recognised.
"""

import functools
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.datasets.archive import members
from core.datasets.given import Given
from core.datasets.npz import header, numbers
from core.datasets.proposal import SIDE
from core.errors import DataError


def count_known(parts: Iterable[NDArray[np.uint8]], mnist: Path) -> tuple[int, int] | None:
    """How many of the images, some (k, 28, 28) at a time, are in MNIST's training split and in its test split.

    Returns:
        The two counts; None when MNIST itself cannot be read.
    """
    try:
        known = [_hashes_of(mnist, key) for key in ("x_train", "x_test")]
    except DataError:
        return None
    training = test = 0
    for part in parts:
        hashes = _hashes(part)
        training += _count_among(hashes, known[0])
        test += _count_among(hashes, known[1])
    return training, test


@functools.lru_cache(maxsize=2)
def _hashes_of(mnist: Path, key: str) -> NDArray[np.uint64]:
    """Of one of MNIST's arrays, ascending; read block by block: half a megabyte is kept, the images never are."""
    whole = Given.of_path(mnist)
    with ExitStack() as stack:
        found = {member.name: member for member in members(whole, stack)}
        array = found.get(f"{key}.npy")
        if array is None:
            raise DataError(f"{whole.name} has no {key}.")
        return np.sort(np.concatenate([_hashes(part) for part in numbers(header(array, whole.name), whole.name)]))


def _hashes(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """A hash of each image, (n,): a random sum of its pixels modulo 2**64 (Carter & Wegman 1979)."""
    factors = np.random.default_rng(0).integers(0, 2**64, SIDE * SIDE, dtype=np.uint64)
    return images.reshape(-1, SIDE * SIDE).astype(np.uint64) @ factors


def _count_among(hashes: NDArray[np.uint64], known: NDArray[np.uint64]) -> int:
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return int((known[places] == hashes).sum())
