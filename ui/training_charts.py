"""Charts of a training as it goes on: data in, Vega-Lite specification out. Needs no Streamlit.

Whatever changes while somebody looks stands in a chart's data: Streamlit swaps that in place, and draws a chart anew,
which blinks, when anything else of it changes.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.look import Palette
from ui.charts import DIGITS, Spec, spec

Metric = Literal["loss", "accuracy"]
Scale = Literal["step", "epoch"]

CURVE_POINTS: Final = 400  # more than a chart has pixels to show
SMOOTHING: Final = 9  # records
RAW: Final = "Raw"
TRAIN: Final = "Training"
VALIDATION: Final = "Validation"
HEAD: Final = "Head"


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

    A dot stands at the head of the curve by step: the first record is seen before there is a line.

    Args:
        steps: the run's step records, in order.
        epochs: its epoch records, in order.
        extent: the last step or epoch that the run plans, so that the axis does not grow while it trains.
    """
    raw = _points(steps, "step", metric) if by == "step" else []
    train = _smoothed(raw) if by == "step" else _points(epochs, "epoch", metric)
    curves = {
        RAW: raw,
        TRAIN: train,
        VALIDATION: _points(epochs, by, f"val_{metric}"),
        HEAD: train[-1:] if by == "step" else [],
    }
    values: list[Spec] = [{"x": x, "y": y, "curve": curve} for curve, points in curves.items() for x, y in points]
    last = max([extent, *(x for points in curves.values() for x, _ in points)])
    dot = {"size": 46, "filled": True}
    return spec(
        palette,
        height,
        values,
        encoding=_curve_axes(metric, by, last, empty=not values),
        layer=[
            _curve(RAW, {"color": palette.accent, "opacity": 0.3, "strokeWidth": 1}),
            _curve(TRAIN, {"strokeWidth": 2.5, "point": dot if by == "epoch" else False}, palette),
            _curve(VALIDATION, {"strokeWidth": 1.5, "point": dot}, palette),
            _curve(HEAD, {"type": "circle", "color": palette.accent, "opacity": 1, "size": dot["size"]}),
        ],
    )


def spark(epochs: Sequence[dict[str, Any]], *, palette: Palette, height: int) -> Spec:
    """Accuracy by epoch without axes, validation in the accent colour: a look in passing.

    Args:
        epochs: the run's epoch records, at least two.
    """
    curves = {TRAIN: "accuracy", VALIDATION: "val_accuracy"}
    values: list[Spec] = [
        {"x": x, "y": y, "curve": curve}
        for curve, name in curves.items()
        for x, y in _points(epochs, "epoch", name)
        if y is not None
    ]
    low = float(np.quantile([value["y"] for value in values], 0.15)) - 0.002
    return spec(
        palette,
        height,
        values,
        mark={"type": "line", "strokeWidth": 2.5, "clip": True},
        encoding={
            "x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"nice": False}},
            "y": {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [low, 1], "nice": False}},
            "color": {
                "field": "curve",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": list(curves), "range": [palette.quiet, palette.accent]},
            },
        },
    )


def rate_curve(steps: Sequence[dict[str, Any]], *, palette: Palette, extent: int, height: int = 120) -> Spec:
    """The learning rate by step.

    Args:
        steps, extent: as for `learning_curve`.
    """
    points = _points(steps, "step", "learning_rate")
    last = max([extent, *(x for x, _ in points)])
    amounts = {"title": "Learning rate", "format": "~g", "tickCount": 3}
    return spec(
        palette,
        height,
        [{"x": x, "y": y} for x, y in points],
        mark={"type": "line", "color": palette.accent, "strokeWidth": 2, "tooltip": True},
        encoding={
            "x": {
                "field": "x",
                "type": "quantitative",
                "scale": {"domain": [0, max(1, last)], "nice": False},
                "axis": {"title": "Step", "format": ",d", "tickCount": 6, "grid": False},
            },
            "y": {"field": "y", "type": "quantitative", "scale": {"zero": True}, "axis": amounts},
        },
    )


def live_confusion(matrix: ArrayLike | None, *, palette: Palette, height: int = 270) -> Spec:
    """A confusion matrix that changes before one's eyes, in the colours of `charts.confusion_heatmap`.

    Args:
        matrix: (10, 10) counts, rows true, columns predicted; None draws the same chart, empty.
    """
    counts = np.zeros((10, 10), int) if matrix is None else np.asarray(matrix)
    most = max(1, int((counts - np.diag(np.diag(counts))).max()))
    values = [
        {
            "true": DIGITS[row],
            "read": DIGITS[column],
            "count": int(count),
            "label": str(count) if count else "",
            "right": row == column,
            "share": min(1.0, int(count) / most),
        }
        for (row, column), count in np.ndenumerate(counts)
    ]
    axis = {"labelAngle": 0, "domain": False, "labelFontSize": 13}
    wrong = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "range": [palette.paper, palette.wrong]},
    }
    right = {"test": "datum.right", "value": palette.line}
    dark = {"test": "!datum.right && datum.share > 0.65", "value": palette.paper}
    return spec(
        palette,
        height,
        values,
        encoding={
            "x": {"field": "read", "type": "nominal", "axis": axis | {"title": "Read as"}},
            "y": {"field": "true", "type": "nominal", "axis": axis | {"title": "True digit", "minExtent": 0}},
            "tooltip": [
                {"field": "true", "title": "True digit"},
                {"field": "read", "title": "Read as"},
                {"field": "count", "title": "Images"},
            ],
        },
        layer=[
            {
                "mark": {"type": "rect", "stroke": palette.line, "strokeWidth": 0.5},
                "encoding": {"color": {"condition": right, **wrong, "legend": None}},
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {"text": {"field": "label"}, "color": {"condition": dark, "value": palette.ink}},
            },
        ],
    )


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
    amounts = {"title": metric.capitalize(), "format": ".1~%" if metric == "accuracy" else ".3~g", "tickCount": 5}
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
