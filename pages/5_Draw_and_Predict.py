"""Draw and predict: a digit by hand, by file or from the test split, and what the model makes of it, step by step."""

import streamlit as st

from ui import components, drawing, page

palette = page.begin_page(
    "Draw and predict",
    "Write a digit; the answer comes as the pen lifts.",
)

drawing_place = st.container()  # above the choice of the model, which has to be known first
classifier = drawing.model_choice()
if classifier is None:
    components.no_model()
    st.stop()


@st.fragment
def studio() -> None:
    """The picture and its answer: only this is drawn anew when the pen lifts."""
    given_side, answer_side = st.columns([4, 7], gap="large")
    with given_side:
        given = drawing.given()
    prediction = None if given.picture is None else classifier.classify(given.picture)
    with answer_side:
        drawing.answer(prediction, given, threshold=classifier.threshold, palette=palette)
    st.subheader("What the network sees", anchor=False)
    drawing.filmstrip(prediction)


with drawing_place:
    studio()
