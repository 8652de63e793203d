"""The way from a digit on another page to its way through the network."""

import streamlit as st

from core.run import Run
from ui import state
from ui.state import inside as looked


def show(run: Run, digit: str) -> None:
    """A link to *Inside the model* with this run and this digit, as its address names it."""
    st.page_link(
        "pages/6_Inside_the_Model.py",
        label="Its way through the network",
        icon=":material/layers:",
        query_params={state.SOURCE_RUN: run.run_id, looked.DIGIT: digit},
    )
