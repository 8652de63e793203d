"""Which run's answers to which images a page looks at: chosen at its top, kept in its address and for the visit.

Owns the two pickers and what stands in their place when there is nothing to pick from. A link that names a run or a
set of images that is not here any more says so, and shows something that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from numpy.typing import NDArray

from core import marks
from core.datasets import DataSet
from core.errors import StudioError
from core.pairing import Answers
from core.run import Run
from ui import components, own_sets, pictures, resources, state, words


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
    pickers = st.container(horizontal=True, vertical_alignment="bottom")
    with pickers:
        run = runs[_run(runs)]
        split = _split(own)
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


def _run(runs: dict[str, Run]) -> str:
    active = resources.active_run()
    default = active.run_id if active is not None and active.run_id in runs else next(iter(runs))
    chosen = _asked(state.SOURCE_RUN, list(runs), default)
    names = words.titles(runs.values())
    key = f"source_run_{chosen}"
    st.selectbox(
        "Run",
        list(runs),
        index=list(runs).index(chosen),
        format_func=lambda run_id: names[run_id],
        key=key,
        on_change=state.choose_source,
        args=(state.SOURCE_RUN, key),
        width=320,
    )
    return chosen


def _split(own: dict[str, DataSet]) -> str:
    options = [*resources.MNIST, *own]
    chosen = _asked(state.SOURCE_SPLIT, options, options[0])
    names = {"test": "Test split", "validation": "Validation split"} | {key: each.name for key, each in own.items()}
    key = f"source_split_{chosen}"
    st.selectbox(
        "Images",
        options,
        index=options.index(chosen),
        format_func=lambda split: names[split],
        key=key,
        on_change=state.choose_source,
        args=(state.SOURCE_SPLIT, key),
        width=220,
    )
    return chosen


def _asked(name: str, options: Sequence[str], default: str) -> str:
    """What the address asks for, or else the visit, or else the default; put into the address, so that it is whole."""
    asked = state.source(name)
    chosen = asked if asked in options else default
    if asked and chosen != asked:
        called = "run" if name == state.SOURCE_RUN else "set of images"
        st.warning(
            f"The {called} {words.plain(asked[:64])} is not here (any more); shown is another one.",
            icon=":material/link_off:",
        )
    state.set_source(name, chosen)
    return chosen
