"""Reliability, calibration errors, loss and temperature: as scikit-learn has them, or calculated by hand."""

import numpy as np
import pytest
import sklearn.calibration
import sklearn.metrics
from numpy.testing import assert_allclose, assert_array_equal

from core import evaluation
from core.errors import DataError
from core.evaluation import expected_calibration_error, reliability, temperature_effect, wilson_interval
from tests.labelled import Labelled, random_answers, rows


@pytest.fixture(scope="module")
def answers() -> Labelled:
    return random_answers()


def test_log_loss_equals_scikit_learn(answers: Labelled) -> None:
    probabilities, labels = answers
    expected = sklearn.metrics.log_loss(labels, probabilities, labels=range(10))
    assert evaluation.log_loss(probabilities, labels) == pytest.approx(expected, rel=1e-6)


def test_a_certain_mistake_costs_much_but_not_everything() -> None:
    certain = np.eye(10, dtype=np.float32)[:1]
    expected = sklearn.metrics.log_loss([5], certain, labels=range(10))
    assert evaluation.log_loss(certain, [5]) == pytest.approx(expected) == pytest.approx(23 * np.log(2))


def test_reliability_by_hand() -> None:
    """Two bins. (0.5, 1]: confidences 0.95, 0.95, 0.55, right 2 of 3. [0, 0.5]: 0.5, wrong."""
    found = reliability(rows((0, 0.95), (0, 0.95), (0, 0.55), (0, 0.5)), [0, 1, 0, 1], bins=2)
    assert found.edges.tolist() == [0, 0.5, 1]
    assert found.counts.tolist() == [1, 3]
    assert_allclose(found.confidence, [0.5, 2.45 / 3], rtol=1e-6)
    assert_allclose(found.accuracy, [0, 2 / 3])
    assert (found.low[1], found.high[1]) == wilson_interval(2, 3)
    assert found.ece == pytest.approx((0.5 + 0.45) / 4, rel=1e-6)
    assert found.mce == pytest.approx(0.5, rel=1e-6)
    assert found.n == 4


def test_reliability_equals_scikit_learn(answers: Labelled) -> None:
    probabilities, labels = answers
    confidence, right = probabilities.max(axis=1).astype(float), probabilities.argmax(axis=1) == labels
    accuracy, mean = sklearn.calibration.calibration_curve(right, confidence, n_bins=15)
    found = reliability(probabilities, labels)
    filled = found.counts > 0
    assert_allclose(found.accuracy[filled], accuracy)
    assert_allclose(found.confidence[filled], mean)
    assert_array_equal(found.counts, np.histogram(confidence, bins=15, range=(0, 1))[0])


def test_empty_bins_say_nothing_and_count_nothing() -> None:
    found = reliability(rows((0, 0.95)), [0])
    assert found.counts.tolist() == [0] * 14 + [1]
    for column in (found.confidence, found.accuracy, found.low, found.high):
        assert np.isnan(column[:14]).all()
        assert np.isfinite(column[14])
    assert found.ece == found.mce == pytest.approx(0.05, rel=1e-5)


def test_a_confidence_on_an_edge_belongs_below_it() -> None:
    found = reliability(np.array([[0.5, 0.5] + [0.0] * 8, [1.0] + [0.0] * 9]), [0, 0], bins=10)
    assert found.counts.tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_calibration_error_at_its_ends() -> None:
    certain = np.eye(10)[[1, 2, 3, 4]]
    assert expected_calibration_error(certain, [1, 2, 3, 4]) == 0
    assert expected_calibration_error(certain, [0, 0, 0, 0]) == 1


def test_calibration_errors_equal_their_definitions(answers: Labelled) -> None:
    probabilities, labels = answers
    confidence, right = probabilities.max(axis=1).astype(float), probabilities.argmax(axis=1) == labels
    gaps, weights = [], []
    for lower in range(15):
        inside = (confidence > lower / 15) & (confidence <= (lower + 1) / 15)
        if inside.any():
            gaps.append(abs(right[inside].mean() - confidence[inside].mean()))
            weights.append(inside.mean())
    found = reliability(probabilities, labels)
    assert found.ece == expected_calibration_error(probabilities, labels)
    assert found.ece == pytest.approx(np.dot(gaps, weights), abs=1e-12)
    assert found.mce == pytest.approx(max(gaps), abs=1e-12)


@pytest.mark.parametrize("temperature", [0.25, 0.8, 1.0, 1.7, 4.0])
def test_temperature_divides_the_logits(answers: Labelled, temperature: float) -> None:
    probabilities, _ = answers
    logits = np.log(probabilities.astype(np.float64)) / temperature
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    scaled = evaluation.apply_temperature(probabilities, temperature)
    assert scaled.dtype == np.float32
    assert_allclose(scaled, expected, atol=1e-6)
    assert_array_equal(scaled.argmax(axis=1), probabilities.argmax(axis=1))


def test_the_temperature_that_was_put_in_is_found(answers: Labelled) -> None:
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


def test_the_effect_of_a_temperature_is_seen_from_both_sides(answers: Labelled) -> None:
    probabilities, labels = answers
    temperature = evaluation.fit_temperature(probabilities, labels)
    scaled = evaluation.apply_temperature(probabilities, temperature)
    found = temperature_effect(probabilities, labels, temperature)
    assert found.temperature == temperature
    assert found.before.ece == expected_calibration_error(probabilities, labels)
    assert found.after.ece == expected_calibration_error(scaled, labels)
    assert found.loss_before == evaluation.log_loss(probabilities, labels)
    assert found.loss_after == evaluation.log_loss(scaled, labels)
    assert found.after.ece < found.before.ece / 2
    assert found.loss_after < found.loss_before
    assert found.after.n == found.before.n == len(labels)


def test_no_images_cannot_be_measured() -> None:
    nothing = np.zeros((0, 10), np.float32)
    for measure in (evaluation.log_loss, reliability, expected_calibration_error):
        with pytest.raises(DataError, match="no images to measure"):
            measure(nothing, [])
    with pytest.raises(DataError, match="no images to measure"):
        temperature_effect(nothing, [], 2.0)
