"""Digits on the stage, as large as the window lets them be: data in, Vega-Lite out; no Streamlit.

Every place is worked out by Vega from the size of the window, so a gallery fills the screen and never leaves it. The
pictures are the studio's own, with the frame that digits have everywhere.
"""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import pictures
from core.look import FONT, Palette
from core.story import Example
from ui import words
from ui.charts import DIGITS, Spec
from ui.stage_type import LEADING, PHONE, SERIF, broken, staged, wrapped

SHARP: Final = 84  # page pixels: 28 x 3, six pixels of the picture for each of the digit's
MOST_IN_ROW: Final = 6
LARGEST: Final = 2  # so many have room for the largest type
FEW: Final = 6  # and so many for large pictures


@dataclass(frozen=True, slots=True)
class Row:
    """A headed row of digits.

    Attributes:
        heading: a few words.
        colour: of the heading, a CSS colour.
        examples: the digits, at most six are shown.
        captions: a few letters below each of them.
    """

    heading: str
    colour: str
    examples: tuple[Example, ...]
    captions: tuple[str, ...]


def task(samples: NDArray[np.uint8], *, palette: Palette, tall: str) -> Spec:
    """Digits in ten columns, (rows, 10, 28, 28) with the ink high, below the digit that each of them is."""
    rows, columns = samples.shape[:2]
    values: list[Spec] = [{"url": _uri(pictures.sheet_png(samples, scale=3)), "column": -1, "label": ""}]
    values += [{"url": "", "column": column, "label": DIGITS[column]} for column in range(columns)]
    params = [
        {"name": "side", "expr": f"min(width / {columns}, (height - 2.4 * u) / {rows})"},
        {"name": "left", "expr": f"(width - {columns} * side) / 2"},
    ]
    sheet = {"type": "image", "align": "left", "baseline": "top", "aspect": False}
    sheet |= {"x": {"expr": "left"}, "y": {"expr": "2.4 * u"}}
    sheet |= {"width": {"expr": f"{columns} * side"}, "height": {"expr": f"{rows} * side"}}
    return staged(
        palette,
        values,
        tall=tall,
        params=params,
        layer=[
            {
                "transform": [{"filter": "datum.column < 0"}],
                "mark": sheet,
                "encoding": {"url": {"field": "url", "type": "nominal"}},
            },
            {
                "transform": [
                    {"filter": "datum.column >= 0"},
                    {"calculate": "left + (datum.column + 0.5) * side", "as": "x"},
                ],
                "mark": _text(1.7, palette.accent, align="center", font=SERIF) | {"y": {"expr": "0"}},
                "encoding": {"x": _pixels("x"), "text": {"field": "label"}},
            },
        ],
    )


def rows(given: Sequence[Row], *, palette: Palette, tall: str) -> Spec:
    """Rows of digits, each under its heading, and under each digit its caption."""
    most = max((len(row.examples[:MOST_IN_ROW]) for row in given), default=1)
    values: list[Spec] = []
    for number, row in enumerate(given):
        values.append({"row": number, "column": -1, "label": row.heading, "colour": row.colour, "url": ""})
        for column, example in enumerate(row.examples[:MOST_IN_ROW]):
            said = {"label": row.captions[column], "colour": palette.quiet, "url": _picture(example)}
            values.append({"row": number, "column": column, **said})
    count = len(given)
    params = [
        {"name": "band", "expr": f"height / {count}"},
        {"name": "side", "expr": f"max(20, min((width - {most - 1} * 0.6 * u) / {most}, band - 4.3 * u))"},
    ]
    places = [
        {"calculate": "datum.column * (side + 0.6 * u)", "as": "x"},
        {"calculate": "datum.x + side / 2", "as": "middle"},
        {"calculate": "datum.row * band", "as": "top"},
        {"calculate": "datum.top + 2.2 * u", "as": "y"},
        {"calculate": "datum.y + side + 0.35 * u", "as": "below"},
    ]
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    digits, headings = [{"filter": "datum.column >= 0"}], [{"filter": "datum.column < 0"}]
    return staged(
        palette,
        values,
        tall=tall,
        params=params,
        transform=places,
        layer=[
            {
                "transform": headings,
                "mark": _text(1.4, palette.ink, font=SERIF) | {"x": {"expr": "0"}, "fontWeight": 500},
                "encoding": {"y": _pixels("top"), "text": {"field": "label"}, "color": colour},
            },
            {"transform": digits, **_images()},
            {
                "transform": digits,
                "mark": _text(0.8, palette.quiet, align="center") | {"limit": {"expr": "side + 0.5 * u"}},
                "encoding": {"x": _pixels("middle"), "y": _pixels("below"), "text": {"field": "label"}},
            },
        ],
    )


def examples(given: Sequence[Example], *, palette: Palette, tall: str) -> Spec:
    """Digits in a grid, beside each what it is, what it was read as, and as much of the reason as there is room for."""
    columns = columns_for(len(given))
    dense, size = len(given) > FEW, 1.9 if len(given) <= LARGEST else 1.15
    small = max(0.8, 0.7 * size)
    values: list[Spec] = []
    for number, example in enumerate(given):
        value = {
            "n": number,
            "url": _picture(example, width=SHARP * (1 if size < 1.5 else 2)),
            "right": example.true == example.read,
        }
        values.append(value | {"read": _said(example, dense=dense)} | broken(example.reason, "why"))
    head = size * LEADING * (1 if dense else 2) + 0.3
    line = small * LEADING
    params = [
        {"name": "columns", "expr": f"({PHONE}) ? 1 : {columns}"},
        {"name": "wide", "expr": "width / columns"},
        {"name": "band", "expr": f"height / (({PHONE}) ? {len(given)} : {math.ceil(len(given) / columns)})"},
        {"name": "side", "expr": f"max(40, min(band - 1.2 * u, {0.38 if dense else 0.45} * wide))"},
        {"name": "most", "expr": f"max(1, floor((band - {head + 0.4:g} * u) / ({line:g} * u)))"},
    ]
    places = [
        {"calculate": "(datum.n % columns) * wide", "as": "x"},
        {"calculate": "floor(datum.n / columns) * band", "as": "y"},
        {"calculate": "datum.x + side + 0.9 * u", "as": "beside"},
        {"calculate": f"datum.y + {head:g} * u", "as": "below"},
        {"calculate": wrapped("why", f"(wide - side - 1.9 * u) / ({small:g} * u)"), "as": "why"},
        {"calculate": "split(datum.why, '\\n')", "as": "lines"},
        {
            "calculate": "join(slice(datum.lines, 0, most), '\\n') + (length(datum.lines) > most ? ' …' : '')",
            "as": "why",
        },
    ]
    read = {"condition": {"test": "datum.right", "value": palette.ink}, "value": palette.wrong}
    beside = _pixels("beside")
    return staged(
        palette,
        values,
        tall=tall,
        params=params,
        transform=places,
        layer=[
            _images(),
            {
                "mark": _text(size, palette.wrong),
                "encoding": {"x": beside, "y": _pixels("y"), "text": {"field": "read"}, "color": read},
            },
            {
                "mark": _text(small, palette.quiet),
                "encoding": {"x": beside, "y": _pixels("below"), "text": {"field": "why"}},
            },
        ],
    )


def _said(example: Example, *, dense: bool) -> str:
    """What it is, and what it was read as."""
    if dense:
        return example.outcome
    return f"Labelled {example.true},\nread as {example.read}, {words.percent(example.confidence, 1)}"


def columns_for(count: int) -> int:
    """In how many columns so many digits stand on a wide screen."""
    return {0: 1, 1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}.get(count, 4)


def said_of(given: Sequence[Example]) -> str:
    """Digits in words, for those who cannot see them."""
    return "; ".join(each.outcome for each in given)


def _picture(example: Example, *, width: int = SHARP) -> str:
    return _uri(pictures.digit_png(example.image, width=width))


def _uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _images() -> Spec:
    """The pictures, square, at `x` and `y`."""
    square = {"width": {"expr": "side"}, "height": {"expr": "side"}, "align": "left", "baseline": "top"}
    places = {"x": _pixels("x"), "y": _pixels("y"), "url": {"field": "url", "type": "nominal"}}
    return {"mark": {"type": "image", "aspect": True, **square}, "encoding": places}


def _text(size: float, colour: str, *, align: str = "left", font: str = FONT) -> Spec:
    return {
        "type": "text",
        "align": align,
        "baseline": "top",
        "lineBreak": "\n",
        "font": font,
        "fontSize": {"expr": f"{size:g} * u"},
        "lineHeight": {"expr": f"{size * LEADING:g} * u"},
        "color": colour,
    }


def _pixels(field: str) -> Spec:
    """A place in pixels of the chart."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}
