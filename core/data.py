"""MNIST: reading it, checking it, and dividing its training images.

Owns the facts of the data (keys, shapes, types, hashes) and the split between training and validation. Which picture
becomes which 28 x 28 image is `preprocessing`'s business.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.errors import DataError
from core.files import read_arrays, replacing

SplitName = Literal["train", "test"]

# uint8 images (n, 28, 28) in 0..255 with the ink high, uint8 labels (n,) in 0..9.
COUNTS: Final[dict[SplitName, int]] = {"train": 60_000, "test": 10_000}
SHA256: Final = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
DATA_HASH: Final = hashlib.sha256("".join(SHA256.values()).encode()).hexdigest()
WAY_BACK: Final = "restore it with `git checkout artifacts/mnist.npz`"


@dataclass(frozen=True, slots=True)
class Split:
    """Images with their labels.

    Attributes:
        images: (n, 28, 28) uint8, ink high.
        labels: (n,) uint8 in 0..9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)


def load_split(path: Path, split: SplitName) -> Split:
    """MNIST's training or test images, checked against their shapes, types and pinned SHA-256.

    Raises:
        DataError: the file is missing, damaged, or not MNIST.
    """
    try:
        images, labels = read_arrays(path, (f"x_{split}", f"y_{split}")).values()
    except FileNotFoundError:
        raise DataError(f"{path.name} is missing; {WAY_BACK}.") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}); {WAY_BACK}.") from error
    except ValueError as error:
        raise DataError(f"{error}; {WAY_BACK}.") from error
    count = COUNTS[split]
    for key, array, shape in ((f"x_{split}", images, (count, 28, 28)), (f"y_{split}", labels, (count,))):
        if array.shape != shape or array.dtype != np.uint8:
            raise DataError(f"{path.name}: {key} is {array.dtype} {array.shape}, not uint8 {shape}; {WAY_BACK}.")
        if hashlib.sha256(np.ascontiguousarray(array).data).hexdigest() != SHA256[key]:
            raise DataError(f"{path.name}: the values of {key} are not MNIST's; {WAY_BACK}.")
    return Split(images, labels)


def map_training_images(path: Path, copy: Path) -> NDArray[np.uint8]:
    """MNIST's training images, (60000, 28, 28) uint8, read from the disk as they are touched.

    For a process that wants a few of them now and then.

    Args:
        copy: an unpacked copy of them, made when it is missing or damaged. Where it cannot be written, the images are
            read into memory.

    Raises:
        DataError: as for `load_split`.
    """
    for _ in range(2):
        with contextlib.suppress(OSError, ValueError):
            mapped = np.load(copy, mmap_mode="r", allow_pickle=False)
            if mapped.shape == (COUNTS["train"], 28, 28) and mapped.dtype == np.uint8:
                return mapped
        images = load_split(path, "train").images
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            with replacing(copy) as temporary:
                np.save(temporary, images)
        except OSError:
            break
    return images


def divide(labels: NDArray[np.uint8], config: TrainingConfig) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which training images are trained on and which validate.

    Validation is the last `validation_size` images, or with `stratified` the last of each digit in proportion. A
    `subset` is drawn from the rest by `seed`.

    Args:
        labels: (60000,) uint8, in MNIST's order.

    Returns:
        Two disjoint, ascending arrays of indices: training (`config.training_images`,) and validation.
    """
    if config.stratified:
        validation = _last_of_each_digit(labels, config.validation_size)
    else:
        validation = np.arange(len(labels) - config.validation_size, len(labels))
    training = np.setdiff1d(np.arange(len(labels)), validation, assume_unique=True)
    if config.subset:
        training = np.sort(np.random.default_rng(config.seed).permutation(training)[: config.subset])
    return training, validation


def _last_of_each_digit(labels: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    exact = np.bincount(labels, minlength=10) * size / len(labels)
    counts = np.floor(exact).astype(int)
    # What rounding down left over goes to the digits that lost most by it.
    counts[np.argsort(counts - exact)[: size - counts.sum()]] += 1
    chosen = [np.flatnonzero(labels == digit)[len(labels[labels == digit]) - counts[digit] :] for digit in range(10)]
    return np.sort(np.concatenate(chosen))
