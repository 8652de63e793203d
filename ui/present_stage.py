"""*Present* on stage: one screen of a story, in large type, with nothing beside it but the quiet way to the next.

Owns the frame: which screen is asked for, the keys, the progress, the speaker notes. What stands on a screen is
`present_screens`'.
"""

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
    try:
        facts = resources.story_facts(told)
        said = words_of(told.story, facts)
        stage = Stage(told, facts, said[shown[number - 1]], palette)
        present_screens.show(shown[number - 1], stage, of=f"{number} of {len(shown)}")
    except StudioError as error:
        _instead("This story cannot be told.", str(error))
        return
    _way(number, len(shown))
    _keys(number, len(shown))
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
            st.button(
                "Previous",
                type="tertiary",
                shortcut="Left",
                disabled=number == 1,
                key="stage_previous",
                on_click=_step,
                args=(-1, count),
            )
            st.markdown("".join(":primary[●]" if each == number else ":gray[○]" for each in range(1, count + 1)))
            st.button(
                "Next",
                type="tertiary",
                shortcut="Right",
                disabled=number == count,
                key="stage_next",
                on_click=_step,
                args=(1, count),
            )


def _keys(number: int, count: int) -> None:
    """Keys that have no button on stage: to both ends, and those that a presenter's remote control sends. They stand in
    the sidebar, which is closed here."""
    ways = (
        ("First screen", "Home", state.go_on_stage, (1,), number == 1),
        ("Last screen", "End", state.go_on_stage, (count,), number == count),
        ("A screen back", "PageUp", _step, (-1, count), number == 1),
        ("A screen on", "PageDown", _step, (1, count), number == count),
    )
    with st.sidebar, st.container(gap="xxsmall"):
        for label, key, deed, args, closed in ways:
            name = f"stage_{key.lower()}"
            st.button(label, type="tertiary", shortcut=key, disabled=closed, key=name, on_click=deed, args=args)


def _step(step: int, count: int) -> None:
    """Goes on from where the address is now: a key that is pressed twice quickly goes two screens."""
    state.go_on_stage(min(max(1, _number(state.screen_asked()) + step), count))


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
