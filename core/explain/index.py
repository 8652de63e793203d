"""The vectors of the images that a run was trained on, on the disk: written once, searched without being held.

Owns the two files of an index and their trustworthiness. `<run id>-<token>.vectors` has the vectors as int16, row by
row; `<run id>.npz` says whose they are and names them, so replacing it switches from one index to the next at once.
An index that is damaged, or made from other files than the run has now, counts as none.

int16 rather than float16: as many bytes, four times as exact for numbers up to 1, and read ten times as quickly, since
processors have instructions for it. The file is read in pieces rather than mapped: mapped pages count as memory of the
server, and a mapped file that is cut short ends the process.
"""

import json
import secrets
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.files import read_arrays, replacing
from core.run import CONFIG, ONNX_MODEL, Run, stamp_of

FORMAT: Final = 1  # another one makes every index stale
_ONE: Final = 32_767  # what the number 1 is stored as
_ROWS: Final = 512  # read and multiplied at a time; they stay in the processor's cache, and in one thread


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is whole and belongs to its run as it is now.

    Attributes:
        layer: whose answers the vectors are; None for the pixels.
        places: (n,) int32 into MNIST's training split, ascending.
        labels: (n,) uint8 in 0..9.
        vectors: the file of the vectors, n rows of `numbers` int16.
        numbers: how many a vector has.
    """

    layer: str | None
    places: NDArray[np.int32]
    labels: NDArray[np.uint8]
    vectors: Path
    numbers: int

    def distances(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine distance, in [0, 2], of each image to a vector of length 1, (n,).

        Raises:
            OSError: the vectors are gone, or shorter than they were.
        """
        similar = np.empty(len(self.places), np.float32)
        scaled = vector / np.float32(_ONE)
        buffer = np.empty((_ROWS, self.numbers), np.int16)
        with self.vectors.open("rb", buffering=0) as stream:
            for start in range(0, len(similar), _ROWS):
                rows = buffer[: len(similar) - start]
                if stream.readinto(rows.data.cast("B")) != rows.nbytes:
                    raise OSError(f"{self.vectors.name} is cut short")
                similar[start : start + len(rows)] = rows.astype(np.float32) @ scaled
        return np.clip(1 - similar, 0, 2)


def key_of(run: Run) -> str:
    """What an index must have been made from to hold for a run: this form, this network, these training images."""
    return json.dumps([FORMAT, stamp_of(run.path, (ONNX_MODEL, CONFIG))])


def card(folder: Path, run_id: str) -> Path:
    """The file that says which index a run has."""
    return folder / f"{run_id}.npz"


def write_index(
    folder: Path,
    run_id: str,
    key: str,
    layer: str | None,
    places: NDArray[np.integer],
    labels: NDArray[np.uint8],
    vectors: NDArray[np.float32],
) -> None:
    """Makes this the index of a run.

    Args:
        key: `key_of` the run, taken before its model was read.
        places, labels: as in `Index`.
        vectors: (n, d) of length 1 or 0.

    Raises:
        OSError: it cannot be written.
    """
    numbers = np.rint(vectors * np.float32(_ONE)).astype(np.int16)
    token = secrets.token_hex(4)
    with replacing(_vectors(folder, run_id, token)) as path:
        numbers.tofile(path)
    with replacing(card(folder, run_id)) as path:
        np.savez(
            path,
            key=np.array(key),
            layer=np.array(layer or ""),
            token=np.array(token),
            checksum=np.array(zlib.crc32(numbers.data), np.uint32),
            numbers=np.array(vectors.shape[1], np.int32),
            places=places.astype(np.int32),
            labels=labels.astype(np.uint8),
        )


def read_index(folder: Path, run_id: str, key: str) -> Index | None:
    """The index of a run, every byte of it checked; None when there is none that is whole and has this key."""
    names = ("key", "layer", "token", "checksum", "numbers", "places", "labels")
    try:
        stored = read_arrays(card(folder, run_id), names)
        if any(stored[name].ndim for name in names[:5]) or str(stored["key"]) != key:
            return None
        vectors, numbers = _vectors(folder, run_id, str(stored["token"])), int(stored["numbers"])
        if numbers < 1 or vectors.stat().st_size != 2 * numbers * len(stored["places"]):
            return None
        if _checksum(vectors) != int(stored["checksum"]):
            return None
    except (OSError, ValueError):
        return None
    return Index(str(stored["layer"]) or None, stored["places"], stored["labels"], vectors, numbers)


def tidy(folder: Path, keep: set[str]) -> None:
    """Removes the indexes of all other runs, and what interrupted or replaced ones have left.

    Only while no index is being made: what is half done would go as well.
    """
    kept: set[str] = set()
    for run_id in keep:
        try:
            token = str(read_arrays(card(folder, run_id), ("token",))["token"])
        except (OSError, ValueError):
            continue
        kept |= {card(folder, run_id).name, _vectors(folder, run_id, token).name}
    for path in folder.iterdir():
        if path.suffix in (".npz", ".vectors", ".progress") and path.name not in kept:
            path.unlink(missing_ok=True)


def _vectors(folder: Path, run_id: str, token: str) -> Path:
    return folder / f"{run_id}-{token}.vectors"


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as stream:
        while piece := stream.read(2**18):
            checksum = zlib.crc32(piece, checksum)
    return checksum
