"""One kept data set: its folder, what its files say, and which of them can be believed.

Owns the names of a folder's files: `dataset.json` (the `facts`), `images.npy`, `labels.npy` (with labels
only), `names.json` (of picture files only) and `predictions/`. Which sets there are is `store`'s business, how a
folder is written `draft`'s.
"""

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.datasets.blocks import Form
from core.datasets.facts import Facts, as_stored, remarks
from core.datasets.proposal import SIDE
from core.errors import DataError
from core.files import read_json_object

FACTS: Final = "dataset.json"
IMAGES: Final = "images.npy"
LABELS: Final = "labels.npy"
NAMES: Final = "names.json"
PREDICTIONS: Final = "predictions"
DATA_SET_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
HEADER_BYTES: Final = 128  # of the two .npy files, as NumPy writes it for such shapes


@dataclass(frozen=True, slots=True)
class DataSet:
    """A kept data set, as it was when it was read. The arrays are read when they are asked for.

    Attributes:
        dataset_id: its folder's name.
        size_bytes: what it takes on the disk, predictions included.
    """

    dataset_id: str
    path: Path
    facts: Facts
    size_bytes: int

    @property
    def name(self) -> str:
        """What people call it; text from outside."""
        return self.facts.name

    @property
    def count(self) -> int:
        """How many images it holds; at least one."""
        return self.facts.count

    @property
    def labelled(self) -> bool:
        """Whether every image has a label."""
        return self.facts.supports is not None

    @property
    def missing_classes(self) -> tuple[int, ...]:
        """The digits without an image; empty for a set without labels."""
        return self.facts.missing_classes

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to bear in mind with figures about this set, as sentences; empty when there is nothing."""
        return remarks(self.facts)

    def images(self) -> NDArray[np.uint8]:
        """(n, 28, 28) uint8, ink high, mapped from the disk and read-only.

        Raises:
            DataError: the file is missing, cut or edited.
        """
        return self._array(IMAGES, (self.count, SIDE, SIDE), np.dtype(np.uint8))

    def labels(self) -> NDArray[np.uint8] | None:
        """(n,) uint8 in 0..9; None without labels. Raises DataError as `images`."""
        if self.facts.supports is None:
            return None
        labels = np.array(self._array(LABELS, (self.count,), np.dtype(np.uint8)))
        if not np.array_equal(np.bincount(labels, minlength=CLASSES), self.facts.supports):
            raise DataError(f"{LABELS} of the data set {self.dataset_id} was changed; load the set again.")
        return labels

    def names(self) -> list[str] | None:
        """The file that each image came from; None where they came from a table or an array.

        Raises:
            DataError: as `images`.
        """
        if self.facts.form is not Form.PICTURES:
            return None
        try:
            names = [as_stored(name) for name in read_json_object(self.path / NAMES)["names"]]
            if len(names) != self.count:
                raise ValueError(f"it holds {len(names)} names")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(_cannot_be_read(NAMES, self.dataset_id, error)) from error
        return names

    def _array(self, name: str, shape: tuple[int, ...], dtype: np.dtype) -> NDArray[np.uint8]:
        try:
            array = np.load(self.path / name, mmap_mode="r", allow_pickle=False)
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(f"it is {array.dtype} {array.shape}, not {dtype} {shape}")
        except (OSError, ValueError, EOFError) as error:
            raise DataError(_cannot_be_read(name, self.dataset_id, error)) from error
        return array


@dataclass(frozen=True, slots=True)
class DamagedDataSet:
    """A folder that cannot be read, with the reason."""

    dataset_id: str
    path: Path
    reason: str
    size_bytes: int


def read_dataset(path: Path) -> DataSet:
    """The data set in a folder.

    Raises:
        DataError: there is none, or it is damaged.
    """
    try:
        facts = Facts.from_json(read_json_object(path / FACTS))
        expected = {IMAGES: SIDE * SIDE} | ({} if facts.supports is None else {LABELS: 1})
        for name, each in expected.items():
            size = (path / name).stat().st_size
            if size != HEADER_BYTES + each * facts.count:
                raise ValueError(f"{name} has {size:,} bytes, which do not fit {facts.count:,} images")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if not path.is_dir():
            raise DataError(f"there is no data set {path.name[:64]!r}; it may have been deleted.") from None
        raise DataError(_cannot_be_read("the folder", path.name, error)) from error
    return DataSet(path.name, path, facts, folder_size(path))


def folder_size(path: Path) -> int:
    """Bytes of the files in and below a folder; what goes meanwhile is not counted."""
    total = 0
    for parent, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(f"{parent}/{name}").st_size
    return total


def _cannot_be_read(name: str, dataset_id: str, error: Exception) -> str:
    reason = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
    return f"{name} of the data set {dataset_id} cannot be read ({reason}); delete the set and load it again."
