"""Why an image is read as it is, as every page shows it: maps of what speaks for and against, nearest training images.

Owns how these look. What they say comes from `core.explain`, by way of `resources`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core import pictures
from core.errors import StudioError
from core.explain.neighbours import Nearest
from core.explain.occlusion import common_limit
from core.run import Run
from ui import resources, saliency, words

POLL_SECONDS: Final = 1.0
WIDTH: Final = 224  # page pixels of a saliency map: 28 x 8
GAP: Final = 16
LEGEND: Final = 280
SMALL: Final = 84  # of a training image: 28 x 3
NEAREST: Final = 8
COVERED: Final = (
    "A piece that is covered and thereby makes the digit less probable speaks for it; one that makes it more probable "
    "speaks against it. The change in log-odds, in nats, on one scale."
)

Mark = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Room:
    """Where two maps and their scale go.

    Room that is kept for them has places for one element each, which are filled anew but never move. It has to be so:
    of all that a script draws at one place before the server comes to send it, Streamlit 1.67 sends the last at the
    turn of the first. Containers drawn where there had been pictures thus arrive before the container around them,
    which then comes in without them; what they hold has no place, and the front end gives up and leaves a white page.
    """

    pictures: tuple[DeltaGenerator, DeltaGenerator]
    scale: DeltaGenerator
    note: DeltaGenerator

    def refuse(self, message: str) -> None:
        """Says why there are no maps, in the room kept for them."""
        for place in (*self.pictures, self.scale):
            place.empty()
        self.note.info(words.plain(message), icon=":material/info:")


def guarded(part: Callable[[], None]) -> None:
    """Draws a part, or says why it cannot be had."""
    try:
        part()
    except StudioError as error:
        st.info(words.plain(str(error)), icon=":material/info:")


def frames(caption: str = "Working it out") -> Room:
    """Keeps the room for two maps and their scale; there are empty frames in it until the maps come."""
    both, beside = _sides()
    room = Room((both.empty(), both.empty()), beside.empty(), beside.empty())
    for place in room.pictures:
        place.image(pictures.empty_png(width=WIDTH), width="stretch", caption=caption, alt="Nothing yet")
    return room


def _sides() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Room for two maps beside each other, on a phone too, where they are smaller; and beside them for their scale."""
    with st.container(horizontal=True, gap="medium"):
        return st.grid(2, min_column_width=120, width=2 * WIDTH + GAP), st.container(width=LEGEND)


def maps(
    image: NDArray,
    found: Sequence[NDArray[np.floating]],
    captions: Sequence[str],
    alts: Sequence[str],
    *,
    note: str = COVERED,
    marks: Sequence[Mark | None] = (None, None),
    room: Room | None = None,
) -> None:
    """Two maps of an image on one scale, which stands beside them.

    Args:
        image: (28, 28), ink high; uint8 or float in [0, 1].
        found: the maps, (28, 28) each, above 0 for and below 0 against.
        captions, alts: what is under each, and read out instead of it.
        note: what the scale counts.
        marks: row and column of the one change to point out in each.
        room: what was kept for them, if it was.
    """
    if room is None:
        both, beside = _sides()
        room = Room((both, both), beside, beside)
    limit = common_limit(*found)
    for place, values, caption, alt, mark in zip(room.pictures, found, captions, alts, marks, strict=True):
        picture = saliency.overlay_png(image, values, limit=limit, width=WIDTH, mark=mark)
        place.image(picture, width="stretch", caption=caption, alt=alt)
    ends = f"from -{limit:.2g} (against) to {limit:.2g} (for)"
    room.scale.image(saliency.legend_png(limit, width=LEGEND), width=LEGEND, alt=f"The scale of both: {ends}.")
    room.note.caption(note)


def neighbours(run: Run, image: NDArray, *, own: int | None = None) -> None:
    """The training images most like this one to the network; found once for each run, in the background.

    Args:
        image: (28, 28), ink high; uint8 or float in [0, 1].
        own: the image's own place in the training split, if it is from there.
    """
    running = resources.neighbours().start(run).running
    every = POLL_SECONDS if running else None
    st.fragment(_neighbours, run_every=every)(run, image, own, running)


def _neighbours(run: Run, image: NDArray, own: int | None, was_running: bool) -> None:
    state = resources.neighbours().state(run)
    if was_running and not state.running:
        st.rerun()
    found = resources.nearest(run, image, exclude=own) if state.ready else None
    if found is not None:
        _nearest(found)
        return
    if state.problem:
        st.info(words.plain(state.problem), icon=":material/info:")
        st.button("Try again", icon=":material/refresh:", key="again", on_click=_again, args=(run,))
        return
    share = words.percent(state.fraction, 0) if state.fraction else "starting"
    st.progress(state.fraction, text=f"Looking through the training images, once for this run: {share}")
    nearest_frames("–")


def nearest_frames(caption: str) -> None:
    """The room for the nearest images."""
    with st.grid(NEAREST, min_column_width=SMALL, gap="small"):
        for _ in range(NEAREST):
            st.image(pictures.empty_png(width=SMALL), width=SMALL, caption=caption, alt="Nothing yet")


def _again(run: Run) -> None:
    """Has the index made once more (a callback)."""
    resources.neighbours().start(run, again=True)


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
