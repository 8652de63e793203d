"""How networks see: the maps of a digit, what drives them, what filters look for, all test images as points."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.explain.atlas import Seen, atlas_stamp, read_seen, read_tsne
from core.explain.driving import cover_for
from core.explain.features import LayerMaps, feature_maps
from core.explain.filters import first_filters
from core.explain.surveys import Surveys
from core.explain.trials import Trials
from core.home import StudioHome
from core.run import ONNX_MODEL, Run, Stamp, stamp_of
from ui.resources.studio import classifier, store


def maps(run: Run, image: NDArray[np.float32]) -> list[LayerMaps]:
    """What each layer makes of an image (28, 28), ink high, in [0, 1], from its side to the answer's.

    Raises:
        RunStateError, RunDamagedError: the run has no model, or none that can be used.
    """
    return feature_maps(classifier(run).network, run.layers, image)


def covered(run: Run, layer: str, image: NDArray[np.float32]) -> Trials:
    """What the maps of a layer answer to the image with one piece after the other covered. Raises as `maps`."""
    stamp = stamp_of(run.path, (ONNX_MODEL,))
    return _covered(StudioHome.from_environment(), run.run_id, stamp, layer, image.tobytes())


def filters(run: Run) -> NDArray[np.float32] | None:
    """The weights of the convolution that reads the image, (filters, height, width); None when there is none."""
    return _filters(StudioHome.from_environment(), run.run_id, stamp_of(run.path, (ONNX_MODEL,)))


def surveys() -> Surveys:
    """What is found out of all test images, one set for all visitors."""
    return _surveys(StudioHome.from_environment())


def seen(run: Run) -> Seen | None:
    """The test images as a run sees them; None while that is not known."""
    home = StudioHome.from_environment()
    return _seen(home, run.run_id, atlas_stamp(home, run, "seen"), run)


def plane_points(run: Run) -> NDArray[np.float32]:
    """The test images as points (10000, 2) on the plane where they lie furthest apart; asked once `seen` is known."""
    home = StudioHome.from_environment()
    return _plane_points(home, run.run_id, atlas_stamp(home, run, "seen"), run)


def tsne(run: Run) -> NDArray[np.float32] | None:
    """The test images as points (10000, 2) of the run's t-SNE map; None while there is none."""
    home = StudioHome.from_environment()
    return _tsne(home, run.run_id, atlas_stamp(home, run, "tsne"), run)


@st.cache_resource(max_entries=8, show_spinner=False)  # a megabyte each
def _covered(home: StudioHome, run_id: str, stamp: Stamp, layer: str, pixels: bytes) -> Trials:
    image = np.frombuffer(pixels, np.float32).reshape(28, 28)
    return cover_for(classifier(store().get(run_id)).network, layer, image)


@st.cache_resource(max_entries=8, show_spinner=False)
def _filters(home: StudioHome, run_id: str, stamp: Stamp) -> NDArray[np.float32] | None:
    return first_filters(store().get(run_id).path / ONNX_MODEL)


@st.cache_resource(max_entries=4, show_spinner=False)
def _surveys(home: StudioHome) -> Surveys:
    return Surveys(home)


@st.cache_resource(max_entries=4, show_spinner=False)  # 3 to 6 megabytes each
def _seen(home: StudioHome, run_id: str, stamp: Stamp, _run: Run) -> Seen | None:
    return read_seen(home, _run)


@st.cache_resource(max_entries=8, show_spinner=False)
def _plane_points(home: StudioHome, run_id: str, stamp: Stamp, _run: Run) -> NDArray[np.float32]:
    found = _seen(home, run_id, stamp, _run)
    if found is None:
        return np.empty((0, 2), np.float32)
    return found.plane.points(found.vectors.astype(np.float32))


@st.cache_resource(max_entries=8, show_spinner=False)
def _tsne(home: StudioHome, run_id: str, stamp: Stamp, _run: Run) -> NDArray[np.float32] | None:
    return read_tsne(home, _run)
