"""Everything that is loaded once and shared by all visitors: every `st.cache_*` of the studio.

Keyed on names (the home folder, run ids), never on models or arrays. What comes out is read, never written to.
"""

import gc
import sys
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import evaluation
from core.background import Background
from core.config import TrainingConfig
from core.data import Split, load_split
from core.errors import RunDamagedError, RunError
from core.home import StudioHome
from core.inference import Classifier, ClassifierCache, shared_classifiers
from core.jobs import Jobs, jobs_for
from core.ledger import Ledger
from core.pairing import Answers, Judged, read_answers
from core.run import CONFIG, EVALUATION, PREDICTIONS, Run, Stamp, stamp_of
from core.runs import RunStore
from core.shelf import Shelf
from core.validation_view import FILE as VALIDATION_VIEW
from core.validation_view import ValidationView
from ui import pictures

TEST_NUMBERS: Final = ("n", "correct", "accuracy", "accuracy_low", "accuracy_high")
ANSWERED: Final = (CONFIG, EVALUATION, PREDICTIONS)
STILL_WRONG: Final = 12  # validation images that are shown while a run trains
EXAMPLE_WIDTH: Final = 56  # page pixels: 28 x 2


@dataclass(frozen=True, slots=True)
class Mistake:
    """One image that a run got wrong.

    Attributes:
        index: its place in the test split, or for a validation image in the training split.
        picture: the digit as a PNG.
        y_true, y_pred: its label and what was read.
        confidence: of what was read, the run's temperature applied.
    """

    index: int
    picture: bytes
    y_true: int
    y_pred: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Held:
    """What a run makes of its validation images so far: after which epoch, confusion matrix, and some wrong images."""

    epoch: int
    matrix: NDArray[np.int64]
    mistakes: list[Mistake]


@dataclass(frozen=True, slots=True)
class Example:
    """One image of the test split to try: (28, 28) uint8, the same as a PNG, and its label."""

    image: NDArray[np.uint8]
    picture: bytes
    label: int


def store() -> RunStore:
    """The runs, shipped and own."""
    return _store(StudioHome.from_environment())


def shelf() -> Shelf:
    """What can be done to the runs that are there."""
    return Shelf(store())


def ledger() -> Ledger:
    """The figures of every run, each read again only when its files change."""
    return _ledger(StudioHome.from_environment())


def jobs() -> Jobs:
    """The one queue of trainings of this process; runs left over from a dead one are put right on first use."""
    return jobs_for(StudioHome.from_environment())


@st.cache_resource(show_spinner=False)
def exports() -> Background:
    """Zips that are made or were, for all visitors: two who want the same one wait for one piece of work."""
    return Background()


@st.cache_resource(show_spinner=False)
def imports() -> Background:
    """Model files of all visitors that are being taken in, or were."""
    return Background()


def spare_the_collector() -> None:
    """Takes what is loaded for good out of the garbage collector's sight, again whenever more was imported.

    Streamlit collects all garbage after every interaction, and would look through every library each time.
    """
    _freeze(len(sys.modules))


def active_run() -> Run | None:
    """The run that predicts, or None when there is no model at all."""
    try:
        return store().active()
    except RunError:
        return None


def summary(run: Run) -> dict[str, Any] | None:
    """The run's evaluation; None while there is none, or when its file was cut or edited into something else."""
    try:
        found = run.evaluation()
        if found is None:
            return None
        numbers = (found["parameters"], found["train_seconds"], *(found["test"][name] for name in TEST_NUMBERS))
        matrix = np.asarray(found["test"]["confusion_matrix"], dtype=float)
        whole = all(isinstance(number, int | float) for number in numbers) and matrix.shape == (10, 10)
    except (RunError, KeyError, TypeError, ValueError):
        return None
    return found if whole else None


def classifier(run: Run) -> Classifier:
    """The run's network, ready to answer.

    Raises:
        RunStateError, RunDamagedError: it has no model yet, or one that cannot be used.
    """
    classifiers: ClassifierCache = shared_classifiers()
    return classifiers.get(StudioHome.from_environment(), run)


def examples() -> list[Example]:
    """The first test image of every digit, in order.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    return _examples(StudioHome.from_environment())


def augmented(config: TrainingConfig) -> bytes:
    """One digit of each kind as it is, and three times as an epoch of `config` would show it, as one PNG.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    return _augmented(StudioHome.from_environment(), config)


def confident_mistakes(run: Run, count: int) -> list[Mistake]:
    """The images of the test split that the run got wrong with the highest confidence, most confident first.

    Empty for a run without predictions.

    Raises:
        DataError: MNIST is missing or damaged.
        RunDamagedError: the run's predictions cannot be read.
    """
    return _confident_mistakes(StudioHome.from_environment(), run.run_id, run.status.updated_at, count)


def validation_view(run: Run) -> Held | None:
    """The run's validation after the epoch it finished last; None before the first."""
    return _validation_view(StudioHome.from_environment(), run.run_id, stamp_of(run.path, (VALIDATION_VIEW,)))


def answers(run: Run, split: Judged) -> Answers:
    """What the run answered to each image of a split.

    Raises:
        RunStateError, RunDamagedError: it has no answers, or none that can be used.
        DataError: MNIST is missing or damaged.
    """
    return _answers(StudioHome.from_environment(), run.run_id, stamp_of(run.path, ANSWERED), split)


def digit_pictures(split: Judged, places: tuple[int, ...], *, width: int = pictures.WIDTH) -> list[bytes]:
    """The images at these places of the test split, or for validation of the training split, as PNGs.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    return _digit_pictures(StudioHome.from_environment(), split, places, width)


@st.cache_resource(show_spinner=False)
def _freeze(modules: int) -> None:
    gc.collect()
    gc.freeze()


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(home: StudioHome) -> RunStore:
    return RunStore(home)


@st.cache_resource(max_entries=4, show_spinner=False)
def _ledger(home: StudioHome) -> Ledger:
    return Ledger(_store(home))


@st.cache_resource(max_entries=8, show_spinner=False)
def _validation_view(home: StudioHome, run_id: str, stamp: Stamp) -> Held | None:
    view = ValidationView.read(home.runs / run_id)
    if view is None:
        return None
    columns = (view.indices, view.images, view.y_true, view.y_pred, view.confidence)
    wrong = list(zip(*columns, strict=True))[:STILL_WRONG]
    mistakes = [
        Mistake(int(place), pictures.digit_png(image, width=EXAMPLE_WIDTH), int(true), int(read), float(confidence))
        for place, image, true, read, confidence in wrong
    ]
    return Held(view.epoch, view.matrix, mistakes)


@st.cache_resource(max_entries=8, show_spinner=False)
def _answers(home: StudioHome, run_id: str, stamp: Stamp, split: Judged) -> Answers:
    labels = _test_split(home).labels if split == "test" else _training_labels(home)
    return read_answers(_store(home).get(run_id), split, labels)


@st.cache_resource(max_entries=1, show_spinner=False)
def _training_labels(home: StudioHome) -> NDArray[np.uint8]:
    return load_split(home.mnist, "train").labels


@st.cache_resource(max_entries=32, show_spinner=False)
def _digit_pictures(home: StudioHome, split: Judged, places: tuple[int, ...], width: int) -> list[bytes]:
    # The 47 MB of training images are not kept: a few of them are wanted, seldom.
    images = (_test_split(home) if split == "test" else load_split(home.mnist, "train")).images
    return [pictures.digit_png(images[place], width=width) for place in places]


@st.cache_resource(max_entries=1, show_spinner=False)
def _test_split(home: StudioHome) -> Split:
    return load_split(home.mnist, "test")


@st.cache_resource(max_entries=1, show_spinner=False)
def _examples(home: StudioHome) -> list[Example]:
    split = _test_split(home)
    images = {digit: split.images[np.flatnonzero(split.labels == digit)[0]] for digit in range(10)}
    return [Example(image, pictures.digit_png(image, width=EXAMPLE_WIDTH), digit) for digit, image in images.items()]


@st.cache_data(max_entries=64, show_spinner=False)
def _augmented(home: StudioHome, config: TrainingConfig) -> bytes:
    from core.augmentation import augment  # brings OpenCV

    digits = np.stack([example.image for example in _examples(home)])
    rng = np.random.default_rng(config.seed)
    return pictures.sheet_png(np.stack([digits, *(augment(digits, config, rng) for _ in range(3))]))


@st.cache_resource(max_entries=16, show_spinner=False)
def _confident_mistakes(home: StudioHome, run_id: str, updated_at: float, count: int) -> list[Mistake]:
    run = _store(home).get(run_id)
    predictions, found = run.predictions(), summary(run)
    if predictions is None or found is None:
        return []
    split = _test_split(home)
    if predictions.get("test", np.empty(0)).shape != (len(split), 10):
        raise RunDamagedError(f"{run_id}: the predictions are not those of the {len(split):,} test images.")
    probabilities = evaluation.apply_temperature(predictions["test"], float(found.get("temperature", 1.0)))
    read, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(read != split.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    return [
        Mistake(
            int(index),
            pictures.digit_png(split.images[index]),
            int(split.labels[index]),
            int(read[index]),
            float(confidence[index]),
        )
        for index in worst
    ]
