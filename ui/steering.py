"""What can be done with a run on *Train*: pause, go on, stop, discard, change its learning rate, resume, train it
longer, make it active; and with those that wait: put them in another order, take them out.

Owns these buttons. Each deed is a callback: a run may move on, and its button with it, while a click is on its way, and
a click is never lost.
"""

import functools
from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from core import continuing, control
from core.errors import StudioError
from core.run import Run
from core.status import RunState
from ui import modes, resources, state, words


def show(run: Run) -> None:
    """The buttons that fit the state of the run, and why it ended where it did not finish."""
    status = run.status
    if status.message and status.state in (RunState.INTERRUPTED, RunState.FAILED):
        st.text(status.message)
    with st.container(horizontal=True):
        if status.state is RunState.FINISHED:
            if run.has_model:
                _finished(run)
            return
        if modes.read_only():
            return
        if status.state in (RunState.STARTING, RunState.TRAINING, RunState.PAUSED):
            _under_way(run)
        elif status.state is RunState.QUEUED:
            _button("Take out of the queue", "close", run, resources.jobs().stop)
        elif status.state.ended:
            _button("Resume", "resume", run, resources.jobs().resume)
        _button(
            "Discard",
            "delete",
            run,
            _discard,
            type="tertiary",
            help="Ends it at once, without a model. It can be taken back for a day.",
        )


def origin(run: Run) -> None:
    """Whose weights the run began with; nothing for one that began with random ones."""
    if run.continued_from is not None:
        st.caption(f"Continues “{words.plain(run.continued_from.name)}” with a fresh optimiser")
    if run.taught is not None:
        st.caption(f"Taught with {words.count(run.taught.digits, 'digit')} of a visitor's own among MNIST's")


def queue(waiting: list[Run]) -> None:
    """The runs that wait, in order, each with what moves it; above them what was discarded last, with the way back."""
    _way_back()
    if not waiting:
        return
    with st.container(gap="xxsmall"):
        st.caption("In the queue, the next one first")
        for place, run in enumerate(waiting):
            ahead = waiting[place - 1].run_id if place else None
            # To be put behind the next run is to be put before the one after that.
            behind = waiting[place + 2].run_id if place + 2 < len(waiting) else None
            with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xxsmall"):
                # One line whatever the name: the buttons of the next run stay where they are when two change places.
                st.text(f"{place + 1}. {words.title(run)}", width="stretch", wrap=False)
                if modes.read_only():
                    continue
                _mover("Train it sooner", "arrow_upward", run, ahead, closed=place == 0)
                _mover("Train it later", "arrow_downward", run, behind, closed=place + 1 == len(waiting))
                _small("Take it out of the queue", "close", run, resources.jobs().stop)


def train_longer(run: Run) -> None:
    """The button that continues a finished run for more epochs, with its two settings; closed, with the reason, where
    that cannot be. Fit for any page: what comes of it is said by the next one."""
    reason = modes.reason() or continuing.reason_against(run)
    with st.popover(
        "Train longer",
        icon=":material/more_time:",
        disabled=bool(reason),
        help=words.plain(reason) or None,
        key=f"longer_{run.run_id}",
    ):
        if reason:
            return
        st.caption("Starts a new run from these weights, with a fresh optimiser. All other settings stay.")
        st.number_input(
            "More epochs",
            min_value=1,
            value=max(1, round(run.config.epochs / 4)),
            help="How long the new run trains; this one stays as it is.",
            key=_key("epochs", run.run_id),
        )
        rate = float(f"{run.config.learning_rate / 10:.3g}")
        st.number_input(
            "Learning rate",
            value=rate,
            step=rate / 10,
            format="%g",
            help="A tenth of this run's own: its weights are nearly right, and larger steps would first undo them.",
            key=_key("learning_rate", run.run_id),
        )
        _button("Start training longer", "play_arrow", run, _train_longer, type="primary")


def _under_way(run: Run) -> None:
    if run.status.state is RunState.PAUSED:
        _button("Go on", "play_arrow", run, resources.jobs().go_on)
    else:
        _button("Pause", "pause", run, resources.jobs().pause)
    _button("Stop and keep the best", "stop", run, resources.jobs().stop)
    with st.popover("Learning rate", icon=":material/speed:", key=f"rate_of_{run.run_id}"):
        st.number_input(
            "Learning rate from now on",
            value=control.read(run.path).learning_rate or run.config.learning_rate,
            step=run.config.learning_rate / 10,
            format="%g",
            help="The schedule keeps its shape; its highest value becomes this one.",
            key=_key("rate", run.run_id),
        )
        _button("Apply", "check", run, _change_rate)


def _finished(run: Run) -> None:
    active = resources.active_run()
    if active is not None and active.run_id == run.run_id:
        st.button("This is the active model", icon=":material/check:", disabled=True, key="is_active")
    elif not modes.read_only():
        _button("Make active", "check", run, resources.store().activate)
    if st.button("Draw with it", icon=":material/draw:", key=f"draw_{run.run_id}"):
        state.use_model(run.run_id)
        st.switch_page("pages/5_Draw_and_Predict.py")
    train_longer(run)


def _way_back() -> None:
    """What this visitor threw away last, and the button that brings it back."""
    gone = state.deleted_runs()
    if not gone:
        return
    name = next(iter(gone.values())) if len(gone) == 1 else f"{len(gone)} runs"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"Discarded: {name}")
        help = "Kept for a day; the Runs page lists all that was deleted."
        st.button("Undo", icon=":material/undo:", key="undo_discard", help=help, on_click=_act, args=(_undo, gone))


def _change_rate(run_id: str) -> None:
    resources.jobs().change_learning_rate(run_id, state.typed_number(_key("rate", run_id)))
    going = resources.store().get(run_id).status.state
    state.tell("The run has ended already." if going.ended else "The learning rate changes with the run's next steps.")


def _train_longer(run_id: str) -> None:
    if not state.claim_start():
        return
    parent = resources.store().get(run_id)
    run = resources.jobs().train_longer(
        run_id,
        epochs=int(state.typed_number(_key("epochs", run_id))),
        learning_rate=state.typed_number(_key("learning_rate", run_id)),
        name=continuing.name_after(words.title(parent)),
    )
    state.show_run(run.run_id)
    state.tell(f"Started: {words.title(run)}. Watch it on Train.")


def _discard(run_id: str) -> None:
    if run_id in state.deleted_runs():
        return  # the second click of a double click
    name = words.title(resources.store().get(run_id))
    resources.shelf().discard(run_id)
    state.remember_deleted({run_id: name})


def _undo(gone: dict[str, str]) -> None:
    for run_id in gone:
        resources.shelf().restore(run_id)
        state.show_run(run_id)


def _key(field: str, run_id: str) -> str:
    return f"{field}_{run_id}"


def _mover(label: str, icon: str, run: Run, before: str | None, *, closed: bool) -> None:
    _small(label, icon, run, functools.partial(resources.jobs().move, before=before), closed=closed)


def _small(label: str, icon: str, run: Run, action: Callable[[str], object], *, closed: bool = False) -> None:
    """A button without words, which say themselves on pointing at it."""
    st.button(
        "",
        icon=f":material/{icon}:",
        help=label,
        disabled=closed,
        key=f"queue_{icon}_{run.run_id}",
        on_click=_act,
        args=(action, run.run_id),
    )


def _button(
    label: str,
    icon: str,
    run: Run,
    action: Callable[[str], object],
    *,
    type: Literal["primary", "secondary", "tertiary"] = "secondary",
    help: str | None = None,
) -> None:
    """A button that does something to the run and draws the page anew."""
    st.button(
        label,
        icon=f":material/{icon}:",
        type=type,
        help=help,
        key=f"{icon}_{run.run_id}",
        on_click=_act,
        args=(action, run.run_id),
    )


def _act(action: Callable[[Any], object], subject: Any) -> None:
    """Does it, and has the whole page drawn anew, with what could not be done."""
    if action is not _discard:
        state.remember_deleted({})
    try:
        action(subject)
    except StudioError as error:
        state.tell(str(error))
    st.rerun()
