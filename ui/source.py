"""Which run's answers to which images a page looks at: chosen at its top, kept in its address and for the visit.

Owns the two pickers and what stands in their place when there is nothing to pick from. A link that names a run or a
set of images that is not here any more says so, and shows something that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from numpy.typing import NDArray

from core import marks, pictures
from core.datasets import DataSet
from core.errors import StudioError
from core.pairing import Answers
from core.run import Run
from ui import components, own_sets, resources, state, words


@dataclass(frozen=True, slots=True)
class Source:
    """A run's answers to some images.

    Attributes:
        split: `test`, `validation`, or the id of a data set of somebody's own.
        answers: of the run, its temperature applied; `places` name the images.
        own: that data set; None for MNIST.
    """

    run: Run
    split: str
    answers: Answers
    own: DataSet | None = None

    @property
    def title(self) -> str:
        """The images, as a sentence names them: the test split. A data set's name is text from outside."""
        return f"the {self.split} split" if self.own is None else self.own.name

    @property
    def marked_in(self) -> str:
        """The data set whose marks these images have, as `core.marks` names it."""
        if self.own is not None:
            return self.own.dataset_id
        return marks.MNIST_TEST if self.split == "test" else marks.MNIST_TRAIN

    def images(self, places: tuple[int, ...]) -> NDArray:
        """The images at these places, (n, 28, 28) uint8."""
        return resources.digit_images(self.split, places)

    def pictures(self, places: tuple[int, ...], *, width: int = pictures.WIDTH) -> list[bytes]:
        """The same as PNGs."""
        return resources.digit_pictures(self.split, places, width=width)


def choose() -> Source | None:
    """Shows the pickers and gives what was picked; None, with the reason on the page, when there is nothing."""
    runs = {run.run_id: run for run in resources.store().runs() if run.has_model}
    if not runs:
        components.no_model()
        return None
    own_sets.settle()
    own = {each.dataset_id: each for each in resources.data_sets().sets()}
    run_id, split = _chosen(runs, own)
    run = runs[run_id]
    splits = {"test": "Test split", "validation": "Validation split"} | {key: each.name for key, each in own.items()}
    pickers = st.container(horizontal=True, vertical_alignment="bottom")
    with pickers:
        _picker(state.SOURCE_RUN, "Run", run_id, words.titles(runs.values()), 320)
        _picker(state.SOURCE_SPLIT, "Images", split, splits, 220)
        own_sets.button()
    try:
        if split in own:
            if not own_sets.asked(run, own[split]):
                return None
            with pickers:
                own_sets.submission(run, own[split])
            own_sets.remarks(own[split])
            if not own[split].labelled:
                return None
        answers = resources.answers(run, split)
    except StudioError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return None
    return Source(run, split, answers, own.get(split))


def choose_run() -> Run | None:
    """Shows the picker of runs alone and gives what was picked; None, with the reason on the page, for nothing."""
    runs = {run.run_id: run for run in resources.store().runs() if run.has_model}
    if not runs:
        components.no_model()
        return None
    run_id = _asked(state.SOURCE_RUN, "run", list(runs), _default(runs))
    state.set_source(run=run_id)
    _picker(state.SOURCE_RUN, "Run", run_id, words.titles(runs.values()), 320)
    return runs[run_id]


def _chosen(runs: dict[str, Run], own: dict[str, DataSet]) -> tuple[str, str]:
    """What the address asks for, or else the visit, or else the default; put into the address, so that it is whole."""
    run = _asked(state.SOURCE_RUN, "run", list(runs), _default(runs))
    split = _asked(state.SOURCE_SPLIT, "set of images", [*resources.MNIST, *own], resources.MNIST[0])
    state.set_source(run=run, split=split)
    return run, split


def _default(runs: dict[str, Run]) -> str:
    active = resources.active_run()
    return active.run_id if active is not None and active.run_id in runs else next(iter(runs))


def _asked(name: str, called: str, options: Sequence[str], default: str) -> str:
    asked = state.source(name)
    if asked in options:
        return asked
    if asked:
        why = "is not here (any more)" + (", or has no model yet" if called == "run" else "")
        st.warning(
            f"The {called} {words.plain(asked[:64])} {why}; shown is another one.",
            icon=":material/link_off:",
        )
    return default


def _picker(name: str, label: str, chosen: str, names: dict[str, str], width: int) -> None:
    key = f"source_{name}_{chosen}"
    st.selectbox(
        label,
        list(names),
        index=list(names).index(chosen),
        format_func=lambda option: names[option],
        key=key,
        on_change=state.choose_source,
        args=(name, key, chosen),
        width=width,
    )
