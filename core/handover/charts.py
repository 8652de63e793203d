"""The charts of the HTML report: a story's facts in, a plotly figure out."""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.evaluation import Share, percent
from core.look import Palette, template
from core.story import Change, Example, Facts, Learning, Reliance
from core.story.telling import PEOPLE

HEIGHT: Final = 380
SIZE: Final = 15  # of text
DIGITS: Final = [str(digit) for digit in range(10)]
_ROOM: Final = 0.12  # of an axis that stays free around the curves, as a share of what they span


def wrong_bars(facts: Facts, palette: Palette) -> go.Figure:
    """How many of the test images are read wrongly: by this run and the one before, with intervals, and by people."""
    n = facts.test.n
    rows: list[tuple[str, Share, str]] = [(facts.name, facts.test, palette.accent)]
    if facts.change is not None:
        rows.append((facts.change.versus, facts.change.before, palette.quiet))
    wrong = [n - share.count for _, share, _ in rows]
    ends = [(n * (1 - share.high), n * (1 - share.low)) for _, share, _ in rows]
    people = round(PEOPLE * n)  # estimated, not counted in these images: no interval
    wrong, ends = [*wrong, people], [*ends, (people, people)]
    names = [*(_plain(name) for name, _, _ in rows), "People, as estimated"]
    whiskers: dict[str, Any] = {
        "array": [high - count for count, (_, high) in zip(wrong, ends, strict=True)],
        "arrayminus": [count - low for count, (low, _) in zip(wrong, ends, strict=True)],
        "color": palette.ink,
        "thickness": 1,
        "width": 6,
    }
    figure = _figure(palette, 70 + 70 * len(names), left=180)
    figure.add_bar(
        x=wrong,
        y=list(range(len(names))),  # not the names: two that begin alike would share a bar
        orientation="h",
        marker_color=[*(colour for _, _, colour in rows), palette.quiet],
        error_x=whiskers,
        width=0.5,
        customdata=names,
        hovertemplate="%{customdata}: %{x:,} wrong<extra></extra>",
    )
    figure.update_xaxes(type="linear", title_text=f"Wrong of {n:,} images", rangemode="tozero")
    ticks: dict[str, Any] = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    figure.update_yaxes(type="linear", autorange="reversed", tickfont_color=palette.ink, showgrid=False, **ticks)
    return figure


def learning_curves(learning: Learning, palette: Palette) -> go.Figure:
    """Accuracy on the training and the validation images by epoch."""
    epochs = np.arange(1, len(learning.accuracy) + 1)
    figure = _figure(palette, HEIGHT, left=70)
    curves = (("Training", learning.accuracy, palette.quiet), ("Validation", learning.val_accuracy, palette.accent))
    for name, values, colour in curves:
        if np.isfinite(values).any():
            figure.add_scatter(
                x=epochs,
                y=values,
                name=name,
                mode="lines" if len(epochs) > 1 else "markers",
                line={"color": colour, "width": 3},
                hovertemplate=f"{name}, epoch %{{x}}: %{{y:.2%}}<extra></extra>",
            )
    figure.update_xaxes(type="linear", title_text="Epoch", tickformat=",d", dtick=1 if len(epochs) < 12 else None)
    figure.update_yaxes(type="linear", title_text="Read rightly", tickformat=".1%", range=accuracy_range(learning))
    figure.update_yaxes(showgrid=True, gridcolor=palette.line)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.12, "x": 0})
    return figure


def accuracy_range(learning: Learning) -> tuple[float, float]:
    """The accuracies that are worth their room: the first epochs may begin below the chart."""
    values = np.concatenate([learning.accuracy, learning.val_accuracy])
    values = values[np.isfinite(values)]
    low = float(np.quantile(values, 0.12)) if len(values) else 0.0
    return max(0.0, low - _ROOM * (1 - low) - 0.001), min(1.0, 1 + 0.02 * (1 - low))


def confusion_heatmap(matrix: NDArray[np.int64], palette: Palette) -> go.Figure:
    """Counts, rows true and columns predicted; what is right is quiet, what is wrong is coloured by its count."""
    wrong = matrix.astype(float)
    np.fill_diagonal(wrong, np.nan)
    most = max(1.0, float(np.nanmax(wrong)))
    hover = "a %{y}, read as %{x}: %{customdata}<extra></extra>"
    common: dict[str, Any] = {"x": DIGITS, "y": DIGITS, "xgap": 2, "ygap": 2, "showscale": False, "customdata": matrix}
    figure = _figure(palette, 480, left=60)
    right = np.where(np.eye(10, dtype=bool), 1.0, np.nan)
    figure.add_heatmap(z=right, colorscale=[[0, palette.line], [1, palette.line]], hovertemplate=hover, **common)
    colours = [[0, palette.paper], [1, palette.wrong]]
    figure.add_heatmap(z=wrong, zmin=0, zmax=most, colorscale=colours, hovertemplate=hover, **common)
    for row, column in np.argwhere(matrix > 0):
        strong = wrong[row, column] > 0.6 * most
        font = {"size": 12, "color": palette.paper if strong else palette.ink}
        text = str(matrix[row, column])
        figure.add_annotation(x=DIGITS[column], y=DIGITS[row], text=text, showarrow=False, font=font)
    figure.update_xaxes(title_text="Read as")
    figure.update_yaxes(title_text="True digit", autorange="reversed")
    return figure


def reliance_curve(reliance: Reliance, palette: Palette) -> go.Figure:
    """Wrong answers among those given against the share of images that is answered; the threshold as a point."""
    effect, curve = reliance.effect, reliance.curve
    figure = _figure(palette, HEIGHT, left=80)
    figure.add_scatter(
        x=curve.coverage,
        y=curve.risk,
        mode="lines",
        line={"color": palette.accent, "width": 3},
        customdata=curve.thresholds,
        hovertemplate="%{x:.2%} answered, %{y:.3%} of that wrong, from %{customdata:.2%} confidence<extra></extra>",
    )
    if effect.coverage.value is not None and effect.accuracy.value is not None:
        figure.add_scatter(
            x=[effect.coverage.value],
            y=[1 - effect.accuracy.value],
            mode="markers",
            marker={"color": palette.wrong, "size": 13},
            error_y=_whisker(effect.accuracy, palette),
            hoverinfo="skip",
        )
    low = answered_from(reliance)
    figure.update_xaxes(type="linear", title_text="Answered without a person", tickformat=".1%", range=(low, 1.002))
    figure.update_yaxes(type="linear", title_text="Wrong among the answers", tickformat=".2%", rangemode="tozero")
    figure.update_yaxes(showgrid=True, gridcolor=palette.line)
    return figure


def _whisker(accuracy: Share, palette: Palette) -> dict[str, Any]:
    """The interval of the share that is wrong, about its point."""
    right = accuracy.value or 0.0
    ends = {"array": [right - accuracy.low], "arrayminus": [accuracy.high - right]}
    return ends | {"color": palette.ink, "thickness": 1.5, "width": 6}


def answered_from(reliance: Reliance) -> float:
    """The coverage at which a curve begins to be worth its room: four times as far from 1 as the threshold's."""
    return min(0.98, max(0.0, 1 - 4 * (1 - (reliance.effect.coverage.value or 0.0))))


def flip_bars(change: Change, palette: Palette) -> go.Figure:
    """How many images only one of the two runs reads rightly."""
    figure = _figure(palette, 180, left=90)
    figure.add_bar(
        x=[change.fixed, change.broken],
        y=["Fixed", "Broken"],
        orientation="h",
        marker_color=[palette.accent, palette.wrong],
        text=[f"{change.fixed:,}", f"{change.broken:,}"],
        textposition="outside",
        width=0.55,
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,} images<extra></extra>",
    )
    figure.update_xaxes(type="linear", title_text="Images", rangemode="tozero", tickformat=",d")
    figure.update_yaxes(autorange="reversed", tickfont_color=palette.ink)
    return figure


def probability_bars(example: Example, palette: Palette) -> go.Figure:
    """The ten probabilities of one answer."""
    figure = _figure(palette, HEIGHT, left=40)
    figure.add_bar(
        x=example.probabilities,
        y=DIGITS,
        orientation="h",
        marker_color=[palette.accent if digit == example.read else palette.quiet for digit in range(10)],
        text=[percent(float(share), 1) if share >= 0.0005 else "" for share in example.probabilities],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    figure.update_xaxes(type="linear", visible=False, range=(0, 1.15))
    figure.update_yaxes(autorange="reversed", tickfont_color=palette.ink)
    return figure


def _figure(palette: Palette, height: int, *, left: int) -> go.Figure:
    figure = go.Figure(layout={"template": template(palette), "height": height, "showlegend": False})
    figure.update_layout(font_size=SIZE, margin={"l": left, "r": 30, "t": 20, "b": 60}, autosize=True)
    return figure


def _plain(text: str) -> str:
    """A name from outside, which plotly would read as HTML."""
    shown = text if len(text) <= 24 else text[:23] + "\N{HORIZONTAL ELLIPSIS}"
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
