"""The confusion matrix and what is read off it equal scikit-learn's figures, or a calculation by hand."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from core import evaluation
from core.errors import DataError
from core.evaluation import ConfusedPair, confused_pairs, confusion_matrix, matrix_difference, normalised, per_class
from tests.labelled import random_answers

DIGITS = st.integers(0, 9)
PAIRS = st.lists(st.tuples(DIGITS, DIGITS), max_size=60)


def test_it_equals_scikit_learn() -> None:
    probabilities, labels = random_answers()
    predicted = probabilities.argmax(axis=1)
    expected = sklearn.metrics.confusion_matrix(labels, predicted, labels=range(10))
    assert_array_equal(confusion_matrix(labels, predicted), expected)


def test_it_has_the_truth_in_its_rows() -> None:
    matrix = confusion_matrix(np.array([4, 4, 9], np.uint8), [9, 4, 9])
    assert matrix[4, 9] == 1
    assert matrix[9, 4] == 0
    assert matrix.sum() == 3
    assert_array_equal(confusion_matrix([], []), np.zeros((10, 10)))


@pytest.mark.parametrize(
    ("y_true", "y_pred", "words"),
    [
        ([1, 2], [1], "1 predictions do not belong to 2 labels"),
        ([10], [1], "labels hold 10"),
        ([3], [-1], "predictions hold -1"),
        ([0.5], [1], "float64"),
        ([[1, 2]], [[1, 2]], r"\(1, 2\)"),
        (["1"], [1], "whole numbers"),
        ([True], [1], "bool"),
    ],
)
def test_what_are_no_digits_is_refused(y_true: list, y_pred: list, words: str) -> None:
    with pytest.raises(DataError, match=words):
        confusion_matrix(y_true, y_pred)


@pytest.mark.parametrize("missing", [(), (3,), (3, 8)])
@pytest.mark.parametrize("by", ["true", "pred"])
def test_normalised_equals_scikit_learn(missing: tuple[int, ...], by) -> None:
    rng = np.random.default_rng(2)
    y_true = rng.choice(np.setdiff1d(np.arange(10), missing), 500)
    y_pred = rng.choice(np.setdiff1d(np.arange(10), (5, *missing)), 500)
    matrix = confusion_matrix(y_true, y_pred)
    expected = sklearn.metrics.confusion_matrix(y_true, y_pred, labels=range(10), normalize=by)
    assert_allclose(normalised(matrix, by), expected, atol=1e-15)
    figures = per_class(matrix)
    diagonal = [figure.recall if by == "true" else figure.precision for figure in figures]
    assert_allclose(normalised(matrix, by).diagonal(), diagonal)


def test_the_difference_of_two_matrices() -> None:
    y_true = [0, 0, 1, 2]
    first, second = confusion_matrix(y_true, [0, 1, 1, 1]), confusion_matrix(y_true, [0, 0, 1, 1])
    expected = np.zeros((10, 10), int)
    expected[0, 0], expected[0, 1] = 1, -1
    assert_array_equal(matrix_difference(first.tolist(), second), expected)


def test_matrices_of_different_images_are_refused() -> None:
    with pytest.raises(DataError, match="same split"):
        matrix_difference(confusion_matrix([1], [1]), confusion_matrix([2], [1]))
    with pytest.raises(DataError, match="10 x 10"):
        matrix_difference(np.zeros((10, 10)), np.zeros((10, 9)))


@pytest.mark.parametrize("missing", [(), (3,), (3, 8)])
def test_figures_of_each_digit_equal_scikit_learn(missing: tuple[int, ...]) -> None:
    """Digits without images, and digits that are never predicted, are 0 where scikit-learn would divide by zero."""
    rng = np.random.default_rng(11)
    y_true = rng.choice(np.setdiff1d(np.arange(10), missing), 800)
    y_pred = np.where(rng.random(800) < 0.7, y_true, rng.choice([0, 3, 9], 800))
    y_pred[y_pred == 5] = 6
    expected = sklearn.metrics.precision_recall_fscore_support(y_true, y_pred, labels=range(10), zero_division=0.0)
    found = per_class(confusion_matrix(y_true, y_pred))
    assert [figures.digit for figures in found] == list(range(10))
    for name, column in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [getattr(figures, name) for figures in found] == pytest.approx(list(column), abs=1e-12), name


def test_figures_of_no_images_are_zero() -> None:
    assert {(row.precision, row.recall, row.f1, row.support) for row in per_class(np.zeros((10, 10)))} == {
        (0.0, 0.0, 0.0, 0)
    }
    for figures in (per_class, confused_pairs, lambda matrix: normalised(matrix, "true")):
        with pytest.raises(DataError, match="not \\(2, 2\\)"):
            figures([[1, 0], [0, 1]])


def test_confused_pairs_by_hand() -> None:
    """Four 4s of which two are read as 9, ten 7s of which two are read as 2, one 0 of one that is read as 6."""
    y_true = [4] * 4 + [7] * 10 + [0]
    y_pred = [9, 9, 4, 4] + [2, 2] + [7] * 8 + [6]
    assert confused_pairs(confusion_matrix(y_true, y_pred)) == (
        ConfusedPair(4, 9, 2, 0.5),
        ConfusedPair(7, 2, 2, 0.2),
        ConfusedPair(0, 6, 1, 1.0),
    )
    assert confused_pairs(confusion_matrix([1, 1], [1, 1])) == ()


@given(PAIRS)
def test_confused_pairs_are_all_that_is_off_the_diagonal(pairs: list[tuple[int, int]]) -> None:
    matrix = confusion_matrix(np.array([t for t, _ in pairs], int), np.array([p for _, p in pairs], int))
    found = confused_pairs(matrix)
    assert sum(pair.count for pair in found) == matrix.sum() - np.trace(matrix)
    assert [pair.count for pair in found] == sorted((pair.count for pair in found), reverse=True)
    assert all(pair.count == matrix[pair.true, pair.pred] and pair.true != pair.pred for pair in found)
    for true in range(10):
        recall = per_class(matrix)[true].recall
        assert sum(pair.share for pair in found if pair.true == true) == pytest.approx(
            1 - recall if matrix[true].any() else 0
        )


@given(arrays(np.float32, (3, 10), elements=st.floats(0, 1, width=32)), st.lists(DIGITS, min_size=3, max_size=3))
def test_the_images_behind_a_cell_are_as_many_as_it_counts(probabilities, y_true: list[int]) -> None:
    images = evaluation.per_image(probabilities, y_true)
    matrix = confusion_matrix(y_true, probabilities.argmax(axis=1))
    for true, pred in np.ndindex(10, 10):
        assert len(evaluation.chosen(images, true=true, pred=pred)) == matrix[true, pred]
    for digit in range(10):
        assert len(evaluation.chosen(images, true=digit)) == matrix[digit].sum()
        assert len(evaluation.chosen(images, pred=digit)) == matrix[:, digit].sum()
