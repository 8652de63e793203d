"""Misclassifications: every image that a run gets wrong, why it does, and which labels may be to blame."""

import streamlit as st

from ui import mistakes_view, page, source

palette = page.begin_page(
    "Misclassifications",
    "Every image that a run gets wrong: sort, filter, open one to see why, and mark the labels that look wrong.",
)

chosen = source.choose()
if chosen is None:
    st.stop()


@st.fragment
def explorer() -> None:
    """The images: only this is drawn anew by a click."""
    mistakes_view.show(chosen, palette)


explorer()
