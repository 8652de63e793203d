"""Home: what this is, where to begin, the active model at a glance, and the four jobs that the studio does."""

import streamlit as st

from ui import components, front_door, model_card, page, resources

palette = page.begin_page(
    page.STUDIO,
    "Train a network to read handwritten digits, see what it gets wrong, try it on your own writing, and show it.",
)

front_door.greeting()
components.running_now()
run = resources.active_run()
if run is None:
    components.no_model()
    front_door.jobs(None, palette)
    st.stop()

summary_side, matrix_side = st.columns([6, 5], gap="large")
with summary_side:
    components.name(run)
    components.model_headline(run)
    components.try_it()
with matrix_side:
    components.confusion_matrix(run, palette=palette, key="home_confusion")

front_door.jobs(run, palette)

st.subheader("Its most confident mistakes", anchor=False)
components.confident_mistakes(run, count=12)

model_card.show(run)
