"""Why an image is read as it is: what its parts say, which training images look like it, and what other runs read.

Each part stands alone: one that cannot be had says why, and the others are there.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core.errors import StudioError
from core.explain.neighbours import Nearest
from core.explain.occlusion import common_limit
from core.explain.opinions import Said
from ui import pictures, resources, saliency, words
from ui.source import Source

POLL_SECONDS: Final = 1.0
WIDTH: Final = 224  # page pixels of a saliency map: 28 x 8
GAP: Final = 16
LEGEND: Final = 280
SMALL: Final = 84  # of a training image: 28 x 3
NEAREST: Final = 8


def guarded(part: Callable[[], None]) -> None:
    """Draws a part, or says why it cannot be had."""
    try:
        part()
    except StudioError as error:
        st.info(words.plain(str(error)), icon=":material/info:")


def frames(place: DeltaGenerator) -> None:
    """The room for the two maps, until they are there."""
    with place.container(), _beside_each_other():
        for _ in range(2):
            st.image(pictures.empty_png(width=WIDTH), width="stretch", caption="Working it out", alt="Nothing yet")


def maps(place: DeltaGenerator, source: Source, image: NDArray[np.uint8], digits: tuple[int, int], label: int) -> None:
    """What the parts of an image say for two digits, on one scale."""
    found = resources.saliency_maps(source.run, image)[list(digits)]
    limit = common_limit(*found)
    with place.container(horizontal=True, gap="medium"):
        with _beside_each_other():
            for digit, values in zip(digits, found, strict=True):
                st.image(
                    saliency.overlay_png(image, values, limit=limit, width=WIDTH),
                    width="stretch",
                    caption=f"For or against {digit}, {_role(digit, digits[0], label)}",
                    alt=f"The image coloured by what speaks for {digit} (blue) and against it (red).",
                )
        with st.container(width=LEGEND):
            ends = f"from -{limit:.2g} (against) to {limit:.2g} (for)"
            st.image(saliency.legend_png(limit, width=LEGEND), width=LEGEND, alt=f"The scale of both: {ends}.")
            st.caption(
                "A piece that is covered and thereby makes the digit less probable speaks for it; one that makes it "
                "more probable speaks against it. The change in log-odds, in nats, on one scale."
            )


def _beside_each_other() -> DeltaGenerator:
    """Room for two maps, on a phone too, where they are smaller."""
    return st.grid(2, min_column_width=120, width=2 * WIDTH + GAP)


def _role(digit: int, predicted: int, label: int) -> str:
    if digit == predicted:
        return "which it is and was read as" if digit == label else "which it was read as"
    return "which it is labelled as" if digit == label else "the runner-up"


def neighbours(source: Source, place: int, image: NDArray[np.uint8]) -> None:
    """The training images most like this one to the network; found once for each run, in the background."""
    running = resources.neighbours().start(source.run).running
    every = POLL_SECONDS if running else None
    st.fragment(_neighbours, run_every=every)(source, place, image, running)


def _neighbours(source: Source, place: int, image: NDArray[np.uint8], was_running: bool) -> None:
    state = resources.neighbours().state(source.run)
    if was_running and not state.running:
        st.rerun()
    found = None
    if state.ready:
        own = place if source.split == "validation" else None
        found = resources.nearest(source.run, image, exclude=own)
    if found is not None:
        _nearest(found)
        return
    if state.problem:
        st.info(words.plain(state.problem), icon=":material/info:")
        st.button("Try again", icon=":material/refresh:", key="again", on_click=_again, args=(source,))
        return
    share = f"{words.percent(state.fraction, 0)} of the training images" if state.fraction else "starting"
    st.progress(state.fraction, text=f"Looking through the training images, once for this run: {share}")
    with st.grid(NEAREST, min_column_width=SMALL, gap="small"):
        for _ in range(NEAREST):
            st.image(pictures.empty_png(width=SMALL), width=SMALL, caption="–", alt="Nothing yet")


def _again(source: Source) -> None:
    """Has the index made once more (a callback)."""
    resources.neighbours().start(source.run, again=True)


def _nearest(found: Nearest) -> None:
    counts = Counter(found.labels.tolist()).most_common()
    said = " and ".join(f"{count} {'is' if count == 1 else 'are'} labelled {digit}" for digit, count in counts)
    st.text(f"Of the {len(found.labels)} nearest, {said}." if len(counts) > 1 else f"All are labelled {counts[0][0]}.")
    drawn = resources.digit_pictures("validation", tuple(found.places.tolist()), width=SMALL)
    with st.grid(NEAREST, min_column_width=SMALL, gap="small"):
        for picture, place, label, distance in zip(drawn, found.places, found.labels, found.distances, strict=True):
            st.image(
                picture,
                width=SMALL,
                caption=f"{label}   \n{distance:.3f}",
                alt=f"Training image {place}, a {label}, at a distance of {distance:.3f}.",
            )
    by = "pixels" if found.layer is None else f"the layer {words.plain(found.layer)}"
    st.caption(f"Label and cosine distance by {by}, among the {found.among:,} images it was trained on.")


def others(source: Source, place: int, label: int) -> None:
    """What every other finished run reads."""
    said = resources.opinions(source.split, place, besides=source.run.run_id)
    st.fragment(_others, run_every=POLL_SECONDS if said.pending else None)(source, place, label, bool(said.pending))


def _others(source: Source, place: int, label: int, was_pending: bool) -> None:
    said = resources.opinions(source.split, place, besides=source.run.run_id)
    if was_pending and not said.pending:
        st.rerun()
    if not said.opinions:
        st.text("No other run has answered this image." if not said.pending else "Reading what the runs answered.")
        return
    names = words.titles(resources.store().runs())
    st.text(_summary(said, label) + (f" {said.pending:,} runs are still being read." if said.pending else ""))
    st.dataframe(
        pd.DataFrame(
            {
                "run": [names.get(each.run_id, each.name) for each in said.opinions],
                "reads": [each.digit for each in said.opinions],
                "verdict": ["right" if each.digit == label else "wrong" for each in said.opinions],
                "confidence": [100 * each.confidence for each in said.opinions],
            }
        ),
        hide_index=True,
        height="content" if len(said.opinions) <= 6 else 248,
        column_config={
            "run": "Run",
            "reads": st.column_config.NumberColumn("Reads", width="small"),
            "verdict": st.column_config.TextColumn("By its label", width="small"),
            "confidence": st.column_config.ProgressColumn("Confidence", format="%.1f %%", min_value=0, max_value=100),
        },
        key="close_others",
        alt=_summary(said, label),
    )


def _summary(said: Said, label: int) -> str:
    counts = Counter(each.digit for each in said.opinions)
    total = len(said.opinions)
    parts = [
        f"{counts.pop(label, 0):,} of {total:,} other {'run reads' if total == 1 else 'runs read'} {label}, its label"
    ]
    parts += [f"{count:,} {'reads' if count == 1 else 'read'} {digit}" for digit, count in counts.most_common()]
    return "; ".join(parts) + "."
