"""What the shipped classic network answers to the test split, from its own files.

Tests take their figures from here, so that they hold for whatever model is shipped.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from core.data import load_split
from core.evaluation import apply_temperature
from core.files import read_json_object
from core.home import SHIPPED

FOLDER = SHIPPED / "pretrained" / "classic"


@functools.cache
def truth() -> NDArray[np.uint8]:
    """The labels."""
    return load_split(SHIPPED / "mnist.npz", "test").labels


@functools.cache
def probabilities() -> NDArray[np.float32]:
    """(10000, 10), the run's temperature applied."""
    with np.load(FOLDER / "predictions.npz") as found:
        raw = found["test"]
    return apply_temperature(raw, float(read_json_object(FOLDER / "evaluation.json")["temperature"]))


def read() -> NDArray[np.int64]:
    """What each image is read as."""
    return probabilities().argmax(axis=1)


@functools.cache
def misread() -> list[int]:
    """The images that are read wrongly, the most confident answers first."""
    wrong = np.flatnonzero(read() != truth())
    confidence = probabilities()[wrong].max(axis=1).astype(float)
    return wrong[np.argsort(-confidence, kind="stable")].tolist()


def right() -> str:
    """The share that is read rightly, as pages say it."""
    return f"{100 - len(misread()) / 100:.2f} %"


@functools.cache
def confused() -> tuple[int, int]:
    """Label and reading of the pair that is confused most often."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (truth(), read()), 1)
    np.fill_diagonal(counts, 0)
    true, pred = np.unravel_index(int(counts.argmax()), counts.shape)
    return int(true), int(pred)


def count(*, true: int | None = None, pred: int | None = None, wrong: bool = False) -> int:
    """How many images have this label and this reading, right ones left out where `wrong`."""
    kept = (true is None or truth() == true) & (pred is None or read() == pred) & (not wrong or truth() != read())
    return int(np.sum(np.broadcast_to(kept, truth().shape)))


def images(number: int) -> str:
    """So many images, in words."""
    return f"{number:,} image{'' if number == 1 else 's'}"
