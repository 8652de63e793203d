"""The canvas on stage: whoever is asked to writes, and the story's own network answers as the pen lifts."""

import streamlit as st

from core.errors import StudioError
from core.inference import Prediction
from core.look import Palette
from core.preprocessing import read_picture
from core.story import Facts, Told
from ui import canvas, resources, stage_charts, state, words


def show(told: Told, facts: Facts, *, palette: Palette, tall: str) -> None:
    """The canvas, the answer in the largest type, and its ten probabilities.

    Args:
        tall: the height of the charts, an expression of `stage_type`.
    """

    @st.fragment
    def board() -> None:  # only this is drawn anew when the pen lifts
        canvas_side, answer_side, bars_side = st.columns([34, 30, 36], gap="medium")
        with canvas_side:
            st.space("small")  # the canvas' own toolbar appears here, over its upper edge
            drawn = canvas.board()
            st.button("Clear", type="tertiary", icon=":material/delete:", key="stage_clear", on_click=state.empty_board)
        prediction, problem = _read(told, facts, drawn)
        with answer_side:
            digit, verdict = _answer(prediction, problem)
            sure = prediction is not None and not prediction.abstained
            spec = stage_charts.answer(digit, verdict, sure=sure, palette=palette, tall=tall)
            # Another text would have the chart drawn anew, which blinks; the line below it says the answer.
            st.vega_lite_chart(spec, theme=None, key="stage_answer", alt="The digit that was read, in large type.")
        with bars_side:
            shares = None if prediction is None else prediction.probabilities
            spec = stage_charts.probabilities(shares, palette=palette, tall=tall)
            st.vega_lite_chart(spec, theme=None, key="stage_bars", alt="Probabilities of the ten digits as bars.")

    board()


def _read(told: Told, facts: Facts, drawn: bytes | None) -> tuple[Prediction | None, str]:
    """What the network makes of the drawing, the story's threshold applied; or why it makes nothing of it."""
    threshold = None if facts.reliance is None else facts.reliance.effect.threshold
    if drawn is None:
        return None, ""
    try:
        classifier = resources.story_classifier(told)
        return classifier.with_threshold(threshold).classify(read_picture(drawn)), ""
    except StudioError as error:
        return None, str(error)


def _answer(prediction: Prediction | None, problem: str) -> tuple[str, str]:
    """One character, and one line."""
    if problem:
        return "", problem
    if prediction is None or prediction.digit is None or prediction.confidence is None:
        return "", "Nothing is drawn yet."
    sure = words.percent(prediction.confidence, 1)
    if prediction.abstained:
        return "?", f"I don't know. Perhaps {prediction.digit}: {sure}"
    if "not_a_digit" in prediction.warnings:
        return str(prediction.digit), f"{sure} sure, if it is a digit"
    return str(prediction.digit), f"{sure} sure"
