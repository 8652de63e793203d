"""Read-only studios on the pages: whether this is one, and what is said where a control is closed.

What is refused is `core.home`'s business; here it is only said before somebody tries.
"""

from typing import Final

import streamlit as st

from ui import resources

READ_ONLY: Final = "This studio is read-only: look and draw as you like; nothing is trained, changed or kept."


def read_only() -> bool:
    """Whether nothing may be kept or changed here."""
    return resources.store().home.read_only


def reason() -> str | None:
    """What a closed control says when it is pointed at; None where it is open."""
    return READ_ONLY if read_only() else None


def note() -> None:
    """The sentence in place of controls that a read-only studio does not have; nothing in others."""
    if read_only():
        st.caption(READ_ONLY)
