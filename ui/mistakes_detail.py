"""One image looked at closely, over the list that it was opened from: what it is, why it is read so, and its mark."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import StudioError
from core.evaluation import PerImage
from core.look import Palette
from ui import charts, inside_link, mistakes_marks, mistakes_reasons, reasons, resources, state, words
from ui.source import Source

LARGE = 280  # page pixels: 28 x 10


def show(source: Source, images: PerImage, rows: NDArray[np.int64], palette: Palette) -> None:
    """The image that the link names, if there is one.

    Args:
        rows: (k,) into `images`, those that are listed, in their order: the way to the next and the previous one.
    """
    if not state.opened_image():
        return
    if _row(source) is None:
        asked = state.opened_image()[:64]
        state.close_image()
        st.warning(
            f"{words.plain(source.title).capitalize()} has no image {words.plain(asked)} in what this run was asked "
            "about; choose one from the list.",
            icon=":material/link_off:",
        )
        return
    _dialog(source, images, rows, palette)


@st.dialog("One image closely", width="large", on_dismiss=state.close_image)
def _dialog(source: Source, images: PerImage, rows: NDArray[np.int64], palette: Palette) -> None:
    row = _row(source)
    if row is None:  # it was closed in another way
        st.rerun()
    place, label, read = int(source.answers.places[row]), int(images.labels[row]), int(images.predicted[row])
    _steps(source, rows, row)
    picture_side, bars_side, mark_side = st.columns([280, 260, 300], gap="medium")
    with picture_side:
        reasons.guarded(lambda: _picture(source, place, label))
    with bars_side:
        _answer(source, images, row, palette)
    with mark_side:
        st.markdown("**What do you say?**")
        mistakes_marks.with_note(source, place, resources.marks(source.marked_in))
    other = label if label != read else int(images.runner_up[row])
    reasons.guarded(lambda: _reasons(source, place, (read, other), label))


def _picture(source: Source, place: int, label: int) -> None:
    picture = source.pictures((place,), width=LARGE)[0]
    where = {"test": "Test", "validation": "Training"}.get(source.split, "Own")
    st.image(picture, width=LARGE, caption=f"Labelled {label} · {where} image {place:,}", alt=f"A {label}, enlarged.")
    if source.split == "test":
        inside_link.show(source.run, str(place))


def _answer(source: Source, images: PerImage, row: int, palette: Palette) -> None:
    """What the run makes of it: the ten probabilities, the lead over the runner-up, and the loss."""
    label, read, sure = int(images.labels[row]), int(images.predicted[row]), float(images.confidence[row])
    verdict = "right" if images.right[row] else ":red[wrong]"
    st.markdown(f"**Read as {read}** with {words.percent(sure, 1)}, {verdict}")
    st.vega_lite_chart(
        charts.probability_bars(source.answers.probabilities[row], palette=palette, height=240),
        theme=None,
        key="close_bars",
        alt=f"Labelled {label}, read as {read} with {words.percent(sure, 1)}.",
    )
    lead = words.percent(float(images.margin[row]), 1)
    st.caption(f"{lead} ahead of {int(images.runner_up[row])} · loss {images.loss[row]:.3g}")


def _reasons(source: Source, place: int, digits: tuple[int, int], label: int) -> None:
    """The maps last, since a large network takes a moment for them; their room is kept."""
    image = source.images((place,))[0]
    st.subheader("What speaks for each answer", anchor=False)
    room = reasons.frames()
    st.subheader("The nearest training images", anchor=False)
    st.caption("What it has learned from that looks most like this image to the network.")
    reasons.guarded(lambda: mistakes_reasons.neighbours(source, place, image))
    st.subheader("What other runs read", anchor=False)
    reasons.guarded(lambda: mistakes_reasons.others(source, place, label))
    try:
        mistakes_reasons.maps(room, source, image, digits, label)
    except StudioError as error:
        room.refuse(str(error))


def _steps(source: Source, rows: NDArray[np.int64], row: int) -> None:
    """The way to the image before and after, in the order of the list; of all images where it is not listed.

    The first one follows the last: a button that goes grey under a visitor's finger would take the keyboard with it.
    """
    at = np.flatnonzero(rows == row)
    order = rows if len(at) else np.arange(len(source.answers.places))
    number = int(at[0]) if len(at) else row
    listed = f"{number + 1:,} of {len(order):,}" + ("" if len(at) else ", not in the list behind")
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, step, icon, key in (
            ("Previous", -1, ":material/chevron_left:", "Left"),
            ("Next", 1, ":material/chevron_right:", "Right"),
        ):
            st.button(
                name,
                icon=icon,
                icon_position="left" if step < 0 else "right",
                shortcut=key,
                disabled=len(order) < 2,
                key=f"close_{name.lower()}",
                on_click=state.open_image,
                args=(int(source.answers.places[order[(number + step) % len(order)]]),),
            )
        st.text(listed)


def _row(source: Source) -> int | None:
    """The row of the image that the link names; None when there is none."""
    asked = state.opened_image()
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        return None
    rows = np.flatnonzero(source.answers.places == int(asked))
    return int(rows[0]) if len(rows) else None
