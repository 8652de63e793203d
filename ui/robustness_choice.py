"""Which runs *Robustness* looks at, and on which images: chosen at its top, kept in its address and for the visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.errors import StudioError
from core.pairing import Judged
from core.run import Run
from ui import components, resources, state, words

MOST: Final = 4
SPLITS: Final[dict[Judged, str]] = {"validation": "Validation split", "test": "Test split"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One to four runs that can be asked, and the split that the images are from."""

    runs: tuple[Run, ...]
    split: Judged

    @property
    def letters(self) -> dict[str, str]:
        """What each run is called beside the others, by run id."""
        return {run.run_id: letter for run, letter in zip(self.runs, "ABCD", strict=False)}


def choose() -> Choice | None:
    """Shows the pickers and gives what was picked; None, with the reason on the page, when there is nothing."""
    runs = {run.run_id: run for run in resources.store().runs() if run.has_model}
    if not runs:
        components.no_model()
        return None
    chosen, split = _runs(runs), _split()
    state.set_robust_runs(chosen)
    state.set_robust(split=split)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = words.titles(runs.values())
        key = state.showing(f"robust_runs_{'_'.join(chosen)}", list(chosen))
        st.multiselect(
            "Runs",
            list(runs),
            format_func=lambda run_id: names[run_id],
            max_selections=MOST,
            placeholder="One to four runs",
            key=key,
            on_change=_choose_runs,
            args=(key, chosen),
            width=460,
        )
        key = state.showing(f"robust_split_{split}", split)
        st.selectbox(
            "Images",
            list(SPLITS),
            format_func=lambda name: SPLITS[name],
            help="Choose between runs by the validation images: the test images are for reporting how good it is.",
            key=key,
            on_change=_choose_split,
            args=(key, split),
            width=200,
        )
    return _askable(Choice(tuple(runs[run_id] for run_id in chosen), split))


def _askable(choice: Choice) -> Choice | None:
    """The runs that have such images; of the others the page says why not."""
    good = []
    for run in choice.runs:
        try:
            resources.asked_about(run, choice.split)
            good.append(run)
        except StudioError as error:
            st.info(words.plain(str(error)), icon=":material/info:")
    return Choice(tuple(good), choice.split) if good else None


def _runs(runs: Mapping[str, Run]) -> list[str]:
    """The runs that the link asks for, as far as they are here, or else the active one."""
    asked = list(dict.fromkeys(state.robust_runs()))
    gone = [run_id for run_id in asked if run_id not in runs]
    if gone:
        st.warning(
            f"The run {words.plain(gone[0][:64])} is not here (any more), so it is left out.",
            icon=":material/link_off:",
        )
    found = [run_id for run_id in asked if run_id in runs][:MOST]
    active = resources.active_run()
    return found or [active.run_id if active is not None and active.run_id in runs else next(iter(runs))]


def _split() -> Judged:
    return "test" if state.robust(state.ROBUST_SPLIT) == "test" else "validation"


def _choose_runs(widget: str, shown: list[str]) -> None:
    """Looks at the runs that were picked (a callback); without any, at those from before."""
    state.set_robust_runs(state.picked(widget) or shown)


def _choose_split(widget: str, shown: Judged) -> None:
    """Looks at the images that were picked (a callback), unless nobody chose them."""
    if state.picked(widget) != shown:
        state.set_robust(split=state.picked(widget))
        state.set_robust(digit="")
