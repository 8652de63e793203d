"""The files that a training can go on from, kept in its run folder until the run is done.

Owns their names. A `model` is a Keras model; Keras itself is not needed here, and so not imported.
"""

from pathlib import Path
from typing import Any

import numpy as np

from core.files import replacing
from core.run import INITIAL_MODEL


class Checkpoints:
    """The files that a training keeps while it runs; the number in a name is the epoch it was written after.

    `checkpoint-<epoch>.keras` holds the weights with the optimiser's state, to go on from; `best-<epoch>.npz` those
    with the lowest validation loss, averaged where the configuration says so. `initial` is there from the beginning
    where the training starts from the weights of another run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.initial = folder / INITIAL_MODEL

    def latest(self) -> tuple[int, Path] | None:
        """The newest checkpoint with its epoch."""
        return self._newest("checkpoint-*.keras")

    def best(self) -> tuple[int, Path] | None:
        """The best weights with their epoch."""
        return self._newest("best-*.npz")

    def save_latest(self, model: Any, epoch: int) -> None:
        with replacing(self.folder / f"checkpoint-{epoch:04d}.keras") as path:
            model.save(path)
        self._drop("checkpoint-*.keras", epoch)

    def save_best(self, model: Any, epoch: int) -> None:
        with replacing(self.folder / f"best-{epoch:04d}.npz") as path:
            np.savez(path, *model.get_weights())
        self._drop("best-*.npz", epoch)

    def load_best(self, model: Any) -> int | None:
        """Puts the best weights into the model and returns their epoch; None when there are none."""
        found = self.best()
        if found is None:
            return None
        epoch, path = found
        with np.load(path, allow_pickle=False) as arrays:
            model.set_weights([arrays[name] for name in arrays.files])
        return epoch

    def clear(self) -> None:
        """Removes all of them: the run is done."""
        for path in (*self.folder.glob("checkpoint-*.keras"), *self.folder.glob("best-*.npz"), self.initial):
            path.unlink(missing_ok=True)

    def _newest(self, pattern: str) -> tuple[int, Path] | None:
        found = sorted(self.folder.glob(pattern))
        return (_epoch_of(found[-1]), found[-1]) if found else None

    def _drop(self, pattern: str, kept: int) -> None:
        for path in self.folder.glob(pattern):
            if _epoch_of(path) != kept:
                path.unlink(missing_ok=True)


def _epoch_of(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])
