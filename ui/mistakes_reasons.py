"""Why an image is read as it is: what its parts say, which training images look like it, and what other runs read.

Each part stands alone: one that cannot be had says why, and the others are there.
"""

from collections import Counter

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.explain.opinions import Said
from ui import reasons, resources, words
from ui.reasons import POLL_SECONDS, Room
from ui.source import Source


def maps(room: Room, source: Source, image: NDArray[np.uint8], digits: tuple[int, int], label: int) -> None:
    """What the parts of an image say for two digits, on one scale."""
    found = resources.saliency_maps(source.run, image)[list(digits)]
    reasons.maps(
        image,
        list(found),
        [f"For or against {digit}, {_role(digit, digits[0], label)}" for digit in digits],
        [f"The image coloured by what speaks for {digit} (blue) and against it (red)." for digit in digits],
        room=room,
    )


def _role(digit: int, predicted: int, label: int) -> str:
    if digit == predicted:
        return "which it is and was read as" if digit == label else "which it was read as"
    return "which it is labelled as" if digit == label else "the runner-up"


def neighbours(source: Source, place: int, image: NDArray[np.uint8]) -> None:
    """The training images most like this one to the network; found once for each run, in the background."""
    reasons.neighbours(source.run, image, own=place if source.split == "validation" else None)


def others(source: Source, place: int, label: int) -> None:
    """What every other finished run reads."""
    said = resources.opinions(source.split, place, besides=source.run.run_id)
    st.fragment(_others, run_every=POLL_SECONDS if said.pending else None)(source, place, label, bool(said.pending))


def _others(source: Source, place: int, label: int, was_pending: bool) -> None:
    said = resources.opinions(source.split, place, besides=source.run.run_id)
    if was_pending and not said.pending:
        st.rerun()
    if not said.opinions:
        st.text("No other run has answered this image." if not said.pending else "Reading what the runs answered.")
        return
    names = words.titles(resources.store().runs())
    st.text(_summary(said, label) + (f" {said.pending:,} runs are still being read." if said.pending else ""))
    st.dataframe(
        pd.DataFrame(
            {
                "run": [names.get(each.run_id, each.name) for each in said.opinions],
                "reads": [each.digit for each in said.opinions],
                "verdict": ["right" if each.digit == label else "wrong" for each in said.opinions],
                "confidence": [100 * each.confidence for each in said.opinions],
            }
        ),
        hide_index=True,
        height="content" if len(said.opinions) <= 6 else 248,
        column_config={
            "run": "Run",
            "reads": st.column_config.NumberColumn("Reads", width="small"),
            "verdict": st.column_config.TextColumn("By its label", width="small"),
            "confidence": st.column_config.ProgressColumn("Confidence", format="%.1f %%", min_value=0, max_value=100),
        },
        key="close_others",
        alt=_summary(said, label),
    )


def _summary(said: Said, label: int) -> str:
    counts = Counter(each.digit for each in said.opinions)
    total = len(said.opinions)
    parts = [
        f"{counts.pop(label, 0):,} of {total:,} other {'run reads' if total == 1 else 'runs read'} {label}, its label"
    ]
    parts += [f"{count:,} {'reads' if count == 1 else 'read'} {digit}" for digit, count in counts.most_common()]
    return "; ".join(parts) + "."
