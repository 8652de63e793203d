"""Trust: whether a confidence means what it says, and when a run had better answer *I don't know*.

Owns what the confusion matrix's page shows under *Trust*. A threshold is chosen on the run's validation images alone;
what it does to test images is stated beside that.
"""

import streamlit as st

from core.errors import StudioError
from core.evaluation import Reliability, TemperatureEffect, percent, reliability, temperature_effect
from core.look import Palette
from core.pairing import temperature_of
from ui import resources, state, trust_charts, trust_threshold, words
from ui.source import Source

WITH, WITHOUT = "With temperature", "Without"
ECE = (
    "The expected calibration error (ECE): the distance between confidence and accuracy, averaged over all answers in "
    "15 bins of confidence. The maximum is that of the worst bin, however few answers it holds."
)


def show(source: Source, palette: Palette) -> None:
    """The reliability of the source's answers, and the choice of the run's *I don't know* threshold."""
    st.fragment(_show)(source, palette)


def _show(source: Source, palette: Palette) -> None:
    confidence_side, threshold_side = st.columns(2, gap="large")
    with confidence_side:
        _reliability(source, palette)
    with threshold_side:
        trust_threshold.show(source, palette)


def _reliability(source: Source, palette: Palette) -> None:
    """The reliability diagram over the counts behind it, what it comes to, and what the temperature changes."""
    st.subheader("Does its confidence mean what it says?", anchor=False, help=ECE)
    st.markdown("Of the answers given with 90\N{NO-BREAK SPACE}% confidence, nine in ten should be right: on the line.")
    effect = _temperature_effect(source)
    shown = reliability(source.answers.probabilities, source.answers.labels) if effect is None else effect.after
    if effect is not None and effect.temperature != 1:
        chosen = st.segmented_control(
            "Temperature",
            [WITH, WITHOUT],
            default=WITH,
            required=True,
            key=state.TRUST_TEMPERATURE,
            persist_state=state.KEEP,
            label_visibility="collapsed",
        )
        shown = effect.after if chosen == WITH else effect.before
    with st.container(gap="xsmall"):
        st.vega_lite_chart(
            trust_charts.reliability_diagram(shown, palette=palette),
            theme=None,
            key="trust_reliability",
            alt=f"Reliability diagram on {source.title}: accuracy by confidence, with 95 % intervals. {gaps(shown)}",
        )
        st.vega_lite_chart(
            trust_charts.confidence_counts(shown, palette=palette),
            theme=None,
            key="trust_counts",
            alt=f"How many of the {shown.n:,} answers each point stands for.",
        )
    st.markdown(gaps(shown))
    st.caption(
        f"The {words.images(shown.n)} of {words.plain(source.title)}. Lines: 95\N{NO-BREAK SPACE}% Wilson intervals. "
        "The bars count images, on a logarithmic scale."
    )
    if effect is not None:
        st.markdown(temperature_words(effect, title=source.title))


def gaps(shown: Reliability) -> str:
    """The two calibration errors, in words."""
    bins = [place for place in range(len(shown.counts)) if shown.counts[place]]
    worst = max(bins, key=lambda place: abs(shown.accuracy[place] - shown.confidence[place]))
    return (
        f"Confidence and accuracy differ by **{points(shown.ece)}** on average (ECE {shown.ece:.4f}), and by "
        f"{points(shown.mce)} at most (maximum {shown.mce:.4f}), among the {words.images(int(shown.counts[worst]))} "
        f"from {100 * shown.edges[worst]:.0f} to {percent(float(shown.edges[worst + 1]), 0)} confidence."
    )


def points(share: float) -> str:
    """A difference of two shares."""
    return f"{100 * share:.2f}\N{NO-BREAK SPACE}percentage points"


def temperature_words(effect: TemperatureEffect, *, title: str) -> str:
    """What a temperature does to the answers to the images of that name, for better or worse."""
    if effect.temperature == 1:
        return "No temperature is applied: the confidences are the network's own."
    certain = "less" if effect.temperature > 1 else "more"
    before, after = f"{effect.before.ece:.4f}", f"{effect.after.ece:.4f}"
    verdict = "gets better" if effect.after.ece < effect.before.ece else "gets worse"
    ece = f"stays at {before}" if before == after else f"{verdict}, from {before} to {after}"
    return (
        f"A temperature of **{effect.temperature:g}**, fitted on validation to the lowest loss, makes every answer "
        f"{certain} certain and changes no digit. On {words.plain(title)} the ECE {ece}; the loss goes from "
        f"{effect.loss_before:.4f} to {effect.loss_after:.4f}."
    )


def _temperature_effect(source: Source) -> TemperatureEffect | None:
    """None, with the reason on the page, where the network's own answers cannot be read."""
    try:
        raw = resources.answers(source.run, source.split, calibrated=False)
        return temperature_effect(
            raw.probabilities, raw.labels, temperature_of(source.run, source.run.evaluation() or {})
        )
    except StudioError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return None
