"""What a run reads in corrupted images: asked once for each run and split, kept, and read without being believed.

Owns `caches/robustness/<run id>-<split>.npz` in the studio's home. The file is replaced after every corruption: what
is done is there for pages to show, and a measurement that was cut off goes on where it was. A file that is damaged, or
made by another network, of other images or with other corruptions, counts as none.
"""

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.corruptions import BY_NAME, CORRUPTIONS, corrupt
from core.data import COUNTS
from core.errors import RunDamagedError, StudioError
from core.files import read_arrays, replacing
from core.home import StudioHome
from core.network import OnnxNetwork
from core.pairing import Judged
from core.robustness.part import COUNT, Part
from core.run import ONNX_MODEL, Run, Stamp, stamp_of

LEVELS: Final = 6
STRENGTHS: Final = tuple(level / LEVELS for level in range(1, LEVELS + 1))
_FORMAT: Final = 1  # another one makes every kept measurement stale: raise it when a corruption does something else
_ABOUT: Final = ("key", "places", "labels", "undisturbed")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run reads in the images of a part, undisturbed and corrupted.

    Attributes:
        places, labels: (n,) of the images, as in `Part`.
        undisturbed: (n,) uint8, the digit that is read in each.
        read: by corruption, the digit that is read at each of `STRENGTHS` in each image, (6, n) uint8; only corruptions
            that are done.
    """

    run_id: str
    split: Judged
    places: NDArray[np.int64]
    labels: NDArray[np.uint8]
    undisturbed: NDArray[np.uint8]
    read: Mapping[str, NDArray[np.uint8]]

    @property
    def n(self) -> int:
        """How many images."""
        return len(self.labels)

    @property
    def whole(self) -> bool:
        """Whether every corruption is done."""
        return len(self.read) == len(CORRUPTIONS)


def measure(home: StudioHome, run: Run, network: OnnxNetwork, part: Part, tell: Progress | None = None) -> Measured:
    """Asks the run about every corruption that is not kept yet, and keeps each as it is done.

    Args:
        network: of this run.
        tell: called with how many corrupted images are done, and of how many; what it raises ends the work.

    Raises:
        RunDamagedError: the run's model is gone.
        StudioError: the measurement cannot be kept.
    """
    found = kept_measurement(home, run, part.split)
    if found is None or not np.array_equal(found.places, part.places):
        undisturbed = _read(network, part.images)
        found = Measured(run.run_id, part.split, part.places, part.labels, undisturbed, {})
    done = len(found.read) * LEVELS * found.n
    for corruption in CORRUPTIONS:
        if corruption.name in found.read:
            continue
        read = np.empty((LEVELS, found.n), np.uint8)
        for level, strength in enumerate(STRENGTHS):
            read[level] = _read(network, corrupt(part.images, {corruption.name: strength}, seeds=part.places))
            done += found.n
            if tell is not None:
                tell(done, len(CORRUPTIONS) * LEVELS * found.n)
        found = Measured(
            found.run_id,
            found.split,
            found.places,
            found.labels,
            found.undisturbed,
            {**found.read, corruption.name: read},
        )
        _keep(home, run, found)
    return found


def kept_measurement(home: StudioHome, run: Run, split: Judged) -> Measured | None:
    """What is kept of a run, perhaps not of all corruptions yet; None when nothing is that holds.

    Raises:
        RunDamagedError: the run's model is gone.
    """
    try:
        arrays = read_arrays(_path(home, run, split))
        key, places, labels, undisturbed = (arrays.pop(name) for name in _ABOUT)
        if key.ndim or str(key) != _key(run, split):
            return None
        _check(split, places, labels, undisturbed, arrays)
    except (OSError, ValueError, KeyError):
        return None
    return Measured(run.run_id, split, places, labels, undisturbed, arrays)


def measurement_stamp(home: StudioHome, run: Run, split: Judged) -> Stamp:
    """Changes when what is kept does."""
    path = _path(home, run, split)
    return stamp_of(path.parent, (path.name,))


def _read(network: OnnxNetwork, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return network.probabilities(images).argmax(axis=1).astype(np.uint8)


def _keep(home: StudioHome, run: Run, found: Measured) -> None:
    path = _path(home, run, found.split)
    arrays: dict[str, Any] = {"key": np.array(_key(run, found.split)), "places": found.places, "labels": found.labels}
    arrays |= {"undisturbed": found.undisturbed, **found.read}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            np.savez_compressed(temporary, **arrays)
    except OSError as error:
        raise StudioError(f"the measurement of {run.run_id} cannot be kept: {error.strerror}.") from error


def _check(split: Judged, places: NDArray, labels: NDArray, undisturbed: NDArray, read: dict[str, NDArray]) -> None:
    """Raises ValueError unless these are what `measure` keeps."""
    n = len(places) if places.ndim == 1 else 0
    most = COUNTS["test" if split == "test" else "train"]
    if not 0 < n <= COUNT or places.dtype != np.int64 or places.min() < 0 or places.max() >= most:
        raise ValueError("the places are none of this split")
    for name, digits, shape in (
        ("labels", labels, (n,)),
        ("undisturbed", undisturbed, (n,)),
        *((name, found, (LEVELS, n)) for name, found in read.items()),
    ):
        if digits.shape != shape or digits.dtype != np.uint8 or digits.max() >= CLASSES:
            raise ValueError(f"{name} are no digits {shape}")
    if not set(read) <= set(BY_NAME):
        raise ValueError("there are corruptions among them that nobody knows")


def _path(home: StudioHome, run: Run, split: Judged) -> Path:
    # Neither part is text from outside: ids are matched against a pattern before a run is read.
    return home.robustness / f"{run.run_id}-{split}.npz"


def _key(run: Run, split: Judged) -> str:
    """What a measurement must have been made from to hold: this form, these corruptions, this network and its split."""
    network = _hash_of(run.path / ONNX_MODEL, stamp_of(run.path, (ONNX_MODEL,)), run.run_id)
    validation = [] if split == "test" else [run.config.validation_size, run.config.stratified]
    return json.dumps([_FORMAT, LEVELS, COUNT, [(each.name, each.most) for each in CORRUPTIONS], network, validation])


@functools.lru_cache(maxsize=256)
def _hash_of(path: Path, stamp: Stamp, run_id: str) -> str:
    """Of the file's content, computed again when its stamp changes: a run's folder may be copied."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RunDamagedError(f"{path.name} of the run {run_id} cannot be read: {error.strerror}.") from error
