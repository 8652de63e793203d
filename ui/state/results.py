"""What the pages of results look at: run and images, the matrix, the list of misclassifications, the threshold."""

from typing import Final

import streamlit as st

from ui.state.visit import link

SOURCE_RUN: Final = "run"
SOURCE_SPLIT: Final = "split"


def source(name: str) -> str:
    """The run or split that the address asks for, or else the one chosen last in this visit; empty for none."""
    return st.query_params.get(name) or st.session_state.get(f"source_{name}", "")


def set_source(**choices: str) -> None:
    """Keeps what is looked at, a run, a split or both, in the address and for the visit."""
    for name, value in choices.items():
        st.session_state[f"source_{name}"] = value
    link(**choices)


def choose_source(name: str, widget: str, shown: str) -> None:
    """Looks at what the widget of that key says (a callback), unless nobody chose it; see `pick_run`."""
    if st.session_state[widget] != shown:
        set_source(**{name: st.session_state[widget]})


# What the confusion matrix shows, and the names of these choices in its link.
CELLS: Final = "cells"
DIAGONAL: Final = "diagonal"
VERSUS: Final = "versus"
TRUE: Final = "true"
PRED: Final = "pred"
PAGE: Final = "page"
CONFUSION_CHART: Final = "confusion_chart"
CONFUSION_CLASSES: Final = "confusion_classes"
_REMEMBERED: Final = (CELLS, DIAGONAL)  # for the visit too, when the link says nothing
_CONFUSION_TURN: Final = "confusion_turn"


def confusion(name: str) -> str:
    """What the link asks for, or else the visit remembers; empty for neither."""
    return st.query_params.get(name, "") or st.session_state.get(f"confusion_kept_{name}", "")


def set_confusion(**choices: str) -> None:
    """Puts choices into the link, and keeps those that outlast it; an empty one goes out of it."""
    for name in _REMEMBERED:
        if name in choices:
            st.session_state[f"confusion_kept_{name}"] = choices[name]
    link(**choices)


def confusion_turn(selection: str) -> int:
    """A number that is another one whenever something else is selected than when this was asked last."""
    turn, last = st.session_state.get(_CONFUSION_TURN, (0, ""))
    turn += selection != last
    st.session_state[_CONFUSION_TURN] = (turn, selection)
    return turn


# What Misclassifications shows, and the names of these choices in its link.
SHOW: Final = "show"
ORDER: Final = "order"
LOW: Final = "low"
HIGH: Final = "high"
_NOTE: Final = "note"


def note_key(data_set: str, place: int) -> str:
    """The key of the field for the note on an image."""
    return f"{_NOTE}_{data_set}_{place}"


# How far answers can be trusted, on the confusion matrix's page.
TRUST_TEMPERATURE: Final = "trust_temperature"
TRUST_RULE: Final = "trust_rule"
_TRUST_PROBLEM: Final = "trust_problem"


def trust_target(rule: str) -> str:
    """The key of the field for the share that a threshold aims at; each rule keeps its own."""
    return f"trust_target_{rule}"


def trust_problem(problem: str | None = None) -> str:
    """Why the last threshold could not be kept, empty when it could; sets it when given."""
    if problem is not None:
        st.session_state[_TRUST_PROBLEM] = problem
    return st.session_state.get(_TRUST_PROBLEM, "")
