"""A finished run out of the studio: a format is chosen, its zip prepared in the background, and taken.

Owns this popover. What the zip holds is `core.exporting`'s business; who else waits for the same one is not asked.
"""

from collections.abc import Hashable
from typing import Final

import streamlit as st

from core.exporting.bundle import exported, file_name
from core.exporting.forms import FORMS, ExportFormat
from core.notes import FILE as NOTES
from core.run import CONFIG, EVALUATION, KERAS_MODEL, ONNX_MODEL, Run, stamp_of
from ui import prepared, resources, state
from ui.prepared import POLL_SECONDS, WIDTH, Wanted

# What a zip is made from: when one of these changes, another one is due.
MADE_FROM: Final = (CONFIG, NOTES, EVALUATION, KERAS_MODEL, ONNX_MODEL)
PURPOSES: Final = {
    ExportFormat.ONNX: "For most programs, in any language: small and quick, without TensorFlow.",
    ExportFormat.KERAS: "For whoever trains or changes it further in Python.",
    ExportFormat.LITERT: "For phones and small devices such as a Raspberry Pi.",
    ExportFormat.SAVEDMODEL: "For TensorFlow Serving, and programs that have TensorFlow anyway.",
}


def show(run: Run | None) -> None:
    """The popover for the one ticked run; greyed out when there is none that can predict."""
    if run is None or not run.has_model:
        st.popover("Export", icon=":material/download:", disabled=True)
        return
    making = _making(run)
    st.fragment(_popover, run_every=POLL_SECONDS if making else None)(run, making)


def _popover(run: Run, making: list[ExportFormat]) -> None:
    """Looks, while zips are being made, whether one is done; the page is drawn anew when that changes."""
    if _making(run) != making:
        st.rerun()
    with st.popover("Export", icon="spinner" if making else ":material/download:"):
        form = st.radio(
            "Format",
            list(PURPOSES),
            format_func=lambda form: FORMS[form].label,
            captions=list(PURPOSES.values()),
            width=WIDTH,
            key=state.EXPORT_FORMAT,
            persist_state=state.KEEP,
        )
        _zip(run, form)
        st.caption("With the preprocessing, the temperature and threshold as data, and a self-test.", width=WIDTH)


def _zip(run: Run, form: ExportFormat) -> None:
    prepared.button(
        resources.exports(),
        _wanted(run, form),
        prepare="Prepare the zip",
        preparing="Preparing, about ten seconds",
        key="runs_prepare",
    )


def _making(run: Run) -> list[ExportFormat]:
    return [form for form in PURPOSES if prepared.under_way(resources.exports(), _wanted(run, form))]


def _wanted(run: Run, form: ExportFormat) -> Wanted:
    home = resources.store().home
    key = _source(run), form
    return Wanted(key, lambda: exported(home, run, form), file_name(run, form), "application/zip")


def _source(run: Run) -> Hashable:
    """The run with everything in it that a zip is made from."""
    kept = resources.store().home.thresholds, (f"{run.run_id}.json",)
    return run.path, stamp_of(run.path, MADE_FROM), stamp_of(*kept)
