"""Digits of a visitor's own that a training mixes among MNIST's: kept in the run folder, so that it can be done again.

Owns `lesson.npz` and what `config.json` says of it. Which run is taught, and with which settings, is `teaching`'s
business; whose digits they are `my_digits`'.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.errors import TrainingError
from core.files import read_arrays, replacing

FILE: Final = "lesson.npz"
# Of each batch. Twenty digits that a classic network had misread were all learned with a tenth as with a fifth, and its
# validation accuracy fell less (from 99.36 to 99.10 % instead of 98.98 %).
SHARE: Final = 0.1
HELD_OUT_FROM: Final = 20  # with fewer digits than these, none can be spared
HELD_OUT: Final = 5  # else every fifth is not shown to the network
# Each digit is drawn hundreds of times, so it is varied at least so much.
_LEAST: Final = {"rotation": 8.0, "shift": 1.0, "scale": 0.08, "shear": 6.0, "thickness": 0.4}


@dataclass(frozen=True, slots=True)
class Taught:
    """What `config.json` says of a lesson.

    Attributes:
        owner: the name of the visitor's folder in `my_digits`; opens nothing.
        digits: how many digits the network saw.
        held_out: how many it did not, to be asked about afterwards.
    """

    owner: str
    digits: int
    held_out: int

    @classmethod
    def from_json(cls, said: Any) -> Self | None:
        """None for nothing said; ValueError, KeyError or TypeError for anything else that is no lesson."""
        if said is None:
            return None
        owner, counts = said["owner"], (said["digits"], said["held_out"])
        if not isinstance(owner, str) or len(owner) > 64 or not all(type(n) is int and 0 <= n < 1e6 for n in counts):
            raise ValueError("taught is no lesson")
        return cls(owner, *counts)

    def to_json(self) -> dict[str, Any]:
        """The same for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A visitor's digits for one training.

    Attributes:
        images, labels: (n, 28, 28) and (n,) uint8, ink high: what the network sees.
        held_images, held_labels: what it does not see; none where there are too few.
        share: of each batch.
    """

    owner: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    held_images: NDArray[np.uint8]
    held_labels: NDArray[np.uint8]
    share: float = SHARE

    @classmethod
    def of(cls, owner: str, images: NDArray[np.uint8], labels: NDArray[np.uint8], *, seed: int) -> Self:
        """The lesson of these digits; of twenty or more, a fifth drawn by `seed` is held out."""
        order = np.random.default_rng(seed).permutation(len(labels))
        held = len(labels) // HELD_OUT if len(labels) >= HELD_OUT_FROM else 0
        shown, kept = np.sort(order[held:]), np.sort(order[:held])
        return cls(owner, images[shown], labels[shown], images[kept], labels[kept])

    @property
    def facts(self) -> Taught:
        """What `config.json` says of it."""
        return Taught(self.owner, len(self.labels), len(self.held_labels))

    def write(self, folder: Path) -> None:
        """Writes the file. Raises OSError."""
        with replacing(folder / FILE) as path:
            np.savez_compressed(
                path,
                images=self.images,
                labels=self.labels,
                held_images=self.held_images,
                held_labels=self.held_labels,
                share=np.float64(self.share),
            )

    def mix_in(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        config: TrainingConfig,
        rng: np.random.Generator,
    ) -> None:
        """Puts digits of the lesson, varied at random, in the place of `share` of a batch on average.

        Args:
            images, labels: (k, 28, 28) and (k,) uint8, changed where they are.
        """
        from core.augmentation import augment  # OpenCV, which the server does without until somebody draws

        count = int(self.share * len(labels) + rng.random())
        chosen = rng.integers(len(self.labels), size=count)
        least = {name: max(value, getattr(config, name)) for name, value in _LEAST.items()}
        images[len(labels) - count :] = augment(self.images[chosen], replace(config, **least), rng)
        labels[len(labels) - count :] = self.labels[chosen]


def read_lesson(folder: Path, taught: Taught) -> Lesson:
    """The lesson in a run folder.

    Raises:
        TrainingError: it is gone, damaged, or another one than `config.json` says.
    """
    try:
        arrays = read_arrays(folder / FILE, ("images", "labels", "held_images", "held_labels", "share"))
        share = float(arrays.pop("share"))
        lesson = Lesson(taught.owner, **arrays, share=share)
        for pair in ((lesson.images, lesson.labels), (lesson.held_images, lesson.held_labels)):
            _check(*pair)
        if lesson.facts != taught or not 0 < share < 1 or not taught.digits:
            raise ValueError("it is another one than config.json says")
    except (OSError, ValueError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise TrainingError(f"{FILE} cannot be read ({reason}): the digits that this run is taught with.") from error
    return lesson


def _check(images: NDArray, labels: NDArray) -> None:
    if images.dtype != np.uint8 or labels.dtype != np.uint8 or images.shape != (len(labels), 28, 28):
        raise ValueError(f"its digits are {images.dtype} {images.shape} with labels {labels.dtype} {labels.shape}")
    if len(labels) and labels.max() > 9:
        raise ValueError("a label is above 9")
