"""Test images in a row of small pictures, each of which can be sent through the network."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core import pictures
from ui import inside_choice, resources

WIDTH: Final = 84  # page pixels: 28 x 3


def show(places: Sequence[int], said: Sequence[str], *, key: str) -> None:
    """The images at these places of the test split, with what is said of each on its button.

    Args:
        said: a few letters for each, as Markdown.
        key: tells these galleries apart.

    Raises:
        DataError: MNIST is missing or damaged.
    """
    labels = resources.test_split().labels
    drawn = resources.digit_pictures("test", tuple(places), width=WIDTH)
    with st.grid(4, min_column_width=WIDTH - 14, gap="small"):
        for picture, place, words in zip(drawn, places, said, strict=True):
            with st.container(gap="xxsmall", width=WIDTH):
                st.image(picture, width=WIDTH, alt=f"Test image {place:,}, a {labels[place]}.")
                st.button(
                    words,
                    type="tertiary",
                    key=f"inside_{key}_{place}",
                    help=f"Send test image {place:,} through the network",
                    on_click=inside_choice.open_test_image,
                    args=(place,),
                )


def frames(count: int) -> None:
    """The room for so many images."""
    with st.grid(4, min_column_width=WIDTH - 14, gap="small"):
        for _ in range(count):
            with st.container(gap="xxsmall", width=WIDTH):
                st.image(pictures.empty_png(width=WIDTH), width=WIDTH, caption="–", alt="Nothing yet")
