"""Charts: data in, figure out. Needs no Streamlit.

Every figure wears the one template made from a `Palette`: ink on paper, one accent, one colour for what is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

Metric = Literal["loss", "accuracy"]
Scale = Literal["step", "epoch"]

FONT: Final = '"Source Sans", "Source Sans 3", "Segoe UI", Helvetica, Arial, sans-serif'
# What st.plotly_chart gets: no toolbar, and a chart under a thumb scrolls with the page.
CONFIG: Final = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
CURVE_POINTS: Final = 400  # more than a chart has pixels to show
DIGITS: Final = [str(digit) for digit in range(10)]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one appearance, as CSS colours.

    Attributes:
        ink: text and the second curve.
        paper: the page behind.
        accent: the first curve, the answer.
        wrong: whatever is wrong, and nothing else.
        quiet: secondary text.
        line: grid and frames.
    """

    ink: str
    paper: str
    accent: str
    wrong: str
    quiet: str
    line: str


@lru_cache(maxsize=4)
def template(palette: Palette) -> go.layout.Template:
    """The studio's plotly template."""
    axis = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zeroline": False,
        "tickfont": {"color": palette.quiet, "size": 13},
        "title": {"font": {"color": palette.quiet, "size": 13}, "standoff": 8},
        "fixedrange": True,
        "automargin": False,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "color": palette.ink, "size": 14},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [palette.accent, palette.ink, palette.quiet],
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 52, "r": 8, "t": 8, "b": 40},
            "hoverlabel": {"bgcolor": palette.paper, "bordercolor": palette.line, "font": {"color": palette.ink}},
            "legend": {
                "orientation": "h",
                "x": 1,
                "xanchor": "right",
                "y": 1.02,
                "yanchor": "bottom",
                "font": {"color": palette.quiet, "size": 13},
            },
            "dragmode": False,
            "hovermode": "x unified",
            "separators": ".,",
        }
    )


def learning_curve(
    steps: Sequence[dict[str, Any]],
    epochs: Sequence[dict[str, Any]],
    *,
    metric: Metric,
    by: Scale,
    palette: Palette,
    extent: int,
    height: int = 230,
) -> go.Figure:
    """Loss or accuracy while training: smoothed over raw by step, or train and validation by epoch.

    Args:
        steps: the run's step records, in order.
        epochs: its epoch records, in order.
        extent: the last step or epoch that the run plans, so that the axis does not grow while it trains.
    """
    figure = _figure(palette, height)
    if by == "step":
        _add_step_curves(figure, steps, epochs, metric, palette)
    else:
        _add_epoch_curves(figure, epochs, metric, palette)
    figure.update_layout(
        xaxis={"title": {"text": by.capitalize()}, "range": _extent(by, extent), "tickformat": ",d", "nticks": 8},
        yaxis={"title": {"text": metric.capitalize()}} | _value_axis(metric),
        margin={"t": 26},
        uirevision=metric,
    )
    return figure


def _add_step_curves(figure: go.Figure, steps: Sequence, epochs: Sequence, metric: Metric, palette: Palette) -> None:
    x = np.array([record["step"] for record in steps if record.get(metric) is not None])
    raw = np.array([record[metric] for record in steps if record.get(metric) is not None], dtype=float)
    keep = thinned(len(raw), CURVE_POINTS)
    line = {"color": palette.accent, "width": 1}
    figure.add_scatter(x=x[keep], y=raw[keep], name="Each batch", line=line, opacity=0.28, hoverinfo="skip", mode="lines")
    line = {"color": palette.accent, "width": 2.5}
    figure.add_scatter(x=x[keep], y=smooth(raw)[keep], name="Train, smoothed", line=line, mode="lines")
    _add_validation(figure, epochs, metric, "step", palette)


def _add_epoch_curves(figure: go.Figure, epochs: Sequence, metric: Metric, palette: Palette) -> None:
    figure.add_scatter(
        x=[record["epoch"] for record in epochs],
        y=[record[metric] for record in epochs],
        name="Train",
        mode="lines+markers",
        line={"color": palette.accent, "width": 2.5},
        marker={"size": 7},
    )
    _add_validation(figure, epochs, metric, "epoch", palette)


def _add_validation(figure: go.Figure, epochs: Sequence, metric: Metric, by: Scale, palette: Palette) -> None:
    held_out = [record for record in epochs if record.get(f"val_{metric}") is not None]
    figure.add_scatter(
        x=[record[by] for record in held_out],
        y=[record[f"val_{metric}"] for record in held_out],
        name="Validation",
        mode="lines+markers",
        line={"color": palette.ink, "width": 1.5, "dash": "dot"},
        marker={"size": 7, "symbol": "circle"},
    )


def probability_bars(probabilities: ArrayLike | None, *, palette: Palette, height: int = 270) -> go.Figure:
    """Ten bars, the answer in the accent colour; without probabilities the same chart, empty.

    Args:
        probabilities: (10,) in [0, 1], or None.
    """
    values = np.zeros(10) if probabilities is None else np.asarray(probabilities, dtype=float)
    answer = int(values.argmax())
    colours = [palette.accent if digit == answer else palette.quiet for digit in range(10)]
    labels = [""] * 10 if probabilities is None else [f"{100 * value:.1f} %" if value >= 0.0005 else "" for value in values]
    figure = _figure(palette, height)
    figure.add_bar(
        x=values,
        y=DIGITS,
        orientation="h",
        marker={"color": colours, "line": {"width": 0}},
        text=labels,
        textposition="outside",
        cliponaxis=False,
        textfont={"color": palette.ink, "size": 13},
        hoverinfo="skip",
    )
    figure.update_layout(
        xaxis={"range": [0, 1.18], "visible": False},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "tickfont": {"color": palette.ink}},
        margin={"l": 22, "r": 0, "t": 0, "b": 0},
        bargap=0.35,
        hovermode=False,
    )
    return figure


def confusion_heatmap(matrix: ArrayLike, *, palette: Palette, height: int = 360) -> go.Figure:
    """Counts with rows true and columns predicted; what is right stays grey, what is wrong is coloured by its count.

    Args:
        matrix: (10, 10) counts.
    """
    counts = np.asarray(matrix)
    wrong = counts.astype(float)
    np.fill_diagonal(wrong, np.nan)
    right = np.where(np.eye(10, dtype=bool), 1.0, np.nan)
    text = np.where(counts > 0, np.char.mod("%d", counts), "")
    hover = "true %{y}, read as %{x}: %{customdata}<extra></extra>"
    common: dict[str, Any] = {"x": DIGITS, "y": DIGITS, "xgap": 1, "ygap": 1, "showscale": False, "customdata": counts}
    figure = _figure(palette, height)
    figure.add_heatmap(z=right, colorscale=[[0, palette.line], [1, palette.line]], hovertemplate=hover, **common)
    figure.add_heatmap(
        z=wrong,
        zmin=0,
        zmax=max(1.0, float(np.nanmax(wrong))),
        colorscale=[[0, palette.paper], [1, palette.wrong]],
        hovertemplate=hover,
        **common,
    )
    for row, column in np.argwhere(counts > 0):
        figure.add_annotation(
            x=DIGITS[column], y=DIGITS[row], text=str(text[row, column]), showarrow=False, font={"size": 11}
        )
    side = {"showgrid": False, "type": "category", "ticks": "", "showline": False}
    figure.update_layout(
        xaxis=side | {"title": {"text": "Read as"}, "side": "bottom"},
        yaxis=side | {"title": {"text": "True digit"}, "autorange": "reversed"},
        margin={"l": 44, "r": 0, "t": 0, "b": 44},
        hovermode="closest",
    )
    return figure


def smooth(values: ArrayLike, span: int = 9) -> NDArray[np.float64]:
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


def _figure(palette: Palette, height: int) -> go.Figure:
    return go.Figure(layout={"template": template(palette), "height": height})


def _extent(by: Scale, last: int) -> list[float]:
    return [0, max(1, last)] if by == "step" else [0.8, max(2, last) + 0.2]


def _value_axis(metric: Metric) -> dict[str, Any]:
    if metric == "loss":
        return {"rangemode": "tozero", "tickformat": ".2~f", "nticks": 6}
    return {"tickformat": ".4~%", "nticks": 6}
