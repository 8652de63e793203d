"""One ticked run at a glance, or two to four beside each other: results, curves, settings, digit by digit."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from core import comparison
from core.errors import StudioError
from core.evaluation import ClassFigures, per_class
from core.ledger import Entry
from core.look import Palette
from core.pairing import Answers, Judged, matrix_difference, paired
from core.run import Run
from core.status import RunState
from ui import charts, comparison_charts, components, resources, runs_flips, state, steering, words
from ui.comparison_charts import LETTERS, QUANTITIES

MOST: Final = 4
SPLITS: Final[tuple[Judged, ...]] = ("validation", "test")
FIGURES: Final = {
    "recall": "Share of this digit's images that are recognised.",
    "precision": "Share of the answers with this digit that are right.",
    "f1": "The harmonic mean of precision and recall.",
}


def show(chosen: list[Entry], palette: Palette) -> None:
    """What belongs to the ticked runs; nothing when none or more than four are ticked."""
    if len(chosen) == 1:
        _glance(chosen[0], palette)
    elif 2 <= len(chosen) <= MOST:
        _compare(chosen, palette)


def _glance(entry: Entry, palette: Palette) -> None:
    """One run: its name, note and result, and how it learned."""
    run = entry.run
    with st.container(border=True):
        components.name(run)
        if run.notes.note:
            st.text(run.notes.note)
        stopped = run.status.state in (RunState.INTERRUPTED, RunState.FAILED)
        if run.status.message and (stopped or run.imported is not None):
            st.text(run.status.message)
        facts_side, curve_side = st.columns([1, 2], gap="large")
        with facts_side:
            _result(entry, "test")
            steering.origin(run)
            if entry.figures.departures:
                st.caption(words.plain(f"Departs from its preset in {words.departures(entry.figures.departures)}"))
        with curve_side:
            if run.imported is None:
                _curves([run], palette)
            else:
                st.caption("A model file does not say how its network learned.")


def _compare(chosen: list[Entry], palette: Palette) -> None:
    runs = [entry.run for entry in chosen]
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.subheader("Beside each other", anchor=False, width="content")
        split = _split()
    with st.grid(len(chosen), min_column_width=180):
        for letter, entry in zip(LETTERS, chosen, strict=False):
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{letter}** · {words.plain(words.title(entry.run))}")
                _result(entry, split)
    curve_side, settings_side = st.columns([3, 2], gap="large")
    with curve_side:
        _curves(runs, palette)
    with settings_side:
        _settings(runs)
    st.subheader("Digit by digit", anchor=False)
    class_side, matrix_side = st.columns(2, gap="large")
    with class_side:
        _per_class(chosen, split)
    with matrix_side:
        pair = _pair(len(chosen))
        answers = _answers([runs[index] for index in pair], split)
        _difference(pair, answers, palette)
    if answers is not None:
        runs_flips.show(*answers, letters=(LETTERS[pair[0]], LETTERS[pair[1]]), split=split, palette=palette)


def _split() -> Judged:
    return st.segmented_control(
        "Judged on",
        SPLITS,
        default="validation",
        required=True,
        format_func=str.capitalize,
        help="Choose between runs by the validation images: the test images are for reporting how good the choice is.",
        key=state.JUDGED_ON,
        bind="query-params",
    )


def _result(entry: Entry, split: Judged) -> None:
    """An accuracy with its interval and the count behind it, and what the run is."""
    found, run = entry.figures.of(split), entry.run
    if found is not None:
        st.subheader(words.percent(found["accuracy"]), anchor=False)
        st.caption(f"{words.wrong_of(found)} on {split} · {words.interval(found)}")
    else:
        st.subheader("–", anchor=False)
        missing = f"No {split} split" if run.has_model else f"No {split} accuracy yet"
        st.caption(words.plain(entry.figures.problem or missing))
    seconds = entry.figures.train_seconds
    trained = words.stage(run) if seconds is None else f"trained in {words.duration(seconds)}"
    trained = trained if run.imported is None else "imported"
    st.caption(f"{entry.figures.parameters:,} parameters · {trained}")


def _curves(runs: Sequence[Run], palette: Palette) -> None:
    """One quantity over the epochs, all runs over each other."""
    quantity = st.segmented_control(
        "Curve",
        list(QUANTITIES),
        default="val_accuracy",
        required=True,
        format_func=lambda name: QUANTITIES[name],
        key=state.CURVE,
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    records = [run.epochs() for run in runs]
    names = [words.title(run) for run in runs]
    st.vega_lite_chart(
        comparison_charts.curves(records, names=names, quantity=quantity, palette=palette),
        theme=None,
        key="runs_curves",
        alt=_curve_words(quantity, records),
    )


def _curve_words(quantity: str, records: list[list[dict[str, Any]]]) -> str:
    ends = []
    for letter, epochs in zip(LETTERS, records, strict=False):
        known = [epoch for epoch in epochs if epoch.get(quantity) is not None]
        end = f"{known[-1][quantity]:.4f} after epoch {known[-1]['epoch']}" if known else "none"
        ends.append(f"{letter} {end}")
    return f"{QUANTITIES[quantity]} by epoch: {', '.join(ends)}."


def _settings(runs: Sequence[Run]) -> None:
    """Only the settings in which the runs differ."""
    differing = comparison.differing_settings([run.config for run in runs])
    if not differing:
        st.markdown("**Settings**")
        st.text("All settings are the same.")
        return
    table = {"Setting that differs": [words.label(name) for name, _ in differing]}
    for index, letter in enumerate(LETTERS[: len(runs)]):
        table[letter] = [words.value(values[index]) for _, values in differing]
    st.table(
        table, border="horizontal", hide_index=True, alt=f"The {len(differing)} settings in which the runs differ."
    )


def _pair(count: int) -> tuple[int, int]:
    """Which two runs are compared image by image, the one compared with first."""
    pairs = [(first, second) for first in range(count) for second in range(first + 1, count)]
    if len(pairs) == 1:
        return pairs[0]
    names = [f"{LETTERS[first]} to {LETTERS[second]}" for first, second in pairs]
    chosen = st.segmented_control(
        "Image by image",
        names,
        default=names[0],
        required=True,
        key=state.PAIR,
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    return pairs[names.index(chosen)] if chosen in names else pairs[0]


def _answers(pair: list[Run], split: Judged) -> tuple[Answers, Answers] | None:
    """What the two runs answered to the images they share; None, with the reason on the page, when there are none."""
    try:
        first, second = paired(*(resources.answers(run, split) for run in pair))
    except StudioError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return None
    if not len(first.labels):
        st.info("These two runs share no validation image.", icon=":material/info:")
        return None
    return first, second


def _per_class(entries: Sequence[Entry], split: Judged) -> None:
    """One figure of every digit, a column a run."""
    figure = st.segmented_control(
        "Figure",
        list(FIGURES),
        default="recall",
        required=True,
        format_func=str.capitalize,
        key=state.CLASS_FIGURE,
        bind="query-params",
        label_visibility="collapsed",
    )
    columns = {letter: _classes(entry, split) for letter, entry in zip(LETTERS, entries, strict=False)}
    table: dict[str, list[Any]] = {"Digit": charts.DIGITS}
    for letter, classes in columns.items():
        table[letter] = [None] * 10 if classes is None else [100 * getattr(row, figure) for row in classes]
    percent = st.column_config.NumberColumn(format="%.2f %%")
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        height="content",
        column_config=dict.fromkeys(columns, percent),
        placeholder="–",
        key="runs_classes",
        alt=f"{figure.capitalize()} of every digit on the {split} split, one column a run.",
    )
    st.caption(FIGURES[figure])


def _classes(entry: Entry, split: Judged) -> tuple[ClassFigures, ...] | None:
    found = entry.figures.of(split)
    return None if found is None else per_class(found["confusion_matrix"])


def _difference(pair: tuple[int, int], answers: tuple[Answers, Answers] | None, palette: Palette) -> None:
    """The second run's confusion matrix less the first's, on the images that both have answered."""
    if answers is None:
        return
    first, second = LETTERS[pair[0]], LETTERS[pair[1]]
    st.plotly_chart(
        comparison_charts.difference_heatmap(matrix_difference(*answers), palette=palette),
        theme=None,
        config=charts.PLOTLY_CONFIG,
        key="runs_difference",
        alt=f"Confusion matrix of {second} less that of {first}, rows true, columns read.",
    )
    st.caption(f"Counts of {second} less counts of {first}: blue where {second} does better, red where it does worse.")
