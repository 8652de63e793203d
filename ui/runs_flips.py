"""The images that exactly one of two runs reads right, as galleries, and one of them looked at closely."""

from typing import Final, Literal

import numpy as np
import streamlit as st

from core import comparison
from core.errors import DataError
from core.look import Palette
from core.pairing import Answers, Judged
from ui import charts, components, resources, state, words
from ui.resources import Mistake

PAGE: Final = 24
LARGE: Final = 224  # page pixels: 28 x 8
Kind = Literal["fixed", "broken"]


def show(first: Answers, second: Answers, *, letters: tuple[str, str], split: Judged, palette: Palette) -> None:
    """What the second run fixed and what it broke, whether that may be chance, and the images themselves.

    Args:
        first, second: answers to the same images, row by row.
    """
    a, b = letters
    flips = comparison.flips(first.labels, first.probabilities, second.probabilities)
    counts = {"fixed": len(flips.fixed), "broken": len(flips.broken)}
    st.subheader(f"{b} fixed {words.images(counts['fixed'])} and broke {counts['broken']:,}", anchor=False)
    st.text(comparison.verdict(a, b, counts["fixed"], counts["broken"]))
    st.caption(f"Among the {len(first.labels):,} {split} images that both have answered; McNemar's exact test.")
    kinds: tuple[Kind, ...] = ("fixed", "broken")
    kind = st.segmented_control(
        "Images",
        kinds,
        default="fixed",
        required=True,
        format_func=str.capitalize,
        key=state.FLIPS,
        bind="query-params",
        label_visibility="collapsed",
    )
    rows = flips.fixed if kind == "fixed" else flips.broken
    if not len(rows):
        st.text(f"{b} {kind} none.")
        return
    # Each flip has one wrong reading: A's where B fixed it, B's where B broke it.
    wrong, reader = (first, a) if kind == "fixed" else (second, b)
    st.caption(f"What {reader} wrongly read, and how surely; the surest answers of {b} come first.")
    page = 1
    if len(rows) > PAGE:
        page = st.pagination(-(-len(rows) // PAGE), key=state.FLIPS_PAGE, bind="query-params")
    try:
        _gallery(wrong.at(rows[PAGE * (page - 1) : PAGE * page]), split)
        _close_look(first, second, letters=letters, split=split, palette=palette)
    except DataError as error:
        st.error(words.plain(str(error)), icon=":material/error:")


def _gallery(wrong: Answers, split: Judged) -> None:
    digits = resources.digit_pictures(split, tuple(wrong.places.tolist()))
    mistakes = [
        Mistake(int(place), picture, int(label), int(row.argmax()), float(row.max()))
        for place, picture, label, row in zip(wrong.places, digits, wrong.labels, wrong.probabilities, strict=True)
    ]
    components.digit_gallery(mistakes, split=split, on_open=state.open_image)


def _close_look(first: Answers, second: Answers, *, letters: tuple[str, str], split: Judged, palette: Palette) -> None:
    """The image that the address names, if it is one of these."""
    asked = state.opened_image()
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        return
    for row in np.flatnonzero(first.places == int(asked)).tolist():
        _dialog(first.at(np.array([row])), second.at(np.array([row])), letters, split, palette)


@st.dialog("One image, two answers", width=820, on_dismiss=state.close_image)
def _dialog(first: Answers, second: Answers, letters: tuple[str, str], split: Judged, palette: Palette) -> None:
    place, label = int(first.places[0]), int(first.labels[0])
    picture_side, *bar_sides = st.columns([5, 5, 5], gap="medium")
    with picture_side:
        picture = resources.digit_pictures(split, (place,), width=LARGE)[0]
        where = "Test" if split == "test" else "Training"
        st.image(
            picture, width=LARGE, alt=f"A {label}, enlarged.", caption=f"Labelled {label} · {where} image {place:,}"
        )
    for side, letter, answers in zip(bar_sides, letters, (first, second), strict=True):
        probabilities = answers.probabilities[0]
        read = int(probabilities.argmax())
        with side:
            st.markdown(f"**{letter}** reads {read}, {'right' if read == label else ':red[wrong]'}")
            st.vega_lite_chart(
                charts.probability_bars(probabilities, palette=palette),
                theme=None,
                key=f"flip_bars_{letter}",
                alt=f"{letter} reads {read} with {words.percent(float(probabilities.max()), 1)}.",
            )
