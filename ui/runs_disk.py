"""What runs take of the disk, on *Runs*: in sight always, with a limit beside it where there is one, and a clean-up.

Owns this part. What is counted is `core.disk`'s, what may be deleted and how it comes back `core.shelf`'s business.
"""

import time
from typing import Final

import streamlit as st

from core.disk import Usage, said
from core.ledger import Entry
from core.run import Run
from ui import modes, resources, runs_toolbar, state, words

ORDERS: Final = {"largest": "Largest first", "oldest": "Oldest first"}
FULL: Final = 0.9  # of the limit: said before a training is refused


def show(entries: list[Entry]) -> None:
    """One line that opens: how much is taken, and by whom."""
    usage = resources.store().disk.usage()
    part = st.expander(f"On the disk: {_words(usage)}", icon=":material/hard_drive:", key=state.RUNS_DISK)
    with part:
        if usage.limit is not None:
            trash = f", with {said(usage.trash)} in the trash" if usage.trash else ""
            left = f"{said(max(0, usage.limit - usage.total))} left{trash}"
            st.progress(min(1.0, usage.total / usage.limit), text=left)
        elif usage.total:
            st.caption("There is no limit but the disk's. Whoever runs the studio can set DIGIT_STUDIO_RUNS_LIMIT.")
        if usage.limit is not None and usage.total >= FULL * usage.limit:
            st.text("Little room is left: a training that would not fit is refused.")
        if modes.read_only():
            return
        gone = _candidates(entries, usage)
        with st.container(horizontal=True):
            _deed(gone, usage)
            _trash(usage)


def _words(usage: Usage) -> str:
    taken = f"{words.count(len(usage.runs), 'run')}, {said(usage.total)}"
    return taken if usage.limit is None else f"{taken} of {said(usage.limit)}"


def _candidates(entries: list[Entry], usage: Usage) -> list[Run]:
    """Those picked of the runs that may go: own ones that have ended, are not pinned and do not answer."""
    active = resources.active_run()
    runs = [entry.run for entry in entries if _may_go(entry.run, active)]
    if not runs:
        st.caption("No run may go: those that are pinned, active, shipped or under way are left alone.")
        return []
    order = st.segmented_control(
        "Order",
        list(ORDERS),
        default="largest",
        required=True,
        format_func=lambda each: ORDERS[each],
        label_visibility="collapsed",
        key=state.RUNS_DISK_ORDER,
        persist_state=state.KEEP,
    )
    sizes = {run.run_id: usage.runs.get(run.run_id, 0) for run in runs}
    runs.sort(key=lambda run: -sizes[run.run_id] if order == "largest" else run.created_at)
    names = words.titles(runs)
    by_id = {run.run_id: run for run in runs}
    picked = st.multiselect(
        "Runs that may go",
        list(by_id),
        format_func=lambda run_id: f"{names[run_id]} · {said(sizes[run_id])} · {_day(by_id[run_id])}",
        placeholder="Choose runs; pinned, active and shipped ones are not listed",
        key=state.RUNS_DISK_PICKED,
    )
    return [by_id[run_id] for run_id in picked]


def _deed(gone: list[Run], usage: Usage) -> None:
    size = said(sum(usage.runs.get(run.run_id, 0) for run in gone))
    st.button(
        f"Delete {words.count(len(gone), 'run')}, {size}" if gone else "Delete",
        icon=":material/delete:",
        disabled=not gone,
        help="They stay in the trash for a day, and take their room until it is emptied.",
        on_click=_delete,
        args=(gone,),
        key="runs_disk_delete",
    )


def _trash(usage: Usage) -> None:
    """The way to have the room back now; it cannot be undone, so it takes two clicks."""
    left = usage.trash + sum(folder.bytes for folder in resources.shelf().half_made())
    label = f"Empty the trash, {said(left)}" if left else "Empty the trash"
    with st.popover(label, icon=":material/delete_forever:", disabled=not left):
        st.caption("Deleted runs, and what was left half made, go for good.")
        st.button("Remove for good", type="primary", disabled=not left, on_click=_empty, key="runs_disk_empty")


def _delete(runs: list[Run]) -> None:
    st.session_state[state.RUNS_DISK_PICKED] = []
    runs_toolbar.delete(runs)


def _empty() -> None:
    state.remember_deleted({})
    runs_toolbar.do(resources.shelf().clean_up, "The room is free again.")


def _may_go(run: Run, active: Run | None) -> bool:
    is_active = active is not None and active.run_id == run.run_id
    return not run.shipped and run.status.state.ended and not run.notes.pinned and not is_active


def _day(run: Run) -> str:
    return time.strftime("%-d %b %Y", time.gmtime(run.created_at))
