"""Up to where one digit is read as what it is, under each corruption alone."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.robustness import Tip
from core.run import Run
from ui import resources, words


def show(run: Run, image: NDArray[np.uint8], label: int | None, read: int, seed: int) -> None:
    """A table of how far each corruption may go.

    Args:
        image: (28, 28) uint8, ink high.
        label: what it is; None when only the reading is known.
        read: what it is read as undisturbed.
        seed: of the image, as it is corrupted above.
    """
    st.subheader("Where it tips over", anchor=False)
    digit = read if label is None else label
    tips = resources.tips(run, image, digit, seed)
    if tips is None:
        st.text(f"It is misread to begin with, as {read}.")
        return
    st.text(summary(tips, "right" if label is not None else f"read as {digit}"))
    st.dataframe(
        pd.DataFrame(
            {
                "Corruption": [tip.corruption.title for tip in tips],
                "Right": [_up_to(tip) for tip in tips],
                "Then": ["–" if tip.read is None else str(tip.read) for tip in tips],
                "Share": [100 * tip.amount / tip.corruption.most for tip in tips],
            }
        ),
        hide_index=True,
        height="content",
        column_config={
            "Right": "Right" if label is not None else f"Read as {digit}",
            "Share": st.column_config.ProgressColumn(
                "Of the strongest", format="%.0f %%", min_value=0, max_value=100, width=150
            ),
            "Then": "Then read as",
        },
        key="robust_tips",
        alt=f"Up to where the digit is read as {digit} under each corruption alone.",
    )


def summary(tips: tuple[Tip, ...], right: str) -> str:
    """What turns the digit into another soonest, and what never does."""
    tipped = sorted((tip for tip in tips if tip.read is not None), key=lambda tip: tip.amount / tip.corruption.most)
    never = len(tips) - len(tipped)
    if not tipped:
        return f"Each alone, and nothing turns it into another digit: it is {right} under all {len(tips)}."
    first = tipped[0]
    most = first.corruption.measure(first.amount)
    until = f"{right} up to {most}" if first.amount else "not even with the least"
    said = f"Each alone: {first.corruption.title.lower()} is the first to turn it, {until}, then read as {first.read}."
    return f"{said} {words.count(never, 'corruption')} never {'turns' if never == 1 else 'turn'} it." if never else said


def _up_to(tip: Tip) -> str:
    if tip.read is None:
        return f"throughout, to {tip.corruption.measure(tip.amount)}"
    return f"up to {tip.corruption.measure(tip.amount)}" if tip.amount else "not at all"
