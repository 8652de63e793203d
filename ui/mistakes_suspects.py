"""The labels that are doubted most, each with the reason and its mark."""

from typing import Final

import numpy as np
import streamlit as st

from core.evaluation import Suspect
from ui import mistakes_marks, state, words
from ui.resources import Doubts, Marked
from ui.source import Source

PAGE: Final = 12
WIDTH: Final = 112  # page pixels: 28 x 4


def heading(found: Doubts) -> str:
    """How many are listed."""
    return f"The {len(found.suspects):,} labels doubted most, of {len(found.places):,}"


def explained(found: Doubts) -> str:
    """Where the list comes from."""
    by = "this run's answers" if found.heard == 1 else f"the mean answers of {found.heard} runs"
    return (
        f"By {by} to images that none of them learned from (confident learning). Networks err too: look, then mark. "
        "Marks are kept for everybody."
    )


def show(source: Source, found: Doubts, first: int, marked: Marked) -> None:
    """A page of the list, from its number `first` on, counted from 0."""
    listed = found.suspects[first : first + PAGE]
    places = found.places[np.array([suspect.row for suspect in listed], dtype=np.int64)]
    drawn = source.pictures(tuple(places.tolist()), width=WIDTH)
    with st.grid(2, min_column_width=300, gap="small"):
        for number, (suspect, place, picture) in enumerate(zip(listed, places.tolist(), drawn, strict=True)):
            with st.container(border=True, height="stretch"):
                _card(source, suspect, place, picture, first + number + 1, marked)


def _card(source: Source, suspect: Suspect, place: int, picture: bytes, number: int, marked: Marked) -> None:
    with st.container(horizontal=True, wrap=False):
        st.image(picture, width=WIDTH, alt=f"Image {place}, labelled {suspect.label}.")
        with st.container(gap="xsmall"):
            st.markdown(f"**{number}.** Perhaps a {suspect.other}")
            st.caption(words.plain(suspect.reason))
    with st.container(horizontal=True, vertical_alignment="center"):
        mistakes_marks.control(source, place, marked, where="list")
        st.button(
            f"Open {place}", type="tertiary", key=f"open_suspect_{place}", on_click=state.open_image, args=(place,)
        )
