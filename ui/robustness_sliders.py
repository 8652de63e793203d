"""The sliders that disturb the one digit on *Robustness*: each says its amount in the page's link."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from core.corruptions import BY_NAME, CORRUPTIONS, Corruption
from ui import state

DRAWS: Final = 1_000
IN_SIGHT: Final = ("rotate", "shift", "blur", "noise")


def amount(corruption: Corruption) -> float:
    """The amount that the link says, on a step of the slider; 0 when it says none."""
    try:
        amount = float(state.robust(corruption.name) or 0)
    except ValueError:
        return 0.0
    if not 0 <= amount <= corruption.most:
        return 0.0
    return round(round(amount / corruption.step) * corruption.step, 6)


def draw() -> int:
    """How often chance was asked to decide anew, by the link."""
    return whole(state.robust(state.ROBUST_DRAW), DRAWS) or 0


def whole(text: str, below: int) -> int | None:
    """The whole number that a link says, from 0 to under `below`; None when it says none."""
    known = text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if known and int(text) < below else None


def show(strengths: Mapping[str, float]) -> None:
    """Four in sight, the others behind *More*, and the way back to nothing.

    Args:
        strengths: what they say now, by name.
    """
    with st.grid(2, min_column_width=200, gap="medium"):
        for name in IN_SIGHT:
            _slider(BY_NAME[name])
    hidden = [each for each in CORRUPTIONS if each.name not in IN_SIGHT]
    used = sum(bool(strengths[each.name]) for each in hidden)
    with st.container(horizontal=True, gap="small"):
        with st.popover(f"More, {used} set" if used else "More", icon=":material/tune:", key="robust_more"):
            for each in hidden:
                _slider(each)
            st.button(
                "Other chances",
                icon=":material/casino:",
                key="robust_chances",
                help="Turns and moves it another way, covers another part, with other noise.",
                on_click=_redraw,
            )
        if any(strengths.values()):
            st.button("Undisturbed", icon=":material/restart_alt:", key="robust_reset", on_click=_reset)


def _slider(corruption: Corruption) -> None:
    unit = "%" if corruption.unit == "percent" else corruption.unit
    key = state.showing(f"robust_{corruption.name}", amount(corruption))
    decimals = 2 if corruption.step < 0.1 or corruption.step == 0.25 else 0 if corruption.step >= 1 else 1
    st.slider(
        f"{corruption.title}, {unit}",
        0.0,
        float(corruption.most),
        step=float(corruption.step),
        format="%g" if corruption.step == 1.5 else f"%.{decimals}f",
        help=corruption.words,
        key=key,
        on_change=_slide,
        args=(corruption.name, key),
    )


def _slide(name: str, widget: str) -> None:
    """Puts what the slider says into the link (a callback)."""
    amount = state.picked(widget)
    state.set_robust(**{name: f"{amount:g}" if amount else ""})


def _reset() -> None:
    """Takes all corruptions away (a callback)."""
    state.set_robust(**dict.fromkeys(BY_NAME, ""))


def _redraw() -> None:
    """Has chance decide anew (a callback)."""
    state.set_robust(draw=str((draw() + 1) % DRAWS))
