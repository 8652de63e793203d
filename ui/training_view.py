"""One run as it is watched on *Train*: what it does now, its curves, its result, and what can be done with it.

Everything comes from the run's files, so a reload, another tab and another visitor see the same.
"""

from typing import Final

import streamlit as st

from core import pictures
from core.errors import RunError, RunNotFoundError
from core.evaluation import Share
from core.look import Palette
from core.run import Run
from ui import coaching, components, resources, state, steering, training_charts, words
from ui.resources import Mistake
from ui.training_charts import Metric, Scale

POLL_SECONDS: Final = 0.7
RECENT: Final = 12


def show(palette: Palette) -> None:
    """The run to look at, redrawn while any run is active or waits, and left alone otherwise."""
    jobs = resources.jobs()
    busy = jobs.current() is not None or bool(jobs.queue())
    run_id = _pick(state.started_run(), _recent())
    st.fragment(_watch, run_every=POLL_SECONDS if busy else None)(run_id, palette, busy)
    for damaged in resources.store().damaged():
        st.caption(words.plain(f"Damaged, and left alone: {damaged.reason}"))


def _recent() -> list[Run]:
    """The newest own runs, newest first, with older ones that are active, wait, or were picked."""
    own = [run for run in resources.store().runs() if not run.shipped]
    picked = state.picked_run()
    return own[:RECENT] + [run for run in own[RECENT:] if not run.status.state.ended or run.run_id == picked]


def _pick(started: str | None, recent: list[Run]) -> str | None:
    """The run to show: the one picked, else what trains or is next, else the visitor's last, else the newest."""
    ids = [run.run_id for run in recent]
    if not ids:
        return None
    current = resources.jobs().current() or next(iter(resources.jobs().queue()), None)
    preferred = [state.picked_run(), current.run_id if current else None, started, ids[0]]
    chosen = next(run_id for run_id in preferred if run_id in ids)
    names = words.titles(recent)
    return st.selectbox(
        "Run",
        ids,
        index=ids.index(chosen),
        format_func=lambda run_id: names.get(run_id, run_id),
        key=f"train_picker_{chosen}",
        on_change=state.pick_run,
        args=(f"train_picker_{chosen}", chosen),
    )


def _watch(run_id: str | None, palette: Palette, busy: bool) -> None:
    jobs = resources.jobs()
    current, waiting = jobs.current(), jobs.queue()
    if busy and current is None and not waiting:
        st.rerun()  # the last run has ended: draw the page once more, without the timer
    run, problem = _read(run_id)
    with st.container(border=True):
        # Each part has a place of its own: what one has more or less of must not move the next.
        headline, progress, actions = st.container(), st.container(), st.container()
        if run is None:
            with headline:
                _headline(None)
            with progress:
                st.progress(0.0, text="This run cannot be read" if problem else "No run yet")
            with actions:
                st.text(problem or "Press Start: the first points appear here within seconds.")
        else:
            with headline:
                _headline(run)
                steering.origin(run)
            with progress:
                components.progress(run)
            with actions:
                steering.show(run)
    with st.container():
        steering.queue(waiting)
    if run is not None:
        coaching.show(run)
    _curves(run, palette)
    _validation(run, palette)


def _read(run_id: str | None) -> tuple[Run | None, str]:
    if run_id is None:
        return None, ""
    try:
        return resources.store().get(run_id), ""
    except RunNotFoundError:
        st.rerun()  # another visitor discarded it: draw the page once more, without it
    except RunError as error:
        return None, str(error)


def _headline(run: Run | None) -> None:
    """The number that is the message: validation accuracy while it trains, test accuracy once it is known.

    The count behind it and its interval take the same two lines all the time.
    """
    if run is not None and run.has_model:
        components.model_headline(run)
        return
    epochs = [] if run is None else [record for record in run.epochs() if record.get("val_accuracy") is not None]
    if run is not None and epochs:
        last, size = epochs[-1], run.config.validation_size
        share = Share(round(last["val_accuracy"] * size), size)
        st.metric("Validation accuracy", share.text)
        st.markdown(f"**{words.wrong(share)}** on the validation split")
        st.caption(f"{words.share_interval(share)} · after epoch {last['epoch']}")
        return
    seen = [] if run is None else [record["accuracy"] for record in run.steps()[-5:]]
    st.metric("Training accuracy", words.percent(sum(seen) / len(seen)) if seen else "–")
    st.markdown("On the batches of the last steps")
    validated = run is None or run.config.validation_size
    st.caption("Validation follows after the first epoch" if validated else "The test split is read once, at the end")


def _curves(run: Run | None, palette: Palette) -> None:
    """Loss and accuracy; the frames are there before the first point.

    Their alternative texts stay the same: they are part of a chart, which is drawn anew when they change, and blinks.
    """
    scales: tuple[Scale, ...] = ("step", "epoch")
    by = st.segmented_control(
        "Curves",
        scales,
        default="step",
        required=True,
        format_func=lambda scale: f"By {scale}",
        key=state.CURVES_BY,
        persist_state=state.KEEP,
        label_visibility="collapsed",
    )
    steps, epochs = (run.steps(), run.epochs()) if run else ([], [])
    planned = (run.status.steps if by == "step" else run.status.epochs) if run else 1
    metrics: tuple[Metric, ...] = ("loss", "accuracy")
    for metric in metrics:
        st.vega_lite_chart(
            training_charts.learning_curve(steps, epochs, metric=metric, by=by, palette=palette, extent=planned),
            theme=None,
            key=f"curve_{metric}",
            alt=f"{metric.capitalize()} while training, and after each epoch on the training and validation images.",
        )
    st.vega_lite_chart(
        training_charts.rate_curve(steps, palette=palette, extent=run.status.steps if run else 1),
        theme=None,
        key="curve_rate",
        alt="Learning rate by step.",
    )


def _validation(run: Run | None, palette: Palette) -> None:
    """The validation images: which ones the network still gets wrong, and how they are confused so far."""
    if run is not None and run.config.validation_size == 0:
        return
    view = resources.validation_view(run) if run else None
    if view is None:
        st.caption("Validation digits that are still wrong: known after the first epoch")
    elif view.mistakes:
        st.caption(f"Validation digits still wrong after epoch {view.epoch}, the most confident first")
    else:
        st.caption(f"After epoch {view.epoch} no validation digit is wrong any more")
    _strip(view.mistakes if view else [])
    st.vega_lite_chart(
        training_charts.live_confusion(view.matrix if view else None, palette=palette),
        theme=None,
        key="live_confusion",
        alt="Confusion matrix of the validation images, rows true, columns read.",
    )


def _strip(mistakes: list[Mistake]) -> None:
    """Wrong digits close together; empty frames where there are fewer."""
    width = resources.EXAMPLE_WIDTH
    with st.grid(resources.STILL_WRONG, min_column_width=width + 4, gap="xsmall"):
        for mistake in mistakes:
            read = f"{mistake.y_true} as {mistake.y_pred}"
            alt = f"A {read}, {words.percent(mistake.confidence, 1)} sure."
            st.image(mistake.picture, width=width, caption=read, alt=alt)
        for _ in range(resources.STILL_WRONG - len(mistakes)):
            st.image(pictures.empty_png(width=width), width=width, caption="\N{NO-BREAK SPACE}", alt="Nothing yet")
