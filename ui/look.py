"""The look of the charts: one palette, and what each charting library is told of it. Needs no Streamlit."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import plotly.graph_objects as go

# Source Sans comes with Streamlit, which has it loaded by the time a chart is drawn.
FONT: Final = '"Source Sans", "Source Sans 3", "Segoe UI", Helvetica, Arial, sans-serif'
TEXT_SIZE: Final = 13


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
    """The studio's plotly template: grids of digits, quiet axes."""
    axis = {
        "type": "category",
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "ticklabelstandoff": 5,
        "tickfont": {"color": palette.quiet, "size": TEXT_SIZE},
        "title": {"font": {"color": palette.quiet, "size": TEXT_SIZE}, "standoff": 6},
        "fixedrange": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "color": palette.ink, "size": TEXT_SIZE},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 50, "r": 0, "t": 0, "b": 46},
            "hoverlabel": {"bgcolor": palette.paper, "bordercolor": palette.line, "font": {"color": palette.ink}},
            "dragmode": False,
        }
    )


def vega_look(palette: Palette) -> dict[str, Any]:
    """The parts of a Vega-Lite specification that make it the studio's."""
    axis = {
        "labelColor": palette.quiet,
        "titleColor": palette.quiet,
        "labelFontSize": TEXT_SIZE,
        "titleFontSize": TEXT_SIZE,
        "titleFontWeight": "normal",
        "gridColor": palette.line,
        "domainColor": palette.line,
        "ticks": False,
        "labelPadding": 6,
        "titlePadding": 10,
    }
    legend = {
        "orient": "top",
        "direction": "horizontal",
        "offset": 4,
        "padding": 0,
        "symbolType": "stroke",
        "symbolStrokeWidth": 3,
        "labelColor": palette.quiet,
        "labelFontSize": TEXT_SIZE,
    }
    return {
        "padding": {"left": 0, "right": 8, "top": 0, "bottom": 0},
        "config": {
            "font": FONT,
            "background": "transparent",
            "view": {"stroke": None},
            "axis": axis,
            "axisY": {"minExtent": 44},  # charts over each other keep one left edge
            "legend": legend,
        },
    }
