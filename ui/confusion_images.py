"""The images behind a cell, a row or a column of the confusion matrix, each with the way to its close look."""

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import comparison, evaluation
from core.errors import StudioError
from core.evaluation import PerImage
from ui import components, confusion_view, state, words
from ui.confusion_figures import Counted
from ui.confusion_matrix import Pair
from ui.confusion_view import View
from ui.resources import Mistake

PAGE: Final = 9
CLOSE_LOOK: Final = "pages/4_Misclassifications.py"


def show(seen: Counted, beside: Pair | None, view: View) -> None:
    """The selected images, most confident first, a page of them at a time; with `beside`, those read differently."""
    source, answers, images, others = seen.source, seen.source.answers, seen.images, None
    if beside is not None:
        answers, others = beside.second, beside.first.probabilities.argmax(axis=1)
        images = evaluation.per_image(answers.probabilities, answers.labels)
    rows = _rows(images, others, view)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(_heading(len(rows), view, differing=beside is not None), anchor=False, width="stretch")
        confusion_view.clear(view)
    if not len(rows):
        st.text("Choose another cell, row or column." if view.selected else "There is nothing to look into.")
        return
    st.caption("The most confident answers come first.")
    shown = _page(rows)
    places = answers.places[shown]
    try:
        drawn = source.pictures(tuple(places.tolist()))
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    mistakes = [
        Mistake(int(place), picture, int(images.labels[row]), int(images.predicted[row]), float(images.confidence[row]))
        for place, picture, row in zip(places, drawn, shown, strict=True)
    ]
    components.digit_gallery(
        mistakes,
        split=source.split if source.own is None else source.own.name,
        link=(CLOSE_LOOK, {state.SOURCE_RUN: source.run.run_id, state.SOURCE_SPLIT: source.split}),
        notes=() if others is None else [f"the other: {others[row]}" for row in shown],
    )


def _rows(images: PerImage, others: NDArray[np.int64] | None, view: View) -> NDArray[np.int64]:
    """Which images these are, most confident first."""
    if others is not None:
        rows = comparison.read_differently(images.labels, images.predicted, others, true=view.true, pred=view.pred)
        return rows[np.argsort(-images.confidence[rows], kind="stable")]
    whole = view.true is not None and view.pred is not None
    right = whole or (view.selected and view.diagonal)
    return evaluation.chosen(images, true=view.true, pred=view.pred, which="all" if right else "wrong")


def _page(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows of the page that the link asks for, with the way to the others."""
    pages = -(-len(rows) // PAGE)
    asked = state.confusion(state.PAGE)
    known = asked.isascii() and asked.isdecimal() and len(asked) < 10
    page = min(max(1, int(asked)), pages) if known else 1
    if pages > 1:
        key = state.showing(f"confusion_page_{pages}", page)
        page = st.pagination(pages, key=key, on_change=_turn, args=(key,))
    return rows[PAGE * (page - 1) : PAGE * page]


def _turn(widget: str) -> None:
    """Puts the page that was turned to into the link (a callback)."""
    state.set_confusion(page=str(state.picked(widget)))


def _heading(count: int, view: View, *, differing: bool) -> str:
    """How many there are, and of which sort."""
    true, pred = view.true, view.pred
    if differing:
        part = "" if true is None else f" of a {true}"
        how = "read differently" if pred is None else f"read as {pred} by one of the two"
        return f"{words.images(count)}{part}, {how}" if part else f"{words.images(count)} {how}"
    if true is not None and pred is not None:
        part = f"of a {true}, read as {pred}"
    elif true is not None:
        part = f"of a {true}" if view.diagonal else f"of a {true}, misread"
    elif pred is not None:
        part = f"read as {pred}" if view.diagonal else f"wrongly read as {pred}"
    else:
        part = "misread"
    return f"{words.images(count)} {part}"
