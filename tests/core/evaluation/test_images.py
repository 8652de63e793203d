"""Each image by itself, and the choice of images by what was read of them."""

import numpy as np
import pytest
import sklearn.metrics
from numpy.testing import assert_allclose, assert_array_equal

from core.errors import DataError
from core.evaluation import ORDERS, PerImage, chosen, log_loss, per_image
from tests.labelled import random_answers, rows

# Seven images by hand: label, what was read, with which confidence.
LABELS = np.array([4, 4, 9, 4, 1, 9, 4], np.uint8)
READ = rows((9, 0.9), (4, 0.8), (9, 0.7), (9, 0.95), (1, 0.5), (4, 0.6), (9, 0.9))


@pytest.fixture
def images() -> PerImage:
    return per_image(READ, LABELS)


def test_each_image_by_hand(images: PerImage) -> None:
    assert images.predicted.tolist() == [9, 4, 9, 9, 1, 4, 9]
    assert images.right.tolist() == [False, True, True, False, True, False, False]
    assert_allclose(images.confidence, [0.9, 0.8, 0.7, 0.95, 0.5, 0.6, 0.9], rtol=1e-6)
    assert_allclose(images.margin, images.confidence - (1 - images.confidence) / 9, rtol=1e-6)
    assert images.loss[1] == pytest.approx(-np.log(0.8), rel=1e-6)
    assert images.loss[0] == pytest.approx(-np.log(0.1 / 9), rel=1e-6)
    assert len(images) == 7


def test_the_figures_equal_scikit_learn() -> None:
    probabilities, labels = random_answers()
    images = per_image(probabilities, labels)
    assert images.right.mean() == sklearn.metrics.accuracy_score(labels, images.predicted)
    assert images.loss.mean() == pytest.approx(sklearn.metrics.log_loss(labels, probabilities, labels=range(10)))
    assert images.loss.mean() == pytest.approx(log_loss(probabilities, labels))
    second = np.sort(probabilities, axis=1)[:, -2]
    assert_array_equal(probabilities[np.arange(len(labels)), images.runner_up], second)
    assert_allclose(images.margin, probabilities.max(axis=1) - second, atol=1e-7)


def test_a_toss_up_is_read_as_the_first() -> None:
    images = per_image(np.array([[0.5, 0.5] + [0.0] * 8, [0.0] * 8 + [0.5, 0.5]]), [1, 8])
    assert images.predicted.tolist() == [0, 8]
    assert images.runner_up.tolist() == [1, 9]
    assert images.margin.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"true": 4, "pred": 9}, [3, 0, 6]),  # a cell; 0 and 6 are equal: in the order of the images
        ({"true": 4}, [3, 0, 6, 1]),  # a row
        ({"pred": 9}, [3, 0, 6, 2]),  # a column
        ({"true": 4, "which": "wrong"}, [3, 0, 6]),
        ({"which": "wrong"}, [3, 0, 6, 5]),
        ({"which": "right"}, [1, 2, 4]),
        ({"which": "wrong", "confidence": (0.55, 0.92)}, [0, 6, 5]),
        ({"confidence": (0.8, 0.9)}, [0, 6, 1]),
        ({"which": "wrong", "order": "margin"}, [5, 0, 6, 3]),
        ({"which": "wrong", "order": "loss"}, [3, 0, 6, 5]),
        ({"order": "true"}, [4, 3, 0, 6, 1, 2, 5]),
        ({"which": "wrong", "order": "index"}, [0, 3, 5, 6]),
        ({"true": 0}, []),
        ({"true": 7, "pred": 1}, []),
    ],
    ids=str,
)
def test_images_are_chosen_and_sorted(images: PerImage, conditions: dict, expected: list[int]) -> None:
    assert chosen(images, **conditions).tolist() == expected


def test_full_certainty_is_let_in_though_float32_may_pass_it() -> None:
    over = np.array([[np.nextafter(np.float32(1), np.float32(2))] + [0.0] * 9], np.float32)
    assert chosen(per_image(over, [0])).tolist() == [0]


@pytest.mark.parametrize("conditions", [{"true": 10}, {"pred": -1}, {"order": "luck"}, {"which": "some"}])
def test_what_cannot_be_chosen_is_refused(images: PerImage, conditions: dict) -> None:
    with pytest.raises(DataError):
        chosen(images, **conditions)


@pytest.mark.parametrize("order", ORDERS)
def test_no_images_are_none_in_any_order(order) -> None:
    nothing = per_image(np.zeros((0, 10), np.float32), [])
    assert chosen(nothing, true=3, order=order).tolist() == []


@pytest.mark.parametrize(
    ("probabilities", "labels", "words"),
    [
        (np.full((2, 10), 0.1), [1, 2, 3], "do not belong to 3 labels"),
        (np.full((2, 9), 0.1), [1, 2], r"\(2, 10\)"),
        (np.full(10, 0.1), [1], "do not belong"),
        (np.ones((1, 10), int), [1], "int64"),
        (np.full((1, 10), np.nan), [1], "no number from 0 to 1"),
        (np.full((1, 10), -0.1), [1], "no number from 0 to 1"),
        (np.full((1, 10), 7.0), [1], "no number from 0 to 1"),
        (np.full((1, 10), 0.1), [11], "labels hold 11"),
    ],
)
def test_what_are_no_probabilities_is_refused(probabilities, labels: list[int], words: str) -> None:
    with pytest.raises(DataError, match=words):
        per_image(probabilities, labels)
