"""What every page needs: the address, messages, and the values of widgets."""

from typing import Any, Final, Literal

import streamlit as st

_MESSAGE: Final = "message"
KEEP: Final[Literal["session"]] = "session"  # what widgets take as persist_state to survive a change of page


def tell(message: str) -> None:
    """Has the next page say this: a callback of a fragment may not draw anything itself."""
    st.session_state[_MESSAGE] = message


def told() -> str:
    """What was to be said, once."""
    return st.session_state.pop(_MESSAGE, "")


_GREETED: Final = "greeting_closed"


def greeting_closed() -> bool:
    """Whether the guidance of a first visit was closed in this one."""
    return st.session_state.get(_GREETED, False)


def note_greeting_closed() -> None:
    """Remembers that it was."""
    st.session_state[_GREETED] = True


_OPENED_IMAGE: Final = "image"


def opened_image() -> str:
    """The place of the image in the page's address that is looked at closely; empty for none."""
    return st.query_params.get(_OPENED_IMAGE, "")


def open_image(place: int) -> None:
    """Looks at one image closely (a callback)."""
    st.query_params[_OPENED_IMAGE] = str(place)


def close_image() -> None:
    """Ends the close look (a callback)."""
    st.query_params.pop(_OPENED_IMAGE, None)


def linked(name: str) -> str:
    """What the link says of a choice; empty for nothing."""
    return st.query_params.get(name, "")


def link(**choices: str) -> None:
    """Puts choices into the link, all at once; an empty one goes out of it."""
    wanted = _with(choices)
    if wanted != _said():  # one change is one step back in the browser
        st.query_params.from_dict(wanted)


def link_again(**choices: str) -> None:
    """As `link`, also where the link says so: what the browser was told before may still be on its way to it."""
    st.query_params.from_dict(_with(choices))


def _said() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _with(choices: dict[str, str]) -> dict[str, list[str]]:
    wanted = _said() | {name: [value] for name, value in choices.items()}
    return {name: values for name, values in wanted.items() if any(values)}


def showing(key: str, value: object) -> str:
    """The key of a widget that shows `value` from now on; to be called before it is drawn."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def beginning(key: str, value: object) -> str:
    """The key of a widget that shows `value` until its visitor changes it; to be called before it is drawn."""
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def picked(widget: str) -> Any:
    """What the widget of that key says now, read in a callback."""
    return st.session_state[widget]
