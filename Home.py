"""Home: the active model at a glance, what it gets wrong, and where to go next."""

import streamlit as st

from ui import components, model_card, page, resources

palette = page.begin_page(
    page.STUDIO,
    "Train a network to read handwritten digits, see what it gets wrong, and try it on your own writing.",
)

components.running_now()
run = resources.active_run()
if run is None:
    components.no_model()
    components.page_links()
    st.stop()

summary_side, matrix_side = st.columns([6, 5], gap="large")
with summary_side:
    components.name(run)
    components.model_headline(run)
    components.try_it()
with matrix_side:
    components.confusion_matrix(run, palette=palette, key="home_confusion")

st.subheader("Its most confident mistakes", anchor=False)
components.confident_mistakes(run, count=12)

model_card.show(run)
components.page_links()
