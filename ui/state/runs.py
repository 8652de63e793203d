"""Keys of *Runs*: what is ticked, compared, deleted, exported and imported."""

from typing import Final

import streamlit as st

from ui.state.visit import close_image

CARD: Final = "model_card"  # on Home: whose card is open
RUNS_TABLE: Final = "runs_table"
RUNS_DESCRIBE: Final = "runs_describe"
RUNS_MORE: Final = "runs_more"
RUNS_DISK: Final = "runs_disk"
RUNS_DISK_ORDER: Final = "runs_disk_order"
RUNS_DISK_PICKED: Final = "runs_disk_picked"
EXPORT_FORMAT: Final = "runs_export_format"
IMPORT_OPEN: Final = "runs_import_open"
_DELETED_RUNS: Final = "runs_deleted"
# What a comparison shows, and the names of these choices in its link.
JUDGED_ON: Final = "judged_on"
CURVE: Final = "curve"
CLASS_FIGURE: Final = "class_figure"
PAIR: Final = "pair"
FLIPS: Final = "flips"
FLIPS_PAGE: Final = "flips_page"
_CHOSEN_RUN: Final = "run"
_IMPORT: Final = "import"
_REFUSAL: Final = "runs_import_refusal"
_IMPORT_FILE: Final = "runs_import_file"


def chosen_runs() -> list[str]:
    """The run ids in the page's address: those ticked on *Runs*, as far as they exist."""
    return st.query_params.get_all(_CHOSEN_RUN)


def choose_runs(run_ids: list[str]) -> None:
    """Puts the ticked runs into the page's address."""
    close_image()
    if run_ids:
        st.query_params[_CHOSEN_RUN] = run_ids
    else:
        st.query_params.pop(_CHOSEN_RUN, None)


def deleted_runs() -> dict[str, str]:
    """The names by run id of what this visitor deleted last and can take back at once."""
    return st.session_state.get(_DELETED_RUNS, {})


def remember_deleted(names: dict[str, str]) -> None:
    """Keeps what was deleted last, by run id; nothing when it was taken back."""
    st.session_state[_DELETED_RUNS] = names


def import_ticket() -> str:
    """The import that this visitor waits for, by its key among all; empty for none.

    It is in the page's address, so that a reload finds it, and kept for when the visitor comes back from another page.
    """
    return st.query_params.get(_IMPORT, "") or st.session_state.get(_IMPORT, "")


def await_import(ticket: str) -> None:
    """Keeps which import this visitor waits for; empty for none."""
    st.session_state[_IMPORT] = ticket
    if ticket:
        st.query_params[_IMPORT] = ticket
    else:
        st.query_params.pop(_IMPORT, None)


def import_file_key() -> str:
    """The key of the field for a model file; a new key is an empty field."""
    return f"{_IMPORT_FILE}_{st.session_state.get(_IMPORT_FILE, 1)}"


def empty_import_file() -> None:
    """Takes the model file out of its field."""
    st.session_state[_IMPORT_FILE] = st.session_state.get(_IMPORT_FILE, 1) + 1


def refusal() -> str:
    """Why the model file that this visitor brought last was refused; empty when it was not."""
    return st.session_state.get(_REFUSAL, "")


def remember_refusal(reason: str) -> None:
    """Keeps why a model file was refused, until the next one comes."""
    st.session_state[_REFUSAL] = reason
