"""The comparison's figures equal scikit-learn's, SciPy's, or a calculation by hand."""

import math
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from core import comparison
from core.config import TrainingConfig, preset
from core.errors import DataError
from core.evaluation import confusion_matrix, matrix_difference

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
        ("epochs", (first.epochs, 3, 3)),
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


def test_the_images_behind_a_difference_by_hand() -> None:
    labels = np.array([4, 4, 4, 9, 9, 7], np.uint8)
    first = np.array([9, 4, 4, 9, 4, 7])
    second = np.array([4, 9, 4, 9, 7, 1])
    assert comparison.read_differently(labels, first, second).tolist() == [0, 1, 4, 5]
    assert comparison.read_differently(labels, first, second, true=4, pred=9).tolist() == [0, 1]
    assert comparison.read_differently(labels, first, second, true=4, pred=4).tolist() == [0, 1]
    assert comparison.read_differently(labels, first, second, true=9).tolist() == [4]
    assert comparison.read_differently(labels, first, second, pred=4).tolist() == [0, 1, 4]
    assert comparison.read_differently(labels, first, second, true=0).tolist() == []


def test_every_cell_of_the_difference_is_what_came_less_what_went() -> None:
    rng = np.random.default_rng(1)
    labels, first, second = rng.integers(0, 10, (3, 500))
    difference = matrix_difference(confusion_matrix(labels, first), confusion_matrix(labels, second))
    for true, pred in np.ndindex(10, 10):
        moved = comparison.read_differently(labels, first, second, true=true, pred=pred)
        came, went = (second[moved] == pred).sum(), (first[moved] == pred).sum()
        assert came + went == len(moved)
        assert came - went == difference[true, pred]


def test_shared_images_are_found_whatever_their_order() -> None:
    first, second = np.array([55, 57, 59, 58]), np.array([58, 50, 55])
    rows_a, rows_b = comparison.shared_images(first, second)
    assert first[rows_a].tolist() == second[rows_b].tolist() == [55, 58]
    assert [len(rows) for rows in comparison.shared_images([1, 2], [3])] == [0, 0]


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


@pytest.mark.parametrize(
    ("fixed", "broken", "p"),
    # What the tests of statsmodels' `mcnemar(exact=True)` state, to six decimals.
    [(121, 59, 0.000004), (70, 59, 0.378688), (80, 59, 0.089452), (30, 60, 0.002060), (10, 30, 0.002221), (10, 10, 1)],
)
def test_mcnemar_equals_published_figures(fixed: int, broken: int, p: float) -> None:
    assert comparison.mcnemar(fixed, broken) == pytest.approx(p, abs=6e-7)


@given(COUNTS, COUNTS)
def test_mcnemar_equals_the_binomial_test(fixed: int, broken: int) -> None:
    expected = binomtest(fixed, fixed + broken, 0.5).pvalue if fixed + broken else 1.0
    assert comparison.mcnemar(fixed, broken) == pytest.approx(expected, rel=1e-9, abs=1e-250)


def test_the_net_interval_is_the_published_one() -> None:
    # 21 children, from Fagerland, Lydersen and Laake (2014), table 8: a difference of -0.286, -0.507 to -0.026.
    assert comparison.net_interval(1, 1, 7, 21) == pytest.approx((-0.507 * 21, -0.0256 * 21), abs=0.01)
    assert comparison.net_interval(1, 7, 1, 21) == pytest.approx((0.0256 * 21, 0.507 * 21), abs=0.01)
    low, high = comparison.net_interval(10_000, 0, 0, 10_000)
    assert -4 < low < 0 < high < 4


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
