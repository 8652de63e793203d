"""One map of a layer: how it answers to the digit, which part of the digit drives it, and what it looks for at all."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import pictures
from core.explain.atlas import Seen
from core.explain.driving import driving
from core.explain.features import LayerMaps
from core.explain.filters import reads_pixels
from core.explain.occlusion import common_limit, saliency
from core.explain.strongest import COUNT
from core.network import OUTPUT
from core.run import Run
from ui import inside_gallery, layer_sheets, resources, state, words
from ui import saliency as colours
from ui.resources import inside
from ui.state import inside as looked

WIDTH: Final = 168  # page pixels: 28 x 6
SMALL: Final = 84
WHOLE: Final = "one number for the whole digit: how strongly it has what this unit looks for"
WORDS: Final = {
    "MaxPooling2D": "keeps the strongest answer of each small square: the same patterns, more coarsely placed",
    "AveragePooling2D": "takes the mean of each small square: the same patterns, more coarsely placed",
    "GlobalAveragePooling2D": "the mean of a whole map: how much of a pattern there is, no longer where",
    "GlobalMaxPooling2D": "the strongest answer of a whole map: whether a pattern is there, no longer where",
}
PLACES: Final = "one pattern looked for in every place; dark is where it was found"
ANSWER: Final = "the ten outputs: how probable each digit is"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The map that is looked at: of which layer, and which of its maps or units; of the answer, which digit."""

    layer: str
    number: int


def chosen(layers: list[LayerMaps], probabilities: NDArray[np.floating]) -> Chosen:
    """What the link asks for; else the first layer, and of a layer the map that tells most about the digit."""
    asked, number = looked.inside(looked.LAYER), looked.inside(looked.MAP)
    maps = {each.name: each for each in layers}
    name = asked if asked in maps or asked == OUTPUT else next(iter(maps), OUTPUT)
    most = len(probabilities) if name == OUTPUT else maps[name].values.shape[-1]
    if number.isascii() and number.isdecimal() and len(number) < 7 and int(number) < most:
        return Chosen(name, int(number))
    return Chosen(name, int(probabilities.argmax()) if name == OUTPUT else maps[name].strongest(1)[0])


def controls(now: Chosen, layers: list[LayerMaps]) -> None:
    """The same choice as a click on a map, for keys and for maps that have no room above."""
    sizes = {each.name: each.values.shape[-1] for each in layers} | {OUTPUT: 10}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = state.showing("inside_layer", now.layer)
        st.selectbox(
            "Layer",
            list(sizes),
            format_func=lambda name: "answer" if name == OUTPUT else name,
            key=key,
            on_change=_choose_layer,
            args=(key,),
            width=170,
        )
        key = state.showing(f"inside_map_{now.layer}", now.number)
        label = "Digit" if now.layer == OUTPUT else "Map"
        last = sizes[now.layer] - 1
        st.number_input(
            label,
            0,
            max(1, last),
            key=key,
            disabled=not last,
            on_change=_choose_map,
            args=(key,),
            width=130,
        )


def _choose_layer(widget: str) -> None:
    """Looks at a layer (a callback)."""
    looked.set_inside(layer=state.picked(widget), map="")


def _choose_map(widget: str) -> None:
    """Looks at a map (a callback)."""
    if state.picked(widget) is not None:
        looked.set_inside(map=str(state.picked(widget)))


def driven(run: Run, image: NDArray[np.float32], now: Chosen, layers: list[LayerMaps]) -> None:
    """The map, and the digit coloured by what drives it."""
    found = next((each for each in layers if each.name == now.layer), None)
    if found is None:
        values = saliency(resources.trials(run, image)[0], now.number)
        st.markdown(f"**The answer {now.number}**: {ANSWER}.")
    else:
        values = driving(inside.covered(run, now.layer, image), now.number)
        st.markdown(f"**{_called(now, found)}**: {_meaning(found)}.")
    limit = common_limit(values)
    with st.grid(2, min_column_width=130, gap="medium", width=2 * WIDTH + 24):
        _map(found, now, image)
        st.image(
            colours.overlay_png(image, values, limit=limit, width=WIDTH),
            width="stretch",
            caption="What drives it: without the blue ink it would answer less, without the red more",
            alt="The digit coloured by what drives the map (blue) and what holds it back (red).",
        )


def _map(found: LayerMaps | None, now: Chosen, image: NDArray[np.float32]) -> None:
    """The map in its layer's shape; for the answer, the digit itself."""
    if found is None:
        st.image(pictures.digit_png(image, width=WIDTH), width="stretch", caption="The digit", alt="The digit")
        return
    shares = found.shares[..., now.number]
    values = found.values[..., now.number]
    if values.ndim == 2:
        height, width = values.shape
        said = f"{words.shape((height, width))} places, from {values.min():.2g} to {values.max():.2g}; the layer's"
    else:
        shares, said = shares.reshape(1, 1), f"It answers {float(values):.2g}; the layer's"
    scale = f"scale is from {found.low:.2g} to {found.high:.2g}"
    picture = pictures.picture_png(layer_sheets.inked(shares), width=WIDTH)
    st.image(picture, width="stretch", caption=f"{said} {scale}", alt=f"The map. {said} {scale}.")


def _called(now: Chosen, found: LayerMaps) -> str:
    what = "Unit" if found.values.ndim == 1 else "Map"
    return f"{what} {now.number} of {words.plain(now.layer)}"


def _meaning(found: LayerMaps) -> str:
    return WORDS.get(found.kind, WHOLE if found.values.ndim == 1 else PLACES)


def looks_for(run: Run, now: Chosen, layers: list[LayerMaps]) -> None:
    """What the map answers to most, whatever the digit: its weights, where it reads pixels, and test images."""
    st.markdown("**What it looks for**")
    if now.layer == OUTPUT:
        st.caption(f"Test images that are most surely read as {now.number}.")
    filters = inside.filters(run)
    reads = now.layer != OUTPUT and reads_pixels(run.layers, now.layer, filters)
    if filters is not None and reads:
        _weights(filters[now.number])
    seen = inside.seen(run)
    if seen is None:
        st.caption("Test images stand here once all 10,000 have gone through the network.")
        inside_gallery.frames(COUNT)
        return
    _examples(seen, now, quiet=next((bool(each.values.ndim == 1) for each in layers if each.name == now.layer), True))


def _weights(weights: NDArray[np.float32]) -> None:
    limit = common_limit(weights)
    height, width = weights.shape
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(
            colours.weights_png(weights, limit=limit, width=SMALL),
            width=SMALL,
            alt=f"The filter's {height} by {width} weights, from {weights.min():.2g} to {weights.max():.2g}.",
        )
        said = f"Its {words.shape((height, width))} weights: it answers to ink where they are blue, and to paper where "
        st.caption(f"{said}they are red. From {weights.min():.2g} to {weights.max():.2g}.", width=250)


def _examples(seen: Seen, now: Chosen, *, quiet: bool) -> None:
    """The test images that it answers to most."""
    if now.layer == OUTPUT:
        rows = np.flatnonzero(seen.read == now.number)
        places = rows[np.argsort(-seen.confidence[rows], kind="stable")[:COUNT]]
        answers = seen.confidence[places]
    else:
        ranking = seen.strongest.get(now.layer)
        if ranking is None:
            st.caption("This layer has too many maps for their strongest test images to be kept.")
            return
        places, answers = ranking.places[now.number], ranking.answers[now.number]
        if answers[0] == answers[-1] and np.array_equal(places, np.arange(len(places))):  # all equal: none was ranked
            st.caption("No test image moves it: it answers the same to all of them.")
            return
    labels = resources.test_split().labels[places]
    said = [f"{label} · {answer:.2g}" for label, answer in zip(labels.tolist(), answers.tolist(), strict=True)]
    inside_gallery.show(places.tolist(), said, key="strong")
    what = "how surely it is read so" if now.layer == OUTPUT else "how strongly it answers"
    st.caption(f"The test images it answers to most: label and {what}{'' if quiet else ' where it does most'}.")
