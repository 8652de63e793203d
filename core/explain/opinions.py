"""What every other finished run says of one image of a split, from the predictions that it stored.

Owns the short form in which these are remembered: digit and confidence of each image, 45 KB a run, so that a thousand
runs can be asked about the next image without reading a file. Reading a run's predictions in full is `pairing`'s.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import RunDamagedError, RunStateError
from core.pairing import Judged, read_answers
from core.run import EVALUATION, PREDICTIONS, Run, Stamp, stamp_of
from core.runs import RunStore
from core.status import RunState

SECONDS: Final = 0.1  # for runs that are read for the first time, of which each takes about a hundredth
_MOST: Final = 4_000  # runs that are remembered; 150 MB if all of them are asked about both splits
_ONE: Final = 65_535  # what a confidence of 1 is stored as


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one run says of an image.

    Attributes:
        name: of the run; text from outside, to be shown as text only.
        digit: what it reads.
        confidence: the digit's probability, the run's temperature applied.
    """

    run_id: str
    name: str
    digit: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Said:
    """What the runs say of one image, in the order of `RunStore.runs`.

    Attributes:
        opinions: of the runs that have an answer to this image; others are left out.
        pending: how many runs were not read yet. Ask again, and they come.
    """

    opinions: tuple[Opinion, ...]
    pending: int


@dataclass(frozen=True, slots=True)
class _Short:
    """A run's answers to a split.

    Attributes:
        places: (n,) int32, which images these are; None where it is all of the split, in its order.
        digits: (n,) uint8 in 0..9.
        confidences: (n,) uint16, 65,535 for 1.
    """

    places: NDArray[np.int32] | None
    digits: NDArray[np.uint8]
    confidences: NDArray[np.uint16]

    def at(self, row: int) -> tuple[int, float]:
        return int(self.digits[row]), int(self.confidences[row]) / _ONE


class Opinions:
    """The answers of every run of a store, remembered as long as their files stay the same. Thread-safe."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, Judged], tuple[Stamp, _Short | None]] = {}
        self._places: list[NDArray[np.int32]] = []  # most runs validate on the same images: these are held once

    def of(
        self, split: Judged, place: int, labels: NDArray[np.uint8], *, besides: str = "", seconds: float = SECONDS
    ) -> Said:
        """What the runs say of one image.

        Runs without predictions, with damaged ones, and those whose validation does not hold the image are left out.

        Args:
            place: of the image in MNIST's test split, or for validation in its training split.
            labels: of all of MNIST's test images, or for validation of all its training images.
            besides: the id of a run that is not asked.
            seconds: after which no further run is read for the first time; one is, however short this is.

        Raises:
            ValueError: there is no image in that place.
        """
        if not 0 <= place < len(labels):
            raise ValueError(f"place is {place}; the split has the images 0 to {len(labels) - 1}")
        runs = [run for run in self.store.runs() if run.status.state is RunState.FINISHED]
        with self._lock:
            self._forget(runs)
            pending = self._read(runs, split, labels, time.monotonic() + seconds)
            said = [(run, self._known[run.path, split][1]) for run in runs if (run.path, split) in self._known]
        asked = [(run, short) for run, short in said if short is not None and run.run_id != besides]
        rows: dict[int, int | None] = {}  # by the identity of the places, which many runs share
        found = []
        for run, short in asked:
            if id(short.places) not in rows:
                rows[id(short.places)] = _row(short.places, place)
            row = rows[id(short.places)]
            if row is not None:
                found.append(Opinion(run.run_id, run.name, *short.at(row)))
        return Said(tuple(found), pending)

    def _forget(self, runs: Iterable[Run]) -> None:
        """Drops what was deleted."""
        there = {run.path for run in runs}
        for key in [key for key in self._known if key[0] not in there]:
            del self._known[key]

    def _read(self, runs: list[Run], split: Judged, labels: NDArray[np.uint8], deadline: float) -> int:
        """Reads runs that are new or have changed, and returns how many there was no time for."""
        pending, read = 0, False
        for run in runs[:_MOST]:
            stamp = stamp_of(run.path, (PREDICTIONS, EVALUATION))
            known = self._known.get((run.path, split))
            if known is not None and known[0] == stamp:
                continue
            if read and time.monotonic() > deadline:
                self._known.pop((run.path, split), None)
                pending += 1
                continue
            self._known[run.path, split] = (stamp, self._short(run, split, labels))
            read = True
        return pending

    def _short(self, run: Run, split: Judged, labels: NDArray[np.uint8]) -> _Short | None:
        try:
            answers = read_answers(run, split, labels)
        except (RunStateError, RunDamagedError):  # pages that are about this run say so
            return None
        confidences = np.rint(answers.probabilities.max(axis=1) * _ONE).astype(np.uint16)
        places = None if split == "test" else self._shared(answers.places.astype(np.int32))
        return _Short(places, answers.probabilities.argmax(axis=1).astype(np.uint8), confidences)

    def _shared(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        """Equal places that are held already, or else these."""
        for known in self._places:
            if np.array_equal(known, places):
                return known
        self._places = [*self._places[-7:], places]
        return places


def _row(places: NDArray[np.int32] | None, place: int) -> int | None:
    if places is None:
        return place
    rows = np.flatnonzero(places == place)
    return int(rows[0]) if len(rows) else None
