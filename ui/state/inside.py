"""What *Inside the model* looks at: the digit, the map of a layer, how the test images are laid out, which of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import streamlit as st

from ui.state.visit import link

# The names of the choices in the link.
DIGIT: Final = "digit"
LAYER: Final = "layer"
MAP: Final = "map"
WAY: Final = "way"
BY: Final = "by"
HAND: Final = "hand"

DRAWN: Final = "drawing"  # the digit in the link that is the visitor's drawing
KIND: Final = "inside_kind"
JOURNEY: Final = "inside_journey"
PAGE: Final = "inside_page"
TAKE: Final = "inside_take"
_KEPT: Final = "inside_kept"
_TURN: Final = "inside_turn"
_CIRCLED: Final = "inside_circled"
_POINTS: Final = "inside_points"
_LAID_OUT: Final = "inside_laid_out"


def inside(name: str) -> str:
    """What the link says of a choice, or else this visit; empty for neither."""
    return st.query_params.get(name, "") or st.session_state.get(f"{_KEPT}_{name}", "")


def set_inside(**choices: str) -> None:
    """Keeps choices in the link and for the visit; an empty one goes out of both."""
    for name, value in choices.items():
        st.session_state[f"{_KEPT}_{name}"] = value
    link(**choices)


def inside_turn(shown: str) -> int:
    """A number that is another one whenever something else is shown than when this was asked last.

    A click that chose what another control has left since is a click all the same.
    """
    turn, last = st.session_state.get(_TURN, (0, ""))
    turn += shown != last
    st.session_state[_TURN] = (turn, shown)
    return turn


def circled() -> tuple[int, ...]:
    """The test images that were circled on the map, by place; empty for none."""
    return tuple(np.frombuffer(st.session_state.get(_CIRCLED, b""), np.int32).tolist())


def circle(places: Sequence[int]) -> None:
    """Looks at these test images; for none, at what is nearest to the digit."""
    st.session_state[_CIRCLED] = np.array(places, np.int32).tobytes()


def points_key() -> str:
    """The key of the map; a new key is a map on which nothing is circled."""
    return f"inside_points_{st.session_state.get(_POINTS, 0)}"


def uncircle() -> None:
    """Takes the visitor's line off the map (a callback)."""
    circle(())
    st.session_state[_POINTS] = st.session_state.get(_POINTS, 0) + 1
    st.session_state.pop(_LAID_OUT, None)


def marked_from_the_start(laid_out: str) -> tuple[int, ...]:
    """The circled images that a map is drawn with: those from before it was laid out as it is now.

    What is circled later, the browser marks by itself; a map that is drawn anew for it would lose the visitor's line.
    """
    known, marked = st.session_state.get(_LAID_OUT, ("", ()))
    if known != laid_out:
        marked = circled()
        st.session_state[_LAID_OUT] = (laid_out, marked)
    return marked
