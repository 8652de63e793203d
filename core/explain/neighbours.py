"""The training images that look most alike to a run's network, by the vectors of `embedding`.

Owns when an index is made, that it is made once however many ask, in this process and in others, and the search in it.
How it lies on the disk is `index`' business; `worker` is the process that makes it. An index is kept under the home's
`caches/neighbours`: 15 MB for 60,000 images and 128 numbers each; those of the last 20 runs.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

import filelock
import numpy as np
from numpy.typing import NDArray

from core.background import Background
from core.errors import StudioError
from core.explain.embedding import Embedder
from core.explain.index import Index, card, key_of, read_index, tidy
from core.explain.trials import as_float
from core.explain.worker import clear_progress, read_progress
from core.home import StudioHome
from core.network import OnnxNetwork
from core.run import Run, Stamp, require_model, stamp_of
from core.sandbox import run_module

KEPT: Final = 20  # indexes on the disk, the newest
_OPEN: Final = 4  # indexes of which places and labels are held, 0.3 MB each
_SECONDS: Final = 1_800.0  # a machine that trains at the same time gets time


@dataclass(frozen=True, slots=True)
class IndexState:
    """How it stands with the index of a run.

    Attributes:
        ready: it can be searched.
        running: it is being made, or waits until another one is.
        fraction: how much of it is made, 0 to 1.
        problem: why it could not be made, as text for a visitor; else empty.
    """

    ready: bool = False
    running: bool = False
    fraction: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The training images nearest to an image, nearest first.

    Attributes:
        places: (n,) int32 into MNIST's training split.
        labels: (n,) uint8 in 0..9.
        distances: (n,) float32, cosine distances in [0, 2]; 0 is the same direction.
        layer: whose answers were compared; None for the pixels, in a network without a hidden layer.
        among: how many images were searched: those that the run was trained on.
    """

    places: NDArray[np.int32]
    labels: NDArray[np.uint8]
    distances: NDArray[np.float32]
    layer: str | None
    among: int


class Neighbours:
    """The indexes of one home's runs; one for a process, safe to use from several threads."""

    def __init__(self, home: StudioHome) -> None:
        self._home = home
        self._folder = home.neighbours
        self._background = Background()
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._open: OrderedDict[str, tuple[str, Stamp, Index | None]] = OrderedDict()

    def state(self, run: Run) -> IndexState:
        """How it stands now; starts nothing."""
        key = key_of(run)
        if self._index(run, key) is not None:
            return IndexState(ready=True, fraction=1.0)
        work = self._background.find((run.run_id, key))
        if work is None:
            return IndexState()
        if not work.done():
            return IndexState(running=True, fraction=read_progress(self._folder, run.run_id))
        error = work.exception()
        return IndexState() if error is None else IndexState(problem=_problem(run, error))

    def start(self, run: Run, *, again: bool = False) -> IndexState:
        """Has the index made in the background, unless it is ready, under way, or could not be made.

        Args:
            again: also when it could not be made before.

        Raises:
            RunStateError: the run has no model.
        """
        require_model(run)
        with self._starting:
            state = self.state(run)
            if state.ready or state.running or (state.problem and not again):
                return state
            work = (run.run_id, key_of(run))
            self._background.forget(work)  # it was made, and is gone or damaged since
            self._background.start(work, lambda: self._make(run))
        return self.state(run)

    def wait(self, run: Run, seconds: float) -> IndexState:
        """How it stands when the making has ended, or after so many seconds."""
        work = self._background.find((run.run_id, key_of(run)))
        if work is not None:
            try:
                work.exception(seconds)
            except TimeoutError:
                return self.state(run)
        return self.state(run)

    def nearest(
        self, run: Run, network: OnnxNetwork, image: NDArray[Any], *, count: int = 8, exclude: int | None = None
    ) -> Nearest | None:
        """The training images nearest to an image; None while there is no index.

        Args:
            network: of the run.
            image: (28, 28), ink high; uint8, or float in [0, 1].
            count: how many, at least 1.
            exclude: the image's own place in MNIST's training split, if it is from there.
        """
        index = self._index(run, key_of(run))
        if index is None:
            return None
        vector = Embedder(network, run.layers).vectors(as_float(image)[np.newaxis])[0]
        if len(vector) != index.numbers:  # `network` is not the run's, or not any more
            return None
        try:
            distances = index.distances(vector)
        except OSError:  # removed since it was looked at
            return None
        if exclude is not None:
            distances[index.places == exclude] = np.inf
        best = np.argpartition(distances, min(count, len(distances) - 1))[:count]
        best = best[np.argsort(distances[best], kind="stable")]
        best = best[np.isfinite(distances[best])]
        return Nearest(index.places[best], index.labels[best], distances[best], index.layer, len(index.places))

    def _index(self, run: Run, key: str) -> Index | None:
        """The run's index if it is whole and of today; read again only when its files change."""
        with self._lock:
            known = self._open.get(run.run_id)
            if known is None or known[:2] != (key, self._stamp(run, known[2])):
                index = read_index(self._folder, run.run_id, key)
                known = (key, self._stamp(run, index), index)
                self._open[run.run_id] = known
            self._open.move_to_end(run.run_id)
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
            return known[2]

    def _stamp(self, run: Run, index: Index | None) -> Stamp:
        return stamp_of(self._folder, (card(self._folder, run.run_id).name, *((index.vectors.name,) if index else ())))

    def _make(self, run: Run) -> None:
        """Makes the index in a process of its own, or waits for whoever is making it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # One at a time, whichever run it is for: each takes every core.
            with filelock.FileLock(self._folder / ".lock"):
                if self._index(run, key_of(run)) is None:
                    self._run_worker(run)
        except OSError as error:
            raise StudioError(f"{self._folder.name} cannot be written: {error.strerror}.") from error

    def _run_worker(self, run: Run) -> None:
        clear_progress(self._folder, run.run_id)  # of one that was killed
        key = key_of(run)
        try:
            roots = (str(self._home.root), str(self._home.shipped))
            run_module("core.explain.worker", *roots, run.run_id, seconds=_SECONDS)
        finally:
            clear_progress(self._folder, run.run_id)
        tidy(self._folder, self._wanted())
        if self._index(run, key) is None and key == key_of(run):
            raise StudioError("what was written cannot be read back.")

    def _wanted(self) -> set[str]:
        """The runs whose indexes are kept: those that are still there, made last."""
        cards = sorted(self._folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        folders = (self._home.runs, self._home.pretrained)
        there = [path.stem for path in cards if any((folder / path.stem).is_dir() for folder in folders)]
        return set(there[:KEPT])


def _problem(run: Run, error: BaseException) -> str:
    if isinstance(error, StudioError):
        return f"the nearest training images of {run.run_id} could not be found: {error}"
    return f"the nearest training images of {run.run_id} could not be found ({type(error).__name__})."
