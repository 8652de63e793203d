"""A network from outside into the studio: a `.keras` file is chosen, checked in the background, and becomes a run.

Owns this popover, and what a visitor is told when the work is done. What is allowed, and what becomes of the file, is
`core.importing`'s business.
"""

import secrets
from concurrent.futures import Future
from typing import Final

import streamlit as st

from core.background import failure
from core.importing.archive import MAX_BYTES
from core.importing.model import import_model, name_of
from core.run import MAX_NAME_LENGTH, Run
from ui import modes, resources, state, words

POLL_SECONDS: Final = 1.0
WIDTH: Final = 330  # pixels: what a phone has room for


def settle() -> None:
    """Ends an import that is done: its run is ticked, or the reason is told. Before anything of the page is drawn."""
    work = _work()
    if work is not None and not work.done():
        return
    if state.import_ticket():
        state.await_import("")
    if work is None:
        return
    reason, is_open = failure(work), st.session_state.get(state.IMPORT_OPEN, False)
    state.remember_refusal(reason)
    # A popover with another icon is another one, and closed: it is told each time to stay as it was.
    st.session_state[state.IMPORT_OPEN] = bool(reason and is_open)
    if reason:
        if not is_open:
            st.toast(words.plain(f"Not imported. {reason}"), icon=":material/block:", duration="long")
        return
    run = work.result()
    state.choose_runs([run.run_id])
    state.empty_import_file()
    found = resources.summary(run)
    result = "" if found is None else f": {words.wrong_of(found['test'])} on the test split"
    st.toast(f"{words.plain(words.title(run))} was imported{result}.", icon=":material/check:", duration="long")


def show() -> None:
    """The popover; closed where nothing may be imported."""
    if modes.read_only():
        st.popover("Import a model", icon=":material/upload:", disabled=True, help=modes.reason())
        return
    waiting = _work() is not None
    st.fragment(_popover, run_every=POLL_SECONDS if waiting else None)(waiting)


def _popover(waiting: bool) -> None:
    """Looks, while a file is being checked, whether that is done; the page is drawn anew when it is."""
    work = _work()
    if (work is not None) != waiting or (work is not None and work.done()):
        st.rerun()
    icon = "spinner" if waiting else ":material/upload:"
    with st.popover("Import a model", icon=icon, key=state.IMPORT_OPEN, on_change="rerun"):
        _form(waiting)


def _form(waiting: bool) -> None:
    """The file, the name, the button; the same while the file is being checked, so that nothing moves."""
    file_key = state.import_file_key()
    file = st.file_uploader(
        "A network saved by Keras 3",
        type=["keras"],
        max_upload_size=MAX_BYTES // 2**20,
        help="It takes images of 28 x 28 pixels with values from 0 to 1, ink high, and gives ten probabilities or "
        "logits. Only ordinary layers are allowed; nothing in the file is ever run as code.",
        disabled=waiting,
        width=WIDTH,
        key=file_key,
    )
    name_key = f"runs_import_name_{file.file_id if file else ''}"  # each file brings a name of its own
    st.text_input(
        "Name",
        value=name_of(file.name) if file else "",
        max_chars=MAX_NAME_LENGTH,
        disabled=waiting or file is None,
        width=WIDTH,
        key=name_key,
    )
    st.button(
        "Checking and evaluating, about 20 s" if waiting else "Import",
        icon="spinner" if waiting else None,
        type="primary",
        disabled=waiting or file is None,
        width=WIDTH,
        on_click=_start,
        args=(file_key, name_key),
        key="runs_import",
    )
    if state.refusal():
        st.error(words.plain(state.refusal()), icon=":material/block:", width=WIDTH)
    elif waiting:
        st.caption("It goes on when you leave this page; the run will be in the table.", width=WIDTH)
    else:
        st.caption("It is checked, evaluated on MNIST, and then a run like any other.", width=WIDTH)


def _start(file_key: str, name_key: str) -> None:
    """Begins the import (a callback), unless an earlier click has."""
    file, name = st.session_state[file_key], st.session_state[name_key] or ""
    if file is None or _work() is not None:
        return
    data, store, ticket = file.getvalue(), resources.store(), secrets.token_hex(8)
    resources.imports().start(ticket, lambda: import_model(store, data, name=name))
    state.await_import(ticket)
    state.remember_refusal("")
    st.session_state[state.IMPORT_OPEN] = True


def _work() -> "Future[Run] | None":
    """The import that this visitor waits for; None when there is none, or its ticket is from before a restart."""
    return resources.imports().find(state.import_ticket())
