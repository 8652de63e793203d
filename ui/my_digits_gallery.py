"""The gallery of kept digits: the visitor's own with all that can be done to them, and those that visitors share."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

import streamlit as st

from core import pictures
from core.background import failure
from core.errors import StudioError
from core.my_digits import MOST, Brought, MyDigit, export_zip, import_zip
from ui import modes, resources, state, words

PAGE: Final = 24
WIDTH: Final = 112  # page pixels: 28 x 4
LARGE: Final = 224
MEGABYTES: Final = 50
POLL_SECONDS: Final = 0.5
GIVEN: Final = {"drawing": "Drawn", "file": "From a file", "camera": "Photographed", "import": "From a zip"}
EMPTY: Final = "Nothing kept yet. When a digit is misread, say so: *Wrong? It is a …* stands below the answer."
KNOWN: Final = (
    "On the computer that runs this studio, and known to this browser alone, by a random number in a cookie. Nobody "
    "else sees them until you share them. To take them to another browser, export them here and import them there."
)
UNKNOWN: Final = (
    "This browser will not be known again: it sent no cookie, or the studio was not started as `serve.py`. Export or "
    "delete what you keep before this page is closed or loaded again."
)


def mine() -> None:
    """The visitor's digits, page by page, with export, import and deletion."""
    _settle()
    digits = resources.my_digits()
    _toolbar(digits)
    _line()
    st.caption(modes.reason() or ((KNOWN if resources.visitor()[1] else UNKNOWN) if digits else EMPTY))
    page = 1
    if len(digits) > PAGE:
        page = st.pagination(-(-len(digits) // PAGE), key=state.MY_PAGE)
    _gallery(digits[PAGE * (page - 1) : PAGE * page], on_open=state.open_mine)
    for digit in digits:
        if digit.digit_id == state.my_opened():
            _dialog(digit)


def shared() -> None:
    """What visitors share, newest first; nobody's name is on it."""
    digits = resources.shared()
    if not digits:
        st.caption("Nobody shares a digit yet. Open one of yours to share it.")
        return
    own = {digit.digit_id for digit in resources.my_digits()}
    st.caption("Labelled by whoever drew them, most because they were misread. Nobody's name is kept with them.")
    _gallery(digits, own=own)


def _toolbar(digits: list[MyDigit]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{words.count(len(digits), 'digit')} of at most {MOST}", width="content")
        st.download_button(
            "Export",
            (lambda: export_zip(digits)) if digits else b"",
            file_name="my_digits.zip",
            mime="application/zip",
            icon=":material/download:",
            on_click="ignore",
            disabled=not digits,
            help="A zip with the pictures in one folder for each digit, and what was read as CSV and JSON.",
            key="my_export",
        )
        if modes.read_only():
            return
        with st.popover("Import", icon=":material/upload:", key=state.MY_IMPORT, on_change="rerun"):
            st.caption("A zip that was exported here, or any with a folder of pictures for each digit.")
            file = st.file_uploader("Zip", type=["zip"], max_upload_size=MEGABYTES, key=state.my_import_key())
            if file is not None:
                st.button(
                    "Take them in",
                    type="primary",
                    disabled=_taking_in() is not None,
                    on_click=_import,
                    args=(file,),
                    key="my_take_in",
                )
        st.button(
            "Delete all",
            icon=":material/delete:",
            type="tertiary",
            disabled=not digits,
            on_click=_delete,
            args=([digit.digit_id for digit in digits],),
            key="my_delete_all",
        )


def _line() -> None:
    """What came of the last deed, with the way back from a deletion; the same room for either."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=40, border=False):
        count = state.my_deleted()
        if _taking_in() is not None:
            st.fragment(_progress, run_every=POLL_SECONDS)()
        elif count:
            st.text(f"Deleted: {words.count(count, 'digit')}.")
            st.button("Undo", icon=":material/undo:", on_click=_do, args=(_undo,), key="my_undo")
        elif state.my_said():
            st.text(state.my_said())


def _gallery(
    digits: list[MyDigit], *, on_open: Callable[[str], None] | None = None, own: set[str] | None = None
) -> None:
    with st.grid(6, min_column_width=100, gap="small"):
        for digit in digits:
            with st.container(gap="xxsmall", width=WIDTH, horizontal_alignment="center"):
                mark = "yours" if own and digit.digit_id in own else "shared" if on_open and digit.shared else ""
                read = "kept" if digit.read is None else f"read as a {digit.read}"
                st.image(
                    pictures.digit_png(digit.image, width=WIDTH),
                    width=WIDTH,
                    caption=f"{_reading(digit)} · {mark}" if mark else _reading(digit),
                    alt=f"A {digit.label} that was {read}.",
                )
                if on_open is not None:
                    st.button(
                        "Open", type="tertiary", key=f"my_{digit.digit_id}", on_click=on_open, args=(digit.digit_id,)
                    )


def _reading(digit: MyDigit) -> str:
    if digit.read is None:
        return f"**{digit.label}**"
    sure = "" if digit.confidence is None else f"  \n{words.percent(digit.confidence, 1)}"
    return f"**{digit.label}**, read as {digit.read}{sure}"


@st.dialog("One of my digits", width="medium", on_dismiss=state.open_mine)
def _dialog(digit: MyDigit) -> None:
    given_side, seen_side = st.columns(2, gap="medium")
    with given_side:
        st.image(digit.picture(), width=LARGE, caption="As it was given", alt=f"The picture of a {digit.label}.")
    with seen_side:
        picture = pictures.digit_png(digit.image, width=LARGE)
        st.image(picture, width=LARGE, caption="As the network saw it", alt=f"The same {digit.label}, 28 x 28.")
    st.markdown(f"Said to be {_reading(digit)}".replace("  \n", ", "))
    st.text(_history(digit))
    if modes.read_only():
        return
    with st.container(horizontal=True, gap="small"):
        label, icon = ("Stop sharing", "lock") if digit.shared else ("Share", "group")
        st.button(
            label,
            icon=f":material/{icon}:",
            help="Everybody who uses this studio sees shared digits, without your name.",
            on_click=_do,
            args=(_share, digit.digit_id, not digit.shared),
            key="my_share",
        )
        st.button("Delete", icon=":material/delete:", on_click=_delete, args=([digit.digit_id],), key="my_delete")


def _history(digit: MyDigit) -> str:
    """How it was given and by which run it was read, as a sentence."""
    strokes = f" in {words.count(len(digit.strokes), 'stroke')}" if digit.strokes else ""
    reader = f", read by {digit.run_id}" if digit.run_id else ""
    return f"{GIVEN.get(digit.source, 'Given')}{strokes}{reader}."


def _do(deed: Callable[..., str], *arguments: object) -> None:
    """Does something to the digits (a callback of the fragment), and says what came of it."""
    state.open_mine()
    state.my_deleted(0)
    try:
        state.my_said(deed(*arguments))
    except StudioError as error:
        state.my_said(str(error))
    st.rerun()  # out of the dialog


def _share(digit_id: str, shared: bool) -> str:
    resources.my_store().share(digit_id, shared)
    return "Shared: everybody sees it under Shared by visitors." if shared else "Nobody else sees it any more."


def _undo() -> str:
    return f"Back: {words.count(resources.my_store().undo_delete(), 'digit')}."


def _delete(digit_ids: list[str]) -> None:
    """Deletes digits (a callback)."""

    def delete() -> str:
        resources.my_store().delete(digit_ids)
        state.my_deleted(len(digit_ids))
        return ""

    _do(delete)


def _import(file) -> None:
    """Begins to take a zip in (a callback)."""
    if (work := _taking_in()) is not None:
        if not work.done():  # begun in another tab: now it is in sight here too
            return
        resources.keepings().forget(_ticket())
    name, data, mine = file.name, file.getvalue(), resources.my_store()
    resources.keepings().start(_ticket(), lambda tell: import_zip(mine, name, data, tell))
    state.my_deleted(0)
    st.session_state[state.MY_IMPORT] = False  # it would stand before what is said of it
    st.rerun()


def _taking_in() -> "Future[Brought] | None":
    """The zip that is being taken in, or was just now; None for none."""
    return resources.keepings().find(_ticket())


def _ticket() -> tuple[object, ...]:
    """What the visitor's zip is known by: the visitor, so that it is in sight again after a reload."""
    mine = resources.my_store()
    return "my digits", mine.home, mine.owner


def _progress() -> None:
    """How far a zip is taken in, until that is done."""
    work = _taking_in()
    if work is None or work.done():
        st.rerun()
    st.progress(resources.keepings().share(_ticket()), text="Taking the digits in")


def _settle() -> None:
    """Says what came of a zip that has been taken in."""
    work = _taking_in()
    if work is None or not work.done():
        return
    resources.keepings().forget(_ticket())
    if reason := failure(work):
        state.my_said(reason)
        return
    brought = work.result()
    state.empty_my_import()
    said = [f"Taken in: {words.count(brought.kept, 'digit')}."]
    if brought.known:
        said.append(f"{brought.known} were there already.")
    if brought.skipped:
        said.append(f"{brought.skipped} could not be used; the first: {brought.reason}")
    state.my_said(" ".join(said))
