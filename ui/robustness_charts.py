"""Accuracy against the strength of a corruption as charts: data in, Vega-Lite specification out. Needs no Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.corruptions import Corruption
from core.evaluation import percent
from core.look import Palette
from core.robustness import Condition
from ui import words
from ui.charts import Spec, spec

LETTERS: Final = "ABCD"
DASH: Final = [4, 3]
TICKS: Final = [0, 0.25, 0.5, 0.75, 1]


def curves(
    corruption: Corruption, runs: Mapping[str, Sequence[Condition]], *, palette: Palette, height: int = 165
) -> Spec:
    """The accuracy of up to four runs under one corruption, each on its 95 % band; A and B drawn through, C and D
    dashed. All corruptions have one scale from 0 to 100 %, so that they can be told apart at a glance.

    Args:
        runs: the conditions of each run from nothing to the strongest, by what it is called; as many as are measured.
    """
    values: list[Spec] = [
        {
            "run": LETTERS[place],
            "amount": each.amount,
            "accuracy": each.share.value,
            "low": each.share.low,
            "high": each.share.high,
            **_said(name, each),
        }
        for place, (name, conditions) in enumerate(runs.items())
        for each in conditions
    ]
    letters = list(LETTERS[: len(runs)])
    colours = [palette.accent, palette.ink, palette.accent, palette.ink][: len(runs)]
    colour = {"field": "run", "type": "nominal", "scale": {"domain": letters, "range": colours}, "legend": None}
    dashes = {"domain": letters, "range": [[1, 0], [1, 0], DASH, DASH][: len(runs)]}
    dash = {"field": "run", "type": "nominal", "scale": dashes, "legend": None}
    title = "Percent" if corruption.unit == "percent" else corruption.unit.capitalize()
    axis = {"title": title, "tickCount": 4, "grid": False}
    x = {"field": "amount", "type": "quantitative", "scale": {"domain": [0, corruption.most], "nice": False}}
    shares = {"title": None, "format": ".0%", "values": TICKS}
    y = {"field": "accuracy", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": shares}
    names = ("Run", "Condition", "Right", "95 % interval", "Most often")
    return spec(
        palette,
        height,
        values,
        encoding={"x": {**x, "axis": axis}, "color": colour},
        layer=[
            {
                "mark": {"type": "area", "opacity": 0.16},
                "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"y": y, "strokeDash": dash},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1},
                "encoding": {"y": y, "tooltip": [{"field": name, "type": "nominal"} for name in names]},
            },
        ],
    )


def said(corruption: Corruption, runs: Mapping[str, Sequence[Condition]]) -> str:
    """The same in words, for those who do not see the chart."""
    ends = [
        f"{name} from {percent(each[0].share.value or 0, 1)} to {percent(each[-1].share.value or 0, 1)}"
        for name, each in runs.items()
        if len(each) > 1
    ]
    if not ends:
        return f"Accuracy by {corruption.title.lower()}: not measured yet."
    return f"Accuracy by {corruption.title.lower()}, up to {corruption.measure(corruption.most)}: {'; '.join(ends)}."


def _said(name: str, each: Condition) -> dict[str, str]:
    """What the pointer is told."""
    share, pair = each.share, each.pair
    return {
        "Run": name,
        "Condition": each.corruption.said(each.amount) if each.amount else "undisturbed",
        "Right": f"{share.text} ({share.count:,} of {share.n:,})",
        "95 % interval": f"{100 * share.low:.1f} to {percent(share.high, 1)}",
        "Most often": "–" if pair is None else f"{pair.true} read as {pair.pred}, {words.images(pair.count)}",
    }
