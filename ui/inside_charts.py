"""A digit's way through a network as one chart, every map of which can be clicked: data in, specification out. Needs no
Streamlit."""

import base64
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.explain.features import LayerMaps
from core.look import Palette
from core.network import OUTPUT
from ui import layer_sheets, words
from ui.charts import Spec, spec

PARAM: Final = "chosen_map"
MAPS: Final = 8  # of a layer with places
UNITS: Final = 32  # of one without
ROW: Final = 60  # page pixels
NARROW: Final = "width < 440"  # of the plot, in Vega's expressions: a phone, where a row's words stand above it
_LEFT: Final = f"({NARROW} ? 0 : 116)"
_TOP: Final = f"({NARROW} ? 17 : 0)"
_CELL: Final = f"min(59, (width - {_LEFT}) / {MAPS})"
_GAP: Final = 3
_LIMIT: Final = 106  # page pixels that a layer's name may take

INPUT: Final = "the digit"
UNITS_IN_A_LINE: Final = 16
OUTPUT_SIZE: Final = MAPS / 10


def journey(
    image: NDArray[np.float32],
    layers: Sequence[LayerMaps],
    probabilities: NDArray[np.floating],
    *,
    chosen: tuple[str, int] | None,
    turn: int,
    palette: Palette,
) -> Spec:
    """A row for the digit, one for each layer with its strongest maps, and one for the ten outputs.

    Args:
        image: (28, 28) in [0, 1], ink high.
        probabilities: (10,) in [0, 1].
        chosen: layer and map that have an outline.
        turn: other than before whenever something else is chosen.
    """
    values = [_picture(image, {"row": 0, "column": 0, "layer": INPUT, "map": -1}), _label(0, INPUT, "28×28")]
    for row, maps in enumerate(layers, start=1):
        values += (_units if maps.values.ndim == 1 else _maps)(row, maps, shown(maps, chosen))
        values.append(_label(row, maps.name, words.shape(maps.values.shape)))
    last = len(layers) + 1
    values += _outputs(last, probabilities)
    values.append(_label(last, "answer", "10 outputs"))
    for value in values:
        value["turn"] = turn
        value["chosen"] = chosen == (value["layer"], value["map"])
    return spec(
        palette,
        ROW * (last + 1),
        values,
        transform=[
            _put("x", f"{_LEFT} + datum.column * {_CELL}"),
            _put("y", f"{_TOP} + {ROW} * datum.row + datum.line * {_CELL} / 2"),
            _put("x2", f"datum.x + datum.size * {_CELL} - {_GAP}"),
            _put("y2", f"datum.y + datum.size * {_CELL} - {_GAP}"),
        ],
        encoding={
            "x": {"field": "x", "type": "quantitative", "scale": None, "axis": None},
            "y": {"field": "y", "type": "quantitative", "scale": None, "axis": None},
        },
        layer=[_pictures(), _frames(palette), _outline(palette), *_words(palette), _digits(palette)],
    )


def clicked(selection: Sequence[dict]) -> tuple[str, int] | None:
    """The layer and the map that were clicked; None for none, or for the digit itself."""
    found = next(iter(selection), {})
    name, number = found.get("layer"), found.get("map")
    if not isinstance(name, str) or not isinstance(number, int | float) or number < 0:
        return None
    return name, int(number)


def shown(maps: LayerMaps, chosen: tuple[str, int] | None) -> list[int]:
    """The maps of a layer that have room in its row: those that tell most about the digit, and the chosen one."""
    found = maps.strongest(UNITS if maps.values.ndim == 1 else MAPS)
    if chosen is not None and chosen[0] == maps.name and chosen[1] not in found:
        found[-1] = chosen[1]
    return found


def _maps(row: int, maps: LayerMaps, numbers: list[int]) -> list[Spec]:
    return [
        _picture(maps.shares[..., channel], {"row": row, "column": column, "layer": maps.name, "map": channel})
        for column, channel in enumerate(numbers)
    ]


def _units(row: int, maps: LayerMaps, numbers: list[int]) -> list[Spec]:
    """Squares of half the size, in two lines."""
    return [
        _square(
            {"row": row, "column": place % UNITS_IN_A_LINE / 2, "line": place // UNITS_IN_A_LINE, "size": 0.5}
            | {"layer": maps.name, "map": unit, "tip": f"unit {unit} of {maps.name}: {maps.values[unit]:.2g}"},
            float(maps.shares[unit]),
        )
        for place, unit in enumerate(numbers)
    ]


def _outputs(row: int, probabilities: NDArray[np.floating]) -> list[Spec]:
    return [
        _square(
            {"row": row, "column": digit * OUTPUT_SIZE, "size": OUTPUT_SIZE, "layer": OUTPUT, "map": digit}
            | {"digit": str(digit), "tip": f"{digit}: {words.small_percent(float(share))}"},
            float(share),
        )
        for digit, share in enumerate(probabilities)
    ]


def _picture(shares: NDArray[np.floating], value: Spec) -> Spec:
    """A cell with a picture, its values from 0 (paper) to 1 (ink)."""
    png = base64.b64encode(layer_sheets.map_png(shares)).decode("ascii")
    tip = f"map {value['map']} of {value['layer']}" if value["map"] >= 0 else "the digit as the network gets it"
    return _cell({"size": 1, "url": f"data:image/png;base64,{png}", "tip": tip} | value)


def _square(value: Spec, share: float) -> Spec:
    colours = layer_sheets.inked(np.array([share]))[0]
    ink = "light" if share > 0.5 else "dark"
    return _cell(value | {"fill": "#" + "".join(f"{part:02x}" for part in colours), "ink": ink})


def _cell(value: Spec) -> Spec:
    rest = {"line": 0, "url": "", "fill": "", "digit": "", "ink": "", "name": "", "shape": ""}
    return {**rest, **value, "column": float(value["column"]), "size": float(value["size"])}


def _label(row: int, name: str, shape: str) -> Spec:
    """What stands beside a row, or on a phone above it."""
    return _cell(
        {"row": row, "column": 0, "size": 0, "layer": "", "map": -1, "name": name, "shape": shape, "tip": name}
    )


def _put(name: str, expression: str) -> Spec:
    return {"calculate": expression, "as": name}


def _pictures() -> Spec:
    side = {"expr": f"{_CELL} - {_GAP}"}
    mark = {"type": "image", "align": "left", "baseline": "top", "smooth": False, "width": side, "height": side}
    url = {"field": "url", "type": "nominal", "scale": None}
    return {"transform": [{"filter": "datum.url"}], "mark": mark, "encoding": {"url": url}}


def _frames(palette: Palette) -> Spec:
    """Around every cell, with what a click on it selects; that of the one under the pointer is darker."""
    click = {"type": "point", "fields": ["layer", "map", "turn"], "toggle": False, "clear": False}
    hover = {"type": "point", "fields": ["layer", "map"], "toggle": False, "on": "pointerover", "clear": "pointerout"}
    under = {"param": "hover_map", "empty": False, "value": palette.accent}
    tip = {"field": "tip", "type": "nominal"}
    return {
        "transform": [{"filter": "datum.size"}],
        "params": [{"name": PARAM, "select": click}, {"name": "hover_map", "select": hover}],
        "mark": {"type": "rect", "cursor": {"expr": "datum.map < 0 ? 'default' : 'pointer'"}, "strokeWidth": 1},
        "encoding": {
            "x2": {"field": "x2"},
            "y2": {"field": "y2"},
            "fill": {
                "condition": {"test": "!datum.fill", "value": "transparent"},
                "field": "fill",
                "type": "nominal",
                "scale": None,
                "legend": None,
            },
            "stroke": {"condition": under, "value": palette.line},
            "tooltip": tip,
            "description": tip,
        },
    }


def _outline(palette: Palette) -> Spec:
    """Around the map that is looked at."""
    mark = {"type": "rect", "filled": False, "stroke": palette.accent, "strokeWidth": 3}
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    return {"transform": [{"filter": "datum.chosen"}], "mark": mark, "encoding": ends}


def _words(palette: Palette) -> list[Spec]:
    """Each row's layer and its shape: beside it on two lines, on a phone above it on one."""
    only = [{"filter": "datum.name"}, _put("above", f"{ROW} * datum.row")]
    beside = f"{NARROW} ? {_LIMIT + 8} : 0"
    both = {"type": "text", "align": "left", "baseline": "top", "limit": _LIMIT}
    return [
        {
            "transform": [*only, _put("x", "0"), _put("y", f"datum.above + ({NARROW} ? 2 : 12)")],
            "mark": {**both, "fontSize": 13, "fontWeight": 600, "color": palette.ink},
            "encoding": {"text": {"field": "name"}},
        },
        {
            "transform": [*only, _put("x", beside), _put("y", f"datum.above + ({NARROW} ? 3 : 31)")],
            "mark": {**both, "fontSize": 12, "color": palette.quiet},
            "encoding": {"text": {"field": "shape"}},
        },
    ]


def _digits(palette: Palette) -> Spec:
    """In the ten outputs."""
    light, dark = layer_sheets.EXTREMES
    middle = [_put("x", "(datum.x + datum.x2) / 2"), _put("y", "(datum.y + datum.y2) / 2")]
    return {
        "transform": [{"filter": "datum.digit"}, *middle],
        "mark": {"type": "text", "fontSize": 15, "fontWeight": 600},
        "encoding": {
            "text": {"field": "digit"},
            "color": {"condition": {"test": "datum.ink === 'light'", "value": light}, "value": dark},
        },
    }
