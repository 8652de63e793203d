"""Charts: data in, figure out. Needs no Streamlit.

Every figure is made from one `Palette`: ink on paper, one accent, one colour for what is wrong. Charts that change
while somebody looks at them are Vega-Lite specifications, since Streamlit swaps the data of those in place and draws a
plotly figure anew each time, which blinks. Figures that stand still are plotly's, with the studio's own template.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from ui import words
from ui.look import Palette, template, vega_look

Metric = Literal["loss", "accuracy"]
Scale = Literal["step", "epoch"]
Spec = dict[str, Any]

PLOTLY_CONFIG: Final = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
CURVE_POINTS: Final = 400  # more than a chart has pixels to show
SMOOTHING: Final = 9  # records
DIGITS: Final = [str(digit) for digit in range(10)]
RAW: Final = "Raw"
TRAIN: Final = "Training"
VALIDATION: Final = "Validation"


def learning_curve(
    steps: Sequence[dict[str, Any]],
    epochs: Sequence[dict[str, Any]],
    *,
    metric: Metric,
    by: Scale,
    palette: Palette,
    extent: int,
    height: int = 210,
) -> Spec:
    """Loss or accuracy while training: smoothed over raw by step, or train and validation by epoch.

    Args:
        steps: the run's step records, in order.
        epochs: its epoch records, in order.
        extent: the last step or epoch that the run plans, so that the axis does not grow while it trains.
    """
    raw = _points(steps, "step", metric) if by == "step" else []
    train = _smoothed(raw) if by == "step" else _points(epochs, "epoch", metric)
    curves = {RAW: raw, TRAIN: train, VALIDATION: _points(epochs, by, f"val_{metric}")}
    values: list[Spec] = [{"x": x, "y": y, "curve": curve} for curve, points in curves.items() for x, y in points]
    last = max([extent, *(x for points in curves.values() for x, _ in points)])
    dot = {"size": 46, "filled": True}
    return _spec(
        palette,
        height,
        values,
        encoding=_curve_axes(metric, by, last, empty=not values),
        layer=[
            _curve(RAW, {"color": palette.accent, "opacity": 0.3, "strokeWidth": 1}),
            _curve(TRAIN, {"strokeWidth": 2.5, "point": dot if by == "epoch" else False}, palette),
            _curve(VALIDATION, {"strokeWidth": 1.5, "point": dot}, palette),
        ],
    )


def probability_bars(probabilities: ArrayLike | None, *, palette: Palette, height: int = 290) -> Spec:
    """Ten bars, the answer in the accent colour; without probabilities the same chart, empty.

    Args:
        probabilities: (10,) in [0, 1], or None.
    """
    shares = np.zeros(10) if probabilities is None else np.asarray(probabilities, dtype=float)
    values = [
        {
            "digit": DIGITS[digit],
            "share": float(share),
            "answer": bool(share > 0 and digit == shares.argmax()),
            "label": words.percent(float(share), 1) if share >= 0.0005 else "",
        }
        for digit, share in enumerate(shares)
    ]
    axis = {"title": None, "labelColor": palette.ink, "labelFontSize": 15, "labelPadding": 8, "domain": False}
    axis |= {"ticks": False, "minExtent": 24}
    colour = {"condition": {"test": "datum.answer", "value": palette.accent}, "value": palette.quiet}
    return _spec(
        palette,
        height,
        values,
        encoding={
            "y": {"field": "digit", "type": "nominal", "sort": None, "axis": axis},
            "x": {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1.22]}, "axis": None},
        },
        layer=[
            {"mark": {"type": "bar", "height": {"band": 0.62}}, "encoding": {"color": colour}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13, "color": palette.ink},
                "encoding": {"text": {"field": "label"}},
            },
        ],
    )


def confusion_heatmap(matrix: ArrayLike, *, palette: Palette, height: int = 380) -> go.Figure:
    """Counts with rows true and columns predicted; what is right stays grey, what is wrong is coloured by its count.

    Args:
        matrix: (10, 10) counts.
    """
    counts = np.asarray(matrix)
    wrong = counts.astype(float)
    np.fill_diagonal(wrong, np.nan)
    most = max(1.0, float(np.nanmax(wrong)))
    right = np.where(np.eye(10, dtype=bool), 1.0, np.nan)
    hover = "a %{y}, read as %{x}: %{customdata}<extra></extra>"
    common: Spec = {"x": DIGITS, "y": DIGITS, "xgap": 1, "ygap": 1, "showscale": False, "customdata": counts}
    figure = go.Figure(layout={"template": template(palette), "height": height})
    figure.add_heatmap(z=right, colorscale=[[0, palette.line], [1, palette.line]], hovertemplate=hover, **common)
    colours = [[0, palette.paper], [1, palette.wrong]]
    figure.add_heatmap(z=wrong, zmin=0, zmax=most, colorscale=colours, hovertemplate=hover, **common)
    figure.update_layout(
        xaxis={"title": {"text": "Read as"}},
        yaxis={"title": {"text": "True digit"}, "autorange": "reversed"},
        annotations=[
            {
                "x": DIGITS[column],
                "y": DIGITS[row],
                "text": str(counts[row, column]),
                "showarrow": False,
                "font": {"size": 12, "color": palette.paper if wrong[row, column] > 0.65 * most else palette.ink},
            }
            for row, column in np.argwhere(counts > 0)
        ],
    )
    return figure


def smooth(values: ArrayLike, span: int = SMOOTHING) -> NDArray[np.float64]:
    """An exponential moving mean over about `span` values, without the usual pull towards its start; same length."""
    series = np.asarray(values, dtype=float)
    result = np.empty_like(series)
    decay, mean, weight = 1 - 2 / (span + 1), 0.0, 0.0
    for index, value in enumerate(series):
        mean = decay * mean + (1 - decay) * value
        weight = decay * weight + (1 - decay)
        result[index] = mean / weight
    return result


def thinned(count: int, most: int) -> NDArray[np.int64]:
    """Indices of at most `most` of `count` values, evenly spread, always with the last."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).round().astype(np.int64))


def _points(records: Sequence[dict[str, Any]], x: str, y: str) -> list[tuple[int, float]]:
    """What the records say, thinned out; records without it are left out."""
    known = [(record[x], record[y]) for record in records if record.get(x) is not None and record.get(y) is not None]
    return [known[index] for index in thinned(len(known), CURVE_POINTS)]


def _smoothed(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    means = smooth([y for _, y in points])
    return [(x, float(mean)) for (x, _), mean in zip(points, means, strict=True)]


def _curve_axes(metric: Metric, by: Scale, last: int, *, empty: bool) -> Spec:
    """The encoding that all curves of a chart share."""
    steps = {"title": by.capitalize(), "format": ",d", "tickMinStep": 1, "tickCount": 6, "grid": False}
    domain = [0, max(1, last)] if by == "step" else [1, max(2, last)]
    scale: Spec = {"zero": metric == "loss", "nice": True}
    if empty:
        scale["domain"] = [0, 1 if metric == "accuracy" else 2.5]
    amounts = {"title": metric.capitalize(), "format": ".1~%" if metric == "accuracy" else ".2~f", "tickCount": 5}
    return {
        "x": {"field": "x", "type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": steps},
        "y": {"field": "y", "type": "quantitative", "scale": scale, "axis": amounts},
    }


def _curve(curve: str, mark: Spec, palette: Palette | None = None) -> Spec:
    """One curve of `learning_curve`; with a palette it has a name in the legend and answers to the pointer."""
    layer: Spec = {
        "transform": [{"filter": {"field": "curve", "equal": curve}}],
        "mark": {"type": "line", "tooltip": palette is not None} | mark,
    }
    if palette is not None:
        names = {"domain": [TRAIN, VALIDATION], "range": [palette.accent, palette.ink]}
        layer["encoding"] = {"color": {"field": "curve", "type": "nominal", "scale": names, "title": None}}
    return layer


def _spec(palette: Palette, height: int, values: list[Spec], **parts: Any) -> Spec:
    """A Vega-Lite specification in the studio's look."""
    return {"data": {"values": values}, "height": height, **vega_look(palette), **parts}
