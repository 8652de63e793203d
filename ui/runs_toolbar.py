"""What can be done with the ticked runs, in one row: six deeds in sight, the others under *More*, and undo below.

Owns the row. Export and import are `runs_export`'s and `runs_import`'s business.
"""

from collections.abc import Callable

import streamlit as st

from core.errors import StudioError
from core.notes import MAX_NOTE_LENGTH
from core.run import MAX_NAME_LENGTH, Run
from ui import modes, resources, runs_export, runs_import, state, steering, training_form, words


def show(chosen: list[Run]) -> None:
    """One row of buttons, those that do not apply to the ticked runs greyed out, and a line below it."""
    one = chosen[0] if len(chosen) == 1 else None
    active = resources.active_run()
    ready = one is not None and one.has_model
    is_active = one is not None and active is not None and one.run_id == active.run_id
    with st.container(horizontal=True, gap="small"):
        _describe(one)
        _button(
            "Make active",
            "check",
            lambda: _activate(one),
            done="It predicts from now on, on the pages and over REST.",
            enabled=ready and not is_active and not modes.read_only(),
        )
        with st.container(width="content"):  # a fragment would take the width that is left
            runs_export.show(one)
        with st.container(width="content"):
            _train_longer(one)
        _more(chosen, one)
        with st.container(width="content"):
            runs_import.show()
    _line(chosen)


def _more(chosen: list[Run], one: Run | None) -> None:
    """What is done less often; only what applies to the ticked runs is listed."""
    deeds: dict[str, str] = {}  # to icons
    own = _own(chosen) and not modes.read_only()
    if own:
        deeds |= {"Unpin": "keep_off"} if _all_pinned(chosen) else {"Pin": "keep"}
    if one is not None and one.has_model:
        deeds["Draw with it"] = "draw"
    if one is not None and one.imported is None:  # the settings of a network that came as a file say nothing about it
        deeds["Duplicate in Train"] = "content_copy"
    if own and all(run.status.state.ended for run in chosen):
        deeds["Delete"] = "delete"
    deed = st.menu_button(
        "More",
        list(deeds) or ["Nothing"],  # it insists on one, even greyed out
        icon=":material/more_horiz:",
        format_func=lambda deed: f":material/{deeds.get(deed)}: {deed}",
        disabled=not deeds,
        key=state.RUNS_MORE,
        on_click=_do_more,
        args=(chosen,),
    )
    if deed == "Draw with it" and one is not None:
        state.use_model(one.run_id)
        st.switch_page("pages/5_Draw_and_Predict.py")
    if deed == "Duplicate in Train" and one is not None:
        training_form.fill(one.preset or "classic", one.config)
        st.switch_page("pages/1_Train.py")


def _activate(run: Run | None) -> None:
    if run is not None:
        resources.store().activate(run.run_id)


def _describe(run: Run | None) -> None:
    """Name and note, in a small form of their own."""
    closed = run is None or run.shipped or modes.read_only()
    with st.popover(
        "Name and note", icon=":material/edit:", disabled=closed, key=state.RUNS_DESCRIBE, on_change="rerun"
    ) as form:
        if run is None or closed or not form.open:
            return
        keys = f"runs_name_{run.run_id}", f"runs_note_{run.run_id}"
        with st.form("runs_description", border=False):
            st.text_input("Name", value=words.title(run), max_chars=MAX_NAME_LENGTH, key=keys[0])
            st.text_area("Note", value=run.notes.note, max_chars=MAX_NOTE_LENGTH, height=140, key=keys[1])
            st.form_submit_button("Save", type="primary", on_click=_save, args=(run, *keys), key="runs_save")


def _save(run: Run, name_key: str, note_key: str) -> None:
    name, note = st.session_state[name_key] or "", st.session_state[note_key] or ""

    def save() -> None:
        shelf = resources.shelf()
        shelf.annotate(run.run_id, note)
        if name != words.title(run):
            shelf.rename(run.run_id, name)
        st.session_state[state.RUNS_DESCRIBE] = False

    do(save, "Saved.")


def _do_more(chosen: list[Run]) -> None:
    """What was chosen under *More* (a callback), but for what leads to another page."""
    deed = st.session_state[state.RUNS_MORE]
    if deed == "Delete":
        delete(chosen)
    elif deed in ("Pin", "Unpin"):
        do(lambda: _pin(chosen, pinned=deed == "Pin"), "")


def _pin(chosen: list[Run], *, pinned: bool) -> None:
    for run in chosen:
        resources.shelf().pin(run.run_id, pinned)


def _all_pinned(chosen: list[Run]) -> bool:
    return all(run.notes.pinned for run in chosen)


def delete(chosen: list[Run]) -> None:
    """Deletes runs (a callback); they can be taken back at once, and for a day."""
    do(lambda: _delete(chosen), "")


def _delete(chosen: list[Run]) -> None:
    gone: dict[str, str] = {}
    before = resources.active_run()
    try:
        for run in chosen:
            resources.shelf().delete(run.run_id)
            gone[run.run_id] = words.title(run)
    finally:
        state.remember_deleted(gone)
        state.choose_runs([run.run_id for run in chosen if run.run_id not in gone])
    after = resources.active_run()
    if before is not None and before.run_id in gone and after is not None:
        st.toast(f"The active model is now {words.plain(words.title(after))}.", icon=":material/info:")


def _train_longer(one: Run | None) -> None:
    """Its two settings are drawn anew by themselves."""
    if one is None or not one.has_model:
        st.popover("Train longer", icon=":material/more_time:", disabled=True)
    else:
        st.fragment(steering.train_longer)(one)


def _line(chosen: list[Run]) -> None:
    """What was deleted, with the way back, or what ticking does; the same room for either."""
    gone = state.deleted_runs()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=40, border=False):
        if gone:
            name = next(iter(gone.values()))
            st.text(f"Deleted: {name}" if len(gone) == 1 else f"Deleted: {len(gone)} runs")
            _button("Undo", "undo", lambda: _undo(gone), done="It is back.", enabled=True)
        elif len(chosen) > 4:
            st.caption(f"{len(chosen)} runs are ticked; at most four can be compared.")
        elif len(chosen) == 1:
            st.caption("Tick one to three more to compare them.")
        elif not chosen and modes.read_only():
            st.caption("This studio is read-only: tick a run to use or export it, two to four to compare them.")
        elif not chosen:
            st.caption("Tick a run to name, pin, use or delete it; tick two to four to compare them.")


def _undo(gone: dict[str, str]) -> None:
    state.remember_deleted({})
    for run_id in gone:
        resources.shelf().restore(run_id)
    state.choose_runs(list(gone))


def _own(chosen: list[Run]) -> bool:
    return bool(chosen) and not any(run.shipped for run in chosen)


def _button(
    label: str, icon: str, action: Callable[[], object], *, enabled: bool, done: str = "", key: str = ""
) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        disabled=not enabled,
        key=key or f"runs_{icon}",
        on_click=do,
        args=(action, done),
    )


def do(action: Callable[[], object], done: str) -> None:
    """Does something to runs (a callback); says so, or why it could not be done."""
    try:
        action()
    except StudioError as error:
        st.toast(words.plain(str(error)), icon=":material/block:")
        return
    if done:
        st.toast(done, icon=":material/check:")
