"""The table of *Runs*: one line a run, sortable, with lines to tick. What is ticked is kept in the page's address."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.errors import StudioError
from core.ledger import Entry
from ui import modes, resources, state, words

POLL_SECONDS: Final = 2.0
ROW_HEIGHT: Final = 36
MOST_ROWS: Final = 12  # in sight; more are scrolled
PIN: Final = "\N{BLACK STAR}"
COLUMNS: Final = {
    "name": st.column_config.TextColumn("Name", width=175, pinned=True, help=f"Pinned runs ({PIN}) come first."),
    "state": st.column_config.TextColumn("State", width=95),
    "accuracy": st.column_config.NumberColumn(
        "Test accuracy", format="%.2f %%", width=98, help="Share of the 10,000 test images that are read right."
    ),
    "interval": st.column_config.TextColumn("95 % interval", width=98, help="Of the test accuracy, in percent."),
    "wrong": st.column_config.NumberColumn(
        "Wrong", format="localized", width=68, help="Test images that are misread, of 10,000."
    ),
    "learned": st.column_config.LineChartColumn(
        "Validation accuracy", width=125, help="After each epoch; each line has a scale of its own."
    ),
    "parameters": st.column_config.NumberColumn("Parameters", format="localized", width=88),
    "time": st.column_config.NumberColumn("Train time", format="compact", width=80, help="Hours, minutes, seconds."),
    "size": st.column_config.NumberColumn("MB", format="%.1f", width=55, help="What it takes of the disk."),
    "settings": st.column_config.TextColumn(
        "What sets it apart",
        width=290,
        help="Where its first weights come from, and the settings that differ from the preset that it began with.",
    ),
    "note": st.column_config.TextColumn("Note", width=200),
    "created": st.column_config.DatetimeColumn("Created (UTC)", format="D MMM YYYY, HH:mm", width=150),
}


def chosen(entries: list[Entry]) -> list[Entry]:
    """The ticked runs, in the order they were made: the first is the one that others are compared with."""
    asked = state.chosen_runs()
    ticked = [entry for entry in entries if entry.run.run_id in asked]
    return sorted(ticked, key=lambda entry: (entry.run.created_at, entry.run.run_id))


def show(entries: list[Entry]) -> None:
    """The table; it draws itself anew while runs are under way."""
    ids = [entry.run.run_id for entry in entries]
    rows = _tick(ids)
    st.dataframe(
        _frame(entries),
        column_config=COLUMNS,
        hide_index=True,
        height=ROW_HEIGHT * (min(len(entries), MOST_ROWS) + 1) + 2,
        row_height=ROW_HEIGHT,
        placeholder="",
        key=state.RUNS_TABLE,
        on_select=lambda: _ticked(ids),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}},
        alt=f"{len(entries):,} runs with state, test accuracy, size, training time and settings.",
    )
    under_way = _under_way(entries)
    if under_way:
        st.fragment(_follow, run_every=POLL_SECONDS)(under_way)


def leftovers() -> None:
    """What is not in the table: damaged run folders with the reason, and what was deleted in the last day."""
    shelf = resources.shelf()
    shelf.empty_trash()
    damaged, deleted = resources.store().damaged(), shelf.deleted()
    if damaged:
        with st.expander(f"Damaged, and left alone ({len(damaged):,})", icon=":material/broken_image:"):
            for run in damaged:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.text(run.reason, width="stretch")
                    if not shelf.is_shipped(run.run_id) and not modes.read_only():
                        st.button("Delete", key=f"delete_{run.run_id}", on_click=_do, args=(shelf.delete, run.run_id))
    if deleted and not modes.read_only():
        with st.expander(f"Deleted in the last day ({len(deleted):,})", icon=":material/delete:"):
            for gone in deleted:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.text(gone.name, width="stretch")
                    st.button("Restore", key=f"restore_{gone.run_id}", on_click=_do, args=(shelf.restore, gone.run_id))


def _tick(ids: list[str]) -> list[int]:
    """Which lines the address says are ticked; ticks them, too, where lines have moved since the table was drawn."""
    asked = set(state.chosen_runs())
    rows = [row for row, run_id in enumerate(ids) if run_id in asked]
    ticked = st.session_state.get(state.RUNS_TABLE)
    if ticked and sorted(ticked["selection"]["rows"]) != rows:
        st.session_state[state.RUNS_TABLE] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    return rows


def _ticked(ids: list[str]) -> None:
    rows = st.session_state[state.RUNS_TABLE]["selection"]["rows"]
    state.remember_deleted({})
    state.choose_runs([ids[row] for row in sorted(rows) if row < len(ids)])


def _do(deed: Callable[[str], None], run_id: str) -> None:
    try:
        deed(run_id)
    except StudioError as error:
        st.toast(words.plain(str(error)), icon=":material/block:")
    state.remember_deleted({})


def _under_way(entries: list[Entry]) -> tuple[tuple[str, str, int], ...]:
    """What the table says of runs that go on: when it is not true any more, the page is drawn anew."""
    going = (entry.run for entry in entries if not entry.run.status.state.ended)
    return tuple((run.run_id, run.status.state, run.status.epoch) for run in going)


def _follow(seen: tuple[tuple[str, str, int], ...]) -> None:
    if _under_way(resources.ledger().entries()) != seen:
        st.rerun()


def _frame(entries: list[Entry]) -> pd.DataFrame:
    active = resources.active_run()
    active_id = active.run_id if active else ""
    sizes = resources.store().disk.usage().runs
    lines = [_line(entry, active=entry.run.run_id == active_id, size=sizes.get(entry.run.run_id)) for entry in entries]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _line(entry: Entry, *, active: bool, size: int | None) -> dict[str, Any]:
    run, figures = entry.run, entry.figures
    test = figures.test
    seconds = figures.train_seconds if run.imported is None else None  # nobody knows
    return {
        "name": f"{PIN} {words.title(run)}" if run.notes.pinned else words.title(run),
        "state": "Active model" if active else words.stage(run),
        "accuracy": None if test is None else 100 * test["accuracy"],
        "interval": "" if test is None else words.bounds(test),
        "wrong": None if test is None else test["n"] - test["correct"],
        "learned": list(figures.val_accuracies),
        "parameters": figures.parameters,
        "time": None if seconds is None else pd.Timedelta(seconds=round(seconds)),
        "size": None if size is None else size / 1e6,
        "settings": figures.problem or _settings(entry),
        "note": " ".join(run.notes.note.split()),
        "created": datetime.fromtimestamp(run.created_at, UTC),
    }


def _settings(entry: Entry) -> str:
    """Where the run comes from and what it changes, as one line."""
    run, changed = entry.run, words.departures(entry.figures.departures)
    origin = "imported" if run.imported is not None else ""
    if run.continued_from is not None:
        origin = f"continues {run.continued_from.name}"
    return "; ".join(part for part in (origin, changed) if part)
