"""What runs read in corrupted digits: measured in the background, and read again when the kept file changes."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.home import StudioHome
from core.pairing import Judged
from core.run import EVALUATION, ONNX_MODEL, Run, Stamp, stamp_of
from ui.resources.digits import digit_images, test_split, training_labels
from ui.resources.own import Progress, Watched
from ui.resources.studio import classifier, store

if TYPE_CHECKING:  # brings OpenCV, which the first use takes, not the start
    from core.robustness import Measured, Tip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which images a run is asked about: their places (n,) in their split, and all labels of that split."""

    places: NDArray[np.int64]
    labels: NDArray[np.uint8]


def asked_about(run: Run, split: Judged) -> Asked:
    """The images of the part of a split that the run is measured on.

    Raises:
        RunStateError: the run has no validation split.
        DataError: MNIST is missing or damaged.
    """
    stamp = stamp_of(run.path)
    return _asked_about(StudioHome.from_environment(), run.run_id, stamp, split)


def measured(run: Run, split: Judged) -> "Measured | None":
    """What was measured of a run so far; None while nothing was.

    Raises:
        RunDamagedError: the run's model is gone.
    """
    from core.robustness import measurement_stamp

    home = StudioHome.from_environment()
    stamp = (*measurement_stamp(home, run, split), *stamp_of(run.path, (ONNX_MODEL,)))
    return _measured(home, run.run_id, stamp, split)


@st.cache_resource(show_spinner=False)
def measurings() -> Watched:
    """Runs that are being measured, by run id and split."""
    return Watched()


def measure(run: Run, split: Judged) -> None:
    """Begins to measure a run, or waits in line while another one is measured; nothing when that is under way."""
    from core.robustness import Part
    from core.robustness import measure as measure_now

    home, found, key = StudioHome.from_environment(), store().get(run.run_id), (run.run_id, split)
    known = measurings().find(key)
    if known is not None and known.done():
        measurings().forget(key)  # it failed, or what it kept is gone or damaged since

    def work(tell: Progress) -> int:
        asked = asked_about(found, split)
        images = digit_images(split, tuple(asked.places.tolist()))
        part = Part(split, asked.places, images, asked.labels[asked.places])
        with _line():
            return measure_now(home, found, classifier(found).network, part, tell).n

    measurings().start(key, work)


def tips(run: Run, image: NDArray[np.uint8], digit: int, seed: int) -> "tuple[Tip, ...] | None":
    """Up to where an image (28, 28) is read as `digit` under each corruption; None when it is not to begin with.

    Raises:
        RunStateError, RunDamagedError: the run has no model, or none that can be used.
    """
    stamp = stamp_of(run.path, (ONNX_MODEL, EVALUATION))
    return _tips(StudioHome.from_environment(), run.run_id, stamp, image.tobytes(), digit, seed)


@st.cache_resource(show_spinner=False)
def _line() -> threading.Lock:
    """One measurement at a time: several would only make each other and the pages slow."""
    return threading.Lock()


@st.cache_resource(max_entries=16, show_spinner=False)
def _asked_about(home: StudioHome, run_id: str, stamp: Stamp, split: Judged) -> Asked:
    from core.robustness import part_places

    labels = test_split().labels if split == "test" else training_labels()
    return Asked(part_places(store().get(run_id), split, labels), labels)


@st.cache_resource(max_entries=16, show_spinner=False)
def _measured(home: StudioHome, run_id: str, stamp: Stamp, split: Judged) -> "Measured | None":
    from core.robustness import kept_measurement

    return kept_measurement(home, store().get(run_id), split)


@st.cache_resource(max_entries=64, show_spinner=False)
def _tips(
    home: StudioHome, run_id: str, stamp: Stamp, pixels: bytes, digit: int, seed: int
) -> "tuple[Tip, ...] | None":
    from core.robustness import tipping_points

    image = np.frombuffer(pixels, np.uint8).reshape(28, 28)
    return tipping_points(classifier(store().get(run_id)).probabilities, image, digit, seed=seed)
