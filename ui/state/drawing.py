"""Keys of *Draw and predict*: the model, the canvas, files and examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

MODEL: Final = "draw_model"
INPUT: Final = "draw_input"
BRUSH: Final = "draw_brush"
UPLOAD: Final = "draw_upload"
CAMERA: Final = "draw_camera"
WHY: Final = "draw_why"
ASKED: Final = "draw_asked"
MOST_KEPT: Final = 40_000_000  # bytes of uploaded files that a visit keeps
CAMERA_TAB: Final = "Camera"
_FILES: Final = "draw_files"
_FILE_IDS: Final = "draw_file_ids"
_LEFT_AT: Final = "draw_left_at"
_CANVAS: Final = "draw_canvas"
_DRAWN: Final = "draw_drawn"
_HANDED: Final = "draw_handed"
_TAKEN_FROM: Final = "draw_taken_from"
_CLEARED: Final = "draw_cleared"
_EXAMPLE: Final = "draw_example"


Stroke = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is on the canvas: the one thing of some kilobytes that a visit keeps, since nobody else has it.

    Attributes:
        raw: the strokes, as the canvas package writes them.
        png: the same as a picture.
    """

    raw: dict[str, Any]
    png: bytes

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The strokes, first to last."""
        objects = self.raw.get("objects")
        return [each for each in objects if isinstance(each, dict)] if isinstance(objects, list) else []

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """The same as the points (x, y) that each of them runs through, in pixels of the canvas."""
        paths = (each.get("path") for each in self.objects)
        found = (_points(path) for path in paths if isinstance(path, list))
        return tuple(points for points in found if points)


def _points(path: list[Any]) -> Stroke:
    """Where the steps of a path end; each is a letter and then numbers, the last two the place."""
    steps = (step[-2:] for step in path if isinstance(step, list) and len(step) >= 3)
    return tuple((float(x), float(y)) for x, y in steps if isinstance(x, int | float) and isinstance(y, int | float))


def canvas_key() -> str:
    """The key of the canvas; a new key is another canvas."""
    return f"canvas-{st.session_state.get(_CANVAS, 1)}"


def kept_drawing() -> Drawing | None:
    """What is on the canvas, as far as is known; None for nothing."""
    return st.session_state.get(_DRAWN)


def keep_drawing(drawn: Drawing) -> None:
    """Remembers what the canvas told; what its own toolbar threw away can come back, as after `clear_canvas`."""
    before = kept_drawing()
    if before is not None and len(before.objects) > 1 and not drawn.objects:
        st.session_state[_CLEARED] = before
    st.session_state[_DRAWN] = drawn


def handed_drawing() -> dict[str, Any] | None:
    """What the canvas is to begin with. The canvas takes it over whenever it is another one than before."""
    drawn = kept_drawing()
    if canvas_key() not in st.session_state and drawn is not None:  # its frame was gone, as after a change of page
        _hand(drawn.objects)
    return st.session_state.get(_HANDED)


def undo_stroke() -> None:
    """Takes the last stroke back; on an empty canvas, what was cleared comes back (a callback)."""
    told = _told_objects()
    objects = told
    if told and told == st.session_state.get(_TAKEN_FROM):  # the canvas has not told of the last undo yet
        objects = st.session_state[_HANDED]["objects"]
    if len(objects) > 1:
        st.session_state[_TAKEN_FROM] = told
        _hand(objects[:-1])
    elif objects:
        _new_canvas(None)
    else:
        _new_canvas(st.session_state.pop(_CLEARED, None))


def clear_canvas() -> None:
    """Empties the canvas (a callback)."""
    drawn = kept_drawing()
    if drawn is not None and drawn.objects:
        st.session_state[_CLEARED] = drawn
    _new_canvas(None)


def _told_objects() -> list[dict[str, Any]]:
    """The strokes on the canvas, also those that came with the press of the button that asks."""
    said = (st.session_state.get(canvas_key()) or {}).get("drawing") or {}
    drawn = Drawing(said["raw"] or {}, b"") if said.get("data") else kept_drawing()
    return drawn.objects if drawn is not None else []


def _new_canvas(drawn: Drawing | None) -> None:
    """Another canvas with this on it: what the last one told counts no more, whenever it comes."""
    st.session_state[_CANVAS] = st.session_state.get(_CANVAS, 1) + 1
    st.session_state[_DRAWN] = drawn
    st.session_state.pop(_HANDED, None)
    st.session_state.pop(_TAKEN_FROM, None)


def _hand(objects: list[dict[str, Any]]) -> None:
    turn = (st.session_state.get(_HANDED) or {}).get("turn", 0) + 1  # the same strokes twice are two deeds
    st.session_state[_HANDED] = {"objects": objects, "turn": turn}


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An uploaded file that outlasts a change of page, with what is asked of Streamlit's own."""

    file_id: str
    name: str
    data: bytes

    def getvalue(self) -> bytes:
        """The bytes of the file."""
        return self.data


def keep_files(files: Sequence[Any]) -> None:
    """Remembers uploaded files for the visit, from the first on as many as fit into `MOST_KEPT` bytes."""
    if [file.file_id for file in files] == st.session_state.get(_FILE_IDS):
        return
    kept: list[KeptFile] = []
    room = MOST_KEPT
    for file in files:
        room -= file.size
        if room < 0:
            break
        kept.append(KeptFile(file.file_id, file.name, file.getvalue()))
    st.session_state[_FILE_IDS] = [file.file_id for file in files]
    st.session_state[_FILES] = tuple(kept)


def kept_files() -> tuple[tuple[KeptFile, ...], int]:
    """The uploaded files of this visit, and how many more there were than could be kept."""
    kept = st.session_state.get(_FILES, ())
    return kept, len(st.session_state.get(_FILE_IDS, ())) - len(kept)


def forget_files() -> None:
    """Drops the uploaded files: others are chosen, or none (a callback)."""
    st.session_state.pop(_FILES, None)
    st.session_state.pop(_FILE_IDS, None)


def input_tab() -> str:
    """The key of the tabs, which begin where they were when the page was left; a camera is not turned on for that."""
    if INPUT not in st.session_state and st.session_state.get(_LEFT_AT, CAMERA_TAB) != CAMERA_TAB:
        st.session_state[INPUT] = st.session_state[_LEFT_AT]
    return INPUT


def leave_at(tab: str) -> None:
    """Remembers the open tab."""
    st.session_state[_LEFT_AT] = tab


def files_table(files: Sequence[str]) -> str:
    """The key of the table of uploaded files, by their ids; other files are another table."""
    return f"draw_files_{hash(tuple(files))}"


def chosen_file(files: Sequence[str]) -> int:
    """Which of the files in the table is looked at: the first, until another is chosen."""
    rows = st.session_state.get(files_table(files), {}).get("selection", {}).get("rows", [])
    return int(rows[0]) if rows and rows[0] < len(files) else 0


def each_key(surely: bool) -> str:
    """The key of the switch that has every digit read, where there surely are several or where there may be."""
    return f"draw_each_{'surely' if surely else 'maybe'}"


def focus_key(count: int) -> str:
    """The key of the choice among that many digits of a picture."""
    return f"draw_focus_{count}"


def example() -> int | None:
    """The example picture that was chosen, as its number in the row."""
    return st.session_state.get(_EXAMPLE)


def choose_example(number: int) -> None:
    """Chooses an example picture (a callback)."""
    st.session_state[_EXAMPLE] = number


def use_model(run_id: str) -> None:
    """Makes Draw and predict answer with `run_id`."""
    st.session_state[MODEL] = run_id
