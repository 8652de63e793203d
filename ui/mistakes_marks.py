"""What people say of an image: the label is wrong, the picture is ambiguous, or all is fine; and what follows from it.

Owns these controls and the figures without the images marked wrong. Where marks are kept is `core.marks`' business.
"""

from typing import Final

import numpy as np
import streamlit as st

from core import evaluation
from core.errors import StudioError
from core.evaluation import SplitFigures
from core.marks import MAX_NOTE_LENGTH, Verdict, marked_wrong, put_mark
from ui import modes, resources, state, words
from ui.resources import Marked
from ui.source import Source

VERDICTS: Final = {"wrong": "Label wrong", "ambiguous": "Ambiguous", "fine": "Fine"}


def read(source: Source) -> Marked:
    """The marks of the images looked at; says so when their file is damaged."""
    marked = resources.marks(source.marked_in)
    if marked.damaged:
        st.warning(
            f"The marks of these images cannot be read: the file {source.marked_in}.json among the marks is damaged. "
            "Put back a copy of it to have them again; the next mark sets it aside and begins a new one.",
            icon=":material/warning:",
        )
    return marked


def refused() -> None:
    """Why the last mark could not be kept, where it could not."""
    if message := state.told():
        st.error(words.plain(message), icon=":material/error:")


def control(source: Source, place: int, marked: Marked, *, where: str, note: str | None = None) -> None:
    """One button for each thing that can be said; a second click takes it back.

    Args:
        where: part of the page, since an image may be in several.
        note: the key of the field with the note; None leaves a note as it is.
    """
    mark = marked.marks.get(place)
    key = state.showing(f"mark_{where}_{source.marked_in}_{place}", None if mark is None else str(mark.verdict))
    st.segmented_control(
        f"Mark of image {place}",
        list(VERDICTS),
        format_func=lambda verdict: VERDICTS[verdict],
        label_visibility="collapsed",
        disabled=modes.read_only(),
        key=key,
        on_change=_mark,
        args=(source.marked_in, place, key, note),
        wrap=True,
    )


def with_note(source: Source, place: int, marked: Marked) -> None:
    """The same with a note."""
    mark = marked.marks.get(place)
    note = state.note_key(source.marked_in, place)
    control(source, place, marked, where="close", note=note)
    state.beginning(note, "" if mark is None else mark.note)
    st.text_area(
        "Note",
        max_chars=MAX_NOTE_LENGTH,
        height=90,
        placeholder="Kept together with a mark",
        disabled=modes.read_only(),
        key=note,
        on_change=_annotate,
        args=(source.marked_in, place, note),
    )
    st.caption(modes.reason() or "Press a mark once more to take it back. Everybody sees marks and notes.")
    refused()


def beside_words(source: Source, marked: Marked) -> None:
    """The accuracy without the images marked wrong, beside the plain one; nothing while none is."""
    found = _corrected(source, marked)
    if found is None:
        return
    plain, kept = found.plain.accuracy, None if found.kept is None else found.kept.accuracy
    without = "none is left" if kept is None else f"{words.percent(kept.value or 0)} right, {words.wrong(kept)}"
    st.caption(
        f"Without the {words.images(found.left_out)} marked *label wrong*: {without}. "
        f"With all: {words.percent(plain.value or 0)} right, {words.wrong(plain)}."
    )


def beside_table(source: Source, marked: Marked) -> None:
    """The figures of all images and, beside them, without those marked wrong."""
    found = _corrected(source, marked)
    if found is None:
        st.caption(
            "What is marked *label wrong* can be left out of the figures: they come here, beside the plain ones."
        )
        return
    columns = {"All images": found.plain, f"Without the {found.left_out:,} marked wrong": found.kept}
    table = {"Figure": ["Accuracy", "95 % interval", "Wrong", "Log loss", "ECE"]}
    table |= {name: ["–"] * 5 if figures is None else _figures(figures) for name, figures in columns.items()}
    st.table(table, border="horizontal", hide_index=True, alt="The figures with and without the images marked wrong.")


def _figures(figures: SplitFigures) -> list[str]:
    share = figures.accuracy
    interval = f"{100 * share.low:.2f} to {words.percent(share.high)}"
    return [share.text, interval, words.wrong(share), f"{figures.loss:.4f}", f"{figures.ece:.4f}"]


def _corrected(source: Source, marked: Marked) -> evaluation.Corrected | None:
    left_out = marked_wrong(marked.marks, source.answers.places)
    if not np.any(left_out):
        return None
    return evaluation.beside(source.answers.probabilities, source.answers.labels, left_out)


def _mark(data_set: str, place: int, widget: str, note: str | None) -> None:
    """Keeps what the widget of that key says (a callback)."""
    verdict = state.picked(widget)
    mark = resources.marks(data_set).marks.get(place)
    kept = "" if mark is None else mark.note
    _put(data_set, place, verdict, kept if note is None else state.picked(note))


def _annotate(data_set: str, place: int, note: str) -> None:
    """Keeps the note of an image that has a mark already (a callback)."""
    mark = resources.marks(data_set).marks.get(place)
    if mark is not None:
        _put(data_set, place, mark.verdict, state.picked(note))


def _put(data_set: str, place: int, verdict: str | None, note: str) -> None:
    """Writes a mark, or has the page say why it cannot."""
    try:
        put_mark(resources.store().home, data_set, place, None if verdict is None else Verdict(verdict), note)
    except StudioError as error:
        state.tell(str(error))
