"""Charts of runs beside each other: data in, figure out. Needs no Streamlit."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from core.look import Palette, better_worse, template, vega_look
from ui.charts import DIGITS, Spec
from ui.training_charts import CURVE_POINTS, thinned

QUANTITIES: Final = {
    "val_accuracy": "Validation accuracy",
    "val_loss": "Validation loss",
    "accuracy": "Training accuracy",
    "loss": "Training loss",
}
LETTERS: Final = "ABCD"
DASH: Final = [4, 3]


def curves(
    runs: Sequence[Sequence[dict[str, Any]]],
    *,
    names: Sequence[str],
    quantity: str,
    palette: Palette,
    height: int = 260,
) -> Spec:
    """The curves of up to four runs over each other, by epoch; A and B drawn through, C and D dashed.

    Args:
        runs: the epoch records of each run, in order.
        names: what the runs are called, for the pointer.
        quantity: one of `QUANTITIES`.
    """
    values: list[Spec] = []
    for letter, name, records in zip(LETTERS, names, runs, strict=False):
        known = [record for record in records if record.get(quantity) is not None]
        shown = [known[index] for index in thinned(len(known), CURVE_POINTS)]
        values += [{"epoch": one["epoch"], "y": one[quantity], "run": letter, "name": name} for one in shown]
    letters = list(LETTERS[: len(runs)])
    last = max([2, *(value["epoch"] for value in values)])
    share = quantity.endswith("accuracy")
    amounts = {"title": QUANTITIES[quantity], "format": ".1~%" if share else ".3~g", "tickCount": 5}
    steps = {"title": "Epoch", "format": ",d", "tickMinStep": 1, "tickCount": 8, "grid": False}
    colours = {"domain": letters, "range": [palette.accent, palette.ink, palette.accent, palette.ink][: len(runs)]}
    dashes = {"domain": letters, "range": [[1, 0], [1, 0], DASH, DASH][: len(runs)]}
    legend: Spec = {"title": None} if len(runs) > 1 else {"legend": None}
    return {
        "data": {"values": values},
        "height": height,
        **vega_look(palette),
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 36, "filled": True}},
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "scale": {"domain": [1, last]}, "axis": steps},
            "y": {"field": "y", "type": "quantitative", "scale": {"zero": not share, "nice": True}, "axis": amounts},
            "color": {"field": "run", "type": "nominal", "scale": colours, **legend},
            "strokeDash": {"field": "run", "type": "nominal", "scale": dashes, **legend},
            "tooltip": [
                {"field": "name", "type": "nominal", "title": "Run"},
                {"field": "epoch", "type": "quantitative", "title": "Epoch"},
                {"field": "y", "type": "quantitative", "title": QUANTITIES[quantity], "format": ".4f"},
            ],
        },
    }


def difference_heatmap(difference: ArrayLike, *, palette: Palette, height: int = 380) -> go.Figure:
    """B's confusion matrix less A's: accent where B does better, the colour for wrong where it does worse.

    Args:
        difference: (10, 10) counts, rows true. More is better on the diagonal, fewer everywhere else.
    """
    counts = np.asarray(difference)
    gain = gains(counts)
    most = max(1.0, float(np.abs(gain).max()))
    texts = np.array([[signed(count) for count in row] for row in counts.tolist()])
    figure = go.Figure(layout={"template": template(palette), "height": height})
    figure.add_heatmap(
        x=DIGITS,
        y=DIGITS,
        z=gain,
        zmin=-most,
        zmax=most,
        colorscale=better_worse(palette),
        xgap=1,
        ygap=1,
        showscale=False,
        customdata=texts,
        hovertemplate="a %{y}, read as %{x}: %{customdata}<extra></extra>",
    )
    figure.update_layout(
        xaxis={"title": {"text": "Read as"}},
        yaxis={"title": {"text": "True digit"}, "autorange": "reversed"},
        annotations=[
            {
                "x": DIGITS[column],
                "y": DIGITS[row],
                "text": str(texts[row, column]),
                "showarrow": False,
                "font": {"size": 12, "color": palette.paper if abs(gain[row, column]) > 0.65 * most else palette.ink},
            }
            for row, column in np.argwhere(counts != 0)
        ],
    )
    return figure


def gains(difference: ArrayLike) -> NDArray[np.float64]:
    """How much better each cell of a difference of confusion matrices is, (10, 10): more right, or fewer wrong."""
    counts = np.asarray(difference)
    return np.where(np.eye(10, dtype=bool), counts, -counts).astype(float)


def signed(count: int) -> str:
    """A difference of counts: +3, −2, 0."""
    return f"{count:+d}".replace("-", "\N{MINUS SIGN}") if count else "0"
