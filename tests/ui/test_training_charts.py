"""Charts of a training: what is drawn before, while and after data comes, and that only the data changes."""

import json

import numpy as np
import pytest

from core.look import Palette
from ui import training_charts

PALETTE = Palette(ink="#111111", paper="#ffffff", accent="#0000ff", wrong="#ff0000", quiet="#777777", line="#dddddd")
STEPS = [{"step": step, "loss": 100 / step, "accuracy": 1 - 1 / step} for step in range(20, 10_001, 20)]
EPOCHS = [
    {"epoch": epoch, "step": 2_500 * epoch, "loss": 1 / epoch, "accuracy": 0.9, "val_loss": 0.5 / epoch}
    for epoch in range(1, 5)
]


def curve(spec, name):
    return [(point["x"], point["y"]) for point in spec["data"]["values"] if point["curve"] == name]


def test_by_step_there_is_raw_smoothed_and_validation():
    spec = training_charts.learning_curve(STEPS, EPOCHS, metric="loss", by="step", palette=PALETTE, extent=20_000)
    raw, train = curve(spec, training_charts.RAW), curve(spec, training_charts.TRAIN)
    assert len(raw) == len(train) <= training_charts.CURVE_POINTS
    assert raw[-1] == (10_000, 0.01)
    assert curve(spec, training_charts.VALIDATION) == [(2_500, 0.5), (5_000, 0.25), (7_500, 0.5 / 3), (10_000, 0.125)]
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 20_000]
    json.dumps(spec, allow_nan=False)


@pytest.mark.parametrize("count", [1, 2, 500])
def test_a_dot_stands_at_the_head_so_that_one_record_is_seen(count):
    spec = training_charts.learning_curve(STEPS[:count], [], metric="loss", by="step", palette=PALETTE, extent=20_000)
    assert curve(spec, training_charts.HEAD) == curve(spec, training_charts.TRAIN)[-1:]
    assert len(curve(spec, training_charts.HEAD)) == 1


def test_by_epoch_there_is_train_and_validation():
    spec = training_charts.learning_curve(STEPS, EPOCHS, metric="loss", by="epoch", palette=PALETTE, extent=4)
    assert curve(spec, training_charts.RAW) == []
    assert [x for x, _ in curve(spec, training_charts.TRAIN)] == [1, 2, 3, 4]
    assert [x for x, _ in curve(spec, training_charts.VALIDATION)] == [1, 2, 3, 4]
    assert curve(spec, training_charts.HEAD) == []  # every epoch has a dot


def test_without_validation_there_is_none():
    spec = training_charts.learning_curve(STEPS, EPOCHS, metric="accuracy", by="epoch", palette=PALETTE, extent=4)
    assert curve(spec, training_charts.VALIDATION) == []


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_before_the_first_point_the_axes_are_there(metric):
    spec = training_charts.learning_curve([], [], metric=metric, by="step", palette=PALETTE, extent=0)
    assert spec["data"]["values"] == []
    assert spec["encoding"]["y"]["scale"]["domain"][0] == 0


def test_the_axis_grows_when_a_run_went_further_than_planned():
    spec = training_charts.learning_curve(STEPS, [], metric="loss", by="step", palette=PALETTE, extent=100)
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 10_000]


def test_smoothing_keeps_a_constant_and_starts_without_a_pull():
    assert training_charts.smooth([5.0] * 40) == pytest.approx([5.0] * 40)
    assert training_charts.smooth([3.0, 9.0])[0] == 3.0
    assert len(training_charts.smooth([])) == 0


@pytest.mark.parametrize("count", [0, 1, 399, 400, 401, 100_000])
def test_thinning_keeps_the_ends(count):
    kept = training_charts.thinned(count, 400)
    assert len(kept) == min(count, 400)
    if count:
        assert (kept[0], kept[-1]) == (0, count - 1)


def test_the_learning_rate_is_drawn_as_it_was():
    steps = [{"step": step, "learning_rate": 0.001 * step} for step in (1, 2, 3)]
    spec = training_charts.rate_curve(steps, palette=PALETTE, extent=10)
    assert [(point["x"], point["y"]) for point in spec["data"]["values"]] == [(1, 0.001), (2, 0.002), (3, 0.003)]
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 10]


def test_the_live_confusion_matrix_has_true_rows():
    matrix = np.diag(np.full(10, 90))
    matrix[4, 9], matrix[1, 7] = 8, 2
    spec = training_charts.live_confusion(matrix, palette=PALETTE)
    cells = {(cell["true"], cell["read"]): cell for cell in spec["data"]["values"]}
    assert len(cells) == 100
    assert (cells["4", "9"]["count"], cells["4", "9"]["share"]) == (8, 1.0)
    assert (cells["1", "7"]["label"], cells["1", "7"]["share"]) == ("2", 0.25)
    assert (cells["9", "4"]["label"], cells["9", "4"]["right"], cells["3", "3"]["right"]) == ("", False, True)
    json.dumps(spec, allow_nan=False)


def test_only_the_data_of_the_live_confusion_matrix_changes():
    empty = training_charts.live_confusion(None, palette=PALETTE)
    full = training_charts.live_confusion(np.full((10, 10), 7), palette=PALETTE)
    assert empty.pop("data") != full.pop("data")
    assert empty == full
