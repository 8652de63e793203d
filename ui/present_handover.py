"""A story out of the studio: a form is chosen, made in the background, and taken.

Owns this popover. What the files hold is `core.handover`'s.
"""

from typing import Final

import streamlit as st

from core.handover import FORMS, Form, file_name, handed_over
from core.story import Told
from ui import prepared, resources, state
from ui.prepared import POLL_SECONDS, WIDTH, Wanted

PURPOSES: Final = {
    Form.HTML: "One file for any browser, charts to point at; needs no network, prints a screen a page.",
    Form.PPTX: "Native charts and tables to edit; the notes are in the notes pane.",
    Form.CARD: "What it is for, its figures with intervals, its limits, as Markdown.",
    Form.ZIP: "All three, with the network, the figures and every misread image as a table.",
}


def show(told: Told) -> None:
    """The popover for a story; looks, while a file is made, whether it is done."""
    making = _making(told)
    st.fragment(_popover, run_every=POLL_SECONDS if making else None)(told, making)


def _popover(told: Told, making: list[Form]) -> None:
    if _making(told) != making:
        st.rerun()
    with st.popover("Hand over", icon="spinner" if making else ":material/ios_share:"):
        form = st.radio(
            "As",
            list(PURPOSES),
            format_func=lambda form: FORMS[form][0],
            captions=list(PURPOSES.values()),
            width=WIDTH,
            key=state.HANDOVER_FORM,
            persist_state=state.KEEP,
        )
        wanted = _wanted(told, form)
        prepared.button(
            resources.handovers(), wanted, prepare="Prepare", preparing="Preparing, some seconds", key="handover"
        )
        if form in making:
            st.progress(resources.handover_shares().get(wanted.key, 0.0), width=WIDTH)


def _making(told: Told) -> list[Form]:
    return [form for form in PURPOSES if prepared.under_way(resources.handovers(), _wanted(told, form))]


def _wanted(told: Told, form: Form) -> Wanted:
    key = resources.story_source(told), told.story, form
    shares = resources.handover_shares()

    def make() -> bytes:
        try:
            return handed_over(told, resources.story_facts(told), form, lambda share: shares.update({key: share}))
        finally:
            shares.pop(key, None)

    return Wanted(key, make, file_name(told, form), FORMS[form][2])
