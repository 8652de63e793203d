"""Stories as pages tell them: saved ones with frozen runs, others with the runs as they are, and their figures."""

from collections.abc import Hashable
from typing import Final

import streamlit as st

from core.background import Background
from core.evaluation import chosen, per_image
from core.home import StudioHome
from core.inference import Classifier, ClassifierCache, shared_classifiers
from core.marks import MNIST_TEST
from core.pairing import Answers, read_answers
from core.run import Run, Stamp, stamp_of
from core.story import Facts, Stories, Story, Told, facts_of
from core.story.store import FILE, KEPT
from core.story.story import STORY_ID
from ui import state
from ui.resources.digits import test_split, training_labels
from ui.resources.mine import visitor
from ui.resources.studio import store
from ui.state import Draft

MOST_DRAFTS: Final = 10  # stories that somebody changed and did not save, each of up to some 30 kB
MOST_PRESENTERS: Final = 100  # visitors whose changes are remembered


def stories() -> Stories:
    """The saved stories."""
    return Stories(StudioHome.from_environment())


def saved_story(story_id: str) -> Told:
    """A saved story with its frozen runs, read again only when it was saved again.

    Raises:
        StoryError: there is none of that id, or it was damaged.
    """
    home = StudioHome.from_environment()
    if not STORY_ID.fullmatch(story_id):  # says so; no file of that name is looked for
        return Stories(home).get(story_id)
    return _saved(home, story_id, stamp_of(home.stories, [f"{story_id}/{FILE}"]))


def tell_story(story: Story) -> Told:
    """A story that is not saved, with its runs as they are now.

    Raises:
        RunError: one of them is gone or damaged.
    """
    home = StudioHome.from_environment()
    versus = None if story.versus is None else store().get(story.versus)
    return Told(story, home, store().get(story.run_id), versus)


def story_facts(given: Told) -> Facts:
    """The figures of a story, worked out once for all visitors as long as nothing that they come from changes.

    Raises:
        DataError: MNIST is missing or damaged.
        RunStateError, RunDamagedError: as `core.story.facts_of`.
    """
    story = given.story
    return _facts(given.home, story.run_id, story.versus, story.pins, story_source(given), given)


def story_misread(given: Told) -> Answers:
    """The test images that the story's run misreads, the most confident answers first.

    Raises:
        DataError: MNIST is missing or damaged.
        RunStateError, RunDamagedError: the run has no stored answers, or none that can be used.
    """
    return _misread(given.home, given.run.run_id, stamp_of(given.run.path, KEPT), given)


def story_source(given: Told) -> tuple[Stamp, ...]:
    """Changes whenever a file changes that a story's figures come from."""
    home, runs = given.home, [run for run in (given.run, given.versus) if run is not None]
    beside = stamp_of(home.thresholds, [f"{given.run.run_id}.json"]), stamp_of(home.marks, [f"{MNIST_TEST}.json"])
    return (*(stamp_of(run.path, KEPT) for run in runs), *beside)


@st.cache_resource(show_spinner=False)
def handovers() -> Background:
    """Files of stories that are made or were, for all visitors."""
    return Background()


@st.cache_resource(show_spinner=False)
def handover_shares() -> dict[Hashable, float]:
    """How far each of them is, in (0, 1]."""
    return {}


def story_classifier(given: Told) -> Classifier:
    """The network that a story tells of, its frozen copy where it was saved.

    Raises:
        RunStateError, RunDamagedError: it has no model, or one that cannot be used.
    """
    classifiers: ClassifierCache = shared_classifiers()
    return classifiers.get(given.home, given.run)


def outlast_reloads() -> None:
    """Remembers what a visitor changed in stories and did not save, until the server ends: a page that is loaded again
    begins with it, and a stage with the same story. Only for browsers that are known again."""
    owner, known = visitor()
    if not known:
        return
    kept, drafts = _kept_drafts(), state.drafts()
    if drafts is None:
        state.bring_back_drafts(*kept.get(owner, ({}, "")))
        return
    kept.pop(owner, None)
    if drafts:
        kept[owner] = dict(list(drafts.items())[-MOST_DRAFTS:]), state.story_prepared()
    for first in list(kept)[:-MOST_PRESENTERS]:
        kept.pop(first, None)


def presentable() -> list[Run]:
    """The runs that a story can be about: finished ones, in the order of the store."""
    return [run for run in store().runs() if run.has_model]


@st.cache_resource(show_spinner=False)
def _kept_drafts() -> dict[str, tuple[dict[str, Draft], str]]:
    """By visitor, the one who came last at the end: the drafts by story, and which story was prepared."""
    return {}


@st.cache_resource(max_entries=128, show_spinner=False)
def _saved(home: StudioHome, story_id: str, stamp: Stamp) -> Told:
    return Stories(home).get(story_id)


@st.cache_resource(max_entries=8, show_spinner=False)
def _misread(home: StudioHome, run_id: str, stamp: Stamp, _told: Told) -> Answers:
    found = read_answers(_told.run, "test", test_split().labels)
    return found.at(chosen(per_image(found.probabilities, found.labels), which="wrong"))


@st.cache_resource(max_entries=8, show_spinner=False)
def _facts(
    home: StudioHome, run_id: str, versus: str | None, pins: tuple, stamps: tuple[Stamp, ...], _told: Told
) -> Facts:
    return facts_of(_told, test_split(), training_labels())
