"""Digits drawn by code: which there are, how they lie in their images, and how they come into a batch."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.home import SHIPPED
from core.network import OnnxNetwork
from core.pen_styles import SHAPES, PenStyles


@pytest.fixture(scope="module")
def drawn() -> PenStyles:
    return PenStyles.draw(400, seed=3)


def test_every_digit_is_drawn_as_often(drawn):
    assert drawn.images.shape == (400, 28, 28)
    assert drawn.images.dtype == drawn.labels.dtype == np.uint8
    assert np.bincount(drawn.labels).tolist() == [40] * 10


def test_they_lie_where_mnist_s_digits_lie(drawn):
    inked = drawn.images > 127
    rows, columns = inked.any(axis=2).sum(axis=1), inked.any(axis=1).sum(axis=1)
    assert np.maximum(rows, columns).min() >= 17
    assert np.maximum(rows, columns).max() <= 20
    weights = drawn.images / drawn.images.sum(axis=(1, 2), keepdims=True)
    for axis in (1, 2):
        centre = (weights.sum(axis=axis) * np.arange(28)).sum(axis=1)
        assert np.abs(centre - 14).max() < 0.6


def test_no_two_are_alike(drawn):
    flat = drawn.images.reshape(400, -1)
    assert len(np.unique(flat, axis=0)) == 400


def test_the_seed_decides():
    assert_array_equal(PenStyles.draw(20, seed=1).images, PenStyles.draw(20, seed=1).images)
    assert (PenStyles.draw(20, seed=1).images != PenStyles.draw(20, seed=2).images).any()


def test_the_plain_shape_of_each_digit_is_that_digit(drawn):
    network = OnnxNetwork(SHIPPED / "pretrained/classic/model.onnx")
    turns = np.arange(400) // 10 % np.array([len(shapes) for shapes in SHAPES])[drawn.labels]
    plain = turns == 0
    read = network.probabilities(drawn.images[plain]).argmax(axis=1)
    for digit in range(10):
        own = drawn.labels[plain] == digit
        assert np.mean(read[own] == digit) >= 0.8, digit


def test_they_take_their_share_of_a_batch_and_leave_the_rest(drawn):
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(200):
        images, labels = np.zeros((50, 28, 28), np.uint8), np.full(50, 99, np.uint8)
        drawn.mix_in(images, labels, 0.13, rng)
        taken = labels != 99
        assert_array_equal(images.any(axis=(1, 2)), taken)
        counts.append(int(taken.sum()))
    assert set(counts) == {6, 7}
    assert np.mean(counts) == pytest.approx(6.5, abs=0.15)
