"""What the coach has to say about the run on *Train*, each hint with its evidence and a button that follows it.

Owns how a hint looks. What it says is `core.coach`'s.
"""

from dataclasses import replace

import streamlit as st

from core.coach import Hint
from core.run import Run
from ui import resources, state, training_form, words


def show(run: Run) -> None:
    """The hints about a run that trains or has ended; nothing while there is nothing to say."""
    if run.imported is not None:
        return  # nothing of its training is known
    for hint in resources.hints(run):
        with st.container(border=True):
            st.text(words.in_form(hint.text, training_form.FIELDS))
            st.caption(words.plain(words.in_form(hint.evidence, training_form.FIELDS)))
            if hint.changes:
                _follow(run, hint)


def _follow(run: Run, hint: Hint) -> None:
    """The button that puts the suggestion into the form, beside the settings that the run was made with."""
    changed = ", ".join(f"{words.label(name)} {words.value(value)}" for name, value in hint.changes.items())
    st.button(
        words.plain(f"Put into the form: {changed}"),
        icon=":material/lightbulb:",
        key=f"coach_{run.run_id}_{hint.name}",
        on_click=_fill,
        args=(run, hint),
    )


def _fill(run: Run, hint: Hint) -> None:
    training_form.fill(run.preset or "classic", replace(run.config, **hint.changes))
    state.tell("The form now holds this run's settings with the change. Press Start to try it.")
    st.rerun()
