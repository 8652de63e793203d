"""The studio's shared objects: runs, jobs, work in the background, and the networks that answer."""

import gc
import sys

import streamlit as st

from core.background import Background
from core.errors import RunError
from core.home import StudioHome
from core.inference import Classifier, ClassifierCache, shared_classifiers
from core.jobs import Jobs, jobs_for
from core.ledger import Ledger
from core.run import Run
from core.runs import RunStore
from core.shelf import Shelf


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


def classifier(run: Run) -> Classifier:
    """The run's network, ready to answer.

    Raises:
        RunStateError, RunDamagedError: it has no model yet, or one that cannot be used.
    """
    classifiers: ClassifierCache = shared_classifiers()
    return classifiers.get(StudioHome.from_environment(), run)


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
