"""The confusion matrix as a chart whose cells and labels can be clicked: data in, Vega-Lite out. Needs no Streamlit.

A Vega-Lite chart, although figures that stand still are plotly's: what was clicked is outlined, and plotly would draw
the whole figure anew for that, which blinks. Here every look of a cell (fill, ink, text, outline) is data, which
Streamlit swaps in place. Only this module says what a cell looks like; what is behind it is `core.evaluation`'s.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.look import Palette, better_worse, mixed, readable_on
from ui import words
from ui.charts import DIGITS, Spec, spec
from ui.comparison_charts import gains, signed

Cells = Literal["counts", "true", "pred"]
PARAM: Final = "cell"  # the selection that a click makes
HEIGHT: Final = 470  # page pixels
NARROW: Final = "width < 420"  # page pixels of the plot, in Vega's expressions: a phone
FAINTEST: Final = 0.14  # how far the colour of a single image is from the paper's
LEAST_SPAN: Final = 10  # the count that has the full colour when all counts are smaller: 1 wrong is never alarming
LABEL: Final = ""  # where the labels stand beside the ten digits of an axis


def matrix(
    counts: ArrayLike,
    shares: ArrayLike | None = None,
    *,
    by: Cells = "counts",
    chosen: tuple[int | None, int | None] = (None, None),
    diagonal: bool = True,
    turn: int = 0,
    palette: Palette,
) -> Spec:
    """Rows true and columns predicted; what is right is quiet, what is wrong is coloured by its logarithm.

    Args:
        counts: (10, 10) images.
        shares: (10, 10) in [0, 1], what the cells say instead of the counts: those of their row (`by` is `true`) or
            of their column (`pred`).
        chosen: the label and the prediction that are outlined: both for a cell, one for a row or column.
        diagonal: whether what is right is shown.
        turn: part of what a click gives, so that a second click on the same cell is a new one.
    """
    whole = np.asarray(counts)
    amounts = whole.astype(float) if shares is None else _in_images(np.asarray(shares), whole)
    depth = _depth(amounts, most=float((amounts - np.diag(amounts.diagonal())).max()))
    values = []
    for row, column in _places(diagonal):
        count, share = int(whole[row, column]), None if shares is None else float(np.asarray(shares)[row, column])
        wrong = row != column
        fill = mixed(palette.paper, palette.wrong, depth[row, column]) if wrong else palette.line
        text = _count(count) if share is None else _share(share)
        tip = f"a {row}, read as {column}: {words.images(count)}"
        if share is not None:
            of = f"all {row}s" if by == "true" else f"all that was read as {column}"
            tip += f", {words.percent(share)} of {of}"
        values.append(_cell(row, column, fill, text, tip, _inks(palette, quiet=not count)))
    return _drawn(values, chosen, turn, palette)


def difference(
    counts: ArrayLike,
    *,
    chosen: tuple[int | None, int | None] = (None, None),
    diagonal: bool = True,
    turn: int = 0,
    palette: Palette,
) -> Spec:
    """One confusion matrix less another, (10, 10): in the colours of `comparison_charts`, by their logarithm too.

    The other arguments are those of `matrix`.
    """
    less = np.asarray(counts)
    gain = gains(less)
    worst, middle, best = (str(colour) for _, colour in better_worse(palette))
    shown = np.abs(gain) if diagonal else np.abs(gain - np.diag(gain.diagonal()))
    depth = _depth(np.abs(gain), most=float(shown.max()))
    values = []
    for row, column in _places(diagonal):
        fill = mixed(middle, best if gain[row, column] > 0 else worst, depth[row, column])
        text = signed(int(less[row, column]))
        tip = f"a {row}, read as {column}: {text}"
        values.append(_cell(row, column, fill, text, tip, _inks(palette, quiet=not less[row, column])))
    return _drawn(values, chosen, turn, palette)


def clicked(selection: Sequence[dict]) -> tuple[int | None, int | None] | None:
    """What a click chose, as a label and a prediction; None when it hit nothing.

    Args:
        selection: what Streamlit gives for the parameter `PARAM`; it comes from the browser, so it may say anything.
    """
    if not selection:
        return None
    found = [selection[-1].get(name) for name in ("true", "pred")]
    true, pred = (int(one) if one in DIGITS else None for one in found)
    return None if true is None and pred is None else (true, pred)


def _places(diagonal: bool) -> Iterable[tuple[int, int]]:
    return ((row, column) for row in range(10) for column in range(10) if diagonal or row != column)


def _in_images(shares: NDArray, counts: NDArray) -> NDArray[np.float64]:
    """Shares in images of the largest row or column, so that the smallest there can be is one image."""
    return shares * max(1, counts.sum(axis=0).max(), counts.sum(axis=1).max())


def _depth(amounts: NDArray, *, most: float) -> NDArray[np.float64]:
    """How deep the colour of each amount is, in [0, 1]: 0 for none, and from one image on by the logarithm."""
    part = np.log(np.maximum(amounts, 1)) / math.log(max(most, LEAST_SPAN))
    return np.where(amounts > 0, FAINTEST + (1 - FAINTEST) * np.clip(part, 0, 1), 0.0)


def _count(count: int) -> str:
    return str(count) if count < 10_000 else words.compact(count).replace(" ", "")


def _share(share: float) -> str:
    """In percent without its sign; what is not quite 0 or 100 does not read as either."""
    if share in (0, 1):
        return str(round(100 * share))
    return "<0.1" if 100 * share < 0.05 else f"{min(100 * share, 99.9):.1f}"


def _inks(palette: Palette, *, quiet: bool) -> tuple[str, ...]:
    """What a cell's text may be written in, dearest first."""
    return (palette.quiet, palette.ink) if quiet else (palette.ink, palette.paper)


def _cell(row: int, column: int, fill: str, text: str, tip: str, inks: Sequence[str]) -> Spec:
    """One cell's data: its text in the first of these inks that can be read on it."""
    place = {"x": DIGITS[column], "y": DIGITS[row], "true": DIGITS[row], "pred": DIGITS[column]}
    return place | {"fill": fill, "ink": readable_on(fill, *inks), "text": text, "tip": tip}


def _labels(palette: Palette) -> list[Spec]:
    """The digits beside the rows and below the columns, as cells."""
    common = {"fill": palette.paper, "ink": palette.ink, "label": True}
    rows = [{"x": LABEL, "y": d, "true": d, "pred": "", "tip": f"every {d}"} for d in DIGITS]
    columns = [{"x": d, "y": LABEL, "true": "", "pred": d, "tip": f"everything read as {d}"} for d in DIGITS]
    return [common | one | {"text": d} for d, one in zip(DIGITS * 2, rows + columns, strict=True)]


def _drawn(values: list[Spec], chosen: tuple[int | None, int | None], turn: int, palette: Palette) -> Spec:
    """The chart of these cells, with the labels beside them and what is chosen outlined."""
    true, pred = ("" if digit is None else DIGITS[digit] for digit in chosen)
    for value in (values := values + _labels(palette)):
        inside = (not true or value["true"] == true) and (not pred or value["pred"] == pred)
        value |= {"turn": turn, "chosen": bool(true or pred) and inside}
    places = {"x": ("Read as", [LABEL, *DIGITS]), "y": ("True digit", [*DIGITS, LABEL])}
    return spec(
        palette,
        HEIGHT,
        values,
        encoding={axis: _axis(axis, title, domain) for axis, (title, domain) in places.items()},
        layer=[_cells(palette), _outlines(palette), _texts()],
    )


def _axis(field: str, title: str, domain: list[str]) -> Spec:
    """One direction of the grid; its labels are cells, so that they can be clicked."""
    bare = {"labels": False, "domain": False, "grid": False, "minExtent": 0, "labelPadding": 0, "titlePadding": 4}
    scale = {"domain": domain, "paddingInner": 0.04, "paddingOuter": 0.02}
    return {"field": field, "type": "nominal", "scale": scale, "axis": bare | {"title": title}}


def _cells(palette: Palette) -> Spec:
    """The cells with what a click on them selects; the frame of the one under the pointer is darker."""
    click = {"type": "point", "fields": ["true", "pred", "turn"], "toggle": False, "clear": False}
    hover = {"type": "point", "fields": ["true", "pred"], "toggle": False, "on": "pointerover", "clear": "pointerout"}
    tip = {"field": "tip", "type": "nominal"}
    under = {"param": "hover", "empty": False, "value": palette.quiet}
    return {
        "params": [{"name": PARAM, "select": click}, {"name": "hover", "select": hover}],
        "mark": {"type": "rect", "cursor": "pointer", "strokeWidth": 1},
        "encoding": {
            "fill": {"field": "fill", "type": "nominal", "scale": None, "legend": None},
            "stroke": {"condition": under, "value": palette.line},
            "tooltip": tip,
            "description": tip,
        },
    }


def _outlines(palette: Palette) -> Spec:
    """Around what is chosen."""
    mark = {"type": "rect", "filled": False, "stroke": palette.accent, "strokeWidth": 2.5}
    return {"transform": [{"filter": "datum.chosen"}], "mark": mark}


def _texts() -> Spec:
    """What stands in the cells; smaller where they are."""
    size, weight = {"expr": f"{NARROW} ? 11 : 13"}, {"expr": "datum.label ? 'bold' : 'normal'"}
    ink = {"field": "ink", "type": "nominal", "scale": None, "legend": None}
    return {
        "mark": {"type": "text", "fontSize": size, "fontWeight": weight},
        "encoding": {"text": {"field": "text"}, "color": ink},
    }
