"""The type of the stage: sizes that go with the window, and text in large type. Data in, Vega-Lite out; no Streamlit.

The studio's theme has one size for headings, which is a page's and not a hall's. So the stage writes in charts: in
Vega's expressions the size of the window is known, and one unit of type is a small part of it, on any screen. What a
chart says is in its alternative text too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.look import FONT, Palette, vega_look
from ui.charts import Spec

SERIF: Final = '"Source Serif", "Source Serif 4", Georgia, serif'  # the font of the theme's headings
# One unit in pixels: 24 on a screen of 1920 x 1080, 17 on one of 1366 x 768, and on a phone what can be read.
UNIT: Final = "clamp(min(windowSize()[0] / 80, windowSize()[1] / 45), 14, 48)"
PHONE: Final = "windowSize()[0] < 640"  # page pixels; there the page is higher than the window
CHROME: Final = 300  # page pixels that the page itself takes: header, edges, the row of buttons and the gaps
WINDOW: Final = 69  # units that a wide screen is wide between its edges
LEADING: Final = 1.26
# Where lines may end, in ems: each text is broken for every one of these widths, and Vega takes the one that fits.
WRAPS: Final = tuple(round(60 / 1.06**step, 2) for step in range(40))
# Widths of Source Sans in ems, near enough, and how much wider Source Serif is.
NARROW: Final = dict.fromkeys(" \N{NO-BREAK SPACE}iIjl.,:;'|!", 0.25) | dict.fromkeys("tfrJ()-", 0.34)
WIDE: Final = dict.fromkeys("mwMW%@", 0.82)
SERIF_WIDER: Final = 1.02


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
    """A value that follows the window: its width, which the page tells the chart, and its height, as in full screen."""
    value = f"width < 0 ? 0 : {what}"
    higher = {"events": {"source": "window", "type": "resize"}, "update": value}
    return {"name": name, "expr": value, "on": [higher]}


def lines(texts: Sequence[Line], palette: Palette, *, gap: float = 0.3, fill: str = "") -> Spec:
    """Texts over each other, each broken into lines where the room ends.

    Args:
        gap: between two of them, in units.
        fill: the height, an expression, where they are to stand in the middle of it; else they take what they need.
    """
    values, layers, params, offsets = [], [], [], ["0"]
    for number, line in enumerate(texts):
        row = broken(line.text, "w", serif=line.serif)
        values.append({"n": number, **row})
        size = f"({PHONE} ? {line.phone or line.size:g} : {line.size:g}) * u"
        ems = f"0.98 * width / s{number}"
        counts = [str(row[f"w{place}"].count("\n") + 1) for place in range(len(WRAPS))]
        count = _first(counts.__getitem__, ems)
        params += [
            {"name": f"s{number}", "expr": f"width < 0 ? 0 : {size}"},
            {"name": f"h{number}", "expr": f"({count}) * {LEADING} * s{number}"},
        ]
        top = " + ".join(offsets)
        layers.append(
            {
                "transform": [{"filter": f"datum.n == {number}"}, {"calculate": wrapped("w", ems), "as": "text"}],
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


def broken(text: str, name: str, *, serif: bool = False) -> dict[str, str]:
    """A text broken into lines at every one of `WRAPS`, as data for `wrapped`."""
    return {f"{name}{place}": _wrap(text, ems, serif=serif) for place, ems in enumerate(WRAPS)}


def wrapped(name: str, ems: str) -> str:
    """The expression of a text that `broken` broke, in lines of so many ems, an expression."""
    return _first(lambda place: f"datum.{name}{place}", ems)


def lines_of(text: str, size: float, *, serif: bool = False) -> int:
    """How many lines a text takes on a wide screen in that size."""
    room = WINDOW / size
    return _wrap(text, next(ems for ems in WRAPS if ems <= room), serif=serif).count("\n") + 1


def _wrap(text: str, ems: float, *, serif: bool) -> str:
    """The text with its lines broken before they are longer than that; a longer word is broken, too."""
    broken_lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in (part for whole in paragraph.split(" ") for part in _parts(whole, ems, serif=serif)):
            longer = f"{line} {word}" if line else word
            if line and _ems(longer, serif=serif) > ems:
                broken_lines.append(line)
                longer = word
            line = longer
        broken_lines.append(line)
    return "\n".join(broken_lines)


def _parts(word: str, ems: float, *, serif: bool) -> list[str]:
    """A word in parts of no more ems; nearly every word is one part."""
    parts = [""]
    for letter in word if _ems(word, serif=serif) > ems else [word]:
        if parts[-1] and _ems(parts[-1] + letter, serif=serif) > ems:
            parts.append("")
        parts[-1] += letter
    return parts


def _ems(text: str, *, serif: bool) -> float:
    """About how wide a text is, in ems."""
    widths = [NARROW.get(each) or WIDE.get(each) or (0.6 if each.isupper() else 0.49) for each in text]
    return sum(widths) * (SERIF_WIDER if serif else 1)


def _first(of: Callable[[int], str], ems: str) -> str:
    """What belongs to the widest wrap that the room has ems for, as an expression."""
    chain = of(len(WRAPS) - 1)
    for place in reversed(range(len(WRAPS) - 1)):
        chain = f"({ems}) >= {WRAPS[place]} ? {of(place)} : ({chain})"
    return chain
