"""Which images of a split are corrupted: a fixed thousand, drawn once for all runs.

Every image has a number drawn from its place, and the images with the lowest ones are taken. So runs with the same
validation split are asked about the same images, and runs with overlapping ones share as many as they can.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import data
from core.corruptions.chance import Chance
from core.errors import RunStateError
from core.home import StudioHome
from core.pairing import Judged
from core.run import Run

COUNT: Final = 1_000
_DRAW: Final = 6_041  # what the draw is known by; another number draws other images


@dataclass(frozen=True, slots=True)
class Part:
    """The images that a run is asked about.

    Attributes:
        places: (n,) int64, ascending: in MNIST's test split, or for validation in its training split.
        images: (n, 28, 28) uint8, ink high.
        labels: (n,) uint8 in 0..9.
    """

    split: Judged
    places: NDArray[np.int64]
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def part_places(run: Run, split: Judged, labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where the images of the part are, (n,) with n at most `COUNT`, ascending.

    Args:
        labels: of all of MNIST's test images, or for validation of all its training images.

    Raises:
        RunStateError: the run has no validation split.
    """
    places = np.arange(len(labels)) if split == "test" else data.divide(labels, run.config)[1]
    if not len(places):
        raise RunStateError(
            f"{run.run_id} was trained on all images (validation_size 0) and has no validation split; ask for test."
        )
    drawn = Chance(places.astype(np.uint64), _DRAW).uniform(1)[:, 0]
    return np.sort(places[np.argsort(drawn, kind="stable")[:COUNT]]).astype(np.int64)


def load_part(home: StudioHome, run: Run, split: Judged) -> Part:
    """The part with its images, read from MNIST's file.

    Raises:
        DataError: MNIST is missing or damaged.
        RunStateError: the run has no validation split.
    """
    whole = data.load_split(home.mnist, "test" if split == "test" else "train")
    places = part_places(run, split, whole.labels)
    return Part(split, places, whole.images[places], whole.labels[places])
