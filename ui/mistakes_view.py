"""The list of *Misclassifications*: which images, how many of how many, a page of them, and the way to each."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import StudioError
from core.evaluation import PerImage, Share, chosen, per_image
from core.look import Palette
from ui import (
    components,
    mistakes_choice,
    mistakes_detail,
    mistakes_export,
    mistakes_marks,
    mistakes_suspects,
    resources,
    state,
    words,
)
from ui.mistakes_choice import Choice
from ui.resources import Doubts, Marked, Mistake
from ui.source import Source

PAGE: Final = 24


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list holds.

    Attributes:
        rows: (k,) into `images`, in the order of the list.
        doubts: where the list is that of suspect labels.
    """

    choice: Choice
    images: PerImage
    rows: NDArray[np.int64]
    doubts: Doubts | None


def show(source: Source, palette: Palette) -> None:
    """Everything below the choice of run and images; drawn anew by itself."""
    if not _is_there(source):
        st.rerun()
    choice = mistakes_choice.current()
    mistakes_choice.mend(choice)
    try:
        listed = _listed(source, choice)
        marked = mistakes_marks.read(source)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            mistakes_choice.controls(choice)
            mistakes_export.show(source, listed.images, listed.rows, choice, marked)
        _list(source, listed, marked)
        mistakes_detail.show(source, listed.images, listed.rows, palette)
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/error:")


def _listed(source: Source, choice: Choice) -> Listed:
    images = per_image(source.answers.probabilities, source.answers.labels)
    if choice.show == "suspects":
        doubts = resources.doubts(source.run, source.split)
        rows = np.array([suspect.row for suspect in doubts.suspects], dtype=np.int64)
        return Listed(choice, images, rows, doubts)
    return Listed(choice, images, _rows(images, choice), None)


def _rows(images: PerImage, choice: Choice) -> NDArray[np.int64]:
    return chosen(
        images,
        true=choice.true,
        pred=choice.pred,
        which=choice.which,
        confidence=choice.confidence,
        order=choice.order,
    )


def _list(source: Source, listed: Listed, marked: Marked) -> None:
    """The heading, and a page of the list below it."""
    head = st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute")
    with head, st.container(gap="xxsmall", width="content"):
        _heading(source, listed)
    size = PAGE if listed.doubts is None else mistakes_suspects.PAGE
    first = 0
    if len(listed.rows) > size:
        with head:
            first = size * (_page(-(-len(listed.rows) // size), listed.choice) - 1)
    if listed.doubts is not None:
        st.caption(mistakes_suspects.explained(listed.doubts))
        mistakes_marks.refused()
        mistakes_suspects.show(source, listed.doubts, first, marked)
        mistakes_marks.beside_table(source, marked)
    elif len(listed.rows):
        mistakes_marks.beside_words(source, marked)
        _gallery(source, listed, listed.rows[first : first + size], marked)
    else:
        _nothing(listed.choice)


def _heading(source: Source, listed: Listed) -> None:
    """How many there are, of how many, and what chance leaves open."""
    choice = listed.choice
    if listed.doubts is not None:
        st.subheader(mistakes_suspects.heading(listed.doubts), anchor=False)
        return
    # Wrong and right ones are a share of those that meet the same filters, all of them of the whole split.
    whole = len(listed.images) if choice.show == "all" else len(_rows(listed.images, choice.of_all))
    share = Share(len(listed.rows), whole)
    kind = {"wrong": " wrong", "right": " right"}.get(choice.show, "")
    st.subheader(f"{share.count:,}{kind} of {whole:,}", anchor=False)
    among = words.plain(source.title)
    if choice.filters:
        among = f"{among}: {choice.filters}" if choice.show == "all" else f"the images of {among} {choice.filters}"
    st.markdown(f"{share.text} of {among} · {words.share_interval(share)}" if whole else f"Of {among}")


def _page(pages: int, choice: Choice) -> int:
    key = state.showing(f"mistakes_page_{pages}", min(choice.page, pages))
    return st.pagination(pages, key=key, on_change=mistakes_choice.turn, args=(key,))


def _gallery(source: Source, listed: Listed, rows: NDArray[np.int64], marked: Marked) -> None:
    st.caption(mistakes_choice.EXPLAINED[listed.choice.order])
    places = source.answers.places[rows]
    images = listed.images
    mistakes = [
        Mistake(int(place), picture, int(images.labels[row]), int(images.predicted[row]), float(images.confidence[row]))
        for place, row, picture in zip(places, rows, source.pictures(tuple(places.tolist())), strict=True)
    ]
    said = [marked.marks.get(int(place)) for place in places]
    notes = ["" if mark is None else mistakes_marks.VERDICTS[mark.verdict].lower() for mark in said]
    components.digit_gallery(mistakes, split=source.split, on_open=state.open_image, notes=notes if any(notes) else ())


def _nothing(choice: Choice) -> None:
    """Why the list is empty, and what to do."""
    with st.container(border=True):
        if choice.filters:
            st.markdown(f"No image is {choice.filters}." if choice.show == "all" else "No image meets these filters.")
            st.button("Clear the filters", icon=":material/close:", key="nothing_clear", on_click=mistakes_choice.clear)
        elif choice.show == "wrong":
            st.markdown("**Nothing is misclassified.** The closest calls show where that nearly happened.")
            st.button("Show the closest calls", key="nothing_closest", on_click=mistakes_choice.show_closest)
        else:
            st.markdown("Nothing is read right.")


def _is_there(source: Source) -> bool:
    """Whether the run still exists; another visitor may have deleted it since the page was drawn."""
    try:
        return resources.store().get(source.run.run_id).has_model
    except StudioError:
        return False
