"""Pictures of people's own as data sets: chosen, looked at, kept, deleted; and a run asked about one of them.

Owns this dialog and the progress of both kinds of work. Which files are allowed and what becomes of them is
`core.datasets`' business.
"""

import secrets
from typing import Any, Final

import numpy as np
import streamlit as st

from core import pictures
from core.background import failure
from core.datasets import DataSet, Given, Look, submission_csv
from core.errors import StudioError
from core.run import MAX_NAME_LENGTH, Run
from ui import modes, resources, state, words

POLL_SECONDS: Final = 0.7
MEGABYTES: Final = 200
TYPES: Final = ["csv", "gz", "npz", "zip", "idx", "idx1-ubyte", "idx3-ubyte"]
SHOWN: Final = 12  # digits of a first look
WAYS: Final = {"full": "Preprocess each picture", "none": "Take them as they are"}


def button() -> None:
    """Opens the dialog."""
    st.button("Your own images", icon=":material/add_photo_alternate:", on_click=state.open_own, key="own_open")
    if state.own_is_open():
        _dialog()


@st.dialog("Your own images", width="medium", on_dismiss=state.close_own)
def _dialog() -> None:
    ticket = state.own_ticket()
    if ticket and resources.keepings().find(ticket) is not None:
        st.fragment(_progress, run_every=POLL_SECONDS)(ticket)
        return
    if modes.read_only():
        modes.note()
        _kept()
        return
    st.caption(
        "A zip with one folder a digit, Kaggle's Digit Recognizer table, an IDX pair or an .npz. They stay in this "
        "studio; everybody who uses it can look at them."
    )
    files = st.file_uploader(
        "Files", type=TYPES, accept_multiple_files=True, max_upload_size=MEGABYTES, key=state.own_files_key()
    )
    named = {file.name: file for file in files}
    if len(named) < len(files):
        st.error("Two of the files have the same name; take one of them away.", icon=":material/block:")
    elif files:
        _first_look(named)
    if state.own_problem():
        st.error(words.plain(state.own_problem()), icon=":material/block:")
    _kept()


def _first_look(files: dict[str, Any]) -> None:
    """What the files seem to be, some of their digits as a network will see them, and how to take them in."""
    data = {name: file.getvalue() for name, file in files.items()}
    try:
        look = resources.look_at(data, tuple(file.file_id for file in files.values()))
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/block:")
        return
    count = f"{look.count:,} images" if look.exact else f"about {look.count:,} images"
    st.markdown(f"**{count}**, {'labelled' if look.labelled else 'without labels'} · {words.plain(str(look.form))}")
    ways = list(WAYS) if look.can_stay else ["full"]
    way = st.radio(
        "How they are taken in",
        ways,
        index=ways.index(look.proposal.preprocess),
        format_func=lambda each: WAYS[each],
        captions=[_caption(look, each) for each in ways],
        key=state.OWN_WAY,
    )
    _preview(look, way)
    for remark in look.remarks:
        st.caption(words.plain(remark))
    st.text_input("Name", max_chars=MAX_NAME_LENGTH, placeholder="After the file", key=state.OWN_NAME)
    st.button(
        "Keep them", type="primary", icon=":material/save:", on_click=_keep, args=(data, look, way), key="own_keep"
    )


def _caption(look: Look, way: str) -> str:
    if way == look.proposal.preprocess:
        return words.plain(look.proposal.reason)
    return "Found, cropped, centred as MNIST's were." if way == "full" else "Only where they look like MNIST already."


def _preview(look: Look, way: str) -> None:
    digits = resources.previewed(look, way)[:SHOWN]
    if not digits:
        return
    blank = [np.zeros((28, 28), np.uint8)] * (-len(digits) % (SHOWN // 2))
    sheet = np.stack([*digits, *blank]).reshape(-1, SHOWN // 2, 28, 28)
    st.image(
        pictures.sheet_png(sheet, scale=2), width=SHOWN // 2 * 56, alt="Some of the digits, as a network sees them."
    )


def _keep(data: dict[str, bytes], look: Look, way: str) -> None:
    """Begins to read them in (a callback)."""
    name, store, ticket = st.session_state.get(state.OWN_NAME) or "", resources.data_sets(), secrets.token_hex(8)
    try:
        plan = look.plan("none" if way == "none" else "full")
    except StudioError as error:
        state.own_problem(str(error))
        return
    givens = [Given.of_bytes(file, each) for file, each in data.items()]
    resources.keepings().start(ticket, lambda tell: store.keep(givens, plan, name=name, progress=tell))
    state.own_problem("")
    state.own_ticket(ticket)


def _progress(ticket: str) -> None:
    """How far the reading is; when it is done, the set is what the page looks at."""
    work = resources.keepings().find(ticket)
    if work is not None and not work.done():
        share = resources.keepings().share(ticket)
        st.progress(share, text=f"Reading the images: {words.percent(share, 0)}")
        st.caption("It goes on when you close this.")
        return
    settle()
    st.rerun()


def settle() -> None:
    """Ends a reading that is done: its set is looked at, or the reason told. To be called before pickers are drawn."""
    ticket = state.own_ticket()
    work = resources.keepings().find(ticket)
    if not ticket or (work is not None and not work.done()):
        return
    state.own_ticket("")
    if work is None:
        return
    problem = failure(work)
    state.own_problem(problem)
    if not problem:
        state.set_source(split=work.result().dataset_id)
        state.close_own()
    resources.keepings().forget(ticket)


def _kept() -> None:
    """What was kept before, with a way to delete it."""
    store = resources.data_sets()
    for each in store.sets():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(f"{each.name} · {words.images(each.count)} · {each.size_bytes / 1e6:.1f} MB", width="stretch")
            _delete(each.dataset_id)
    for damaged in store.damaged():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(f"Damaged: {damaged.reason}", width="stretch")
            _delete(damaged.dataset_id)


def _delete(dataset_id: str) -> None:
    key = f"own_delete_{dataset_id}"
    if not modes.read_only():
        st.button("Delete", icon=":material/delete:", on_click=_forget, args=(dataset_id,), key=key)


def _forget(dataset_id: str) -> None:
    """Deletes a data set (a callback)."""
    try:
        resources.data_sets().delete(dataset_id)
        state.own_problem("")
    except StudioError as error:
        state.own_problem(str(error))


def asked(run: Run, dataset: DataSet) -> bool:
    """Whether the run has answered to all of the set; else it is asked, with its progress in place of the page."""
    work = resources.askings().find((run.run_id, dataset.dataset_id))
    if work is None:
        try:
            if resources.own_digits(run, dataset) is not None:
                return True
        except StudioError:
            resources.ask(run, dataset)
    elif work.done():
        problem = failure(work)
        resources.askings().forget((run.run_id, dataset.dataset_id))
        if problem:
            st.error(words.plain(problem), icon=":material/error:")
        return not problem
    st.fragment(_asking, run_every=POLL_SECONDS)(run.run_id, dataset)
    return False


def _asking(run_id: str, dataset: DataSet) -> None:
    key = (run_id, dataset.dataset_id)
    work = resources.askings().find(key)
    if work is None or work.done():
        st.rerun()
    share = resources.askings().share(key)
    st.progress(share, text=words.plain(f"Asking about {dataset.name}: {words.percent(share, 0)}"))


def remarks(dataset: DataSet) -> None:
    """What to bear in mind about the set."""
    lines = list(dataset.remarks)
    if not dataset.labelled:
        lines.append("It has no labels, so nothing can be counted as right or wrong; submission.csv has the answers.")
    if lines:
        st.caption(words.plain(" ".join(lines)))


def submission(run: Run, dataset: DataSet) -> None:
    """What the run, which has been asked, reads in each image, as a file."""
    st.download_button(
        "submission.csv",
        submission_csv(resources.own_digits(run, dataset)),
        file_name="submission.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="What the run reads in each image, as Kaggle takes it.",
        key="own_submission",
    )
