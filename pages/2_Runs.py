"""Runs: every training in one table, what can be done with it, models out and in, and two to four side by side."""

import streamlit as st

from ui import components, page, resources, runs_compare, runs_disk, runs_import, runs_table, runs_toolbar

palette = page.begin_page(
    "Runs",
    "Every training in one table: compare two to four image by image, export a model, or import one.",
)

runs_import.settle()
entries = resources.ledger().entries()
if not entries:
    components.no_model()
    runs_import.show()
    runs_table.leftovers()
    st.stop()

chosen = runs_table.chosen(entries)
runs_toolbar.show([entry.run for entry in chosen])
runs_table.show(entries)


@st.fragment
def side_by_side() -> None:
    """The ticked runs: only this is drawn anew while a visitor looks through them."""
    runs_compare.show(chosen, palette)


side_by_side()
runs_table.leftovers()
runs_disk.show(entries)
