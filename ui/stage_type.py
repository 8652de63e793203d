"""The type of the stage: sizes that go with the window, and text in large type. Data in, Vega-Lite out; no Streamlit.

The studio's theme has one size for headings, which is a page's and not a hall's. So the stage writes in charts: in
Vega's expressions the size of the window is known, and one unit of type is a small part of it, on any screen. What a
chart says is in its alternative text too.
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ui.charts import Spec
from ui.look import FONT, Palette, vega_look

SERIF: Final = '"Source Serif", "Source Serif 4", Georgia, serif'  # the font of the theme's headings
# One unit in pixels: 24 on a screen of 1920 x 1080, 17 on one of 1366 x 768, and on a phone what can be read.
UNIT: Final = "clamp(min(windowSize()[0] / 80, windowSize()[1] / 45), 14, 48)"
PHONE: Final = "windowSize()[0] < 640"  # page pixels; there the page is higher than the window
CHROME: Final = 300  # page pixels that the page itself takes: header, edges, the row of buttons and the gaps
LEADING: Final = 1.26
WRAPS: Final = (112, 100, 90, 82, 74, 67, 61, 55, 50, 45, 41, 37, 33, 30, 27, 24, 21, 18, 15)  # letters a line


@dataclass(frozen=True, slots=True)
class Line:
    """Some text in one size.

    Attributes:
        size: in units.
        colour: a CSS colour.
        serif: whether it is set as headings are.
        phone: the size in units on a phone; None for the same.
    """

    text: str
    size: float
    colour: str
    serif: bool = False
    phone: float | None = None


def height(taken: float, *, phone: str = "360", least: int = 240) -> str:
    """The height that is left in the window for the chart that is the screen, as an expression.

    Args:
        taken: units of type that other charts of the screen take.
        phone: what it is on a phone, an expression.
        least: page pixels; in a lower window the page is scrolled.
    """
    return f"({PHONE}) ? ({phone}) : max({least}, windowSize()[1] - {CHROME} - {taken:g} * u)"


def staged(palette: Palette, values: Sequence[Spec], *, tall: str, **parts: object) -> Spec:
    """A Vega-Lite specification at the size of the stage.

    Args:
        tall: its height, an expression of `u`, the unit in pixels, and `width`.
    """
    look = vega_look(palette)
    small = {"expr": "0.8 * u"}
    axis = look["config"]["axis"] | {"labelFontSize": small, "titleFontSize": small, "labelPadding": 10}
    legend = look["config"]["legend"] | {"labelFontSize": small, "symbolStrokeWidth": 4, "symbolSize": 400}
    look["config"] |= {"axis": axis, "axisY": {}, "legend": legend}
    own = parts.pop("params", [])
    assert isinstance(own, list)
    params = [_resized("u", UNIT), _resized("height", tall), *own]
    return {"data": {"values": list(values)}, "height": 240, "params": params, **look, **parts}


def _resized(name: str, what: str) -> Spec:
    """A value that follows the window; `width` stands in it because that changes whenever the window does."""
    return {"name": name, "expr": f"width < 0 ? 0 : {what}"}


def lines(texts: Sequence[Line], palette: Palette, *, gap: float = 0.3, fill: str = "") -> Spec:
    """Texts over each other, each broken into lines where the room ends.

    Args:
        gap: between two of them, in units.
        fill: the height, an expression, where they are to stand in the middle of it; else they take what they need.
    """
    values, layers, params, offsets = [], [], [], ["0"]
    for number, line in enumerate(texts):
        row = broken(line.text, "w")
        values.append({"n": number, **row})
        size = f"({PHONE} ? {line.phone or line.size:g} : {line.size:g}) * u"
        letters = f"width / (s{number} * {0.44 if line.serif else 0.435})"
        counts = {wrap: str(row[f"w{wrap}"].count("\n") + 1) for wrap in WRAPS}
        count = _first(counts.__getitem__, letters)
        params += [
            {"name": f"s{number}", "expr": f"width < 0 ? 0 : {size}"},
            {"name": f"h{number}", "expr": f"({count}) * {LEADING} * s{number}"},
        ]
        top = " + ".join(offsets)
        layers.append(
            {
                "transform": [{"filter": f"datum.n == {number}"}, {"calculate": wrapped("w", letters), "as": "text"}],
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "top",
                    "lineBreak": "\n",
                    "font": SERIF if line.serif else FONT,
                    "fontWeight": 500 if line.serif else 400,
                    "fontSize": {"expr": f"s{number}"},
                    "lineHeight": {"expr": f"{LEADING} * s{number}"},
                    "color": line.colour,
                    "x": {"expr": "0"},
                    "y": {"expr": f"{top} + start"},
                },
                "encoding": {"text": {"field": "text"}},
            }
        )
        offsets += [f"h{number}", f"{gap:g} * u"]
    needed = " + ".join(offsets[:-1])
    params.append({"name": "start", "expr": f"({PHONE}) ? 0 : max(0, (({fill}) - ({needed})) / 2)" if fill else "0"})
    tall = f"({PHONE}) ? {needed} : max({needed}, {fill})" if fill else needed
    return staged(palette, values, tall=tall, params=params, layer=layers)


def broken(text: str, name: str) -> dict[str, str]:
    """A text broken into lines at every one of `WRAPS`, as data for `wrapped`."""
    return {f"{name}{wrap}": "\n".join(_wrap(part, wrap) for part in text.split("\n")) for wrap in WRAPS}


def wrapped(name: str, letters: str) -> str:
    """The expression of a text that `broken` broke, in lines of so many letters, an expression."""
    return _first(lambda wrap: f"datum.{name}{wrap}", letters)


def lines_of(text: str, size: float, *, share: float = 1) -> int:
    """How many lines a text takes on a wide screen, in that size and on that share of its width."""
    letters = 70 * share / (size * 0.44)
    wrap = next((wrap for wrap in WRAPS if wrap <= letters), WRAPS[-1])
    return _wrap(text, wrap).count("\n") + 1


def _wrap(text: str, letters: int) -> str:
    return "\n".join(textwrap.wrap(text, letters, break_on_hyphens=False))


def _first(of: Callable[[int], str], letters: str) -> str:
    """What belongs to the widest wrap that the room has letters for, as an expression."""
    chain = of(WRAPS[-1])
    for wrap in reversed(WRAPS[:-1]):
        chain = f"({letters}) >= {wrap} ? {of(wrap)} : ({chain})"
    return chain
