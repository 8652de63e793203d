"""Keys of the dialog in which people bring images of their own."""

from typing import Final

import streamlit as st

# The dialog in which people bring images of their own.
OWN_WAY: Final = "own_way"
OWN_NAME: Final = "own_name"
_OWN_OPEN: Final = "own_is_open"
_OWN_TICKET: Final = "own_ticket"
_OWN_PROBLEM: Final = "own_problem"
_OWN_FILES: Final = "own_files"


def open_own() -> None:
    """Opens the dialog, empty (a callback)."""
    st.session_state[_OWN_OPEN] = True
    st.session_state[_OWN_PROBLEM] = ""
    st.session_state[_OWN_FILES] = st.session_state.get(_OWN_FILES, 0) + 1


def close_own() -> None:
    """Closes the dialog (a callback)."""
    st.session_state[_OWN_OPEN] = False


def own_is_open() -> bool:
    """Whether the dialog is open."""
    return st.session_state.get(_OWN_OPEN, False)


def own_files_key() -> str:
    """The key of the field for files; a new key is an empty field."""
    return f"own_files_{st.session_state.get(_OWN_FILES, 0)}"


def own_ticket(ticket: str | None = None) -> str:
    """What names this visitor's files while they are read in, empty for none; sets it when given."""
    if ticket is not None:
        st.session_state[_OWN_TICKET] = ticket
    return st.session_state.get(_OWN_TICKET, "")


def own_problem(problem: str | None = None) -> str:
    """Why the last deed of the dialog could not be done, empty when it could; sets it when given."""
    if problem is not None:
        st.session_state[_OWN_PROBLEM] = problem
    return st.session_state.get(_OWN_PROBLEM, "")
