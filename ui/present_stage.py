"""*Present* on stage: one screen of a story, in large type, with nothing beside it but the quiet way to the next.

Owns the frame: which screen is asked for, the keys, the progress, the speaker notes. What stands on a screen is
`present_screens`'.
"""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from core.errors import StudioError
from core.story import KINDS, Kind, words_of
from ui import page, present_screens, present_story, resources, state, words
from ui.present_screens import Stage


def show() -> None:
    """The screen that the address asks for, or one sentence on why there is none, with a way on."""
    found = present_story.asked()
    title = "Present" if found.told is None else found.told.story.name
    palette = page.begin_stage(title)
    told = found.told
    if told is None:
        _instead("This story cannot be told.", found.problem or "There is no model yet: train one, then tell of it.")
        return
    shown = [screen.kind for screen in told.story.shown]
    number = _number(state.screen_asked())
    if not 1 <= number <= len(shown):
        asked = state.screen_asked()[:20]
        _instead("There is no such screen.", f"This story has {len(shown)}; the link asks for {asked}.", first=True)
        return
    state.reach_screen(number)
    try:
        facts = resources.story_facts(told)
        said = words_of(told.story, facts)
        stage = Stage(told, facts, said[shown[number - 1]], palette)
        present_screens.show(shown[number - 1], stage, of=f"{number} of {len(shown)}")
    except StudioError as error:
        _instead("This story cannot be told.", str(error))
        return
    _way(number, len(shown))
    _keys(len(shown))
    if state.notes_shown():
        _notes(said[shown[number - 1]].notes, shown[number:], told.story.name)


def _number(asked: str) -> int:
    """The number of a screen, 0 for what is none."""
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 0


def _way(number: int, count: int) -> None:
    """The way out, to the screen before and the one after, and to the notes: quiet, and all of them keys."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, width="content", gap="small"):
            st.button("Leave", type="tertiary", shortcut="Esc", key="stage_leave", on_click=state.leave_stage)
            st.button("Notes", type="tertiary", shortcut="N", key="stage_notes", on_click=state.turn_notes)
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            _neighbour("Previous", "left", -1, count, closed=number == 1)
            st.markdown("".join(":primary[●]" if each == number else ":gray[○]" for each in range(1, count + 1)))
            _neighbour("Next", "right", 1, count, closed=number == count)


def _neighbour(label: str, side: Literal["left", "right"], step: int, count: int, *, closed: bool) -> None:
    icon = ":material/arrow_back:" if side == "left" else ":material/arrow_forward:"
    name = f"stage_{label.lower()}"
    args = (step, count)
    st.button(
        label, type="tertiary", icon=icon, icon_position=side, disabled=closed, key=name, on_click=_step, args=args
    )


def _keys(count: int) -> None:
    """The arrows, both ends, and what a presenter's remote control sends. Their buttons stand in the sidebar, which is
    closed here, and none is ever disabled: a screen is seen before the buttons that come after it, and a key that is
    pressed in between finds them as the screen before left them."""
    ways: tuple[tuple[str, str, Callable[..., None], tuple[int, ...]], ...] = (
        ("First screen", "Home", state.go_on_stage, (1,)),
        ("Last screen", "End", state.go_on_stage, (count,)),
        *(("A screen back", key, _step, (-1, count)) for key in ("Left", "PageUp")),
        *(("A screen on", key, _step, (1, count)) for key in ("Right", "PageDown")),
    )
    with st.sidebar, st.container(gap="xxsmall"):
        for label, key, deed, args in ways:
            st.button(label, type="tertiary", shortcut=key, key=f"stage_{key.lower()}", on_click=deed, args=args)


def _step(step: int, count: int) -> None:
    """Goes on from the screen that was asked for last: when a key is pressed again before the browser has the answer to
    the first time, its address still says where it was then."""
    state.go_on_stage(min(max(1, state.screen_reached() + step), count))


def _notes(notes: str, following: list[Kind], story: str) -> None:
    """What the presenter wants to say, below the screen."""
    with st.container(border=True):
        st.caption(f"Notes · {words.plain(story)}")
        st.text(notes or "No notes for this screen.")
        st.caption(f"Next: {KINDS[following[0]].lower()}" if following else "This is the last screen.")


def _instead(title: str, why: str, *, first: bool = False) -> None:
    """What stands there when there is nothing to show, and where to go from here."""
    st.title(title, anchor=False)
    st.text(why[:1].upper() + why[1:])
    with st.container(horizontal=True):
        if first:
            st.button("To its first screen", type="primary", on_click=state.go_on_stage, args=(1,))
        st.button("Prepare a story", icon=":material/edit:", on_click=state.prepare_story, args=("",))
