"""The comparison's figures equal scikit-learn's, SciPy's, or a calculation by hand."""

import math
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy.stats import binomtest

from core import comparison, evaluation
from core.config import TrainingConfig, preset
from core.errors import DataError
from core.evaluation import confusion_matrix

COUNTS = st.integers(0, 3_000)


def answers(digits: list[int], confidences: list[float]) -> NDArray[np.float32]:
    """Probabilities (n, 10) that predict these digits with these confidences."""
    rows = np.repeat([[(1 - confidence) / 9] * 10 for confidence in confidences], 1, axis=0).reshape(-1, 10)
    rows[np.arange(len(digits)), digits] = confidences
    return rows.astype(np.float32)


def test_only_the_settings_that_differ_are_listed_in_their_order() -> None:
    first = preset("classic")
    second = replace(first, epochs=3, dropout=0.2)
    third = replace(first, epochs=3, optimizer="sgd")
    assert comparison.differing_settings([first, second, third]) == [
        ("dropout", (0.5, 0.2, 0.5)),
        ("optimizer", ("adam", "adam", "sgd")),
        ("epochs", (12, 3, 3)),
    ]


@pytest.mark.parametrize("configs", [[], [TrainingConfig()], [TrainingConfig(), TrainingConfig(), TrainingConfig()]])
def test_equal_configurations_differ_in_nothing(configs: list[TrainingConfig]) -> None:
    assert comparison.differing_settings(configs) == []


def test_flips_by_hand_are_sorted_by_the_confidence_of_the_second() -> None:
    y_true = np.array([0, 1, 2, 3, 4, 5, 6], np.uint8)
    first = answers([0, 9, 9, 3, 4, 9, 9], [0.9] * 7)
    second = answers([0, 1, 2, 9, 9, 8, 6], [0.9, 0.6, 0.8, 0.5, 0.99, 0.7, 0.6])
    found = comparison.flips(y_true, first, second)
    assert found.fixed.tolist() == [2, 1, 6]  # 1 and 6 are equally confident: in the order of the images
    assert found.broken.tolist() == [4, 3]
    with pytest.raises(FrozenInstanceError):
        found.fixed = found.broken  # type: ignore[misc]


def test_the_other_way_round_fixes_are_breaks() -> None:
    rng = np.random.default_rng(3)
    y_true = rng.integers(0, 10, 500)
    first, second = (rng.dirichlet(np.ones(10), 500) + 0.2 * np.eye(10)[y_true] for _ in range(2))
    there, back = comparison.flips(y_true, first, second), comparison.flips(y_true, second, first)
    assert set(there.fixed) == set(back.broken)
    assert set(there.broken) == set(back.fixed)
    right_a, right_b = (first.argmax(axis=1) == y_true).sum(), (second.argmax(axis=1) == y_true).sum()
    assert len(there.fixed) - len(there.broken) == right_b - right_a


def test_a_run_flips_nothing_against_itself_and_no_images_flip_not_at_all() -> None:
    same = answers([1, 2], [0.9, 0.8])
    for y_true, probabilities in ((np.array([1, 5]), same), (np.array([], int), same[:0])):
        found = comparison.flips(y_true, probabilities, probabilities)
        assert len(found.fixed) == len(found.broken) == 0


@pytest.mark.parametrize("shape", [(2, 10), (3, 9), (3,), (4, 10), (0, 10)])
def test_flips_of_different_images_are_refused(shape: tuple[int, ...]) -> None:
    whole = np.full((3, 10), 0.1)
    for pair in ((whole, np.zeros(shape)), (np.zeros(shape), whole)):
        with pytest.raises(DataError, match="images that both have answered"):
            comparison.flips(np.array([1, 2, 3]), *pair)


def test_shared_images_are_found_whatever_their_order() -> None:
    first, second = np.array([55, 57, 59, 58]), np.array([58, 50, 55])
    rows_a, rows_b = comparison.shared_images(first, second)
    assert first[rows_a].tolist() == second[rows_b].tolist() == [55, 58]
    assert [len(rows) for rows in comparison.shared_images([1, 2], [3])] == [0, 0]


def test_the_difference_of_two_matrices() -> None:
    y_true = [0, 0, 1, 2]
    first, second = confusion_matrix(y_true, [0, 1, 1, 1]), confusion_matrix(y_true, [0, 0, 1, 1])
    found = evaluation.matrix_difference(first.tolist(), second)
    expected = np.zeros((10, 10), int)
    expected[0, 0], expected[0, 1] = 1, -1
    assert_array_equal(found, expected)


def test_matrices_of_different_images_are_refused() -> None:
    with pytest.raises(DataError, match="same split"):
        evaluation.matrix_difference(confusion_matrix([1], [1]), confusion_matrix([2], [1]))
    with pytest.raises(DataError, match="10 x 10"):
        evaluation.matrix_difference(np.zeros((10, 10)), np.zeros((10, 9)))


@pytest.mark.parametrize("missing", [(), (3,), (3, 8)])
def test_figures_of_each_digit_equal_scikit_learn(missing: tuple[int, ...]) -> None:
    """Digits without images, and digits that are never predicted, are 0 where scikit-learn would divide by zero."""
    rng = np.random.default_rng(11)
    y_true = rng.choice(np.setdiff1d(np.arange(10), missing), 800)
    y_pred = np.where(rng.random(800) < 0.7, y_true, rng.choice([0, 3, 9], 800))
    y_pred[y_pred == 5] = 6
    expected = sklearn.metrics.precision_recall_fscore_support(y_true, y_pred, labels=range(10), zero_division=0.0)
    found = evaluation.per_class(confusion_matrix(y_true, y_pred))
    assert [figures.digit for figures in found] == list(range(10))
    for name, column in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [getattr(figures, name) for figures in found] == pytest.approx(list(column), abs=1e-12), name


def test_figures_of_no_images_are_zero() -> None:
    assert {(row.precision, row.recall, row.f1, row.support) for row in evaluation.per_class(np.zeros((10, 10)))} == {
        (0.0, 0.0, 0.0, 0)
    }
    with pytest.raises(DataError, match="not \\(2, 2\\)"):
        evaluation.per_class([[1, 0], [0, 1]])


@pytest.mark.parametrize(
    ("fixed", "broken", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),  # one toss of a coin: as uneven as can be, and always so
        (5, 0, 2 / 32),
        (2, 8, 2 * (1 + 10 + 45) / 1024),  # 0, 1 or 2 heads of 10 tosses, and the same of tails
        (4, 4, 1.0),
        (31, 12, 2 * sum(math.comb(43, heads) for heads in range(13)) / 2**43),
    ],
)
def test_mcnemar_by_hand(fixed: int, broken: int, p: float) -> None:
    assert comparison.mcnemar(fixed, broken) == pytest.approx(p, rel=1e-12)
    assert comparison.mcnemar(broken, fixed) == comparison.mcnemar(fixed, broken)


@given(COUNTS, COUNTS)
def test_mcnemar_equals_the_binomial_test(fixed: int, broken: int) -> None:
    expected = binomtest(fixed, fixed + broken, 0.5).pvalue if fixed + broken else 1.0
    assert comparison.mcnemar(fixed, broken) == pytest.approx(expected, rel=1e-9, abs=1e-250)


@pytest.mark.parametrize(
    ("fixed", "broken", "words"),
    [
        (31, 12, "B is better: 31 fixed, 12 broken; unlikely to be chance, p = 0.005."),
        (12, 31, "A is better: B fixed 12 and broke 31; unlikely to be chance, p = 0.005."),
        (20, 15, "No clear difference: B fixed 20 and broke 15; may well be chance, p = 0.50."),
        (5, 0, "No clear difference: B fixed 5 and broke 0; may well be chance, p = 0.062."),
        (1_200, 40, "B is better: 1,200 fixed, 40 broken; unlikely to be chance, p < 0.001."),
        (0, 0, "A and B are right on the same images."),
    ],
)
def test_the_verdict_in_plain_words(fixed: int, broken: int, words: str) -> None:
    assert comparison.verdict("A", "B", fixed, broken) == words


@given(COUNTS, COUNTS)
def test_the_verdict_never_calls_the_run_with_fewer_right_better(fixed: int, broken: int) -> None:
    words = comparison.verdict("first", "second", fixed, broken)
    assert ("is better" in words) == (comparison.mcnemar(fixed, broken) < comparison.CHANCE)
    assert not words.startswith("second is better") or fixed > broken
    assert not words.startswith("first is better") or broken > fixed
    assert "p = 0.000" not in words
