"""The map of the test images: how they lie to the network's eye, where the visitor's digit lands, and what is near."""

from collections import Counter
from functools import partial
from typing import Final, get_args

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.explain.atlas import Part, Seen
from core.explain.embedding import Embedder
from core.explain.projection import AMONG, among, nearest
from core.inference import Classifier
from core.look import Palette
from core.run import Run
from ui import inside_gallery, inside_points, resources, state, words
from ui.inside_choice import Digit
from ui.inside_points import By, Hand
from ui.resources import inside
from ui.state import inside as looked

PAGE: Final = 12
POLL_SECONDS: Final = 1.0
WAYS: Final = {"pca": "PCA", "tsne": "t-SNE"}
BYS: Final[dict[str, str]] = {"label": "Label", "prediction": "Prediction", "right": "Right or wrong"}
HANDS: Final[dict[str, str]] = {"lasso": "Circling", "pan": "Clicking"}
HOW: Final = {"lasso": "Circle points with the pointer for their images.", "pan": "Click a point for its image."}
ABOUT: Final = {
    "pca": "PCA: the plane on which they lie furthest apart. It has {share} of all their differences; what looks close "
    "may still be far apart in the other directions.",
    "tsne": "t-SNE keeps neighbours together. The distances between the groups, and their sizes, say nothing.",
}


def show(run: Run, digit: Digit | None, classifier: Classifier, palette: Palette) -> None:
    """The map with its controls, and the images that were circled or are nearest."""
    st.header("The test images, as it sees them", anchor=False)
    seen = inside.seen(run)
    if seen is None:
        st.markdown("Every test image becomes a point; images that look alike to the network lie close together.")
        _making(run, "seen", "The 10,000 test images go through the network, once for this run")
        return
    read_by = "its pixels" if seen.layer is None else f"what its layer {words.plain(seen.layer)} answers"
    st.markdown(f"Every test image is a point, placed by {read_by}: images that look alike to it lie close together.")
    way, by, hand = _controls()
    points = inside.plane_points(run) if way == "pca" else inside.tsne(run)
    map_side, images_side = st.columns([7, 5], gap="large")
    vector = None if digit is None else Embedder(classifier.network, run.layers).vectors(digit.image[np.newaxis])[0]
    rows, distances = (np.empty(0, int), np.empty(0)) if vector is None else nearest(seen.vectors, vector, PAGE)
    with map_side:
        if points is None:
            _offer_tsne(run)
        else:
            own = None if digit is None or vector is None else _own(way, digit, seen, points, vector, rows, distances)
            _cloud(run, digit, seen, points, own, way, by, hand, palette)
    with images_side:
        _images(seen, digit, rows, hand)


def _controls() -> tuple[str, By, Hand]:
    """How the images are laid out, what their colour says, and what the pointer does."""
    way = looked.inside(looked.WAY) if looked.inside(looked.WAY) in WAYS else "pca"
    by: By = next((known for known in get_args(By) if known == looked.inside(looked.BY)), "label")
    hand: Hand = next((known for known in get_args(Hand) if known == looked.inside(looked.HAND)), "lasso")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        _switch(looked.WAY, "Laid out by", WAYS, way)
        _switch(looked.BY, "Coloured by", BYS, by)
        _switch(looked.HAND, "Images by", HANDS, hand)
    return way, by, hand


def _switch(name: str, label: str, options: dict[str, str], now: str) -> None:
    key = state.showing(f"inside_{name}", now)
    st.segmented_control(
        label,
        list(options),
        format_func=lambda option: options[option],
        required=True,
        key=key,
        on_change=_choose,
        args=(name, key),
        wrap=True,
    )


def _choose(name: str, widget: str) -> None:
    """Lays out or colours in another way (a callback)."""
    looked.set_inside(**{name: state.picked(widget) or ""})


def _own(
    way: str,
    digit: Digit,
    seen: Seen,
    points: NDArray[np.floating],
    vector: NDArray[np.float32],
    rows: NDArray[np.integer],
    distances: NDArray[np.floating],
) -> tuple[float, float]:
    """Where the digit lands: a test image at its own point, any other where it belongs."""
    if digit.place is not None:
        x, y = points[digit.place].tolist()
    elif way == "pca":
        x, y = seen.plane.points(vector[np.newaxis])[0].tolist()
    else:
        x, y = among(points, rows[:AMONG], distances[:AMONG]).tolist()
    return float(x), float(y)


def _cloud(
    run: Run,
    digit: Digit | None,
    seen: Seen,
    points: NDArray[np.floating],
    own: tuple[float, float] | None,
    way: str,
    by: By,
    hand: Hand,
    palette: Palette,
) -> None:
    name = "" if digit is None else digit.name
    laid_out = f"{run.run_id} {way} {by} {hand} {own} {palette.paper}"
    figure = inside_points.cloud(
        points,
        resources.test_split().labels,
        seen.read,
        by=by,
        own=own,
        own_name=name,
        marked=looked.marked_from_the_start(laid_out),
        hand=hand,
        palette=palette,
    )
    key = looked.points_key()
    st.plotly_chart(
        figure,
        theme=None,
        config=inside_points.CONFIG,
        key=key,
        on_select=partial(_circle, key),
        selection_mode=("points", "box", "lasso"),
        alt="The 10,000 test images as points. Those that are circled or clicked stand beside it as images.",
    )
    about = ABOUT[way].format(share=words.percent(float(seen.plane.shares.sum()), 0))
    st.caption(f"{about} {_where(digit, way)}".strip())


def _where(digit: Digit | None, way: str) -> str:
    if digit is None:
        return ""
    if digit.place is not None:
        return "The ring is the test image above."
    name = digit.name[:1].lower() + digit.name[1:]
    if way == "pca":
        return f"The ring is {name}, exactly where it belongs."
    return f"The ring is {name}, in the middle of its {AMONG} nearest images: t-SNE itself has no place for new ones."


def _circle(widget: str) -> None:
    """Looks at the images that were circled or clicked (a callback)."""
    looked.circle(inside_points.circled(state.picked(widget)["selection"]["points"]))


def _images(seen: Seen, digit: Digit | None, rows: NDArray[np.integer], hand: Hand) -> None:
    """The circled images, a page of them at a time; without any, those nearest to the digit."""
    places = looked.circled()
    if not places:
        if digit is None:
            st.markdown(HOW[hand])
            return
        st.subheader("Nearest to your digit" if digit.place is None else "Nearest to this image", anchor=False)
        st.caption(HOW[hand])
        _gallery(seen, tuple(rows.tolist()))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words.images(len(places)), anchor=False, width="stretch")
        st.button("Clear", icon=":material/close:", type="tertiary", key="inside_clear", on_click=looked.uncircle)
    st.caption(_made_of(seen, places))
    pages = -(-len(places) // PAGE)
    page = st.pagination(pages, key=f"{looked.PAGE}_{hash(places)}") if pages > 1 else 1
    _gallery(seen, places[PAGE * (page - 1) : PAGE * page])


def _made_of(seen: Seen, places: tuple[int, ...]) -> str:
    labels = resources.test_split().labels[list(places)]
    wrong = int((labels != seen.read[list(places)]).sum())
    counts = ", ".join(f"{count:,} labelled {digit}" for digit, count in Counter(labels.tolist()).most_common(4))
    more = "" if len(set(labels.tolist())) <= 4 else ", others"
    return f"{counts}{more}; {words.count(wrong, 'misread one') if wrong else 'none misread'}."


def _gallery(seen: Seen, places: tuple[int, ...]) -> None:
    labels = resources.test_split().labels
    pairs = [(int(labels[place]), int(seen.read[place])) for place in places]
    said = [f"{label}" if label == read else f":red[{label}, read {read}]" for label, read in pairs]
    inside_gallery.show(places, said, key="point")


def _offer_tsne(run: Run) -> None:
    """The way to a map that takes minutes, and how far it is."""
    with st.container(height=inside_points.HEIGHT, border=True, vertical_alignment="center"):
        making = inside.surveys().state(run, "tsne")
        if not making.running and not making.problem:
            st.markdown("t-SNE has not been worked out for this run yet. It takes a minute or several, once.")
            st.button(
                "Work it out", icon=":material/scatter_plot:", key="inside_tsne", on_click=_again, args=(run, "tsne")
            )
            return
        _making(run, "tsne", "t-SNE, once for this run; it goes on when you leave")


def _making(run: Run, part: Part, text: str) -> None:
    """How far a part is, followed while it is made; it begins by itself unless it failed before."""
    running = inside.surveys().start(run, part).running
    st.fragment(_progress, run_every=POLL_SECONDS if running else None)(run, part, text)


def _progress(run: Run, part: Part, text: str) -> None:
    making = inside.surveys().state(run, part)
    if making.problem:
        st.info(words.plain(making.problem), icon=":material/info:")
        st.button("Try again", icon=":material/refresh:", key=f"inside_again_{part}", on_click=_again, args=(run, part))
        return
    if not making.running:
        st.rerun()
    share = words.percent(making.fraction, 0) if making.fraction else "starting"
    st.progress(making.fraction, text=f"{text}: {share}")


def _again(run: Run, part: Part) -> None:
    """Has a part made once more (a callback)."""
    inside.surveys().start(run, part, again=True)
