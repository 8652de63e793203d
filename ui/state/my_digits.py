"""Keys of *My digits*: who the visitor is for this visit, what is open, and what can be taken back."""

from typing import Final

import streamlit as st

from core.my_digits import new_token

MY_TAB: Final = "my_tab"
MY_OFFER: Final = "my_offer"
MY_IMPORT: Final = "my_import_open"
MY_PAGE: Final = "my_page"
_TOKEN: Final = "my_visit"
_OPENED: Final = "my_opened"
_SAID: Final = "my_said"
_DELETED: Final = "my_deleted"
_IMPORT: Final = "my_import"
_THROWN_AWAY: Final = "my_thrown_away"


def visit_token() -> str:
    """What a visitor without a cookie is known by as long as this visit lasts."""
    if _TOKEN not in st.session_state:
        st.session_state[_TOKEN] = new_token()
    return st.session_state[_TOKEN]


def my_opened() -> str:
    """The id of the kept digit that is looked at; empty for none."""
    return st.session_state.get(_OPENED, "")


def open_mine(digit_id: str = "") -> None:
    """Looks at a kept digit, or at none (a callback)."""
    st.session_state[_OPENED] = digit_id


def my_said(message: str | None = None) -> str:
    """What came of the last deed with the kept digits; sets it when given."""
    if message is not None:
        st.session_state[_SAID] = message
    return st.session_state.get(_SAID, "")


def my_deleted(count: int | None = None) -> int:
    """How many kept digits were deleted last and can be taken back; sets it when given."""
    if count is not None:
        st.session_state[_DELETED] = count
    return st.session_state.get(_DELETED, 0)


def my_import_key() -> str:
    """The key of the field for a zip; a new key is an empty field."""
    return f"{_IMPORT}_{st.session_state.get(_IMPORT, 0)}"


def empty_my_import() -> None:
    """Empties the field for a zip."""
    st.session_state[_IMPORT] = st.session_state.get(_IMPORT, 0) + 1


def thrown_away(names: dict[str, str] | None = None) -> dict[str, str]:
    """The name by run id of the taught model that was thrown away last; sets it when given."""
    if names is not None:
        st.session_state[_THROWN_AWAY] = names
    return st.session_state.get(_THROWN_AWAY, {})
