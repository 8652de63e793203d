"""All test images as points on a plane: data in, plotly figure out. Needs no Streamlit."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.look import Palette, contrast, mixed, template

By = Literal["label", "prediction", "right"]
# What the pointer does. Streamlit hears of clicks only while it does not draw, so it is one or the other.
Hand = Literal["lasso", "pan"]
CONFIG: Final = {
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtonsToRemove": ["toImage", "autoScale2d", "zoomIn2d", "zoomOut2d"],
}
HEIGHT: Final = 520
# Ten hues for paper, of like weight; none is the red that says wrong. On a dark page they are mixed with white.
HUES: Final = (
    *("#274C8E", "#B0762B", "#3F7F5F", "#8B4F8F", "#5A9BB8"),
    *("#7A6A2F", "#C07A9A", "#5B5F66", "#7FA03C", "#8A5A44"),
)
_LIGHTER: Final = 0.35


def cloud(
    points: NDArray[np.floating],
    labels: NDArray[np.integer],
    read: NDArray[np.integer],
    *,
    by: By,
    own: tuple[float, float] | None,
    own_name: str,
    marked: Sequence[int],
    hand: Hand,
    palette: Palette,
) -> go.Figure:
    """A point for each image, with the middle of each digit named, and the visitor's own digit among them.

    Args:
        points: (n, 2), by place of the image.
        labels, read: (n,) in 0..9, what each is and what it was read as.
        own: where the visitor's own digit lands; None for none.
        own_name: what that is called.
        marked: places that were circled before; all others are pale then. Empty for none.
        hand: whether the pointer circles points, or clicks them.
    """
    said = np.stack([np.arange(len(points)), labels, read], axis=1).astype(np.int16)
    groups = _groups(labels, read, by, palette)
    figure = go.Figure([_trace(points, said, rows, look, marked) for rows, look in groups])
    if own is not None:
        figure.add_trace(_own(own, own_name, palette))
    figure.update_layout(
        template=template(palette),
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        dragmode=hand,
        showlegend=False,
        newselection={"line": {"color": palette.accent, "width": 2, "dash": "solid"}},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": palette.quiet, "activecolor": palette.accent},
        annotations=[
            *_names(points, read if by == "prediction" else labels, palette),
            *([] if own is None else [_pointer(own, own_name, palette)]),
        ],
    )
    axis = {"type": "linear", "visible": False, "fixedrange": False}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def _groups(
    labels: NDArray[np.integer], read: NDArray[np.integer], by: By, palette: Palette
) -> list[tuple[NDArray[np.bool_], dict[str, Any]]]:
    """Which images are drawn alike, and how; the last ones lie on top."""
    if by == "right":
        wrong = labels != read
        quiet = {"color": palette.quiet, "size": 3, "opacity": 0.45}
        return [(~wrong, quiet), (wrong, {"color": palette.wrong, "size": 8, "opacity": 1})]
    digits = (labels if by == "label" else read).astype(np.int8)
    scale = [[place / 9, colour] for place, colour in enumerate(_colours(palette))]
    look = {"color": digits, "colorscale": scale, "cmin": 0, "cmax": 9, "size": 4, "opacity": 0.75}
    return [(np.ones(len(digits), bool), look)]


def circled(points: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    """The places of the images that a selection holds, ascending; the visitor's own digit is none of them."""
    found = {_place(point.get("customdata")) for point in points}
    return tuple(sorted(place for place in found if place is not None))


def _place(said: Any) -> int | None:
    """What `customdata` says, which the browser gives as a list, or as an object with numbered names."""
    first = said.get("0") if isinstance(said, dict) else said[0] if isinstance(said, list) and said else None
    return int(first) if isinstance(first, int | float) else None


def _trace(
    points: NDArray[np.floating],
    said: NDArray[np.int16],
    rows: NDArray[np.bool_],
    look: dict[str, Any],
    marked: Sequence[int],
) -> go.Scattergl:
    places = np.flatnonzero(rows)
    look = {name: value[rows] if isinstance(value, np.ndarray) else value for name, value in look.items()}
    return go.Scattergl(
        x=points[rows, 0].astype(np.float32),
        y=points[rows, 1].astype(np.float32),
        mode="markers",
        marker=look | {"line": {"width": 0}},
        customdata=said[rows],
        hovertemplate="image %{customdata[0]}: %{customdata[1]}, read as %{customdata[2]}<extra></extra>",
        selectedpoints=np.flatnonzero(np.isin(places, marked)) if marked else None,
        unselected={"marker": {"opacity": 0.08}},
    )


def _own(own: tuple[float, float], name: str, palette: Palette) -> go.Scatter:
    ring = {"size": 19, "symbol": "circle-open", "color": palette.ink, "line": {"width": 3, "color": palette.ink}}
    return go.Scatter(
        x=[own[0]],
        y=[own[1]],
        mode="markers",
        marker=ring,
        hovertemplate=f"{name}<extra></extra>",
        unselected={"marker": {"opacity": 1}},
    )


def _pointer(own: tuple[float, float], name: str, palette: Palette) -> dict[str, Any]:
    """Says which point is the visitor's."""
    arrow = {"showarrow": True, "arrowhead": 0, "arrowwidth": 1.5, "arrowcolor": palette.ink, "standoff": 10}
    box = {"bgcolor": palette.paper, "bordercolor": palette.ink, "borderpad": 4, "font": {"color": palette.ink}}
    return {"x": own[0], "y": own[1], "text": name, "ax": 46, "ay": -40, **arrow, **box}


def _colours(palette: Palette) -> list[str]:
    """The ten hues as they can be told from this page."""
    dark = contrast(palette.paper, "#ffffff") > contrast(palette.paper, "#000000")
    return [mixed(hue, "#ffffff", _LIGHTER) for hue in HUES] if dark else list(HUES)


def _names(points: NDArray[np.floating], digits: NDArray[np.integer], palette: Palette) -> list[dict[str, Any]]:
    """Each digit where the middle of its images is, in the place of a legend."""
    names = []
    for digit in np.unique(digits).tolist():
        x, y = np.median(points[digits == digit], axis=0).tolist()
        font = {"size": 20, "color": palette.ink, "weight": 700}
        paper = {"bgcolor": palette.paper, "opacity": 0.85, "borderpad": 1}
        names.append({"x": x, "y": y, "text": str(digit), "showarrow": False, "font": font, **paper})
    return names
