"""Charts of how far answers can be trusted: data in, Vega-Lite specification out. Needs no Streamlit."""

import math
from dataclasses import replace
from typing import Any, Final

from core.evaluation import Effect, Reliability, RiskCoverage, Share, percent
from core.look import Palette
from ui import words
from ui.charts import Spec, spec

POINTS: Final = 300  # of a curve; about as many as a chart has pixels to show
EARLY: Final = 0.02  # of the images: so few answers make a share that jumps about, and do not set the scale
HEADROOM: Final = 1.15
TICKS: Final = [0, 0.2, 0.4, 0.6, 0.8, 1]
DASH: Final = [4, 3]


def reliability_diagram(reliability: Reliability, *, palette: Palette, height: int = 270) -> Spec:
    """Of the answers given with some confidence, how many are right, beside the diagonal where both are the same.

    One point a bin that is not empty, at its mean confidence, on its 95 % Wilson interval.
    """
    values: list[Spec] = [
        {
            "confidence": float(reliability.confidence[place]),
            "accuracy": float(reliability.accuracy[place]),
            "low": float(reliability.low[place]),
            "high": float(reliability.high[place]),
            **_bin_words(reliability, place),
        }
        for place in _filled(reliability)
    ]
    ends = {"data": {"values": [{"confidence": 0, "accuracy": 0}, {"confidence": 1, "accuracy": 1}]}}
    x = {"field": "confidence", **_shares("Confidence")}
    return spec(
        palette,
        height,
        values,
        layer=[
            {
                **ends,
                "mark": {"type": "line", "color": palette.quiet, "strokeDash": DASH, "strokeWidth": 1},
                "encoding": {"x": x, "y": {"field": "accuracy", **_shares("Right")}},
            },
            {
                "mark": {"type": "rule", "color": palette.accent, "strokeWidth": 1.5},
                "encoding": {"x": x, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 60, "color": palette.accent},
                "encoding": {
                    "x": x,
                    "y": {"field": "accuracy", "type": "quantitative"},
                    "tooltip": _tooltip("Confidence", "Mean confidence", "Images", "Right", "95 % interval"),
                },
            },
        ],
    )


def confidence_counts(reliability: Reliability, *, palette: Palette, height: int = 110) -> Spec:
    """How many answers stand behind each point of the diagram: a bar a bin, on a logarithmic scale."""
    values: list[Spec] = [
        {
            "from": float(reliability.edges[place]),
            "to": float(reliability.edges[place + 1]),
            "middle": float(reliability.edges[place : place + 2].mean()),
            "count": int(reliability.counts[place]),
            "label": f"{reliability.counts[place]:,}",
            **_bin_words(reliability, place),
        }
        for place in _filled(reliability)
    ]
    most = max(10, int(reliability.counts.max()))
    # The scale begins below 1, so that a single answer has a bar, and leaves room for the label of the highest one.
    scale = {"type": "log", "domain": [0.6, most**HEADROOM]}
    y = {"field": "count", "type": "quantitative", "scale": scale, "axis": {"title": "Images", "labels": False} | _BARE}
    return spec(
        palette,
        height,
        values,
        encoding={"y": y, "tooltip": _tooltip("Confidence", "Mean confidence", "Images", "Right", "95 % interval")},
        layer=[
            {
                "mark": {"type": "bar", "color": palette.quiet, "stroke": palette.paper, "strokeWidth": 1},
                "encoding": {"x": {"field": "from", **_shares(None)}, "x2": {"field": "to"}, "y2": {"datum": 0.6}},
            },
            {
                "mark": {"type": "text", "baseline": "bottom", "dy": -2, "fontSize": 10, "color": palette.ink},
                "encoding": {"x": {"field": "middle", "type": "quantitative"}, "text": {"field": "label"}},
            },
        ],
    )


def risk_coverage_curve(curve: RiskCoverage, effect: Effect | None, *, palette: Palette, height: int = 270) -> Spec:
    """What share of the answers is wrong when only the surest are given, with the threshold that was chosen.

    Where nothing is wrong yet is left out, but for a little.

    Args:
        effect: of the chosen threshold on the same images; None draws no point.
    """
    start = _start(curve, effect)
    seen = curve.coverage >= start
    thin = replace(
        curve, thresholds=curve.thresholds[seen], coverage=curve.coverage[seen], risk=curve.risk[seen]
    ).thinned(POINTS)
    values = [
        _step(float(coverage), float(risk), float(threshold), curve.n)
        for coverage, risk, threshold in zip(thin.coverage, thin.risk, thin.thresholds, strict=True)
    ]
    late = [value["risk"] for value in values if value["coverage"] >= EARLY]
    most = HEADROOM * max(late, default=0) or 0.01
    x = {"title": "Answered", "format": ".3~%", "tickCount": 4, "grid": False}
    y = {"title": "Wrong of what is answered", "format": ".3~%", "tickCount": 5}
    chosen = [] if effect is None or not effect.accuracy.n else [_chosen(effect) | {"start": start, "bottom": 0}]
    nearest = {"name": "near", "select": {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}}
    return spec(
        palette,
        height,
        values,
        encoding={
            "x": {"field": "coverage", "type": "quantitative", "axis": x, "scale": _from(start, 1)},
            "y": {"field": "risk", "type": "quantitative", "axis": y, "scale": _from(0, most)},
        },
        layer=[
            {"mark": {"type": "line", "interpolate": "step-before", "color": palette.accent, "clip": True}},
            *_marked(chosen, palette),
            {
                "params": [nearest],
                "mark": {"type": "point", "filled": True, "size": 60, "color": palette.accent, "clip": True},
                "encoding": {
                    "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0},
                    "tooltip": _tooltip("Threshold", "Answered", "Wrong", "Right"),
                },
            },
        ],
    )


def _marked(chosen: list[Spec], palette: Palette) -> list[Spec]:
    """The threshold that was chosen: a point with its name, and dashed lines to both axes."""
    data = {"data": {"values": chosen}}
    line = {"type": "rule", "color": palette.ink, "strokeDash": DASH}
    # The name stands over the point, where the curve is lower, and on its left, where there is always room.
    text = {"type": "text", "align": "right", "baseline": "bottom", "dx": -8, "dy": -8, "fontSize": 13}
    return [
        {**data, "mark": line, "encoding": {"y": {"field": "risk"}, "y2": {"field": "bottom"}}},
        {**data, "mark": line, "encoding": {"x": {"field": "coverage"}, "x2": {"field": "start"}}},
        {
            **data,
            "mark": {"type": "point", "filled": True, "opacity": 1, "size": 110, "color": palette.ink},
            "encoding": {"tooltip": _tooltip("Threshold", "Answered", "Wrong", "Right")},
        },
        {**data, "mark": {**text, "color": palette.ink}, "encoding": {"text": {"field": "Threshold"}}},
    ]


def _start(curve: RiskCoverage, effect: Effect | None) -> float:
    """Where the axis of coverage begins: a little before the first wrong answer or the chosen point, a round share."""
    wrong = curve.coverage[curve.risk > 0]
    first = float(wrong[0]) if len(wrong) else 1.0
    if effect is not None and effect.coverage.value is not None:
        first = min(first, effect.coverage.value)
    return max(0, math.ceil(10 * first) - 2) / 10


def _step(coverage: float, risk: float, threshold: float, n: int) -> Spec:
    answered = round(coverage * n)
    wrong = round(risk * answered)
    return {
        "coverage": coverage,
        "risk": risk,
        **_effect_words(words.confidence(round(threshold, 6)), answered, wrong, n),
    }


def _chosen(effect: Effect) -> Spec:
    answered, n = effect.coverage.count, effect.coverage.n
    threshold = "none" if effect.threshold is None else words.confidence(effect.threshold)
    return {
        "coverage": answered / n,
        "risk": effect.wrong_left / answered,
        **_effect_words(threshold, answered, effect.wrong_left, n),
    }


def _effect_words(threshold: str, answered: int, wrong: int, n: int) -> dict[str, str]:
    return {
        "Threshold": threshold,
        "Answered": f"{answered:,} of {n:,} ({percent(answered / n)})",
        "Wrong": f"{wrong:,} of {answered:,}",
        "Right": percent((answered - wrong) / answered),
    }


def _filled(reliability: Reliability) -> list[int]:
    return [place for place, count in enumerate(reliability.counts) if count]


def _bin_words(reliability: Reliability, place: int) -> dict[str, str]:
    """What the pointer is told about a bin."""
    count, low, high = int(reliability.counts[place]), *reliability.edges[place : place + 2]
    share = Share(round(float(reliability.accuracy[place]) * count), count)
    return {
        "Confidence": f"{100 * low:.1f} to {100 * high:.1f} %",
        "Mean confidence": percent(float(reliability.confidence[place])),
        "Images": f"{count:,}",
        "Right": f"{share.count:,} ({share.text})",
        "95 % interval": f"{100 * share.low:.2f} to {percent(share.high)}",
    }


def _tooltip(*names: str) -> list[Spec]:
    return [{"field": name, "type": "nominal"} for name in names]


_BARE: Final = {"grid": False, "domain": False, "minExtent": 44}


def _shares(title: str | None) -> Spec:
    """An axis from 0 to 100 %."""
    axis: Spec = {"title": title, "format": ".0%", "values": TICKS}
    return {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis}


def _from(low: float, high: float) -> dict[str, Any]:
    return {"domain": [low, high], "nice": False, "zero": False}
