"""The list out of the studio: as CSV, as a contact sheet, and all marks of the data set."""

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.evaluation import PerImage
from core.marks import marks_csv
from core.selection import selection_csv
from ui import contact_sheet, resources, words
from ui.mistakes_choice import ORDER, SHOW, Choice
from ui.resources import Marked
from ui.source import Source

WIDTH: Final = 290  # pixels: what a phone has room for


def show(source: Source, images: PerImage, rows: NDArray[np.int64], choice: Choice, marked: Marked) -> None:
    """The popover; each file is made when its button is pressed.

    Args:
        rows: (k,) into `images`, all that are listed, not only the page in sight.
    """
    name = f"{source.run.run_id}-{source.split}-{choice.show}"
    with st.popover("Download", icon=":material/download:"):
        st.caption(f"What is listed: {words.images(len(rows))}", width=WIDTH)
        st.download_button(
            "As a table (CSV)",
            lambda: selection_csv(images, rows, source.answers.places, marked.marks),
            f"{name}.csv",
            "text/csv",
            icon=":material/table:",
            width=WIDTH,
            disabled=not len(rows),
            on_click="ignore",
            key="download_list",
        )
        first = f"the first {contact_sheet.MOST} " if len(rows) > contact_sheet.MOST else ""
        st.download_button(
            f"As a contact sheet (PNG){', ' + first.strip() if first else ''}",
            lambda: sheet(source, images, rows, choice),
            f"{name}.png",
            "image/png",
            icon=":material/grid_view:",
            width=WIDTH,
            disabled=not len(rows),
            on_click="ignore",
            key="download_sheet",
        )
        st.download_button(
            f"All marks of these images (CSV), {len(marked.marks):,}",
            lambda: marks_csv(source.marked_in, marked.marks, resources.labels(source.split)),
            f"marks-{source.marked_in}.csv",
            "text/csv",
            icon=":material/label:",
            width=WIDTH,
            disabled=not marked.marks,
            on_click="ignore",
            key="download_marks",
        )


def sheet(source: Source, images: PerImage, rows: NDArray[np.int64], choice: Choice) -> bytes:
    """The first hundred listed images as a PNG.

    Raises:
        DataError: MNIST or the set is missing or damaged.
    """
    first = rows[: contact_sheet.MOST]
    places = source.answers.places[first]
    captions = [
        (
            f"{images.labels[row]} read as {images.predicted[row]}",
            f"{words.percent(float(images.confidence[row]), 1)} · {place}",
        )
        for row, place in zip(first, places, strict=True)
    ]
    count = f"{len(first):,} of {len(rows):,}" if len(first) < len(rows) else f"{len(rows):,}"
    order = "most doubted first" if choice.show == "suspects" else f"by {ORDER[choice.order].lower()}"
    parts = (f"{SHOW[choice.show]}: {count}", source.title, choice.filters, order)
    return contact_sheet.contact_sheet_png(
        source.images(tuple(places.tolist())),
        captions,
        title=f"{words.title(source.run)} on {source.title}",
        subtitle=" · ".join(part for part in parts if part),
    )
