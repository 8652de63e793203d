"""Where the chosen runs are weakest, in words; which of several is better where; and all figures as a table."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from core import pictures
from core.corruptions import CORRUPTIONS, corrupt
from core.errors import StudioError
from core.evaluation import percent
from core.robustness import (
    HALF,
    STRENGTHS,
    Condition,
    Measured,
    compared,
    conditions,
    csv_table,
    mean_accuracy,
    weakest,
)
from core.run import Run
from ui import resources, state, words
from ui.robustness_choice import Choice

LEVELS: Final = {"half": HALF, "full": len(STRENGTHS) - 1}
NAMES: Final = {"half": "Half strength", "full": "Full strength"}
LISTED: Final = 6
BESIDE: Final = 4  # of each run, where there are several
WIDTH: Final = 56  # page pixels: 28 x 2
Found = Mapping[str, Measured]


def show(choice: Choice, found: Found) -> None:
    """The weakest conditions of each run, the runs beside each other, and the figures."""
    runs = [run for run in choice.runs if run.run_id in found and found[run.run_id].read]
    if not runs:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Weakest conditions", anchor=False, width="content")
        level = _level()
    if len(runs) == 1:
        with st.grid(3, min_column_width=250, gap="medium"):
            for each in weakest(found[runs[0].run_id], level)[:LISTED]:
                _one(choice, runs[0], found[runs[0].run_id], each)
    else:
        with st.grid(len(runs), min_column_width=250, gap="medium"):
            for run in runs:
                with st.container(gap="small"):
                    st.markdown(f"**{choice.letters[run.run_id]}** · {words.plain(words.title(run))}")
                    for each in weakest(found[run.run_id], level)[:BESIDE]:
                        _one(choice, run, found[run.run_id], each)
    if len(runs) > 1:
        _beside(choice, runs, found)
    _numbers(choice, runs, found)


def _level() -> int:
    asked = state.robust(state.ROBUST_LEVEL)
    chosen = asked if asked in LEVELS else "half"
    key = state.showing("robust_level", chosen)
    st.segmented_control(
        "Strength",
        list(LEVELS),
        required=True,
        format_func=lambda name: NAMES[name],
        key=key,
        on_change=lambda: state.set_robust(at=state.picked(key)),
        label_visibility="collapsed",
    )
    return LEVELS[chosen]


def _one(choice: Choice, run: Run, found: Measured, each: Condition) -> None:
    """A condition with a digit that it makes the run misread, and the way to that digit."""
    place = _example(found, each)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _picture(choice, found, each, place)
        with st.container(gap="xxsmall", width="stretch"):
            often = "every image is read right" if each.pair is None else f"{each.confusion}, {each.pair.count}×"
            st.markdown(
                f"{each.corruption.said(each.amount).capitalize()}: **{percent(each.share.value or 0, 1)}**  \n"
                f":small[:gray[{often}]]"
            )
        if place is not None and st.button(
            "Try",
            type="tertiary",
            icon=":material/arrow_downward:",
            help="Sets the digit below to this one, disturbed like this.",
            key=f"robust_try_{run.run_id}_{each.corruption.name}",
            on_click=_try,
            args=(place, each),
        ):
            st.rerun()  # the digit is another part of the page


def _example(found: Measured, each: Condition) -> int | None:
    """The place of an image that the condition makes the run misread in the most frequent way."""
    if each.pair is None:
        return None
    read = found.read[each.corruption.name][STRENGTHS.index(each.strength)]
    wrong = (found.labels == each.pair.true) & (read == each.pair.pred)
    best = wrong & (found.undisturbed == found.labels)  # rather one that is read right without the condition
    return int(found.places[np.flatnonzero(best if best.any() else wrong)[0]])


def _picture(choice: Choice, found: Measured, each: Condition, place: int | None) -> None:
    if place is None:
        st.image(pictures.empty_png(width=WIDTH), width=WIDTH, alt="No image is misread.")
        return
    try:
        image = corrupt(
            resources.digit_images(choice.split, (place,)), {each.corruption.name: each.strength}, seeds=[place]
        )[0]
    except StudioError:  # the page says above why there are no images
        return
    assert each.pair is not None
    st.image(
        pictures.digit_png(image, width=WIDTH),
        width=WIDTH,
        alt=f"{each.pair.true}, {each.corruption.said(each.amount)}, read as {each.pair.pred}.",
    )


def _try(place: int, each: Condition) -> None:
    """Has the one digit be this image under this condition (a callback)."""
    strengths = {one.name: "" for one in CORRUPTIONS} | {each.corruption.name: f"{each.amount:g}"}
    state.set_robust(digit=str(place), draw="", **strengths)


def _beside(choice: Choice, runs: list[Run], found: Found) -> None:
    """The mean accuracy of each run under each corruption, and which is better where."""
    st.subheader("Which is better where", anchor=False)
    rows: list[dict[str, Any]] = []
    for title, corruption in [("All", None), *((each.title, each) for each in CORRUPTIONS)]:
        means = {run.run_id: mean_accuracy(found[run.run_id], corruption) for run in runs}
        row: dict[str, Any] = {"Corruption": title}
        row |= {choice.letters[run_id]: 100 * mean.value if mean else None for run_id, mean in means.items()}
        rows.append({**row, "Better": _better(choice, found, means, None if corruption is None else corruption.name)})
    shares = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        column_config=dict.fromkeys((choice.letters[run.run_id] for run in runs), shares),
        placeholder="–",
        key="robust_beside",
        alt="Mean accuracy of each run under each corruption, and which run is better.",
    )
    pairs = [compared(found[runs[0].run_id], found[run.run_id]) for run in runs[1:]]
    n = min((each.n for each in pairs if each is not None), default=0)
    st.caption(
        f"Means over the six strengths. One is called better when the {words.images(n)} that the runs share decide it "
        "(95\N{NO-BREAK SPACE}% interval of the difference, image by image)."
        if n
        else "The runs were measured on different images, so chance alone may make the difference."
    )


def _better(choice: Choice, found: Found, means: Mapping[str, Any], name: str | None) -> str:
    """The best run and what it is ahead of the next, where the images that both have answered decide it."""
    known = sorted((run_id for run_id in means if means[run_id]), key=lambda run_id: -means[run_id].value)
    if len(known) < 2:
        return "–"
    result = compared(found[known[1]], found[known[0]])
    if result is None:
        return "–"
    gain = result.overall if name is None else next(each.gain for each in result.each if each.corruption.name == name)
    if gain.low <= 0:
        return "no clear difference"
    over = "" if len(known) == 2 else f" over {choice.letters[known[1]]}"
    return f"{choice.letters[known[0]]} by {100 * gain.value:.1f} points{over}"


def _numbers(choice: Choice, runs: list[Run], found: Found) -> None:
    """Every figure as a table, and as CSV."""
    numbers = st.expander("Exact numbers", icon=":material/table:", key=state.ROBUST_NUMBERS, on_change="rerun")
    if not numbers.open:
        return
    with numbers:
        st.dataframe(
            pd.DataFrame(_rows(choice, runs, found)),
            hide_index=True,
            height=330,
            placeholder="–",
            key="robust_table",
            alt="Accuracy with its 95 % interval of each run under every condition.",
        )
        st.download_button(
            "As CSV",
            lambda: csv_table(found[run.run_id] for run in runs),
            f"robustness-{choice.split}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="robust_csv",
        )


def _rows(choice: Choice, runs: list[Run], found: Found) -> list[dict[str, Any]]:
    by_run = {
        choice.letters[run.run_id]: {
            (each.corruption.name, each.strength): each for each in conditions(found[run.run_id])
        }
        for run in runs
    }
    rows = []
    for corruption in CORRUPTIONS:
        for strength in STRENGTHS:
            row: dict[str, Any] = {"Corruption": corruption.title}
            row["Amount"] = corruption.measure(corruption.amount(strength))
            for letter, known in by_run.items():
                each = known.get((corruption.name, strength))
                of = f" of {letter}" if len(runs) > 1 else ""
                row[f"Right{of}"] = None if each is None else each.share.text
                row[f"95 % interval{of}"] = (
                    None if each is None else f"{100 * each.share.low:.2f} to {percent(each.share.high)}"
                )
            rows.append(row)
    return rows
