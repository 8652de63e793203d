"""Data sets of people's own, and what runs answered to them."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import datasets
from core.background import Background
from core.datasets import DataSet, DataSetStore
from core.errors import RunStateError
from core.evaluation import apply_temperature
from core.home import StudioHome
from core.pairing import Answers, temperature_of
from core.run import EVALUATION, ONNX_MODEL, Run, Stamp, stamp_of
from ui.resources.studio import classifier, store

Progress = Callable[[int, int], None]
_STARTED: Final = (0, 0)


class Watched:
    """Work in the background that tells how far it is; each key starts once."""

    def __init__(self) -> None:
        self._background = Background()
        self._done: dict[Any, tuple[int, int]] = {}

    def start(self, key: Any, work: Callable[[Progress], Any]) -> None:
        """Begins the work of a key with a function to tell its progress to, unless it is under way or done."""

        def tell(done: int, total: int) -> None:
            self._done[key] = (done, total)

        self._background.start(key, lambda: work(tell))

    def find(self, key: Any) -> Any:
        """The work's Future; None when it was never started, or so long ago that it is gone."""
        return self._background.find(key)

    def share(self, key: Any) -> float:
        """How much of the work is done, 0 to 1."""
        done, total = self._done.get(key, _STARTED)
        return min(1.0, done / total) if total else 0.0

    def forget(self, key: Any) -> None:
        """Drops what is known of a key."""
        self._background.forget(key)
        self._done.pop(key, None)


def data_sets() -> DataSetStore:
    """The data sets of people's own."""
    return DataSetStore(StudioHome.from_environment())


@st.cache_resource(show_spinner=False)
def keepings() -> Watched:
    """Data sets of all visitors that are being read in."""
    return Watched()


@st.cache_resource(show_spinner=False)
def askings() -> Watched:
    """Runs that are being asked about data sets."""
    return Watched()


def look_at(files: dict[str, bytes], key: tuple[str, ...]) -> datasets.Look:
    """A first look at uploaded files, by their names; `key` tells the same files from others.

    Raises:
        DataError: they are no data set.
    """
    return _look_at(key, files)


def previewed(look: datasets.Look, way: str) -> list[NDArray[np.uint8]]:
    """Some digits of a first look, (28, 28) each, taken in one `way`: `none` as they are, `full` preprocessed."""
    return datasets.preview(look, look.plan("none" if way == "none" else "full"))


def own_answers(run: Run, dataset_id: str, *, calibrated: bool = True) -> Answers:
    """What the run answered to each image of a labelled data set; `places` count from 0.

    Raises:
        RunStateError: it has not been asked yet.
        DataError: the set is gone or damaged, or has no labels.
        RunDamagedError: the run cannot be used.
    """
    dataset = data_sets().get(dataset_id)
    stamp = stamp_of(run.path, (ONNX_MODEL, EVALUATION))
    if datasets.kept_answers(dataset, run) is None:
        raise RunStateError(f"{run.run_id} has not been asked about {dataset.name} yet; choose it as the run above.")
    return _own_answers(
        StudioHome.from_environment(), run.run_id, stamp, dataset_id, dataset.facts.created_at, calibrated
    )


def ask(run: Run, dataset: DataSet) -> None:
    """Begins to ask a run about a data set, unless that is under way or done."""
    found = store().get(run.run_id)
    askings().start(
        (run.run_id, dataset.dataset_id), lambda tell: len(datasets.answers(dataset, found, classifier(found), tell))
    )


def own_images(dataset_id: str, places: tuple[int, ...]) -> NDArray[np.uint8]:
    """The images at these places of a data set, (n, 28, 28).

    Raises:
        DataError: the set is gone or damaged.
    """
    return np.asarray(data_sets().get(dataset_id).images()[list(places)])


def own_digits(run: Run, dataset: DataSet) -> NDArray[np.int64]:
    """The digit that the run, which has been asked, reads in each image, (n,).

    Raises:
        RunStateError: it has not been asked yet.
    """
    kept = datasets.kept_answers(dataset, run)
    if kept is None:
        raise RunStateError(f"{run.run_id} has not been asked about {dataset.name} yet.")
    return kept.argmax(axis=1)


@st.cache_resource(max_entries=2, show_spinner="Looking at the files")
def _look_at(key: tuple[str, ...], _files: dict[str, bytes]) -> datasets.Look:
    return datasets.look([datasets.Given.of_bytes(name, data) for name, data in _files.items()])


@st.cache_resource(max_entries=4, show_spinner=False)
def _own_answers(
    home: StudioHome, run_id: str, stamp: Stamp, dataset_id: str, created_at: float, calibrated: bool
) -> Answers:
    dataset, run = data_sets().get(dataset_id), store().get(run_id)
    kept, labels = datasets.kept_answers(dataset, run), dataset.labels()
    if kept is None or labels is None:
        raise RunStateError(f"{dataset.name} has no labels, so nothing can be counted as right or wrong.")
    if calibrated:
        kept = apply_temperature(kept, temperature_of(run, run.evaluation() or {}))
    return Answers(np.arange(len(kept)), labels, kept)
