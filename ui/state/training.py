"""Keys of *Train*: the form, the run in sight, and who may start one."""

import math
import time
from typing import Final

import streamlit as st

PRESET: Final = "train_preset"
MORE: Final = "train_more"
MORE_TAB: Final = "train_more_tab"
SETTINGS_JSON: Final = "settings_json"
PASTED: Final = "train_pasted"
RUN_NAME: Final = "train_name"
CURVES_BY: Final = "train_curves_by"
_PICKED_RUN: Final = "train_picked_run"
_STARTED_RUN: Final = "train_started_run"
_STARTED_AT: Final = "train_started_at"
DOUBLE_CLICK_SECONDS: Final = 1.5


def setting_key(preset: str, name: str) -> str:
    """The key of one setting's widget. Each preset keeps its own edits, so nothing has to be overwritten."""
    return f"train_{preset}_{name}"


def started_run() -> str | None:
    """The run that this visitor started or resumed last."""
    return st.session_state.get(_STARTED_RUN)


def picked_run() -> str | None:
    """The run that this visitor chose to look at; None leaves it to what trains now."""
    return st.session_state.get(_PICKED_RUN)


def pick_run(widget: str, shown: str) -> None:
    """Shows the run that the widget of that key names (a callback).

    Streamlit may call this for a widget that an interrupted run of the page left behind: it names what it has shown
    all along, which nobody has picked.
    """
    if st.session_state[widget] != shown:
        st.session_state[_PICKED_RUN] = st.session_state[widget]


def show_run(run_id: str) -> None:
    """Makes `run_id` the run that Train shows to this visitor."""
    st.session_state[_STARTED_RUN] = run_id
    st.session_state[_PICKED_RUN] = run_id


def claim_start() -> bool:
    """Whether this visitor may start a run now: the second click of a double click may not."""
    now, last = time.monotonic(), st.session_state.get(_STARTED_AT, -math.inf)
    st.session_state[_STARTED_AT] = now
    return now - last > DOUBLE_CLICK_SECONDS


def typed_number(widget: str) -> float:
    """What stands in a number field now, read in a callback."""
    return float(st.session_state[widget])
