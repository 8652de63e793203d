"""Train: choose a network and its settings, start, and watch it learn. Nothing is lost by a reload or a closed tab."""

import streamlit as st

from ui import components, page, settings_json, training_form, training_view

palette = page.begin_page(
    "Train",
    "Choose a network, press Start, and watch it learn. It goes on when you leave, and every tab shows the same.",
)


@st.fragment
def plan() -> None:
    """The settings, what they do to the digits, what network they make, and Start."""
    settings = training_form.settings()
    settings_json.show(settings.preset, settings.config)
    training_form.start(settings)
    if settings.config is not None:
        components.augmentation_preview(settings.config)
        components.layer_table(settings.config)


settings_side, run_side = st.columns([5, 6], gap="large")
with settings_side:
    plan()
with run_side:
    training_view.show(palette)
