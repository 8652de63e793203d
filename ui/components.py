"""Parts that several pages show: data first, then keyword-only options."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from core import architecture, pictures
from core.config import AUGMENTATION, TrainingConfig
from core.errors import StudioError
from core.look import Palette
from core.run import Run
from core.status import RunState
from ui import charts, resources, words
from ui.resources import Mistake

PAGES: Final = {
    "pages/1_Train.py": ("Train", ":material/school:"),
    "pages/2_Runs.py": ("Runs", ":material/stacked_line_chart:"),
    "pages/3_Confusion_Matrix.py": ("Confusion matrix", ":material/grid_on:"),
    "pages/4_Misclassifications.py": ("Misclassifications", ":material/troubleshoot:"),
    "pages/5_Draw_and_Predict.py": ("Draw and predict", ":material/draw:"),
    "pages/6_Inside_the_Model.py": ("Inside the model", ":material/layers:"),
    "pages/7_Present.py": ("Present", ":material/co_present:"),
    "pages/8_Robustness.py": ("Robustness", ":material/blur_on:"),
}


def model_headline(run: Run) -> None:
    """A model's test accuracy in large type, with the count behind it, its interval, its size and training time."""
    summary = resources.summary(run)
    if summary is None:
        st.metric("Test accuracy", "–")
        st.markdown("Its evaluation is missing or damaged.")
        return
    test = summary["test"]
    st.metric("Test accuracy", words.percent(test["accuracy"]))
    st.markdown(f"**{words.wrong_of(test)}** on the test split · {words.interval(test)}")
    made = "imported" if run.imported is not None else f"trained in {words.duration(summary['train_seconds'])}"
    st.caption(f"{summary['parameters']:,} parameters · {made}")


def confusion_matrix(run: Run, *, palette: Palette, key: str) -> None:
    """The run's confusion matrix on the test split, small."""
    summary = resources.summary(run)
    if summary is None:
        return
    matrix = summary["test"]["confusion_matrix"]
    st.plotly_chart(
        charts.confusion_heatmap(matrix, palette=palette),
        theme=None,
        config=charts.PLOTLY_CONFIG,
        key=key,
        alt=f"Confusion matrix of the test split, rows true, columns read: {words.wrong_of(summary['test'])}.",
    )


def digit_gallery(
    mistakes: Sequence[Mistake],
    *,
    width: int = pictures.WIDTH,
    split: str = "test",
    on_open: Callable[[int], None] | None = None,
    link: tuple[str, Mapping[str, str]] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Misclassified digits with what they are, what was read, and how surely.

    Args:
        on_open: a callback that takes the index of an image; each has a button for it then.
        link: the page of the close look and what its link says beside the image; each has one then.
        notes: one more line for each, as plain words.
    """
    with st.grid(6, min_column_width=100, gap="small"):
        for number, mistake in enumerate(mistakes):
            caption = f"{mistake.y_true}, read as {mistake.y_pred}   \n{words.percent(mistake.confidence, 1)}"
            with st.container(gap="xxsmall", width=width, horizontal_alignment="center"):
                st.image(
                    mistake.picture,
                    width=width,
                    caption=f"{caption}   \n{notes[number]}" if notes else caption,
                    alt=f"{split.capitalize()} digit {mistake.index}: "
                    f"a {mistake.y_true} that was read as {mistake.y_pred}.",
                )
                if on_open is not None:
                    label, key = f"Open {mistake.index}", f"open_{split}_{mistake.index}"
                    st.button(label, key=key, type="tertiary", on_click=on_open, args=(mistake.index,))
                if link is not None:
                    page, said = link
                    st.page_link(
                        page, label=f"Open {mistake.index}", query_params={**said, "image": str(mistake.index)}
                    )


def confident_mistakes(run: Run, *, count: int) -> None:
    """The test digits that the run misread most confidently, or why they cannot be shown."""
    try:
        mistakes = resources.confident_mistakes(run, count)
        digit_gallery(mistakes)
        if not mistakes:
            st.caption("It reads every test image rightly.")
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/error:")


def layer_table(config: TrainingConfig) -> None:
    """The network layer by layer: output shape, parameters and multiply-adds, with their totals."""
    layers = architecture.layers(config)
    parameters, multiply_adds = sum(x.parameters for x in layers), sum(x.multiply_adds for x in layers)
    st.table(
        {
            "Layer": [layer.name for layer in layers] + ["**Total**"],
            "Output": [words.shape(layer.output_shape) for layer in layers] + [""],
            "Parameters": [words.amount(layer.parameters) for layer in layers] + [f"**{parameters:,}**"],
            "Multiply-adds": [words.amount(layer.multiply_adds) for layer in layers] + [f"**{multiply_adds:,}**"],
        },
        border="horizontal",
        hide_index=True,
        alt=f"The network: {len(layers)} layers, {parameters:,} parameters, {multiply_adds:,} multiply-adds an image.",
    )


def augmentation_preview(config: TrainingConfig) -> None:
    """Real digits as they are, and below as a training of `config` would see them; nothing where it changes none."""
    if not (config.augments or config.pen_styles):
        return
    drawn = "; the last row is drawn by code" if config.pen_styles else ""
    st.caption(f"Above, six of the ten digits as they are; below, as the network will see them, anew each time{drawn}")
    varied = {name: getattr(config, name) for name in AUGMENTATION}
    width, height = resources.AUGMENTED_SIZE
    with st.container(height=height, border=False):  # the room is kept while the picture is on its way
        st.image(
            resources.augmented(TrainingConfig(seed=config.seed, **varied)),  # the same picture for every network
            width=width,
            alt="Six digits, and below each one three random variations of it",
        )


def running_now() -> None:
    """What trains at this moment, followed while it does; nothing when nothing trains."""
    if resources.jobs().current() is not None:
        with st.container(border=True):
            st.fragment(_running, run_every=1.0)()


def _running() -> None:
    run = resources.jobs().current()
    if run is None:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"Training now: {words.title(run)}", width="stretch")
        # A link, not a button: this part is drawn anew every second, and a click may come while it is.
        st.page_link("pages/1_Train.py", label="Watch it", icon=":material/visibility:", width="content")
    progress(run)


def progress(run: Run) -> None:
    """A run's stage, how far it is, how quickly it goes and how long it still takes: one bar, one line."""
    status = run.status
    share = 1.0 if run.has_model else min(1.0, status.step / max(1, status.steps))
    line = words.stage(run)
    if status.state is RunState.TRAINING and words.pace(run):
        line += f" · {words.pace(run)}"
    st.progress(share, text=line)


def empty_frame(caption: str) -> None:
    """A frame that waits for its picture."""
    st.image(pictures.empty_png(), width=pictures.WIDTH, caption=caption, alt=f"{caption}: nothing yet")


def no_model() -> None:
    """What to do when no model can predict yet."""
    with st.container(border=True):
        st.subheader("No model yet", anchor=False)
        st.markdown("Train one and make it active; the *quick* preset is done soonest.")
        st.page_link("pages/1_Train.py", label="Train a model", icon=":material/school:")


def name(run: Run) -> None:
    """A run's name, as text."""
    st.subheader(words.plain(words.title(run)), anchor=False)


def try_it() -> None:
    """The way from a model to a drawing."""
    if st.button("Try it: draw a digit", type="primary", icon=":material/draw:", key="try_it"):
        st.switch_page("pages/5_Draw_and_Predict.py")
