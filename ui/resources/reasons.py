"""Why a run answers what it answers, which labels may be wrong, and what people say of single images."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import marks as core_marks
from core.datasets import kept_answers
from core.errors import DataError, StudioError
from core.evaluation import Suspect, apply_temperature, suspect_labels
from core.explain.features import feature_maps
from core.explain.ink import add_ink
from core.explain.neighbours import Nearest, Neighbours
from core.explain.occlusion import occlude, saliency
from core.explain.opinions import Opinion, Opinions, Said
from core.explain.trials import Trials
from core.home import StudioHome
from core.marks import Mark
from core.pairing import Judged, mixed, temperature_of, witnesses
from core.run import EVALUATION, ONNX_MODEL, Run, Stamp, stamp_of
from ui.layer_sheets import LayerSheet, layer_sheet
from ui.resources.digits import MNIST, test_split, training_labels
from ui.resources.own import data_sets
from ui.resources.results import ANSWERED, answers
from ui.resources.studio import classifier, ledger, store

WITNESSES: Final = 12  # runs that are heard beside one: reading each takes about a hundredth of a second


@dataclass(frozen=True, slots=True)
class Doubts:
    """The labels of a split that are doubted most, the worst first.

    Attributes:
        suspects: their `row` is into `places`.
        places: (n,) int64, of all images that were looked at, as in `Answers`.
        heard: how many runs' answers were put together.
    """

    suspects: tuple[Suspect, ...]
    places: NDArray[np.int64]
    heard: int


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of a data set.

    Attributes:
        marks: by the place of the image.
        damaged: whether their file cannot be read, so that there seem to be none.
    """

    marks: dict[int, Mark]
    damaged: bool


def saliency_maps(run: Run, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What each part of an image (28, 28) says for each digit, (10, 28, 28), in nats of log-odds.

    Raises:
        RunStateError, RunDamagedError: the run has no model, or none that can be used.
    """
    stamp = stamp_of(run.path, (ONNX_MODEL, EVALUATION))
    return _saliency_maps(StudioHome.from_environment(), run.run_id, stamp, image.tobytes())


def trials(run: Run, image: NDArray[np.float32]) -> tuple[Trials, Trials]:
    """The image (28, 28), ink high, in [0, 1], with one piece after the other covered; and with ink added.

    Raises:
        As `saliency_maps`.
    """
    stamp = stamp_of(run.path, (ONNX_MODEL, EVALUATION))
    return _trials(StudioHome.from_environment(), run.run_id, stamp, image.tobytes())


def feature_sheets(run: Run, image: NDArray[np.float32]) -> list[LayerSheet]:
    """What each layer makes of the image (28, 28), ink high, in [0, 1], as pictures, from its side to the answer's.

    Raises:
        As `saliency_maps`.
    """
    return [layer_sheet(maps) for maps in feature_maps(classifier(run).network, run.layers, image)]


def neighbours() -> Neighbours:
    """The indexes of training images, one set for all visitors."""
    return _neighbours(StudioHome.from_environment())


def nearest(run: Run, image: NDArray, *, exclude: int | None) -> Nearest | None:
    """The training images most like an image (28, 28) to a run; None while there is no index.

    Args:
        exclude: the image's own place in the training split, if it is from there.

    Raises:
        As `saliency_maps`.
    """
    return neighbours().nearest(run, classifier(run).network, image, exclude=exclude)


def opinions(split: str, place: int, *, besides: str) -> Said:
    """What every run but `besides` says of an image of a split; of a data set of people's own, those asked about it.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    if split not in MNIST:
        return Said(tuple(_of_own(split, place, besides)), 0)
    judged: Judged = "test" if split == "test" else "validation"
    return _opinions(StudioHome.from_environment()).of(judged, place, labels(split), besides=besides)


def labels(split: str) -> NDArray[np.uint8]:
    """The labels of all images that places of a split count in, (n,): of the test split, for validation of the
    training split, or of a data set of people's own, by its id.

    Raises:
        DataError: MNIST or the set is missing or damaged, or the set has no labels.
    """
    if split in MNIST:
        return test_split().labels if split == "test" else training_labels()
    dataset = data_sets().get(split)
    found = dataset.labels()
    if found is None:
        raise DataError(f"{dataset.name} has no labels.")
    return found


def doubts(run: Run, split: str) -> Doubts:
    """Which labels of a split may be wrong, by the answers of this run and of others that are as good.

    Of a data set of people's own, by the answers of this run alone.

    Raises:
        As `answers`.
    """
    best: list[Run] = []
    if split in MNIST:
        known = [(entry.figures.validation, entry.run) for entry in ledger().entries() if entry.run.has_model]
        ranked = sorted(((found["accuracy"], other) for found, other in known if found), key=lambda each: -each[0])
        best = [other for _, other in ranked if other.run_id != run.run_id][:WITNESSES]
    stamps = tuple((each.run_id, stamp_of(each.path, (*ANSWERED, ONNX_MODEL))) for each in (run, *best))
    return _doubts(StudioHome.from_environment(), split, stamps)


def marks(data_set: str) -> Marked:
    """What was said of single images of a data set.

    Raises:
        DataError: no data set can be called that.
    """
    home = StudioHome.from_environment()
    return _marks(home, data_set, stamp_of(home.marks, (f"{data_set}.json",)))


@st.cache_resource(max_entries=256, show_spinner=False)
def _saliency_maps(home: StudioHome, run_id: str, stamp: Stamp, pixels: bytes) -> NDArray[np.float32]:
    image = np.frombuffer(pixels, np.uint8).reshape(28, 28)
    trials = occlude(image, classifier(store().get(run_id)).probabilities)
    return np.stack([saliency(trials, digit) for digit in range(10)])


@st.cache_resource(max_entries=8, show_spinner=False)  # a megabyte each
def _trials(home: StudioHome, run_id: str, stamp: Stamp, pixels: bytes) -> tuple[Trials, Trials]:
    image, ask = np.frombuffer(pixels, np.float32).reshape(28, 28), classifier(store().get(run_id)).probabilities
    return occlude(image, ask), add_ink(image, ask)


@st.cache_resource(max_entries=4, show_spinner=False)
def _neighbours(home: StudioHome) -> Neighbours:
    return Neighbours(home)


@st.cache_resource(max_entries=4, show_spinner=False)
def _opinions(home: StudioHome) -> Opinions:
    return Opinions(store())


@st.cache_resource(max_entries=8, show_spinner=False)
def _doubts(home: StudioHome, split: str, stamps: tuple[tuple[str, Stamp], ...]) -> Doubts:
    run, *others = [store().get(run_id) for run_id, _ in stamps]
    heard = []
    for other in witnesses(run, others):
        try:
            heard.append(answers(other, split))
        except StudioError:  # without answers to this split, or with damaged ones, it is no witness
            continue
    together = mixed(answers(run, split), heard)
    return Doubts(suspect_labels(together.probabilities, together.labels), together.places, 1 + len(heard))


@st.cache_resource(max_entries=8, show_spinner=False)
def _marks(home: StudioHome, data_set: str, stamp: Stamp) -> Marked:
    return Marked(core_marks.read_marks(home, data_set), core_marks.is_damaged(home, data_set))


def _of_own(split: str, place: int, besides: str) -> Iterator[Opinion]:
    dataset = data_sets().get(split)
    for run in store().runs():
        if run.run_id == besides or not run.has_model:
            continue
        try:
            kept, temperature = kept_answers(dataset, run), temperature_of(run, run.evaluation() or {})
        except StudioError:  # pages that are about this run say so
            continue
        if kept is not None:
            row = apply_temperature(kept[place : place + 1], temperature)[0]
            yield Opinion(run.run_id, run.name, int(row.argmax()), float(row.max()))
