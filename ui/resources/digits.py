"""MNIST's digits as pages want them: a few at a time, mostly as pictures."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import pictures
from core.config import TrainingConfig
from core.data import Split, load_split, map_training_images
from core.home import StudioHome
from ui.resources.own import own_images

MNIST: Final = ("test", "validation")  # its splits that runs are judged by
EXAMPLE_WIDTH: Final = 56  # page pixels: 28 x 2
AUGMENTED: Final = (1, 2, 4, 5, 7, 9)  # digits that come to look like each other when they are bent too far
VARIATIONS: Final = 3
AUGMENTED_SIZE: Final = (EXAMPLE_WIDTH * len(AUGMENTED), EXAMPLE_WIDTH * (1 + VARIATIONS))


@dataclass(frozen=True, slots=True)
class Example:
    """One image of the test split to try: (28, 28) uint8, the same as a PNG, and its label."""

    image: NDArray[np.uint8]
    picture: bytes
    label: int


def examples() -> list[Example]:
    """The first test image of every digit, in order.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    return _examples(StudioHome.from_environment())


def augmented(config: TrainingConfig) -> bytes:
    """Some digits as they are, and below them three times as an epoch of `config` would show them, as one PNG; with
    `pen_styles` the last row is drawn by code.

    Shown at `AUGMENTED_SIZE`, (width, height) in page pixels.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    return _augmented(StudioHome.from_environment(), config)


def digit_images(split: str, places: tuple[int, ...]) -> NDArray[np.uint8]:
    """The images at these places, (n, 28, 28): of the test split, for validation of the training split, or of a data
    set of people's own, by its id.

    Raises:
        DataError: MNIST or the set is missing or damaged.
    """
    return _digit_images(StudioHome.from_environment(), split, places)


def digit_pictures(split: str, places: tuple[int, ...], *, width: int = pictures.WIDTH) -> list[bytes]:
    """The images of `digit_images` as PNGs. Raises as that."""
    return _digit_pictures(StudioHome.from_environment(), split, places, width)


def test_split() -> Split:
    """The 10,000 test images with their labels.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    return _test_split(StudioHome.from_environment())


def training_labels() -> NDArray[np.uint8]:
    """The labels of the 60,000 training images. Raises as `test_split`."""
    return _training_labels(StudioHome.from_environment())


@st.cache_resource(max_entries=1, show_spinner=False)
def _training_labels(home: StudioHome) -> NDArray[np.uint8]:
    return load_split(home.mnist, "train").labels


@st.cache_resource(max_entries=32, show_spinner=False)
def _digit_images(home: StudioHome, split: str, places: tuple[int, ...]) -> NDArray[np.uint8]:
    if split not in MNIST:
        return own_images(split, places)
    return (_test_split(home).images if split == "test" else _training_images(home))[list(places)]


@st.cache_resource(max_entries=1, show_spinner=False)
def _training_images(home: StudioHome) -> NDArray[np.uint8]:
    return map_training_images(home.mnist, home.training_images)


@st.cache_resource(max_entries=32, show_spinner=False)
def _digit_pictures(home: StudioHome, split: str, places: tuple[int, ...], width: int) -> list[bytes]:
    return [pictures.digit_png(image, width=width) for image in _digit_images(home, split, places)]


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

    digits = np.stack([_examples(home)[digit].image for digit in AUGMENTED])
    rng = np.random.default_rng(config.seed)
    seen = [digits] * VARIATIONS
    if config.pen_styles:
        seen[-1] = _in_pen_styles(rng)
    rows = [digits, *(augment(each, config, rng) for each in seen)]
    return pictures.sheet_png(np.stack(rows), scale=EXAMPLE_WIDTH // 28)


def _in_pen_styles(rng: np.random.Generator) -> NDArray[np.uint8]:
    """The same digits as drawn by code, (n, 28, 28)."""
    from core.pen_styles import PenStyles

    drawn = PenStyles.draw(80, seed=int(rng.integers(2**31)))
    return np.stack([drawn.images[rng.choice(np.flatnonzero(drawn.labels == digit))] for digit in AUGMENTED])
