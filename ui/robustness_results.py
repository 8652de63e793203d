"""What was measured of the chosen runs: the means in large type, a curve for each corruption, and the measuring."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from core.background import failure
from core.corruptions import CORRUPTIONS
from core.evaluation import percent
from core.look import Palette
from core.robustness import COUNT, STRENGTHS, Measured, curve, mean_accuracy
from core.run import Run
from ui import resources, robustness_charts, robustness_weakest, words
from ui.robustness_choice import SPLITS, Choice

POLL_SECONDS: Final = 1.0
MEAN: Final = (
    f"The mean accuracy over all corruptions and their {len(STRENGTHS)} strengths. The interval is that of the mean "
    "over these images."
)
LINES: Final = ("A is blue", "B is drawn in ink", "C is blue and dashed", "D is in ink and dashed")
Found = Mapping[str, Measured]


def show(choice: Choice, palette: Palette) -> None:
    """The results; they are looked at again every second while a run is measured."""
    busy = _busy(choice)
    st.fragment(_show, run_every=POLL_SECONDS if busy else None)(choice, palette, busy)


def _show(choice: Choice, palette: Palette, was_busy: bool) -> None:
    busy = _busy(choice)
    if was_busy != busy:  # only a run of the whole page begins or ends the looking again
        st.rerun()
    found = {run.run_id: each for run in choice.runs if (each := resources.measured(run, choice.split)) is not None}
    _headlines(choice, found)
    _measuring(choice, found)
    if not found and not busy:
        return
    _curves(choice, found, palette)
    robustness_weakest.show(choice, found)


def _busy(choice: Choice) -> bool:
    works = [resources.measurings().find((run.run_id, choice.split)) for run in choice.runs]
    return any(work is not None and not work.done() for work in works)


def _headlines(choice: Choice, found: Found) -> None:
    """Each run's mean; large where there is one run alone."""
    if len(choice.runs) == 1:
        if found:  # else there is nothing to say yet, and its place is taken by the way to it
            _headline(choice.runs[0], found, choice, alone=True)
        return
    with st.grid(len(choice.runs), min_column_width=180):
        for run in choice.runs:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{choice.letters[run.run_id]}** · {words.plain(words.title(run))}")
                _headline(run, found, choice, alone=False)


def _headline(run: Run, found: Found, choice: Choice, *, alone: bool) -> None:
    measured = found.get(run.run_id)
    mean = None if measured is None else mean_accuracy(measured)
    text = "–" if mean is None else percent(mean.value, 1)
    with st.container(gap="xxsmall"):
        st.subheader(f"{text} right when disturbed" if alone else text, anchor=False, help=MEAN)
        if measured is None or mean is None:
            st.caption("Not measured yet.")
            return
        clean = curve(measured, CORRUPTIONS[0])[0].share
        parts = [f"95\N{NO-BREAK SPACE}% interval {100 * mean.low:.1f} to {percent(mean.high, 1)}"]
        parts.append(f"**{clean.text}** undisturbed")
        parts.append(f"{words.images(measured.n)} of the {SPLITS[choice.split].lower()}")
        if not measured.whole:
            parts.append(f"{len(measured.read)} of {len(CORRUPTIONS)} corruptions so far")
        (st.markdown if alone else st.caption)(" · ".join(parts))


def _measuring(choice: Choice, found: Found) -> None:
    """How far the measuring is, or the way to begin it; nothing when all is measured."""
    missing = [run for run in choice.runs if run.run_id not in found or not found[run.run_id].whole]
    if not missing:
        return
    waiting = []
    with st.container(border=True):
        for run in missing:
            key = (run.run_id, choice.split)
            work = resources.measurings().find(key)
            if work is None or work.done():
                waiting.append(run)
                if work is not None and (problem := failure(work)):
                    st.error(words.plain(f"{words.title(run)}: {problem}"), icon=":material/error:")
                continue
            share = resources.measurings().share(key)
            where = percent(share, 0) if share else "waiting for its turn"
            st.progress(share, text=words.plain(f"Measuring {words.title(run)}: {where}"))
        if not waiting:
            st.caption("It goes on in the background, and is kept.")
            return
        st.markdown(
            f"{len(CORRUPTIONS)} corruptions, {len(STRENGTHS)} strengths each, on the same {COUNT:,} images for every "
            "run. It takes some seconds for a small network and a minute for a large one, once."
        )
        st.button(
            "Measure" if len(waiting) == 1 else f"Measure {len(waiting)} runs",
            type="primary",
            icon=":material/play_arrow:",
            key="robust_measure",
            on_click=_measure,
            args=(waiting, choice),
        )


def _measure(runs: list[Run], choice: Choice) -> None:
    """Begins to measure these runs (a callback)."""
    for run in runs:
        resources.measure(run, choice.split)


def _curves(choice: Choice, found: Found, palette: Palette) -> None:
    """A chart for each corruption, and beside the last how to read them."""
    st.subheader("Accuracy by strength", anchor=False)
    several = len(choice.runs) > 1
    if several:
        st.caption(f"{', '.join(LINES[: len(choice.runs)])}.")
    with st.grid(4, min_column_width=230, gap="medium"):
        for corruption in CORRUPTIONS:
            curves = {
                _name(choice, run, several): curve(found[run.run_id], corruption) if run.run_id in found else ()
                for run in choice.runs
            }
            with st.container(gap="xxsmall"):
                st.markdown(f"**{corruption.title}**", help=corruption.words)
                st.vega_lite_chart(
                    robustness_charts.curves(corruption, curves, palette=palette),
                    theme=None,
                    key=f"robust_curve_{corruption.name}",
                    alt=robustness_charts.said(corruption, curves),
                )
        with st.container(gap="xsmall"):
            st.markdown("**How to read them**")
            st.caption(
                "To the right a corruption gets stronger, up to where people still read most digits. The line is the "
                "share that is read right; guessing would give 10\N{NO-BREAK SPACE}%. The band is its "
                "95\N{NO-BREAK SPACE}% Wilson interval."
            )
            st.caption(
                "The network sees the images as they are. What is drawn or uploaded is centred and cleaned first, "
                "which undoes a good part."
            )


def _name(choice: Choice, run: Run, several: bool) -> str:
    title = words.title(run)
    return f"{choice.letters[run.run_id]} · {title}" if several else title
