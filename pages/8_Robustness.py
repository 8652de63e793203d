"""Robustness: how well runs read digits that are shifted, turned, blurred or ruled over, and where they give way."""

import streamlit as st

from ui import page, robustness_choice, robustness_lab, robustness_results

palette = page.begin_page(
    "Robustness",
    "How well a model reads digits that are shifted, turned, blurred, ruled over: from a little to a lot, and where it "
    "gives way.",
)

chosen = robustness_choice.choose()
if chosen is None:
    st.stop()
robustness_results.show(chosen, palette)
robustness_lab.show(chosen, palette)
