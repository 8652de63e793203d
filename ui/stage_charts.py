"""The charts of the stage, each as large as the window lets it be: data in, Vega-Lite out; no Streamlit.

Type and heights are `stage_type`'s, galleries of digits `stage_digits`'.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.evaluation import Effect, RiskCoverage
from core.look import Palette
from core.story import Learning
from ui import confusion_charts, trust_charts, words
from ui.charts import DIGITS, Spec
from ui.stage_type import SERIF, staged
from ui.training_charts import TRAIN, VALIDATION

REPLAY_SECONDS: Final = 6
TICK: Final = 40  # milliseconds between two pictures of a replay
POINTS: Final = 300  # of a replayed curve, so that it grows smoothly
LEAST_WRONG: Final = 1e-4  # of the images; a logarithm has no place for none


@dataclass(frozen=True, slots=True)
class Amount:
    """A bar.

    Attributes:
        colour: a CSS colour.
        ends: the 95 % interval of the count; None for what has none.
    """

    name: str
    count: int
    colour: str
    ends: tuple[float, float] | None = None


def amounts(bars: Sequence[Amount], *, title: str, palette: Palette, tall: str) -> Spec:
    """Bars with their names over them, and their intervals and counts at their ends; names come from outside."""
    ends = [bar.ends or (bar.count, bar.count) for bar in bars]
    values = [
        {"row": row, "name": bar.name, "count": bar.count, "label": f"{bar.count:,}", "colour": bar.colour}
        | {"low": low, "high": high, "known": bar.ends is not None}
        for row, (bar, (low, high)) in enumerate(zip(bars, ends, strict=True))
    ]
    most = max(1, *(high for _, high in ends))
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    counts = {"field": "count", "type": "quantitative", "scale": {"domain": [0, 1.16 * most]}, "axis": None}
    thick = {"expr": f"min(2.6 * u, 0.4 * height / {len(bars)})"}
    middle = {"expr": f"min(1.3 * u, 0.2 * height / {len(bars)})"}
    name = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": {"expr": "1.1 * u"}}
    name |= {"x": {"expr": "0"}, "yOffset": {"expr": f"-{middle['expr']} - 0.35 * u"}, "color": palette.ink}
    name |= {"limit": {"expr": "width"}}
    count = {"type": "text", "align": "left", "baseline": "middle", "fontSize": {"expr": "2 * u"}, "font": SERIF}
    known = [{"filter": "datum.known"}]
    rule = {"type": "rule", "color": palette.ink, "strokeWidth": {"expr": "0.1 * u"}}
    end = {"type": "tick", "color": palette.ink, "thickness": {"expr": "0.1 * u"}, "size": {"expr": "0.9 * u"}}
    first, last = counts | {"field": "low"}, counts | {"field": "high"}
    return staged(
        palette,
        values,
        tall=tall,
        title={"text": title, "anchor": "start", "color": palette.quiet, "fontSize": {"expr": "u"}, "fontWeight": 400},
        encoding={"y": {"field": "row", "type": "nominal", "sort": None, "axis": None}},
        layer=[
            {"mark": {"type": "bar", "height": thick}, "encoding": {"x": counts, "color": colour}},
            {"transform": known, "mark": rule, "encoding": {"x": first, "x2": {"field": "high"}}},
            *({"transform": known, "mark": end, "encoding": {"x": each}} for each in (first, last)),
            {"mark": name, "encoding": {"text": {"field": "name"}}},
            {
                "mark": count | {"dx": 10, "color": palette.ink},
                "encoding": {"x": last, "text": {"field": "label"}},
            },
        ],
    )


def learning(history: Learning, *, turn: int, palette: Palette, tall: str) -> Spec:
    """The share that is misread after each epoch, on a logarithmic scale; it grows by itself as the chart appears.

    Args:
        turn: another number plays it again.
    """
    series = {TRAIN: 1 - history.accuracy, VALIDATION: 1 - history.val_accuracy}
    values: list[Spec] = []
    for name, wrong in series.items():
        epochs, shares = _dense(np.maximum(wrong, LEAST_WRONG))
        values += [{"x": x, "y": y, "curve": name} for x, y in zip(epochs.tolist(), shares.tolist(), strict=True)]
    last = max(2, len(history.accuracy))
    seen = [value["y"] for value in values]
    low, high = (10 ** math.floor(math.log10(min(seen))), min(1.0, 1.3 * max(seen))) if seen else (0.001, 1.0)
    drawn = {TRAIN: palette.quiet, VALIDATION: palette.accent}
    drawn = {name: colour for name, colour in drawn.items() if np.isfinite(series[name]).any()}
    colours = {"domain": list(drawn), "range": list(drawn.values())}
    at = f"1 + played * {last - 1}"
    step = TICK / (1000 * REPLAY_SECONDS)
    played = {"events": {"type": "timer", "throttle": TICK}, "update": f"min(1, played + {step:g})"}
    grown = {"filter": f"datum.x <= {at} + 1e-9"}
    head = [grown, {"joinaggregate": [{"op": "max", "field": "x", "as": "head"}], "groupby": ["curve"]}]
    head += [{"filter": "datum.x == datum.head"}, {"calculate": "format(datum.y, '.2~%')", "as": "label"}]
    label = {"type": "text", "align": "right", "baseline": "top", "dy": 14, "fontSize": {"expr": "1.2 * u"}}
    misread = {"title": "Misread", "format": "~%", "grid": True, "values": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]}
    epochs_axis = {"title": "Epoch", "format": ",d", "tickMinStep": 1, "tickCount": 8, "grid": False}
    return staged(
        palette,
        values,
        tall=tall,
        params=[{"name": "played", "value": 0, "on": [played]}, {"name": "turn", "value": turn}],
        encoding={
            "x": {
                "field": "x",
                "type": "quantitative",
                "scale": {"domain": [1, last], "nice": False},
                "axis": epochs_axis,
            },
            "y": {
                "field": "y",
                "type": "quantitative",
                "scale": {"type": "log", "domain": [low, high], "nice": False},
                "axis": misread,
            },
            "color": {"field": "curve", "type": "nominal", "scale": colours, "title": None},
        },
        layer=[
            {"transform": [grown], "mark": {"type": "line", "strokeWidth": {"expr": "0.16 * u"}, "clip": True}},
            {"transform": head, "mark": {"type": "circle", "opacity": 1, "size": {"expr": "0.35 * u * u"}}},
            {
                "transform": [*head, {"filter": {"field": "curve", "equal": ([TRAIN, *drawn])[-1]}}],
                "mark": label,
                "encoding": {"text": {"field": "label"}},
            },
        ],
    )


def confusions(matrix: ArrayLike, *, palette: Palette, tall: str) -> Spec:
    """The confusion matrix as *Confusion matrix* draws it, nothing to be clicked."""
    drawn = confusion_charts.matrix(matrix, palette=palette)
    values = drawn["data"]["values"]
    cells, _, texts = drawn["layer"]
    fill = {name: cells["encoding"][name] for name in ("fill", "tooltip")}
    cell = {"mark": {"type": "rect", "stroke": palette.line, "strokeWidth": 1}, "encoding": fill}
    texts["mark"]["fontSize"] = {"expr": "min(0.8 * u, width / 26)"}
    return staged(palette, values, tall=tall, encoding=drawn["encoding"], layer=[cell, texts])


def reliance(given: RiskCoverage, effect: Effect, *, palette: Palette, tall: str) -> Spec:
    """What share of the answers is wrong when only the surest are given, with the threshold's point and interval."""
    drawn = trust_charts.risk_coverage_curve(given, effect, palette=palette)
    line, *others = drawn["layer"]
    line["mark"] |= {"strokeWidth": {"expr": "0.16 * u"}}
    for layer in others:
        if layer["mark"]["type"] == "text":
            layer["mark"] |= {"fontSize": {"expr": "1.1 * u"}, "dx": -14, "dy": -12}
        elif layer["mark"].get("size") == 110:
            layer["mark"] |= {"size": {"expr": "0.6 * u * u"}}
    if effect.accuracy.n:
        drawn["layer"].append(_whisker(effect, palette))
    parts = {name: drawn[name] for name in ("encoding", "layer")}
    return staged(palette, drawn["data"]["values"], tall=tall, **parts)


def _whisker(effect: Effect, palette: Palette) -> Spec:
    """The interval of the share that is wrong, through the point of the threshold."""
    right = effect.accuracy
    value = {"coverage": effect.coverage.value, "risk": 1 - right.low, "least": 1 - right.high}
    mark = {"type": "rule", "color": palette.ink, "strokeWidth": {"expr": "0.14 * u"}, "clip": True}
    return {"data": {"values": [value]}, "mark": mark, "encoding": {"y2": {"field": "least"}}}


def probabilities(shares: ArrayLike | None, *, palette: Palette, tall: str) -> Spec:
    """Ten bars, the answer in the accent colour; without probabilities the same chart, empty. (10,) in [0, 1]."""
    known = np.zeros(10) if shares is None else np.asarray(shares, dtype=float)
    values = [
        {
            "digit": DIGITS[digit],
            "share": float(share),
            "answer": bool(share > 0 and digit == known.argmax()),
            "label": words.percent(float(share), 1) if share >= 0.0005 else "",
        }
        for digit, share in enumerate(known)
    ]
    axis = {"title": None, "labelColor": palette.ink, "labelFontSize": {"expr": "1.2 * u"}, "labelPadding": 12}
    axis |= {"domain": False, "ticks": False}
    colour = {"condition": {"test": "datum.answer", "value": palette.accent}, "value": palette.quiet}
    return staged(
        palette,
        values,
        tall=tall,
        encoding={
            "y": {"field": "digit", "type": "nominal", "sort": None, "axis": axis},
            "x": {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1.3]}, "axis": None},
        },
        layer=[
            {"mark": {"type": "bar", "height": {"band": 0.62}}, "encoding": {"color": colour}},
            {
                "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": {"expr": "u"}, "color": palette.ink},
                "encoding": {"text": {"field": "label"}},
            },
        ],
    )


def answer(digit: str, verdict: str, *, sure: bool, palette: Palette, tall: str) -> Spec:
    """A digit as large as the room is, and one line below it. What changes is data: nothing blinks.

    Args:
        digit: one character, or none.
        sure: whether it is an answer; else it is drawn quietly.
    """
    colour = palette.accent if sure else palette.quiet
    values = [{"digit": digit, "verdict": verdict, "colour": colour}]
    ink = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    size = "min(height - 2.6 * u, 1.3 * width)"
    large = {"type": "text", "align": "center", "baseline": "middle", "font": SERIF, "fontSize": {"expr": size}}
    large |= {"x": {"expr": "width / 2"}, "y": {"expr": "(height - 2.2 * u) / 2"}}
    below = {"type": "text", "align": "center", "baseline": "bottom", "fontSize": {"expr": "1.2 * u"}}
    below |= {"x": {"expr": "width / 2"}, "y": {"expr": "height"}, "color": palette.ink, "limit": {"expr": "width"}}
    return staged(
        palette,
        values,
        tall=tall,
        layer=[
            {"mark": large, "encoding": {"text": {"field": "digit"}, "color": ink}},
            {"mark": below, "encoding": {"text": {"field": "verdict"}}},
        ],
    )


def _dense(shares: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A curve of one value an epoch with many points between them, straight where the scale is logarithmic."""
    known = np.flatnonzero(~np.isnan(shares))
    if not len(known):
        return np.empty(0), np.empty(0)
    epochs = np.union1d(np.linspace(known[0], known[-1], POINTS), known)
    return epochs + 1, np.exp(np.interp(epochs, known, np.log(shares[known])))
