"""Charts: what is drawn, from which data."""

import json
import subprocess
import sys

import numpy as np
import pytest

from ui import charts
from ui.look import Palette

PALETTE = Palette(ink="#111111", paper="#ffffff", accent="#0000ff", wrong="#ff0000", quiet="#777777", line="#dddddd")
STEPS = [{"step": step, "loss": 100 / step, "accuracy": 1 - 1 / step} for step in range(20, 10_001, 20)]
EPOCHS = [
    {"epoch": epoch, "step": 2_500 * epoch, "loss": 1 / epoch, "accuracy": 0.9, "val_loss": 0.5 / epoch}
    for epoch in range(1, 5)
]


def curve(spec, name):
    return [(point["x"], point["y"]) for point in spec["data"]["values"] if point["curve"] == name]


def test_by_step_there_is_raw_smoothed_and_validation():
    spec = charts.learning_curve(STEPS, EPOCHS, metric="loss", by="step", palette=PALETTE, extent=20_000)
    raw, train = curve(spec, charts.RAW), curve(spec, charts.TRAIN)
    assert len(raw) == len(train) <= charts.CURVE_POINTS
    assert raw[-1] == (10_000, 0.01)
    assert curve(spec, charts.VALIDATION) == [(2_500, 0.5), (5_000, 0.25), (7_500, 0.5 / 3), (10_000, 0.125)]
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 20_000]
    json.dumps(spec, allow_nan=False)


def test_by_epoch_there_is_train_and_validation():
    spec = charts.learning_curve(STEPS, EPOCHS, metric="loss", by="epoch", palette=PALETTE, extent=4)
    assert curve(spec, charts.RAW) == []
    assert [x for x, _ in curve(spec, charts.TRAIN)] == [1, 2, 3, 4]
    assert [x for x, _ in curve(spec, charts.VALIDATION)] == [1, 2, 3, 4]


def test_without_validation_there_is_none():
    spec = charts.learning_curve(STEPS, EPOCHS, metric="accuracy", by="epoch", palette=PALETTE, extent=4)
    assert curve(spec, charts.VALIDATION) == []


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_before_the_first_point_the_axes_are_there(metric):
    spec = charts.learning_curve([], [], metric=metric, by="step", palette=PALETTE, extent=0)
    assert spec["data"]["values"] == []
    assert spec["encoding"]["y"]["scale"]["domain"][0] == 0


def test_the_axis_grows_when_a_run_went_further_than_planned():
    spec = charts.learning_curve(STEPS, [], metric="loss", by="step", palette=PALETTE, extent=100)
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 10_000]


def test_only_the_answer_has_the_accent():
    shares = np.full(10, 0.02)
    shares[3] = 0.82
    values = charts.probability_bars(shares, palette=PALETTE)["data"]["values"]
    assert [bar["digit"] for bar in values if bar["answer"]] == ["3"]
    assert values[3]["label"].startswith("82.0")


def test_without_probabilities_no_bar_is_the_answer():
    values = charts.probability_bars(None, palette=PALETTE)["data"]["values"]
    assert len(values) == 10
    assert not any(bar["answer"] or bar["share"] or bar["label"] for bar in values)


def test_the_confusion_matrix_has_true_rows_and_colours_only_what_is_wrong():
    matrix = np.diag(np.full(10, 900))
    matrix[4, 9] = 7
    right, wrong = charts.confusion_heatmap(matrix, palette=PALETTE).data
    assert np.isnan(np.asarray(wrong.z)[np.eye(10, dtype=bool)]).all()
    assert np.asarray(wrong.z)[4, 9] == 7
    assert np.isnan(np.asarray(right.z)[4, 9])
    assert wrong.colorscale[-1][1] == PALETTE.wrong


def test_a_perfect_confusion_matrix_can_be_drawn():
    charts.confusion_heatmap(np.diag(np.full(10, 1_000)), palette=PALETTE)


def test_smoothing_keeps_a_constant_and_starts_without_a_pull():
    assert charts.smooth([5.0] * 40) == pytest.approx([5.0] * 40)
    assert charts.smooth([3.0, 9.0])[0] == 3.0
    assert len(charts.smooth([])) == 0


@pytest.mark.parametrize("count", [0, 1, 399, 400, 401, 100_000])
def test_thinning_keeps_the_ends(count):
    kept = charts.thinned(count, 400)
    assert len(kept) == min(count, 400)
    if count:
        assert (kept[0], kept[-1]) == (0, count - 1)


def test_charts_words_and_pictures_need_no_streamlit():
    code = "import sys, ui.charts, ui.words, ui.pictures; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
