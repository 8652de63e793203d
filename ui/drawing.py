"""*Draw and predict* as one: which model answers, what is given to it, what it answers, and why.

The parts are `drawing_given`, `drawing_files`, `drawing_answer` and `drawing_why`.
"""

import streamlit as st

from core.errors import RunError
from core.inference import Classifier
from core.run import Run
from ui import components, resources, state, words
from ui.drawing_answer import answer
from ui.drawing_files import table
from ui.drawing_given import Given, given
from ui.drawing_why import show as why

__all__ = ["Given", "answer", "files", "given", "keep_to", "model_choice", "why"]


def model_choice() -> tuple[Run, Classifier] | None:
    """Which run answers: a choice among those with a model, the active one at first.

    None when there is none or the chosen one is damaged; the page says so then.
    """
    runs = {run.run_id: run for run in resources.store().runs() if run.has_model}
    active = resources.active_run()
    if active is None:
        components.no_model()
        return None
    ids, names = list(runs), words.titles(runs.values())
    chosen = active.run_id
    if len(ids) > 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Answered by", width="content")
            chosen = st.selectbox(
                "Model",
                ids,
                index=ids.index(active.run_id),
                format_func=lambda run_id: names.get(run_id, run_id),
                key=state.MODEL,
                label_visibility="collapsed",
                persist_state=state.KEEP,
                width=240,
            )
    try:
        return runs[chosen], resources.classifier(runs[chosen])
    except RunError as error:
        way_out = " Choose another one above." if len(ids) > 1 else ""
        st.error(f"This model cannot answer: {words.plain(str(error))}{way_out}", icon=":material/error:")
        return None


def keep_to(run: Run) -> None:
    """Goes on with `run`; where that was deleted meanwhile, the page begins anew with the active one, and says so."""
    if not run.has_model:
        state.tell(f"{words.title(run)} was deleted meanwhile: the active model answers now.")
        st.rerun()


def files(given: Given) -> None:
    """The table of files, where several were given."""
    if given.files is not None:
        table(given.files)
