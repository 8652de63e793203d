"""The look of the charts, on pages and in files: one palette, and what each charting library is told of it."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, Literal

import plotly.graph_objects as go

_THEME: Final = Path(__file__).resolve().parent.parent / ".streamlit" / "config.toml"
# Source Sans comes with Streamlit, which has it loaded by the time a chart is drawn.
FONT: Final = '"Source Sans", "Source Sans 3", "Segoe UI", Helvetica, Arial, sans-serif'
TEXT_SIZE: Final = 13
READABLE: Final = 4.5  # the least contrast of text, by WCAG 2.1's level AA
EXTREMES: Final = ("#000000", "#ffffff")  # on any colour, one of the two can be read


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


@lru_cache(maxsize=2)
def theme_palette(appearance: Literal["light", "dark"] = "light") -> Palette:
    """The colours of the studio's own theme, for what is made outside a page."""
    theme = tomllib.loads(_THEME.read_text(encoding="utf-8"))["theme"][appearance]
    return Palette(
        ink=theme["textColor"],
        paper=theme["backgroundColor"],
        accent=theme["linkColor"],
        wrong=theme["redColor"],
        quiet=theme["grayColor"],
        line=theme["borderColor"],
    )


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


def mixed(first: str, second: str, share: float) -> str:
    """The colour that lies between two, `#rrggbb`, at `share` in [0, 1] of the way to the second."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, `#rrggbb`, from 1 to 21, as WCAG 2.1 defines it; text needs 4.5."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(fill: str, *inks: str) -> str:
    """The first of these colours in which text can be read on `fill`, `#rrggbb` all; else black or white."""
    return next((ink for ink in inks if contrast(ink, fill) >= READABLE), max(EXTREMES, key=partial(contrast, fill)))


def better_worse(palette: Palette) -> list[list[float | str]]:
    """The colour scale of a difference, as plotly takes it: from worse over the same to better."""
    return [[0.0, palette.wrong], [0.5, palette.paper], [1.0, palette.accent]]


def _luminance(colour: str) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
