"""Keys of *Draw and predict*: the model, the canvas, files and examples."""

from typing import Final

import streamlit as st

MODEL: Final = "draw_model"
INPUT: Final = "draw_input"
BRUSH: Final = "draw_brush"
UPLOAD: Final = "draw_upload"
_CANVAS: Final = "draw_canvas"
_EXAMPLE: Final = "draw_example"


def canvas_key() -> str:
    """The key of the canvas; a new key is an empty canvas."""
    return f"canvas-{st.session_state.get(_CANVAS, 1)}"


def clear_canvas() -> None:
    """Empties the canvas (a callback)."""
    st.session_state[_CANVAS] = st.session_state.get(_CANVAS, 1) + 1


def example() -> int | None:
    """The example picture that was chosen, as its number in the row."""
    return st.session_state.get(_EXAMPLE)


def choose_example(number: int) -> None:
    """Chooses an example picture (a callback)."""
    st.session_state[_EXAMPLE] = number


def use_model(run_id: str) -> None:
    """Makes Draw and predict answer with `run_id`."""
    st.session_state[MODEL] = run_id
