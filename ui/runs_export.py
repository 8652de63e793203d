"""A finished run out of the studio: a format is chosen, its zip prepared in the background, and taken.

Owns this popover. What the zip holds is `core.exporting`'s business; who else waits for the same one is not asked.
"""

from collections.abc import Hashable
from concurrent.futures import Future
from typing import Any, Final

import streamlit as st

from core.background import failure
from core.exporting.bundle import exported, file_name
from core.exporting.forms import FORMS, ExportFormat
from core.notes import FILE as NOTES
from core.run import CONFIG, EVALUATION, KERAS_MODEL, ONNX_MODEL, Run, stamp_of
from ui import resources, state, words

POLL_SECONDS: Final = 1.0
WIDTH: Final = 330  # pixels: what a phone has room for
# What a zip is made from: when one of these changes, another one is due.
MADE_FROM: Final = (CONFIG, NOTES, EVALUATION, KERAS_MODEL, ONNX_MODEL)
PURPOSES: Final = {
    ExportFormat.ONNX: "For most programs, in any language: small and quick, without TensorFlow.",
    ExportFormat.KERAS: "For whoever trains or changes it further in Python.",
    ExportFormat.LITERT: "For phones and small devices such as a Raspberry Pi.",
    ExportFormat.SAVEDMODEL: "For TensorFlow Serving, and programs that have TensorFlow anyway.",
}
_PREPARE: Final = "runs_prepare"


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
    """One button, whose place stays the same: prepare, being prepared, download."""
    work = resources.exports().find(_key(run, form))
    if work is not None and not work.done():
        st.button("Preparing, about ten seconds", icon="spinner", disabled=True, width=WIDTH, key=_PREPARE)
        return
    problem = "" if work is None else failure(work)
    if work is None or problem:
        st.button(
            "Try again" if problem else "Prepare the zip",
            type="primary",
            width=WIDTH,
            on_click=_prepare,
            args=(run, form),
            key=_PREPARE,
        )
    else:
        _download(run, form, work)
    if problem:
        st.error(words.plain(problem), icon=":material/error:", width=WIDTH)


def _download(run: Run, form: ExportFormat, work: "Future[Any]") -> None:
    data: bytes = work.result()
    st.download_button(
        f"Download, {words.compact(len(data))}B",
        data,
        file_name(run, form),
        "application/zip",
        type="primary",
        icon=":material/download:",
        width=WIDTH,
        on_click="ignore",
        key="runs_download",
    )


def _prepare(run: Run, form: ExportFormat) -> None:
    """Starts the work (a callback); a second click, of this visitor or another one, finds it started."""
    home = resources.store().home
    resources.exports().start(_key(run, form), lambda: exported(home, run, form))


def _making(run: Run) -> list[ExportFormat]:
    source = _source(run)
    found = [(form, resources.exports().find((source, form))) for form in PURPOSES]
    return [form for form, work in found if work is not None and not work.done()]


def _key(run: Run, form: ExportFormat) -> Hashable:
    return _source(run), form


def _source(run: Run) -> Hashable:
    """The run with everything in it that a zip is made from."""
    kept = resources.store().home.thresholds, (f"{run.run_id}.json",)
    return run.path, stamp_of(run.path, MADE_FROM), stamp_of(*kept)
