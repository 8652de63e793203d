"""A digit's way through the network: every layer in one picture, and one of its maps closely."""

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import pictures
from core.inference import Classifier
from core.look import Palette
from core.run import Run
from ui import charts, inside_charts, inside_map, state, words
from ui.inside_choice import Digit
from ui.resources import inside
from ui.state import inside as looked

WIDTH: Final = 168  # page pixels: 28 x 6
BARS: Final = 250
HOW: Final = (
    "From the digit at the top to the answer at the bottom. Each row is a layer with the {shown} that tell most about "
    "this digit, on the layer's own scale from paper (least) to ink (most). Click one to look into it."
)


def answer(digit: Digit | None, classifier: Classifier, palette: Palette) -> None:
    """The digit as the network gets it, and what it is read as; their room is kept while there is none."""
    probabilities = None if digit is None else classifier.probabilities(digit.image[np.newaxis])[0]
    picture_side, bars_side = st.columns([4, 5], gap="medium")
    with picture_side:
        picture = pictures.empty_png(width=WIDTH) if digit is None else pictures.digit_png(digit.image, width=WIDTH)
        name = "No digit yet" if digit is None else digit.name
        st.image(picture, width=WIDTH, caption=name, alt=f"{name}, 28 x 28 pixels, as the network gets it.")
        if digit is None or probabilities is None:
            st.markdown("–")
        else:
            st.markdown(_said(digit, probabilities, classifier.threshold))
            if digit.warnings:
                st.caption(words.warnings(digit.warnings))
    with bars_side:
        st.vega_lite_chart(
            charts.probability_bars(probabilities, palette=palette, height=BARS),
            theme=None,
            key="inside_bars",
            alt="Probabilities of the ten digits as bars.",  # another text would have the chart drawn anew
        )


def _said(digit: Digit, probabilities: NDArray[np.float32], threshold: float | None) -> str:
    """What it is read as, how surely, and whether that is right."""
    read = int(probabilities.argmax())
    sure = float(probabilities[read])
    said = f"Read as **{read}**, {words.percent(sure, 1)}"
    if threshold and sure < threshold:
        said += f", below its threshold of {words.confidence(threshold)}: *I don't know*"
    if digit.label is None:
        return said
    return f"{said}: right" if digit.label == read else f"{said}: :red[wrong, it is labelled {digit.label}]"


def show(run: Run, digit: Digit | None, classifier: Classifier, palette: Palette) -> None:
    """The whole way on one side, the chosen map on the other."""
    st.header("Layer by layer", anchor=False)
    blank = np.zeros((28, 28), np.float32)
    image = blank if digit is None else digit.image
    layers = inside.maps(run, image)
    raw, found = classifier.probabilities(image[np.newaxis])[0], layers
    if digit is None:
        raw, found = np.zeros_like(raw), [each.silent() for each in layers]  # frames, until something is drawn
    now = inside_map.chosen(layers, raw)
    way_side, map_side = st.columns([7, 5], gap="large")
    with way_side:
        turn = looked.inside_turn(f"{now.layer} {now.number}")
        st.vega_lite_chart(
            inside_charts.journey(
                image, found, raw, chosen=(now.layer, now.number) if digit else None, turn=turn, palette=palette
            ),
            theme=None,
            key=looked.JOURNEY,
            on_select=_click,
            selection_mode=inside_charts.PARAM,
            alt="The digit, the strongest maps of each layer, and the ten outputs, row by row. The fields beside it "
            "choose a map without the mouse.",
        )
        st.caption(HOW.format(shown=_counts(layers)))
    with map_side:
        inside_map.controls(now, layers)
        if digit is None:
            st.markdown("Draw a digit, or take one: the maps of every layer stand here at once.")
            return
        inside_map.driven(run, image, now, layers)
        inside_map.looks_for(run, now, layers)


def _counts(layers: list) -> str:
    """How many maps have room in a row."""
    maps = f"{inside_charts.MAPS} maps"
    return f"{maps} or {inside_charts.UNITS} units" if any(each.values.ndim == 1 for each in layers) else maps


def _click() -> None:
    """Looks at the map that was clicked (a callback)."""
    found = state.picked(looked.JOURNEY)["selection"].get(inside_charts.PARAM, [])
    chosen = inside_charts.clicked(found)
    if chosen is not None:
        looked.set_inside(layer=chosen[0], map=str(chosen[1]))
