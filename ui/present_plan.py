"""What a story is about, and its screens: which, in which order, with what said there.

Every change is kept as it is made, by the callback of its widget, so that neither a rerun nor another page loses it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import StudioError
from core.notes import MAX_NOTE_LENGTH
from core.run import MAX_NAME_LENGTH
from core.story import KINDS, Kind, Told, Words, words_of
from core.story.story import MOST_NEXT
from core.story.telling import next_steps
from ui import present_story, resources, state, words
from ui.state import Draft

NONE = ""  # compared with nothing


def story(draft: Draft) -> None:
    """Its name, its run, the one that is compared with, and what comes next."""
    runs = {run.run_id: run for run in resources.presentable()}
    names = words.titles(runs.values())
    for run_id in (draft.run_id, draft.versus):  # gone meanwhile, but frozen with the story
        names.setdefault(run_id, "None" if run_id == NONE else f"{run_id} (deleted)")
    names[NONE] = "None"
    run_ids = [run_id for run_id in names if run_id != NONE]
    left, right = st.columns(2, gap="large")
    with left:
        _field(st.text_input, "Name", draft, "name", max_chars=MAX_NAME_LENGTH)
        _field(st.selectbox, "Run", draft, "run_id", options=run_ids, format_func=names.__getitem__)
        others = [NONE, *(run_id for run_id in run_ids if run_id != draft.run_id)]
        _field(
            st.selectbox,
            "Compared with",
            draft,
            "versus",
            options=others,
            format_func=names.__getitem__,
            help="The screen on what changed shows which images the run reads rightly that this one did not.",
        )
    with right:
        _field(
            st.text_area,
            "What comes next",
            draft,
            "next_steps",
            max_chars=MOST_NEXT,
            height=212,
            placeholder="\n".join(_suggested(draft)) or "One line each",
            help="One line each, for the last screen. Left empty, the studio says what the figures suggest.",
        )


def _suggested(draft: Draft) -> tuple[str, ...]:
    """What the studio would say comes next."""
    try:
        told = present_story.told_of(draft)
        return next_steps(replace(told.story, next_steps=""), resources.story_facts(told))
    except StudioError:
        return ()


def screens(draft: Draft, told: Told | None) -> None:
    """The screens in their order, those left out below them; one of them at a time is moved, hidden and spoken to."""
    said = {} if told is None else words_of(told.story, resources.story_facts(told))
    order = [*draft.kinds, *(kind.value for kind in KINDS if kind.value not in draft.kinds)]
    numbers = {kind: f"{number}. " for number, kind in enumerate(draft.kinds, 1)}
    left, right = st.columns([5, 6], gap="large")
    with left:
        key = state.present_key("screen", draft.story_id)
        kind = st.radio(
            "Screens, in their order",
            order,
            format_func=lambda each: f"{numbers.get(each, '')}{KINDS[Kind(each)]}",
            captions=[_caption(draft, said, Kind(each)) for each in order],
            key=key,
            persist_state=state.KEEP,
        )
    kind = order[0] if kind is None else kind
    with right:
        st.markdown(f"**{KINDS[Kind(kind)]}**")
        _order(draft, kind)
        suggestion = said[Kind(kind)].notes if Kind(kind) in said else ""
        key = state.showing(state.present_key(f"note_{kind}", draft.story_id), draft.notes.get(kind, ""))
        st.text_area(
            "Notes",
            key=key,
            height=200,
            max_chars=MAX_NOTE_LENGTH,
            placeholder=suggestion or "What you want to say here",
            help="Only you see them: press N on stage. They go into the slides' notes, too.",
            on_change=_note,
            args=(draft.story_id, kind, key),
        )


def _caption(draft: Draft, said: dict[Kind, Words], kind: Kind) -> str:
    """What a screen says, or why it does not; nothing while the story cannot be told."""
    if kind in said:
        return words.plain(said[kind].title)
    return "" if kind in draft.kinds and not said else "Not shown"


def _order(draft: Draft, kind: str) -> None:
    """Whether a screen is shown, and earlier or later."""
    shown = kind in draft.kinds
    place = draft.kinds.index(kind) if shown else 0
    with st.container(horizontal=True, vertical_alignment="center"):
        key = state.showing(state.present_key(f"shown_{kind}", draft.story_id), shown)
        last = draft.kinds == (kind,)
        st.toggle("Shown", key=key, disabled=last, on_change=_turn, args=(draft.story_id, kind))
        for label, icon, step in (("Earlier", "arrow_upward", -1), ("Later", "arrow_downward", 1)):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=not shown or place + step not in range(len(draft.kinds)),
                key=f"present_{label.lower()}",
                on_click=_move,
                args=(draft.story_id, kind, step),
            )
    if kind == Kind.CHANGE and not draft.versus:
        st.caption("It is shown once the story has a run to compare with.")


def _field(widget: Callable[..., Any], label: str, draft: Draft, name: str, **options: Any) -> None:
    """A widget for one part of the story."""
    key = state.showing(state.present_key(name, draft.story_id), getattr(draft, name))
    widget(label, key=key, on_change=_change, args=(draft.story_id, name, key), **options)


def _change(story_id: str, name: str, widget: str) -> None:
    value = state.picked(widget)

    def changed(draft: Draft) -> Draft:
        made = replace(draft, **{name: value})
        if name == "run_id" and draft.name == present_story.name_for(draft.run_id):
            made = replace(made, name=present_story.name_for(value) or draft.name)  # nobody named it otherwise
        return replace(made, versus=NONE) if made.versus == made.run_id else made

    present_story.change(story_id, changed)


def _note(story_id: str, kind: str, widget: str) -> None:
    note = state.picked(widget).strip()

    def changed(draft: Draft) -> Draft:
        notes = {each: kept for each, kept in draft.notes.items() if each != kind}
        return replace(draft, notes=notes | ({kind: note} if note else {}))

    present_story.change(story_id, changed)


def _turn(story_id: str, kind: str) -> None:
    """Shows a screen as the last one, or hides it, unless it is the only one."""

    def changed(draft: Draft) -> Draft:
        others = tuple(each for each in draft.kinds if each != kind)
        return replace(draft, kinds=others if others and kind in draft.kinds else (*others, kind))

    present_story.change(story_id, changed)


def _move(story_id: str, kind: str, step: int) -> None:
    def changed(draft: Draft) -> Draft:
        kinds = list(draft.kinds)
        place = kinds.index(kind)
        other = min(max(0, place + step), len(kinds) - 1)
        kinds[place], kinds[other] = kinds[other], kinds[place]
        return replace(draft, kinds=tuple(kinds))

    present_story.change(story_id, changed)
