"""What can be done with the run on *Train*: pause, go on, stop, change its learning rate, resume, make it active.

Owns these buttons. Each deed is a callback: a run may move on, and its button with it, while a click is on its way, and
a click is never lost.
"""

from collections.abc import Callable

import streamlit as st

from core.errors import StudioError
from core.run import Run
from core.status import RunState
from ui import resources, state


def show(run: Run) -> None:
    """The buttons that fit the state of the run, and why it ended where it did not finish."""
    status = run.status
    if status.message and status.state in (RunState.INTERRUPTED, RunState.FAILED):
        st.text(status.message)
    with st.container(horizontal=True):
        if status.state in (RunState.STARTING, RunState.TRAINING, RunState.PAUSED):
            _under_way(run)
        elif status.state is RunState.QUEUED:
            _button("Take out of the queue", "close", run, resources.jobs().stop)
        elif status.state in (RunState.INTERRUPTED, RunState.FAILED):
            _button("Resume", "resume", run, resources.jobs().resume)
        elif run.has_model:
            _finished(run)


def _under_way(run: Run) -> None:
    if run.status.state is RunState.PAUSED:
        _button("Go on", "play_arrow", run, resources.jobs().go_on)
    else:
        _button("Pause", "pause", run, resources.jobs().pause)
    _button("Stop and keep the best", "stop", run, resources.jobs().stop)
    with st.popover("Learning rate", icon=":material/speed:", key=f"rate_of_{run.run_id}"):
        st.number_input(
            "Learning rate from now on",
            value=run.config.learning_rate,
            step=run.config.learning_rate / 10,
            format="%g",
            help="The schedule keeps its shape; its highest value becomes this one.",
            key=_rate_key(run.run_id),
        )
        _button("Apply", "check", run, _change_rate)


def _change_rate(run_id: str) -> None:
    resources.jobs().change_learning_rate(run_id, state.typed_number(_rate_key(run_id)))
    state.tell("The learning rate changes within a second.")


def _rate_key(run_id: str) -> str:
    return f"rate_{run_id}"


def _finished(run: Run) -> None:
    active = resources.active_run()
    if active is not None and active.run_id == run.run_id:
        st.button("This is the active model", icon=":material/check:", disabled=True, key="is_active")
    else:
        _button("Make active", "check", run, resources.store().activate)
    if st.button("Draw with it", icon=":material/draw:", key=f"draw_{run.run_id}"):
        state.use_model(run.run_id)
        st.switch_page("pages/5_Draw_and_Predict.py")


def _button(label: str, icon: str, run: Run, action: Callable[[str], object]) -> None:
    """A button that does something to the run and draws the page anew."""
    st.button(label, icon=f":material/{icon}:", key=f"{icon}_{run.run_id}", on_click=_act, args=(action, run.run_id))


def _act(action: Callable[[str], object], run_id: str) -> None:
    """Does it, and has the whole page drawn anew, with what could not be done."""
    try:
        action(run_id)
    except StudioError as error:
        state.tell(str(error))
    st.rerun()
