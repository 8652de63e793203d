"""The confusion matrix itself: drawn, clicked, and the difference of two explained."""

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from core import comparison, evaluation
from core.errors import StudioError
from core.look import Palette
from core.pairing import Answers, matrix_difference, paired
from core.run import Run
from ui import confusion_charts, confusion_view, resources, state, words
from ui.confusion_figures import Counted
from ui.confusion_view import View
from ui.source import Source

HOW: Final = "Click a cell, or the digit of a row or a column, for its images."
COLOURS: Final = "Grey is right. Red is wrong: the deeper, the more, on a logarithmic scale."


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs' answers to the images that both have answered, row by row of one image.

    Attributes:
        name, other: what the run shown is called, and the one that it is compared with; no two are called the same.
        first, second: the answers of the other, and those of the run shown.
    """

    name: str
    other: str
    first: Answers
    second: Answers


def pair(source: Source, versus: Run | None) -> Pair | None:
    """The answers of a run beside those shown; None for no run, or, with the reason on the page, without answers."""
    if versus is None:
        return None
    names = words.titles((source.run, versus))
    name, other = names[source.run.run_id], names[versus.run_id]
    try:
        both = paired(resources.answers(versus, source.split), source.answers)
    except StudioError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return None
    if not len(both[0].labels):
        both_names = f"{words.plain(name)} and {words.plain(other)}"
        st.info(f"{both_names} have no image of {words.plain(source.title)} in common.", icon=":material/info:")
        return None
    return Pair(name, other, *both)


def show(seen: Counted, beside: Pair | None, view: View, palette: Palette) -> None:
    """The matrix, or its difference from another run's, and what its colours mean."""
    source = seen.source
    turn = state.confusion_turn(f"{view.true} {view.pred}")
    how: dict[str, Any] = {
        "chosen": (view.true, view.pred),
        "diagonal": view.diagonal,
        "turn": turn,
        "palette": palette,
    }
    if beside is not None:
        spec = confusion_charts.difference(matrix_difference(beside.first, beside.second), **how)
        called = f"Confusion matrix of {beside.name} less that of {beside.other} on {source.title}"
    else:
        shares = None if view.cells == "counts" else evaluation.normalised(seen.counts, view.cells)
        spec = confusion_charts.matrix(seen.counts, shares, by=view.cells, **how)
        called = f"Confusion matrix of {words.title(source.run)} on {source.title}: {seen.wrong}"
    st.vega_lite_chart(
        spec,
        theme=None,
        key=state.CONFUSION_CHART,
        on_select=_click,
        selection_mode=confusion_charts.PARAM,
        alt=f"{called}; rows true, columns read. Two fields under More select without the mouse.",
    )
    st.caption(HOW if beside is not None else f"{COLOURS} {HOW}")
    if beside is not None:
        _verdict(source, beside)


def _click() -> None:
    """Selects what was clicked; a second click on it takes the selection away (a callback)."""
    found = state.picked(state.CONFUSION_CHART)["selection"].get(confusion_charts.PARAM, [])
    chosen = confusion_charts.clicked(found)
    if chosen is None:
        return
    view = confusion_view.current({})
    confusion_view.select(*((None, None) if chosen == (view.true, view.pred) else chosen))


def _verdict(source: Source, beside: Pair) -> None:
    """Which run is the better one, in words, and on which images."""
    flips = comparison.flips(beside.second.labels, beside.first.probabilities, beside.second.probabilities)
    st.text(comparison.verdict(beside.other, beside.name, len(flips.fixed), len(flips.broken)))
    name, other = words.plain(beside.name), words.plain(beside.other)
    st.caption(
        f"{name} less {other}: blue where {name} does better, red where it does worse. Among the "
        f"{len(beside.second.labels):,} images of {words.plain(source.title)} that both have answered; "
        "McNemar's exact test."
    )
