"""Charts: what is drawn, from which data."""

import subprocess
import sys

import numpy as np

from core.look import Palette
from ui import charts

PALETTE = Palette(ink="#111111", paper="#ffffff", accent="#0000ff", wrong="#ff0000", quiet="#777777", line="#dddddd")


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


def test_charts_words_and_pictures_need_no_streamlit():
    code = "import sys, ui.charts, ui.training_charts, ui.words, core.pictures; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
