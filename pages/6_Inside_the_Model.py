"""Inside the model: a digit's way through the network, layer by layer, and all test images as it sees them."""

import streamlit as st

from ui import drawing, inside_choice, inside_embedding, inside_journey, page, reasons, resources, source

palette = page.begin_page(
    "Inside the model",
    "One digit's way through the network, layer by layer, and where it lands among the test images.",
)

run = source.choose_run()
if run is None:
    st.stop()


def look() -> None:
    """The digit, its way, and its place among the others."""
    classifier = resources.classifier(run)
    choice_side, answer_side = st.columns([5, 6], gap="large")
    with choice_side:
        digit = inside_choice.choose(run)
    with answer_side:
        inside_journey.answer(digit, classifier, palette)
    inside_journey.show(run, digit, classifier, palette)
    inside_embedding.show(run, digit, classifier, palette)


@st.fragment
def inside() -> None:
    """Only this is drawn anew by a click, a stroke or a circle."""
    drawing.keep_to(run)
    reasons.guarded(look)


inside()
