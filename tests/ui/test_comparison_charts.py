"""Charts of runs beside each other say what the runs say."""

import numpy as np
import pytest

from tests.ui.test_charts import PALETTE
from ui import comparison_charts


def epochs(*accuracies: float | None) -> list[dict]:
    return [{"epoch": epoch, "val_accuracy": value, "loss": 0.5} for epoch, value in enumerate(accuracies, 1)]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_run_has_a_curve_and_a_look_of_its_own(count: int) -> None:
    runs = [epochs(0.9, 0.91 + 0.01 * run) for run in range(count)]
    names = [f"Run {run}" for run in range(count)]
    spec = comparison_charts.curves(runs, names=names, quantity="val_accuracy", palette=PALETTE)
    values = spec["data"]["values"]
    assert len(values) == 2 * count
    assert {value["run"] for value in values} == set("ABCD"[:count])
    assert [value["y"] for value in values if value["run"] == "A"] == [0.9, 0.91]
    colours, dashes = (spec["encoding"][channel]["scale"]["range"] for channel in ("color", "strokeDash"))
    looks = list(zip(colours, map(tuple, dashes), strict=True))
    assert len(set(looks)) == count
    assert PALETTE.wrong not in colours


def test_epochs_without_the_quantity_are_left_out() -> None:
    runs = [epochs(None, 0.9), epochs()]
    spec = comparison_charts.curves(runs, names=["a", "b"], quantity="val_accuracy", palette=PALETTE)
    assert [(value["epoch"], value["y"]) for value in spec["data"]["values"]] == [(2, 0.9)]


def test_a_thousand_epochs_are_thinned_out() -> None:
    runs = [epochs(*np.linspace(0.5, 0.9, 1_000).tolist())] * 2
    spec = comparison_charts.curves(runs, names=["a", "b"], quantity="val_accuracy", palette=PALETTE)
    assert len(spec["data"]["values"]) <= 800
    assert spec["encoding"]["x"]["scale"]["domain"] == [1, 1_000]


def test_better_is_the_accent_on_the_diagonal_and_off_it() -> None:
    difference = np.zeros((10, 10), int)
    difference[3, 3], difference[3, 5] = 4, -4
    difference[7, 7], difference[7, 1] = -2, 2
    figure = comparison_charts.difference_heatmap(difference, palette=PALETTE)
    gain = np.array(figure.data[0].z)
    assert gain[3, 3] == gain[3, 5] == 4
    assert gain[7, 7] == gain[7, 1] == -2
    colours = figure.data[0].colorscale
    assert (colours[0][1], colours[-1][1]) == (PALETTE.wrong, PALETTE.accent)
    texts = {note.text for note in figure.layout.annotations}
    assert texts == {"+4", "\N{MINUS SIGN}4", "\N{MINUS SIGN}2", "+2"}


def test_equal_matrices_are_an_empty_chart() -> None:
    figure = comparison_charts.difference_heatmap(np.zeros((10, 10), int), palette=PALETTE)
    assert not figure.layout.annotations
    assert figure.data[0].zmax == 1
