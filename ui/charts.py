"""Charts: data in, figure out. Needs no Streamlit.

Every figure is made from one `Palette`: ink on paper, one accent, one colour for what is wrong. Charts that change
while somebody looks at them are Vega-Lite specifications, since Streamlit swaps the data of those in place and draws a
plotly figure anew each time, which blinks. Figures that stand still are plotly's, with the studio's own template.
"""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from core.look import Palette, template, vega_look
from ui import words

Spec = dict[str, Any]

PLOTLY_CONFIG: Final = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
DIGITS: Final = [str(digit) for digit in range(10)]


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
    return spec(
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


def spec(palette: Palette, height: int, values: list[Spec], **parts: Any) -> Spec:
    """A Vega-Lite specification in the studio's look."""
    return {"data": {"values": values}, "height": height, **vega_look(palette), **parts}
