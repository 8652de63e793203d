"""A file that takes seconds to make: one button that stays in its place, prepares it in the background, then hands it
out.

Owns that button. What is made, and by what key it is known, is the caller's: a key names all that the file is made
from, so that two visitors who want the same one wait for one piece of work.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.background import Background, failure
from ui import words

POLL_SECONDS: Final = 1.0
WIDTH: Final = 330  # pixels: what a phone has room for


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that may be asked for.

    Attributes:
        key: everything that it is made from.
        make: makes its bytes; raises what `core.background.failure` can put into words.
        file_name, mime: how the browser takes it.
    """

    key: Hashable
    make: Callable[[], bytes]
    file_name: str
    mime: str


def under_way(where: Background, wanted: Wanted) -> bool:
    """Whether it is being made."""
    work = where.find(wanted.key)
    return work is not None and not work.done()


def button(where: Background, wanted: Wanted, *, prepare: str, preparing: str, key: str) -> None:
    """Prepare, being prepared, download: one after the other in one place.

    Args:
        prepare, preparing: what the button says at first, and while the file is made.
    """
    if under_way(where, wanted):
        st.button(preparing, icon="spinner", disabled=True, width=WIDTH, key=key)
        return
    work = where.find(wanted.key)
    problem = "" if work is None else failure(work)
    if work is None or problem:
        st.button(
            "Try again" if problem else prepare,
            type="primary",
            width=WIDTH,
            on_click=_start,
            args=(where, wanted),
            key=key,
        )
    else:
        data: bytes = work.result()
        st.download_button(
            f"Download, {words.compact(len(data))}B",
            data,
            wanted.file_name,
            wanted.mime,
            type="primary",
            icon=":material/download:",
            width=WIDTH,
            on_click="ignore",
            key=f"{key}_download",
        )
    if problem:
        st.error(words.plain(problem), icon=":material/error:", width=WIDTH)


def _start(where: Background, wanted: Wanted) -> None:
    """Starts the work (a callback); a second click, of this visitor or another one, finds it started."""
    where.start(wanted.key, wanted.make)
