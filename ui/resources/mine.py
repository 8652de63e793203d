"""The visitor's own labelled digits, those that others share, and what runs read in them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.greeting import greeted, remember_greeting
from core.home import StudioHome
from core.lesson import Lesson, read_lesson
from core.my_digits import COOKIE, MyDigit, MyDigits, owner_of, shared_digits
from core.run import Run
from core.teaching import Effect, are_test_images
from ui import state
from ui.resources.digits import test_split
from ui.resources.studio import classifier

SHARED_SHOWN: Final = 60


def visitor() -> tuple[str, bool]:
    """The name of the visitor's folder, and whether the browser will be known again.

    It is by the cookie that `serve.py` sets; without one, it is known as long as the page stays open.
    """
    owner = owner_of(st.context.cookies.get(COOKIE))
    if owner is not None:
        return owner, True
    return owner_of(state.visit_token()) or "", False


def is_new() -> bool:
    """Whether this visitor is to be shown around."""
    return not state.greeting_closed() and not greeted(StudioHome.from_environment(), visitor()[0])


def close_greeting() -> None:
    """Ends that, for good where the browser will be known again (a callback)."""
    state.note_greeting_closed()
    owner, known = visitor()
    if known:
        remember_greeting(StudioHome.from_environment(), owner)


def my_store() -> MyDigits:
    """Where this visitor's digits are kept."""
    return MyDigits(StudioHome.from_environment(), visitor()[0])


def my_digits() -> list[MyDigit]:
    """This visitor's digits, newest first."""
    store = my_store()
    return _digits(store.home, store.owner, store.stamp())


def my_lesson() -> list[MyDigit]:
    """Those of this visitor's digits that a model may learn: images of the test split are left out.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    store = my_store()
    return _lesson(store.home, store.owner, store.stamp())


def shared() -> list[MyDigit]:
    """The newest digits that visitors share."""
    return shared_digits(StudioHome.from_environment(), SHARED_SHOWN)


def lesson(run: Run) -> Lesson:
    """The digits that a run was taught with.

    Raises:
        TrainingError: they are gone or damaged.
    """
    assert run.taught is not None  # the caller looked
    return read_lesson(run.path, run.taught)


def effect(before: Run, after: Run, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Effect:
    """What two runs read of the same digits, (n, 28, 28) and (n,) uint8.

    Raises:
        RunStateError, RunDamagedError: one of them cannot answer.
    """
    return Effect(labels, readings(before, images), readings(after, images))


def readings(run: Run, images: NDArray[np.uint8] | Sequence[NDArray[np.uint8]]) -> NDArray[np.int64]:
    """The digit that a run reads in each image, (n,). Raises as `effect`."""
    stacked = np.asarray(images, np.uint8).reshape(-1, 28, 28)
    return classifier(run).probabilities(stacked).argmax(axis=1)


@st.cache_resource(max_entries=16, show_spinner=False)
def _digits(home: StudioHome, owner: str, stamp: tuple[str, ...]) -> list[MyDigit]:
    return MyDigits(home, owner).digits()


@st.cache_resource(max_entries=16, show_spinner=False)
def _lesson(home: StudioHome, owner: str, stamp: tuple[str, ...]) -> list[MyDigit]:
    digits = MyDigits(home, owner).digits()
    if not digits:
        return []
    known = are_test_images(np.array([digit.image for digit in digits]), test_split().images)
    return [digit for digit, is_known in zip(digits, known.tolist(), strict=True) if not is_known]
