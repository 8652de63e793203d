"""Keys of *Present*: which story and screen the address asks for, and what the presenter is preparing."""

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from ui.state.visit import link, link_again

PRESENT_TAB: Final = "present_tab"
PRESENT_MORE: Final = "present_more"
HANDOVER_FORM: Final = "handover_form"
PRESENT_GALLERY: Final = "present_gallery"
_STORY: Final = "story"
_SCREEN: Final = "screen"
_NOTES: Final = "notes"
_REACHED: Final = "present_reached"
_DRAFTS: Final = "present_drafts"
_PREPARED: Final = "present_prepared"
_DELETED: Final = "present_deleted"
_REPLAYS: Final = "present_replays"
_BOARD: Final = "present_board"


@dataclass(frozen=True, slots=True)
class Draft:
    """A story as its presenter is writing it: it may still lack something that a story needs.

    Attributes:
        story_id: of the saved story that it was opened from; empty for a new one.
        versus: a run id; empty for none.
        kinds: the screens that are shown, in order.
        notes: by kind.
        pins: places in the test split, to the presenter's reasons.
        saved_at: when the saved story was saved that it was opened from; None for a new one.
    """

    story_id: str
    name: str
    run_id: str
    versus: str
    kinds: tuple[str, ...]
    notes: dict[str, str] = field(default_factory=dict)
    pins: dict[int, str] = field(default_factory=dict)
    next_steps: str = ""
    saved_at: float | None = None


def story_asked() -> str:
    """The id of the story in the address; empty for none."""
    return st.query_params.get(_STORY, "")


def story_prepared() -> str:
    """The id of the story that is prepared: the one in the address, or else the last of this visit; empty for none."""
    return story_asked() or st.session_state.get(_PREPARED, "")


def screen_asked() -> str:
    """The screen in the address, as it stands there; empty for none."""
    return st.query_params.get(_SCREEN, "")


def prepare_story(story_id: str) -> None:
    """Prepares another story, or with an empty id a new one (a callback)."""
    st.session_state[_PREPARED] = story_id
    link(story=story_id, screen="", notes="")


def go_on_stage(screen: int, *, story_id: str | None = None) -> None:
    """Shows a screen, counted from 1, of the story in the address or of another one (a callback)."""
    reach_screen(screen)
    link_again(screen=str(screen), **({} if story_id is None else {_STORY: story_id}))


def screen_reached() -> int:
    """The screen that is shown or about to be, which may be ahead of what the browser's address says."""
    return st.session_state.get(_REACHED, 1)


def reach_screen(screen: int) -> None:
    """Keeps which screen is shown."""
    st.session_state[_REACHED] = screen


def leave_stage() -> None:
    """Goes back to preparing (a callback)."""
    link(screen="", notes="")


def notes_shown() -> bool:
    """Whether the speaker notes stand below the screen."""
    return st.query_params.get(_NOTES) == "1"


def turn_notes() -> None:
    """Shows the speaker notes, or hides them (a callback)."""
    link(screen=str(screen_reached()), notes="" if notes_shown() else "1")


def draft(story_id: str) -> Draft | None:
    """What this visitor changed in a story, or with an empty id in the one that is always ready; None for nothing."""
    return st.session_state.get(_DRAFTS, {}).get(story_id)


def keep_draft(changed: Draft) -> None:
    """Keeps what the presenter changed, for the visit."""
    st.session_state[_DRAFTS] = st.session_state.get(_DRAFTS, {}) | {changed.story_id: changed}


def drafts() -> dict[str, Draft] | None:
    """All that this visitor changed, by story; None where the visit to *Present* just begins."""
    return st.session_state.get(_DRAFTS)


def bring_back_drafts(kept: dict[str, Draft], prepared: str) -> None:
    """Begins with what was kept of an earlier visit; on stage, with the story that was prepared last."""
    st.session_state[_DRAFTS] = dict(kept)
    if screen_asked():
        st.session_state[_PREPARED] = prepared


def forget_draft(story_id: str) -> None:
    """Drops the changes in a story: they were saved, or are not wanted."""
    drafts = st.session_state.get(_DRAFTS, {})
    st.session_state[_DRAFTS] = {each: kept for each, kept in drafts.items() if each != story_id}


def present_key(what: str, story_id: str) -> str:
    """The key of a widget that shows a part of a story."""
    return f"present_{what}_{story_id}"


def deleted_story() -> tuple[str, str] | None:
    """Id and name of the story that this visitor deleted last and can take back."""
    return st.session_state.get(_DELETED)


def remember_deleted_story(story: tuple[str, str] | None) -> None:
    """Keeps which story was deleted last; None when it was taken back."""
    st.session_state[_DELETED] = story


def replays() -> int:
    """How often the curves were played again."""
    return st.session_state.get(_REPLAYS, 0)


def replay() -> None:
    """Plays the curves again (a callback)."""
    st.session_state[_REPLAYS] = replays() + 1


def board_key() -> str:
    """The key of the canvas on stage; a new key is an empty canvas."""
    return f"stage-canvas-{st.session_state.get(_BOARD, 1)}"


def empty_board() -> None:
    """Empties the canvas on stage (a callback)."""
    st.session_state[_BOARD] = st.session_state.get(_BOARD, 1) + 1
