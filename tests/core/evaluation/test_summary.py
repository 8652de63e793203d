"""Shares with their intervals, and the figures of a split: published tables, hand-worked examples, scikit-learn."""

import json

import numpy as np
import pytest
import sklearn.metrics

from core import evaluation
from core.errors import DataError
from core.evaluation import Share, beside, percent, split_figures, summarise
from tests.digits import run_python
from tests.labelled import random_answers, rows


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_equals_a_published_table(correct: int, n: int, low: float, high: float) -> None:
    assert evaluation.wilson_interval(correct, n) == pytest.approx((low, high), abs=5e-5)
    share = Share(correct, n)
    assert (share.low, share.high) == evaluation.wilson_interval(correct, n)
    assert share.value == correct / n


def test_wilson_interval_at_its_ends() -> None:
    assert evaluation.wilson_interval(0, 0) == (0.0, 1.0)
    assert evaluation.wilson_interval(10_000, 10_000)[1] == 1.0
    low, high = evaluation.wilson_interval(9_966, 10_000)
    assert low < 0.9966 < high


def test_a_share_of_nothing_is_none() -> None:
    nothing = Share(0, 0)
    assert (nothing.value, nothing.low, nothing.high, nothing.text) == (None, 0.0, 1.0, "–")


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [(0.9947, 2, "99.47 %"), (0.99999, 2, "99.99 %"), (1.0, 2, "100.00 %"), (0.99996, 1, "99.9 %"), (0.0, 1, "0.0 %")],
)
def test_only_all_reads_as_a_hundred_percent(share: float, digits: int, text: str) -> None:
    assert percent(share, digits).replace("\N{NO-BREAK SPACE}", " ") == text


def test_summary() -> None:
    probabilities, labels = random_answers()
    summary = summarise(probabilities, labels, split="test", temperature=1.5)
    right = int((probabilities.argmax(axis=1) == labels).sum())
    assert (summary["split"], summary["n"], summary["correct"]) == ("test", 2_000, right)
    assert summary["accuracy"] == right / 2_000
    assert summary["accuracy_low"] < summary["accuracy"] < summary["accuracy_high"]
    assert np.trace(summary["confusion_matrix"]) == right
    scaled = evaluation.apply_temperature(probabilities, 1.5)
    assert summary["loss"] == evaluation.log_loss(scaled, labels)
    assert summary["ece"] == evaluation.expected_calibration_error(scaled, labels)
    assert summary["ece_before_temperature"] == evaluation.expected_calibration_error(probabilities, labels)
    assert json.loads(json.dumps(summary)) == summary


def test_the_figures_of_a_split_equal_scikit_learn() -> None:
    probabilities, labels = random_answers()
    figures, predicted = split_figures(probabilities, labels), probabilities.argmax(axis=1)
    assert figures.accuracy.value == sklearn.metrics.accuracy_score(labels, predicted)
    assert figures.loss == pytest.approx(sklearn.metrics.log_loss(labels, probabilities, labels=range(10)))
    assert figures.matrix.tolist() == sklearn.metrics.confusion_matrix(labels, predicted).tolist()
    assert (figures.ece, figures.mce) == (
        evaluation.reliability(probabilities, labels).ece,
        evaluation.reliability(probabilities, labels).mce,
    )


def test_digits_without_images_are_no_trouble() -> None:
    figures = split_figures(rows((3, 0.9), (3, 0.8), (5, 0.7)), np.array([3, 5, 5], np.uint8))
    assert (figures.accuracy.count, figures.accuracy.n) == (2, 3)
    assert figures.matrix.sum() == 3


def test_images_left_out_are_missing_beside_the_plain_figures() -> None:
    """Four images, two wrong; one of the wrong ones has its label marked."""
    read, labels = rows((1, 0.9), (2, 0.8), (3, 0.7), (4, 0.6)), [1, 2, 5, 6]
    found = beside(read, labels, np.array([False, False, True, False]))
    assert found.left_out == 1
    assert found.kept is not None
    assert (found.plain.accuracy, found.kept.accuracy) == (Share(2, 4), Share(2, 3))
    assert found.plain.matrix.sum() - found.kept.matrix.sum() == 1
    assert (found.plain.matrix[5, 3], found.kept.matrix[5, 3]) == (1, 0)
    assert found.kept.loss == pytest.approx(evaluation.log_loss(read[[0, 1, 3]], [1, 2, 6]))


def test_nothing_or_everything_left_out() -> None:
    read, labels = rows((1, 0.9), (2, 0.8)), [1, 5]
    same = beside(read, labels, np.zeros(2, bool))
    assert same.kept is not None
    assert (same.left_out, same.kept.accuracy) == (0, same.plain.accuracy)
    none = beside(read, labels, np.ones(2, bool))
    assert (none.left_out, none.kept, none.plain.accuracy) == (2, None, Share(1, 2))


@pytest.mark.parametrize("left_out", [np.zeros(3, bool), np.zeros((2, 1), bool), [0, 1]])
def test_what_is_left_out_must_be_of_these_images(left_out) -> None:
    with pytest.raises(DataError, match="one yes or no for each of 2"):
        beside(rows((1, 0.9), (2, 0.8)), [1, 5], left_out)


def test_no_images_have_no_figures() -> None:
    nothing = np.zeros((0, 10), np.float32)
    for measure in (lambda: split_figures(nothing, []), lambda: summarise(nothing, [], split="test", temperature=1)):
        with pytest.raises(DataError, match="no images to measure"):
            measure()


def test_measuring_needs_neither_scipy_nor_scikit_learn(home) -> None:
    """Either costs the server memory that it never gives back."""
    code = (
        "import sys; import numpy as np; from core import comparison, evaluation, marks, pairing, thresholds; "
        "p, y = np.eye(10, dtype=np.float32), np.arange(10); "
        "evaluation.split_figures(p, y); evaluation.suspect_labels(p, y); evaluation.risk_coverage(p, y); "
        "evaluation.threshold_for_accuracy(p, y, 0.9); evaluation.temperature_effect(p, y, 2.0); "
        "comparison.verdict('A', 'B', 31, 12); "
        "print(sorted({'scipy', 'sklearn', 'pandas', 'cv2', 'streamlit'} & set(sys.modules)))"
    )
    ended = run_python("-c", code, home=home)
    assert ended.stdout == "[]\n", ended.stderr
