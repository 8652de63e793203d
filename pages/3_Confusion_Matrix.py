"""Confusion matrix: which digits are taken for which, the images behind every count, and each digit's figures."""

import streamlit as st

from ui import confusion_figures, confusion_images, confusion_matrix, confusion_view, page, source, trust_view

palette = page.begin_page(
    "Confusion matrix",
    "Which digits are taken for which: rows are what an image is, columns what it was read as. Every count leads to "
    "its images.",
)

chosen = source.choose()
if chosen is None:
    st.stop()
others = confusion_view.others(chosen.run)
confusion_view.mend(others, chosen.run)
seen = confusion_figures.counted(chosen)
confusion_figures.headline(seen)


@st.fragment
def workbench() -> None:
    """The matrix and the images behind it: only this is drawn anew by a click."""
    view = confusion_view.current(others)
    matrix_side, images_side = st.columns([6, 5], gap="large")
    with matrix_side:
        confusion_view.controls(view, others)
        beside = confusion_matrix.pair(chosen, view.versus)
        confusion_matrix.show(seen, beside, view, palette)
        if beside is None:
            confusion_figures.pairs(seen)
    with images_side:
        confusion_images.show(seen, beside, view)


workbench()
confusion_figures.classes(seen)
st.header("Trust", anchor=False)
trust_view.show(chosen, palette)
