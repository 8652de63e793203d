"""The misread images that a presenter wants to show, each with a reason in the presenter's own words."""

from dataclasses import replace
from typing import Final

import streamlit as st

from core import pictures
from core.errors import StudioError
from core.story import Told
from core.story.story import MOST_PINS, MOST_REASON
from ui import present_story, resources, state, words
from ui.state import Draft

PAGE: Final = 24
SMALL: Final = 84  # page pixels: 28 x 3


def show(draft: Draft, told: Told | None) -> None:
    """Those that are pinned, with their reasons, and the gallery that they are chosen in."""
    if told is None:
        st.caption("The images come once the story can be told.")
        return
    try:
        misread = resources.story_misread(told)
        facts = resources.story_facts(told)
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    reasons = {example.place: example.reason for example in facts.mistakes}
    if not draft.pins and not len(misread.places):
        st.caption("It reads every test image rightly: there is nothing to pin.")
        return
    _pinned(draft, reasons)
    st.caption(
        f"All {len(misread.places):,} test images that it misreads, the most confident answers first; "
        f"up to {MOST_PINS} can be pinned."
    )
    pages = -(-len(misread.places) // PAGE)
    number = st.pagination(pages, key=state.PRESENT_GALLERY) if pages > 1 else 1
    rows = range(PAGE * (number - 1), min(PAGE * number, len(misread.places)))
    places = tuple(int(misread.places[row]) for row in rows)
    drawn = resources.digit_pictures("test", places, width=SMALL)
    with st.grid(8, min_column_width=104, gap="small"):
        for row, place, picture in zip(rows, places, drawn, strict=True):
            label, probabilities = int(misread.labels[row]), misread.probabilities[row]
            read = f"{label}, read as {int(probabilities.argmax())}"
            with st.container(gap="xxsmall"):
                caption = f"{read}   \n{words.percent(float(probabilities.max()), 1)}"
                st.image(picture, width=SMALL, caption=caption, alt=f"Test digit {place}: a {read}.")
                _switch(draft, place)


def _pinned(draft: Draft, reasons: dict[int, str]) -> None:
    if not draft.pins:
        st.caption("None is pinned: the stage shows up to six of its most confident mistakes, with their figures.")
        return
    drawn = resources.digit_pictures("test", tuple(draft.pins), width=pictures.WIDTH // 2)
    with st.grid(2, min_column_width=280, gap="small"):
        for (place, reason), picture in zip(draft.pins.items(), drawn, strict=True):
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                st.image(picture, width=pictures.WIDTH // 2, alt=f"Test digit {place}, pinned.")
                key = state.showing(state.present_key(f"reason_{place}", draft.story_id), reason)
                st.text_input(
                    f"Why image {place:,} is misread",
                    key=key,
                    max_chars=MOST_REASON,
                    placeholder=reasons.get(place, ""),
                    on_change=_say,
                    args=(draft.story_id, place, key),
                    width="stretch",
                )


def _switch(draft: Draft, place: int) -> None:
    pinned = place in draft.pins
    key = state.showing(state.present_key(f"pin_{place}", draft.story_id), pinned)
    full = len(draft.pins) >= MOST_PINS and not pinned
    st.checkbox("Pin", key=key, disabled=full, on_change=_turn, args=(draft.story_id, place))


def _turn(story_id: str, place: int) -> None:
    """Pins an image, or not any more (a callback)."""

    def changed(draft: Draft) -> Draft:
        others = {each: reason for each, reason in draft.pins.items() if each != place}
        return replace(draft, pins=others if place in draft.pins else others | {place: ""})

    present_story.change(story_id, changed)


def _say(story_id: str, place: int, widget: str) -> None:
    reason = state.picked(widget).strip()
    present_story.change(story_id, lambda draft: replace(draft, pins=draft.pins | {place: reason}))
