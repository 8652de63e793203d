"""*Present* before the stage: which story, what is done with it, and its three parts.

Owns the row of deeds and the line below it. The parts are `present_plan`'s and `present_pins`', what a story is
`present_story`'s.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st

from core.errors import StudioError
from core.story import Told
from ui import (
    components,
    modes,
    page,
    present_handover,
    present_pins,
    present_plan,
    present_story,
    resources,
    state,
    words,
)
from ui.state import Draft

NEW = "New story"


def show() -> None:
    """The story that the address asks for or that this visit prepared last; else the one that is always ready."""
    page.begin_page(
        "Present",
        "Prepare a story of a model beforehand, then tell it on stage: one idea a screen, in large type.",
    )
    draft = _opened()
    if draft is None:
        components.no_model()
        return
    told, problem = _told(draft)
    _deeds(draft, told)
    _line(draft, problem)
    story, screens, examples = st.tabs(["Story", "Screens", "Examples"], key=state.PRESENT_TAB, on_change="rerun")
    with story:
        present_plan.story(draft)
    with screens:
        if screens.open:
            present_plan.screens(draft, told)
    with examples:
        if examples.open:
            present_pins.show(draft, told)


def _opened() -> Draft | None:
    """The story that is prepared; one that cannot be read makes room for the one that is ready, and that is said."""
    story_id = state.story_prepared()
    try:
        draft = present_story.prepared(story_id)
    except StudioError as error:
        said = str(error)
        st.warning(words.plain(said[:1].upper() + said[1:]), icon=":material/link_off:")
        if story_id in resources.stories().ids() and not modes.read_only():
            st.button("Delete it", icon=":material/delete:", key="present_away", on_click=_do, args=(_away(story_id),))
        state.prepare_story("")
        return present_story.prepared("")
    state.prepare_story(story_id)
    return draft


def _told(draft: Draft) -> tuple[Told | None, str]:
    """The story as it would be shown, or why it cannot be."""
    try:
        told = present_story.told_of(draft)
        resources.story_facts(told)
    except StudioError as error:
        return None, str(error)
    return told, ""


def _deeds(draft: Draft, told: Told | None) -> None:
    """What is done with a story, in one row."""
    changed = _is_changed(draft)
    closed = modes.read_only()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _stories(draft)
        st.button(
            "Start",
            type="primary",
            icon=":material/play_arrow:",
            disabled=told is None,
            key="present_start",
            on_click=_do,
            args=(lambda: _start(draft.story_id),),
        )
        if not closed:
            st.button(
                "Save",
                icon=":material/save:",
                key="present_save",
                on_click=_do,
                args=(lambda: _save(draft.story_id, copy=False),),
            )
        if told is not None:
            with st.container(width="content"):  # a fragment would take the width that is left
                present_handover.show(told)
        _more(draft, changed=changed, closed=closed)


def _is_changed(draft: Draft) -> bool:
    """Whether the visitor changed it; of one that is gone meanwhile, all that there is are changes."""
    try:
        return draft != present_story.original(draft.story_id)
    except StudioError:
        return True


def _stories(draft: Draft) -> None:
    names = {"": NEW}
    for story_id in resources.stories().ids():
        try:
            names[story_id] = resources.saved_story(story_id).story.name
        except StudioError:
            names[story_id] = f"{story_id} (damaged)"
    called = list(names.values())
    names = {each: f"{name} ({each})" if called.count(name) > 1 else name for each, name in names.items()}
    # The browser keeps the label that it showed: a story that was saved under another name is another choice.
    key = state.showing(f"present_story_{draft.story_id}_{names.get(draft.story_id)}", draft.story_id)
    st.selectbox(
        "Story", list(names), format_func=lambda each: names[each], key=key, on_change=_open, args=(key,), width=300
    )


def _open(widget: str) -> None:
    state.prepare_story(state.picked(widget))


def _start(story_id: str) -> None:
    """Goes on stage: with a saved story that nothing is changed in by its id, else with what this visitor prepared."""
    changed = state.draft(story_id) not in (None, present_story.original(story_id))
    prepared = present_story.prepared(story_id)
    if not story_id and prepared is not None:
        state.keep_draft(prepared)  # another run made active meanwhile does not change what is told
    state.go_on_stage(1, story_id="" if changed else story_id)


def _more(draft: Draft, *, changed: bool, closed: bool) -> None:
    deeds: dict[str, str] = {}  # to icons
    if draft.story_id and not closed:
        deeds |= {"Save as a copy": "content_copy", "Delete": "delete"}
    if changed:
        deeds["Forget changes"] = "undo"
    st.menu_button(
        "More",
        list(deeds) or ["Nothing"],  # it insists on one, even greyed out
        icon=":material/more_horiz:",
        format_func=lambda deed: f":material/{deeds.get(deed)}: {deed}",
        disabled=not deeds,
        key=state.PRESENT_MORE,
        on_click=_do_more,
        args=(draft,),
    )


def _do_more(draft: Draft) -> None:
    """What was chosen under *More* (a callback)."""
    deed = state.picked(state.PRESENT_MORE)
    if deed == "Save as a copy":
        _do(lambda: _save(draft.story_id, copy=True))
    elif deed == "Delete":
        _do(lambda: _delete(draft.story_id, resources.saved_story(draft.story_id).story.name))
    elif deed == "Forget changes":
        state.forget_draft(draft.story_id)


def _do(deed: Callable[[], None]) -> None:
    """Does something to stories (a callback); why it could not be done is said."""
    try:
        deed()
    except StudioError as error:
        state.tell(str(error))


def _save(story_id: str, *, copy: bool) -> None:
    """Saves a story as it is by now: what was typed last came with the press of the button. One that somebody deleted
    or saved meanwhile becomes a new one."""
    draft = present_story.prepared(story_id)
    if draft is None:
        return
    there = story_id in resources.stories().ids()
    overtaken = there and not copy and resources.saved_story(story_id).saved_at != draft.saved_at
    new = copy or overtaken or not there
    saved = resources.stories().save(present_story.story_of(draft), None if new else story_id)
    state.forget_draft(story_id)
    state.remember_deleted_story(None)
    state.prepare_story(saved)
    also = " The story was saved elsewhere meanwhile and stays as it is; this one is beside it." if overtaken else ""
    state.tell(f"Saved, with its runs as they are now.{also}")


def _away(story_id: str) -> Callable[[], None]:
    """Deletes a story that cannot be read."""
    return lambda: _delete(story_id, story_id)


def _delete(story_id: str, name: str) -> None:
    resources.stories().delete(story_id)
    state.remember_deleted_story((story_id, name))
    state.prepare_story("")


def _restore(story_id: str) -> None:
    resources.stories().restore(story_id)
    state.remember_deleted_story(None)
    state.prepare_story(story_id)


def _line(draft: Draft, problem: str) -> None:
    """What keeps the story from being told, what was deleted, or where it can be found; the same room for all."""
    gone = state.deleted_story()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=56, border=False):
        if gone is not None:
            st.text(f"Deleted: {gone[1]}")
            st.button(
                "Undo", icon=":material/undo:", key="present_undo", on_click=_do, args=(lambda: _restore(gone[0]),)
            )
        if problem:
            st.markdown(f":red[:material/error: {words.plain(problem[:1].upper() + problem[1:])}]")
        elif gone is not None:
            return
        elif draft.story_id:
            st.code(_address(draft.story_id), language=None)  # with a button that copies it
        elif modes.read_only():
            st.caption("Press Start to tell it. This studio is read-only, so stories are not saved here.")
        else:
            st.caption("Ready to be told: press Start. A saved story has a link, and its runs are frozen.")


def _address(story_id: str) -> str:
    """The link of a saved story, as far as the browser told where the studio is."""
    known = urlsplit(st.context.url or "")
    return (
        f"{known.scheme}://{known.netloc}{known.path}?story={story_id}"
        if known.netloc
        else f"/Present?story={story_id}"
    )
