"""What *Robustness* looks at: which runs, on which images, and what is done to the one digit."""

from typing import Final

import streamlit as st

from ui.state.visit import link

ROBUST_SPLIT: Final = "split"
ROBUST_LEVEL: Final = "at"
ROBUST_DIGIT: Final = "digit"
ROBUST_DRAW: Final = "draw"
ROBUST_ASKED: Final = "robust_asked"
ROBUST_NUMBERS: Final = "robust_numbers"
_RUN: Final = "run"
_KEPT: Final = "robust_kept"


def robust_runs() -> list[str]:
    """The run ids in the link, or else those chosen last in this visit; empty for neither."""
    return st.query_params.get_all(_RUN) or st.session_state.get(f"{_KEPT}_{_RUN}", [])


def set_robust_runs(run_ids: list[str]) -> None:
    """Keeps which runs are looked at, in the link and for the visit."""
    st.session_state[f"{_KEPT}_{_RUN}"] = run_ids
    if st.query_params.get_all(_RUN) != run_ids:
        st.query_params[_RUN] = run_ids


def robust(name: str) -> str:
    """What the link says of a choice, or else this visit; empty for neither."""
    return st.query_params.get(name, "") or st.session_state.get(f"{_KEPT}_{name}", "")


def set_robust(**choices: str) -> None:
    """Keeps choices in the link and for the visit; an empty one goes out of both."""
    for name, value in choices.items():
        st.session_state[f"{_KEPT}_{name}"] = value
    link(**choices)
