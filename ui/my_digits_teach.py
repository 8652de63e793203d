"""*Teach it*: the active model trained on the visitor's digits among MNIST's, and what it reads before and after."""

from collections.abc import Callable
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import comparison, pairing, pictures, teaching
from core.errors import RunError, StudioError
from core.evaluation import Share
from core.lesson import HELD_OUT_FROM, SHARE, Lesson
from core.my_digits import arrays_of
from core.run import Run
from core.teaching import Effect
from ui import components, modes, resources, state, words

POLL_SECONDS: Final = 1.0
SHOWN: Final = 24
WIDTH: Final = 84  # page pixels: 28 x 3
LARGE: Final = 1_000  # from so many images on a share says more than a count


def show() -> None:
    """What teaching does, the button for it, and what came of the last time."""
    if modes.read_only():
        modes.note()
        return
    active = resources.active_run()
    if active is None:
        st.caption("There is no model to teach yet.")
        return
    digits, last = resources.my_lesson(), _last_taught()
    left_out = len(resources.my_digits()) - len(digits)
    reason = teaching.reason_against(active, len(digits))
    if last is not None and not last.status.state.ended:
        reason = "One model is being taught already."
    st.markdown(
        f"**{words.plain(words.title(active))}**, the active model, goes on learning for {teaching.EPOCHS} short "
        f"epochs with your {words.count(len(digits), 'digit')} among up to {teaching.MNIST_IMAGES:,} of MNIST's: about "
        f"one in {round(1 / SHARE)} images it sees is yours, varied a little each time. It becomes a run of its own; "
        "the active model stays as it is until you choose."
    )
    st.caption(
        "Your digits are copied into the run's folder, so that the training can be repeated; they stay there until the "
        f"run is deleted. Of {HELD_OUT_FROM} digits or more, every fifth is held out to be asked about afterwards."
    )
    if left_out:
        st.caption(
            f"{words.count(left_out, 'digit')} left out: nearly an image of MNIST's test split, on which models are "
            "measured. What a model has learned says nothing about how well it reads."
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Teach it",
            type="primary",
            icon=":material/school:",
            disabled=bool(reason),
            on_click=_do,
            args=(_teach, active.run_id),
            key="my_teach",
        )
        if reason:
            st.text(reason)
    _way_back()
    if last is not None:
        _outcome(last, active)


def _last_taught() -> Run | None:
    """The newest run that this visitor's digits taught."""
    owner = resources.visitor()[0]
    return next((run for run in resources.store().runs() if run.taught and run.taught.owner == owner), None)


def _outcome(run: Run, active: Run) -> None:
    with st.container(border=True):
        st.markdown(f"**{words.plain(words.title(run))}**")
        if not run.status.state.ended:
            st.fragment(_progress, run_every=POLL_SECONDS)(run.run_id)
        elif not run.has_model:
            st.text(f"{words.stage(run)}. {run.status.message}")
            st.page_link("pages/1_Train.py", label="Resume or discard it on Train", icon=":material/school:")
        else:
            try:
                _before_and_after(run)
            except StudioError as error:
                st.error(words.plain(str(error)), icon=":material/error:")
            _choice(run, active)


def _progress(run_id: str) -> None:
    try:
        run = resources.store().get(run_id)
    except RunError:  # discarded meanwhile
        st.rerun()
    if run.status.state.ended:
        st.rerun()
    components.progress(run)
    st.page_link("pages/1_Train.py", label="Watch it on Train", icon=":material/visibility:")


def _before_and_after(run: Run) -> None:
    """The taught model beside the one it was taught from, on the visitor's digits and on MNIST."""
    lesson, before = resources.lesson(run), _parent(run)
    if before is None:
        st.text("The model that it was taught from is gone, so there is no before to compare with.")
        return
    shown = resources.effect(before, run, lesson.images, lesson.labels)
    with st.grid(3, min_column_width=240, gap="small"):
        _card(
            "My digits, learned from",
            shown.right_before,
            shown.right_after,
            f"{shown.fixed} fixed, {shown.broken} broken. It has seen these, so this says little about others.",
        )
        if len(lesson.held_labels):
            held = resources.effect(before, run, lesson.held_images, lesson.held_labels)
            _card(
                "My digits, held out",
                held.right_before,
                held.right_after,
                f"{comparison.verdict('Before', 'After', held.fixed, held.broken)} It has not seen these.",
            )
        _mnist(before, run)
    _readings(lesson, shown)


def _mnist(before: Run, after: Run) -> None:
    first, second = pairing.paired(resources.answers(before, "test"), resources.answers(after, "test"))
    flips = comparison.flips(first.labels, first.probabilities, second.probabilities)
    effect = Effect(first.labels, first.probabilities.argmax(axis=1), second.probabilities.argmax(axis=1))
    _card(
        "MNIST, test split",
        effect.right_before,
        effect.right_after,
        comparison.verdict("Before", "After", len(flips.fixed), len(flips.broken)),
    )


def _card(title: str, before: Share, after: Share, verdict: str) -> None:
    """One set of images: how many are right before and after, each with what chance leaves open."""
    with st.container(border=True, height="stretch", gap="small"):
        st.markdown(f"**{title}**")
        first, second = (share.text if share.n >= LARGE else f"{share.count} of {share.n}" for share in (before, after))
        st.subheader(f"{first} → {second}", anchor=False)
        for name, share in (("Before", before), ("After", after)):
            st.caption(f"{name}: {words.share_interval(share)}")
        st.caption(words.plain(verdict))


def _readings(lesson: Lesson, effect: Effect) -> None:
    """The digits themselves: what each is, and what was and is read."""
    st.caption("What it is, and what was and now is read")
    with st.grid(8, min_column_width=76, gap="small"):
        for number in range(min(SHOWN, len(lesson.labels))):
            _digit(lesson.images[number], int(lesson.labels[number]), effect.before[number], effect.after[number])
    if len(lesson.labels) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(lesson.labels)}.")


def _digit(image: NDArray[np.uint8], label: int, before: int, after: int) -> None:
    st.image(
        pictures.digit_png(image, width=WIDTH),
        width=WIDTH,
        caption=f"**{label}**: {before} → {f'{after}' if after == label else f':red[{after}]'}",
        alt=f"A {label}, read as {before} before and as {after} after.",
    )


def _choice(run: Run, active: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if run.run_id == active.run_id:
            st.text("You kept it: it is the active model.")
        else:
            _button("Keep it: make it active", "check", _activate, run.run_id, primary=True)
        _button("Throw it away", "delete", _throw_away, run.run_id)


def _way_back() -> None:
    for run_id, name in state.thrown_away().items():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(f"Thrown away: {name}")
            _button("Undo", "undo", _undo, run_id)


def _parent(run: Run) -> Run | None:
    """The model that a run was taught from, if it is there and can answer."""
    if run.continued_from is None:
        return None
    try:
        parent = resources.store().get(run.continued_from.run_id)
    except RunError:
        return None
    return parent if parent.has_model else None


def _button(label: str, icon: str, deed: Callable[[str], None], run_id: str, *, primary: bool = False) -> None:
    st.button(
        label,
        type="primary" if primary else "secondary",
        icon=f":material/{icon}:",
        on_click=_do,
        args=(deed, run_id),
        key=f"my_teach_{icon}",
    )


def _do(deed: Callable[[str], None], run_id: str) -> None:
    """Does something to a run (a callback of the fragment), and has the whole page drawn anew."""
    try:
        deed(run_id)
    except StudioError as error:
        state.tell(str(error))
    st.rerun()


def _teach(run_id: str) -> None:
    if not state.claim_start():
        return
    parent, digits = resources.store().get(run_id), resources.my_lesson()
    if reason := teaching.reason_against(parent, len(digits)):
        state.tell(reason)
        return
    lesson = Lesson.of(resources.visitor()[0], *arrays_of(digits), seed=parent.config.seed)
    run = resources.jobs().teach(run_id, lesson, name=teaching.name_after(words.title(parent)))
    state.thrown_away({})
    state.show_run(run.run_id)


def _activate(run_id: str) -> None:
    resources.store().activate(run_id)
    state.tell("It predicts from now on, on the pages and over REST.")


def _throw_away(run_id: str) -> None:
    run, active = resources.store().get(run_id), resources.active_run()
    name, parent = words.title(run), _parent(run)
    if active is not None and active.run_id == run_id and parent is not None:
        resources.store().activate(parent.run_id)
    resources.shelf().discard(run_id)
    state.thrown_away({run_id: name})


def _undo(run_id: str) -> None:
    resources.shelf().restore(run_id)
    state.thrown_away({})
