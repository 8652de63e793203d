"""Thresholds and the risk-coverage curve: by hand, by brute force, and against scikit-learn where it has them."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from core.errors import ConfigError, DataError
from core.evaluation import (
    Choice,
    Share,
    effect_of,
    risk_coverage,
    threshold_for_accuracy,
    threshold_for_coverage,
)
from tests.labelled import random_answers, rows

# Six answers by hand, the most confident first: right, right, wrong, right, wrong, right; two are equally confident.
READ = rows((0, 0.9), (0, 0.8), (0, 0.7), (0, 0.6), (0, 0.6), (0, 0.5))
LABELS = [0, 0, 1, 0, 1, 0]

# Confidences with many ties, each answer right or wrong.
ANSWERS = st.lists(st.tuples(st.sampled_from([0.3, 0.5, 0.6, 0.6000001, 0.9, 1.0]), st.booleans()), min_size=1)
TARGETS = st.sampled_from([0.001, 0.25, 0.5, 2 / 3, 0.75, 0.9, 0.999, 1.0])


def of(answers: list[tuple[float, bool]]) -> tuple[np.ndarray, list[int]]:
    return rows(*((0, confidence) for confidence, _ in answers)), [0 if right else 1 for _, right in answers]


def test_the_curve_by_hand() -> None:
    curve = risk_coverage(READ, LABELS)
    assert_allclose(curve.thresholds, [0.9, 0.8, 0.7, 0.6, 0.5], rtol=1e-6)
    assert_allclose(curve.coverage, [1 / 6, 2 / 6, 3 / 6, 5 / 6, 1])
    assert_allclose(curve.risk, [0, 0, 1 / 3, 2 / 5, 2 / 6])
    # Of the two equal ones either may come first: one and a half wrong among the first four.
    assert curve.aurc == pytest.approx((0 + 0 + 1 / 3 + 1.5 / 4 + 2 / 5 + 2 / 6) / 6)
    assert curve.n == 6


def test_without_ties_the_area_is_the_mean_of_the_risks() -> None:
    probabilities, labels = random_answers(500)
    curve = risk_coverage(probabilities, labels)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    assert len(np.unique(confidence)) == 500
    wrong = ~right[np.argsort(-confidence)]
    assert curve.aurc == pytest.approx(np.mean(np.cumsum(wrong) / np.arange(1, 501)))
    assert curve.risk[-1] == pytest.approx(1 - sklearn.metrics.accuracy_score(labels, probabilities.argmax(axis=1)))


def test_a_better_order_has_a_smaller_area() -> None:
    right_first = risk_coverage(rows((0, 0.9), (0, 0.8), (0, 0.7)), [0, 0, 1]).aurc
    wrong_first = risk_coverage(rows((0, 0.9), (0, 0.8), (0, 0.7)), [1, 0, 0]).aurc
    assert right_first == pytest.approx(1 / 9)
    assert wrong_first == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_a_thinned_curve_keeps_its_ends_and_its_area() -> None:
    curve = risk_coverage(*random_answers(3_000))
    few = curve.thinned(50)
    assert 40 <= len(few.coverage) <= 50
    assert (few.coverage[0], few.coverage[-1], few.risk[-1]) == (curve.coverage[0], 1, curve.risk[-1])
    assert set(few.thresholds) <= set(curve.thresholds)
    assert (few.aurc, few.n) == (curve.aurc, curve.n)
    assert np.diff(few.coverage).max() < 2 / 50
    assert few.thinned(50) is few


def test_the_effect_by_hand() -> None:
    effect = effect_of(READ, LABELS, 0.65)
    assert (effect.coverage, effect.accuracy) == (Share(3, 6), Share(2, 3))
    assert (effect.wrong_left, effect.wrong_avoided, effect.right_lost) == (1, 1, 2)
    assert effect.accuracy.value == pytest.approx(2 / 3)


def test_what_is_exactly_at_the_threshold_is_answered() -> None:
    confidence = float(READ[3].max())
    assert effect_of(READ, LABELS, confidence).coverage == Share(5, 6)
    assert effect_of(READ, LABELS, np.nextafter(confidence, 1)).coverage == Share(3, 6)


def test_the_effect_of_none_and_of_one_beyond_all() -> None:
    assert effect_of(READ, LABELS, None).coverage == effect_of(READ, LABELS, 0.0).coverage == Share(6, 6)
    nothing = effect_of(READ, LABELS, 0.99)
    assert (nothing.coverage, nothing.accuracy) == (Share(0, 6), Share(0, 0))
    assert nothing.accuracy.value is None
    assert (nothing.accuracy.low, nothing.accuracy.high) == (0, 1)
    assert (nothing.wrong_left, nothing.wrong_avoided, nothing.right_lost) == (0, 2, 4)


@pytest.mark.parametrize(
    ("target", "threshold", "reached", "coverage"),
    [
        (1.0, 0.75, True, 2),  # between 0.8 and 0.7
        (0.9, 0.75, True, 2),
        (2 / 3, None, True, 6),  # 4 of 6 are right anyway
        (0.5, None, True, 6),
    ],
)
def test_a_threshold_by_accuracy(target: float, threshold: float | None, reached: bool, coverage: int) -> None:
    choice = threshold_for_accuracy(READ, LABELS, target)
    assert (choice.threshold, choice.reached, choice.effect.coverage.count) == (threshold, reached, coverage)
    assert (choice.rule, choice.target) == ("accuracy", target)


def test_an_accuracy_that_cannot_be_reached_gives_the_best_there_is() -> None:
    """The most confident answer is wrong: 2 of 3 right is the most, and also 4 of 6, which answers more."""
    read = rows((0, 0.9), (0, 0.8), (0, 0.7), (0, 0.6), (0, 0.55), (0, 0.5), (0, 0.4))
    choice = threshold_for_accuracy(read, [1, 0, 0, 1, 0, 0, 1], 0.95)
    assert not choice.reached
    assert choice.threshold == 0.45
    assert choice.effect.accuracy == Share(4, 6)
    assert choice.words.replace("\N{NO-BREAK SPACE}", " ") == (
        "No threshold reaches 95 %. The best is the threshold 0.45: then 85.71 % of the 7 images are answered, "
        "66.67 % of them rightly."
    )
    everything = threshold_for_accuracy(rows((0, 0.9), (0, 0.8)), [1, 0], 0.95)
    assert "The best is to answer everything" in everything.words


@pytest.mark.parametrize(
    ("target", "threshold", "answered"),
    [(1.0, None, 6), (0.9, None, 6), (0.8, 0.55, 5), (2 / 3, 0.55, 5), (0.5, 0.65, 3), (0.1, 0.85, 1)],
)
def test_a_threshold_by_coverage(target: float, threshold: float | None, answered: int) -> None:
    choice = threshold_for_coverage(READ, LABELS, target)
    assert (choice.threshold, choice.effect.coverage.count, choice.reached) == (threshold, answered, True)


def test_a_choice_in_words() -> None:
    def words(choice: Choice) -> str:
        return choice.words.replace("\N{NO-BREAK SPACE}", " ")

    assert words(threshold_for_accuracy(READ, LABELS, 1.0)) == (
        "Below 0.75 the answer is I don't know: 33.33 % of the 6 images are answered, 100.00 % of them rightly; "
        "0 wrong answers remain of 2, and 2 right ones are lost."
    )
    assert words(threshold_for_coverage(READ, LABELS, 1.0)) == (
        "No threshold is needed: all 6 images are answered, 66.67 % of them rightly."
    )


@given(ANSWERS, TARGETS)
def test_no_threshold_reaches_the_accuracy_and_answers_more(answers: list[tuple[float, bool]], target: float) -> None:
    probabilities, labels = of(answers)
    choice = threshold_for_accuracy(probabilities, labels, target)
    effect = choice.effect
    assert effect == effect_of(probabilities, labels, choice.threshold)
    assert effect.accuracy.value is not None
    assert choice.reached == (effect.accuracy.value >= target - 1e-9)
    for threshold in np.unique(probabilities.max(axis=1)).astype(float):
        other = effect_of(probabilities, labels, threshold)
        assert other.accuracy.value is not None
        if choice.reached and other.accuracy.value >= target:
            assert other.coverage.count <= effect.coverage.count
        if not choice.reached:
            assert other.accuracy.value <= effect.accuracy.value


@given(ANSWERS, TARGETS)
def test_a_higher_threshold_would_miss_the_coverage(answers: list[tuple[float, bool]], target: float) -> None:
    probabilities, labels = of(answers)
    choice = threshold_for_coverage(probabilities, labels, target)
    n = len(labels)
    assert choice.effect.coverage.count >= target * n - 1e-9
    for threshold in np.unique(probabilities.max(axis=1)).astype(float):
        answered = effect_of(probabilities, labels, threshold).coverage.count
        assert answered >= choice.effect.coverage.count or answered < target * n


@given(ANSWERS)
def test_the_curve_is_the_effect_at_each_of_its_thresholds(answers: list[tuple[float, bool]]) -> None:
    probabilities, labels = of(answers)
    curve = risk_coverage(probabilities, labels)
    for threshold, coverage, risk in zip(curve.thresholds, curve.coverage, curve.risk, strict=True):
        effect = effect_of(probabilities, labels, threshold)
        assert effect.coverage.value == pytest.approx(coverage)
        assert effect.wrong_left / effect.coverage.count == pytest.approx(risk)
        assert effect.wrong_left + effect.wrong_avoided + effect.right_lost + effect.accuracy.count == len(labels)
    assert 0 <= curve.aurc <= 1


def test_a_threshold_has_few_digits_and_stays_clear_of_the_answers() -> None:
    read = rows((0, 0.91), (0, 0.8700001), (0, 0.8699990), (0, 0.3))
    assert threshold_for_coverage(read, [0] * 4, 0.25).threshold == 0.9
    between = threshold_for_coverage(read, [0] * 4, 0.5).threshold
    assert between is not None
    assert 0.869999 < between < 0.8700001
    assert len(str(between)) <= 10
    assert threshold_for_coverage(read, [0] * 4, 0.75).threshold == 0.6


@pytest.mark.parametrize("target", [0.0, -1.0, 1.001, float("nan"), float("inf")])
def test_a_target_that_cannot_be_is_refused(target: float) -> None:
    for choose in (threshold_for_accuracy, threshold_for_coverage):
        with pytest.raises(ConfigError, match="cannot be aimed at"):
            choose(READ, LABELS, target)


def test_nothing_can_be_chosen_on_no_images() -> None:
    nothing = np.zeros((0, 10), np.float32)
    for choose in (threshold_for_accuracy, threshold_for_coverage, effect_of):
        with pytest.raises(DataError, match="no images"):
            choose(nothing, [], 0.5)
    with pytest.raises(DataError, match="no images"):
        risk_coverage(nothing, [])
