"""The figures equal those of scikit-learn, of published tables, or of a calculation by hand."""

import json

import numpy as np
import pytest
import sklearn.metrics
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from core import evaluation


@pytest.fixture
def answers() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Probabilities (2000, 10) that are right about three times in four, and their labels."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 10, 2_000)
    logits = rng.normal(0, 1, (2_000, 10)) + 2.5 * np.eye(10)[labels]
    exponentials = np.exp(logits)
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32), labels


def test_confusion_matrix_equals_scikit_learn(answers: tuple) -> None:
    probabilities, labels = answers
    predicted = probabilities.argmax(axis=1)
    expected = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(10))
    assert_array_equal(evaluation.confusion_matrix(labels, predicted), expected)


def test_confusion_matrix_has_the_truth_in_its_rows() -> None:
    matrix = evaluation.confusion_matrix(np.array([4, 4, 9], np.uint8), [9, 4, 9])
    assert matrix[4, 9] == 1
    assert matrix[9, 4] == 0
    assert matrix.sum() == 3
    assert_array_equal(evaluation.confusion_matrix([], []), np.zeros((10, 10)))


def test_log_loss_equals_scikit_learn(answers: tuple) -> None:
    probabilities, labels = answers
    expected = sklearn.metrics.log_loss(labels, probabilities, labels=range(10))
    assert evaluation.log_loss(probabilities, labels) == pytest.approx(expected, rel=1e-6)


def test_a_certain_mistake_costs_much_but_not_everything() -> None:
    assert evaluation.log_loss(np.eye(10, dtype=np.float32)[:1], [5]) == pytest.approx(25 * np.log(2))


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_equals_a_published_table(correct: int, n: int, low: float, high: float) -> None:
    assert evaluation.wilson_interval(correct, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_at_its_ends() -> None:
    assert evaluation.wilson_interval(0, 0) == (0.0, 1.0)
    assert evaluation.wilson_interval(10_000, 10_000)[1] == 1.0
    low, high = evaluation.wilson_interval(9_966, 10_000)
    assert low < 0.9966 < high


def test_calibration_error_by_hand() -> None:
    def row(confidence: float) -> list[float]:
        return [confidence] + [(1 - confidence) / 9] * 9

    probabilities = np.array([row(0.95), row(0.95), row(0.55), row(0.5)])
    # Two bins. (0.5, 1]: confidences 0.95, 0.95, 0.55, right 2 of 3: |2 - 2.45| = 0.45. (0, 0.5]: 0.5, wrong: 0.5.
    error = evaluation.expected_calibration_error(probabilities, [0, 1, 0, 1], bins=2)
    assert error == pytest.approx((0.45 + 0.5) / 4)


def test_calibration_error_at_its_ends() -> None:
    certain = np.eye(10)[[1, 2, 3, 4]]
    assert evaluation.expected_calibration_error(certain, [1, 2, 3, 4]) == 0
    assert evaluation.expected_calibration_error(certain, [0, 0, 0, 0]) == 1


def test_calibration_error_equals_the_definition(answers: tuple) -> None:
    probabilities, labels = answers
    confidence, right = probabilities.max(axis=1).astype(float), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for lower in range(15):
        inside = (confidence > lower / 15) & (confidence <= (lower + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert evaluation.expected_calibration_error(probabilities, labels) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("temperature", [0.25, 0.8, 1.0, 1.7, 4.0])
def test_temperature_divides_the_logits(answers: tuple, temperature: float) -> None:
    probabilities, _ = answers
    logits = np.log(probabilities.astype(np.float64)) / temperature
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    scaled = evaluation.apply_temperature(probabilities, temperature)
    assert scaled.dtype == np.float32
    assert_allclose(scaled, expected, atol=1e-6)
    assert_array_equal(scaled.argmax(axis=1), probabilities.argmax(axis=1))


def test_the_temperature_that_was_put_in_is_found(answers: tuple) -> None:
    probabilities, labels = answers
    own = evaluation.fit_temperature(probabilities, labels)
    sharpened = evaluation.apply_temperature(probabilities, 0.5)
    assert evaluation.fit_temperature(sharpened, labels) == pytest.approx(2 * own, rel=0.01)
    losses = [
        evaluation.log_loss(evaluation.apply_temperature(sharpened, factor * 2 * own), labels)
        for factor in (0.9, 1.0, 1.1)
    ]
    assert losses[1] == min(losses)
    assert evaluation.fit_temperature(np.zeros((0, 10), np.float32), []) == 1.0


def test_summary(answers: tuple) -> None:
    probabilities, labels = answers
    summary = evaluation.summarise(probabilities, labels, split="test", temperature=1.5)
    right = int((probabilities.argmax(axis=1) == labels).sum())
    assert (summary["split"], summary["n"], summary["correct"]) == ("test", 2_000, right)
    assert summary["accuracy"] == right / 2_000
    assert summary["accuracy_low"] < summary["accuracy"] < summary["accuracy_high"]
    assert np.trace(summary["confusion_matrix"]) == right
    scaled = evaluation.apply_temperature(probabilities, 1.5)
    assert summary["loss"] == evaluation.log_loss(scaled, labels)
    assert summary["ece"] == evaluation.expected_calibration_error(scaled, labels)
    assert json.loads(json.dumps(summary)) == summary
