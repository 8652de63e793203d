"""Draw and predict: a digit by hand, by file or by camera, what the model makes of it, and why."""

import streamlit as st

from ui import drawing, my_digits, page

palette = page.begin_page(
    "Draw and predict",
    "Write a digit; the answer comes as the pen lifts.",
)

model = drawing.model_choice()
if model is None:
    st.stop()
run, classifier = model


@st.fragment
def studio() -> None:
    """The picture and its answer: only this is drawn anew when the pen lifts."""
    drawing.keep_to(run)
    given_side, answer_side = st.columns([4, 7], gap="large")
    with given_side:
        given = drawing.given(run, classifier)
    with answer_side:
        prediction = drawing.answer(given, threshold=classifier.threshold, palette=palette)
        my_digits.offer(run, given, prediction)
    drawing.files(given)
    drawing.why(run, prediction)


studio()
my_digits.section()
