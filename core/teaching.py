"""Teaching a model with a visitor's own digits: which run can be taught, with which settings, and what came of it.

Owns these choices and the figures of before and after. The digits in a run folder are `lesson`'s, the training itself
is an ordinary one that goes on from another run's weights (`continuing`).
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import continuing
from core.config import TrainingConfig
from core.errors import RunDamagedError, RunStateError
from core.evaluation import Share
from core.run import KERAS_MODEL, MAX_NAME_LENGTH, Run

LEAST: Final = 3  # digits: fewer say too little
EPOCHS: Final = 3
MNIST_IMAGES: Final = 12_000  # an epoch: enough to remember MNIST by, few enough to be done within a minute
# Squared difference over squared ink under which an image is one of the test split's: saved anew, enlarged or as JPEG
# 95 in 100 of these stay under it; of 1,000 training images, which others wrote, none comes nearer than 0.030.
SAME: Final = 0.025
_ROWS: Final = 1_000  # test images that are compared at a time
SLOWER: Final = 0.1  # of the learning rate that the model was trained with


@dataclass(frozen=True, slots=True)
class Effect:
    """What two models read of the same digits.

    Attributes:
        labels, before, after: (n,) what they are, and what each model reads.
    """

    labels: NDArray[np.uint8]
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    @property
    def right_before(self) -> Share:
        """How many the first model read right."""
        return Share(int((self.before == self.labels).sum()), len(self.labels))

    @property
    def right_after(self) -> Share:
        """The same of the taught one."""
        return Share(int((self.after == self.labels).sum()), len(self.labels))

    @property
    def fixed(self) -> int:
        """How many the taught model alone reads right."""
        return int(((self.before != self.labels) & (self.after == self.labels)).sum())

    @property
    def broken(self) -> int:
        """How many the first model alone read right."""
        return int(((self.before == self.labels) & (self.after != self.labels)).sum())


def reason_against(run: Run, digits: int) -> str:
    """Why a run cannot be taught with so many digits, as a sentence; empty when it can."""
    if run.imported is not None:
        return "The active model came as a file: nothing says how it was trained, so it cannot be taught further."
    if reason := continuing.reason_against(run):
        return reason
    if not (run.path / KERAS_MODEL).is_file():
        return f"The active model cannot be taught: its {KERAS_MODEL} is missing."
    if digits < LEAST:
        return f"Keep at least {LEAST} digits first; there {'is' if digits == 1 else 'are'} {digits}."
    return ""


def are_test_images(images: NDArray[np.uint8], test_images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(n,) whether each image is nearly one of the test split's: a model that learns it cannot be measured with that.

    Args:
        images: (n, 28, 28) uint8, as they are placed.
        test_images: (m, 28, 28) uint8.
    """
    own = images.reshape(-1, 28 * 28).astype(np.float32) / 255
    ink = np.square(own).sum(axis=1)
    nearest = np.full(len(own), np.inf, np.float32)
    for start in range(0, len(test_images), _ROWS):
        some = test_images[start : start + _ROWS].reshape(-1, 28 * 28).astype(np.float32) / 255
        apart = ink[:, None] + np.square(some).sum(axis=1) - 2 * own @ some.T
        np.minimum(nearest, apart.min(axis=1), out=nearest)
    return np.asarray(nearest < SAME * ink)


def settings(parent: Run) -> TrainingConfig:
    """The settings of the run that teaches `parent`: its own network and validation, a short and careful training.

    Raises:
        RunStateError, RunDamagedError: it cannot be taught.
    """
    if reason := continuing.reason_against(parent):
        raise RunStateError(reason)
    if not (parent.path / KERAS_MODEL).is_file():
        raise RunDamagedError(f"{parent.run_id}: {KERAS_MODEL} is missing.")
    config = parent.config
    return replace(
        config,
        epochs=EPOCHS,
        learning_rate=max(1e-7, SLOWER * config.learning_rate),
        schedule="cosine",
        subset=min(MNIST_IMAGES, config.training_images),
        early_stopping=0,
        time_budget=0.0,
    )


def name_after(name: str) -> str:
    """What the run is called that teaches one of that name: `A, taught`."""
    suffix = ", taught"
    base = name.removesuffix(suffix)
    room = MAX_NAME_LENGTH - len(suffix)
    return (base if len(base) <= room else base[: room - 1] + "…") + suffix
