"""Occlusion saliency on networks whose reasons are known, and on the shipped one."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.explain.ink import add_ink
from core.explain.occlusion import common_limit, occlude, saliency
from core.explain.trials import log_odds
from core.inference import Classifier
from tests.core.explain.conftest import Templates
from tests.digits import digits

BLOCK = (slice(10, 12), slice(14, 16))


def looks_at_block(weight: float = 0.5) -> Templates:
    """Digit 3's logit is `weight` times the ink in the block of 2 x 2 pixels; all others are 0."""
    return Templates({3: (*BLOCK, weight)})


def test_finds_the_one_block_that_the_network_looks_at() -> None:
    image = np.ones((28, 28), np.float32)
    trials = occlude(image, looks_at_block(), patch=2, stride=2)
    expected = np.zeros((28, 28))
    # Squares do not overlap: the one over the block takes its four pixels of ink, a logit of 2. Log-odds against nine
    # digits of logit 0 are 2 - log 9 with the block, and 0 - log 9 without.
    expected[BLOCK] = 2.0
    assert_allclose(saliency(trials, 3), expected, atol=1e-6)
    expected[BLOCK] = math.exp(2) / (math.exp(2) + 9) - 0.1
    assert_allclose(saliency(trials, 3, "probability"), expected, atol=1e-6)
    expected[BLOCK] = 1 / (math.exp(2) + 9) - 0.1  # every other digit gains what 3 loses
    assert_allclose(saliency(trials, 8, "probability"), expected, atol=1e-6)


def test_overlapping_squares_give_each_pixel_their_mean() -> None:
    trials = occlude(np.ones((28, 28), np.float32), looks_at_block(), patch=4, stride=2)
    found = saliency(trials, 3)
    # Squares begin at -2, 0, ..., 26, so those at rows 8 and 10 and columns 12 and 14 hide the block as a whole. They
    # are the four that cover the block itself; a pixel two to its left is covered by two of them and two others.
    assert_allclose(found[BLOCK], 2.0, atol=1e-6)
    assert_allclose(found[10:12, 12:14], 1.0, atol=1e-6)
    assert_allclose(found[8:10, 12:14], 0.5, atol=1e-6)
    outside = np.ones((28, 28), bool)
    outside[8:14, 12:18] = False
    assert_array_equal(found[outside], 0)


@pytest.mark.parametrize(("patch", "stride"), [(1, 1), (2, 1), (4, 2), (6, 3), (28, 28), (7, 7)])
def test_every_pixel_is_covered_equally_often(patch: int, stride: int) -> None:
    reach = occlude(np.zeros((28, 28)), looks_at_block(), patch=patch, stride=stride).reach
    assert_array_equal(reach, (patch / stride) ** 2)


def test_asks_once_and_only_about_squares_with_ink() -> None:
    image, ask = np.zeros((28, 28), np.uint8), looks_at_block()
    image[10, 14] = 255
    trials = occlude(image, ask, patch=4, stride=2)
    assert ask.calls == [1 + 4]
    assert trials.after.shape == (4, 10)
    assert saliency(trials, 3)[10, 14] > 0


def test_nothing_drawn_has_no_reasons() -> None:
    ask = looks_at_block()
    trials = occlude(np.zeros((28, 28), np.float32), ask)
    assert ask.calls == [1]
    assert_array_equal(saliency(trials, 3), 0)
    assert common_limit(saliency(trials, 3), saliency(trials, 4)) > 0


def test_covers_with_what_it_is_told() -> None:
    image = np.zeros((28, 28), np.float32)
    found = saliency(occlude(image, looks_at_block(), patch=2, stride=2, fill=0.5), 3)
    assert_allclose(found[BLOCK], -1.0, atol=1e-6)  # half the ink of the block, so half its logit, won instead of lost


def test_bytes_and_floats_are_the_same_image(classic: Classifier) -> None:
    image = digits()[0][3]
    maps = [saliency(occlude(form, classic.probabilities), 3) for form in (image, image / 255, image[..., np.newaxis])]
    assert_allclose(maps[1], maps[0], atol=1e-4)
    assert_array_equal(maps[2], maps[0])


def test_the_image_stays_as_it_is(classic: Classifier) -> None:
    image = (digits()[0][0] / 255).astype(np.float32)
    before = image.copy()
    occlude(image, classic.probabilities)
    add_ink(image, classic.probabilities)
    assert_array_equal(image, before)


def test_ink_speaks_for_the_digit_that_it_is(classic: Classifier) -> None:
    sums = []
    for image, label in zip(digits()[0][:20], digits()[1], strict=False):
        trials = occlude(image, classic.probabilities)
        assert trials.predicted == label  # of these twenty, none is misclassified
        sums.append(saliency(trials, int(label)).sum())
    assert np.sum(np.array(sums) > 0) >= 18


def test_log_odds_are_exact_where_the_network_is_almost_certain() -> None:
    row = np.array([1.0, *[1e-20] * 9], np.float32)
    assert log_odds(row.astype(np.float64), 0) == pytest.approx(-math.log(9e-20), rel=1e-6)
    assert np.isfinite([log_odds(np.eye(10)[0], digit) for digit in range(10)]).all()


def test_one_scale_holds_all_maps() -> None:
    assert common_limit(np.array([[1.0, -4.0]]), np.array([[3.0, 0.0]])) == 4.0


@pytest.mark.parametrize(
    "arguments", [{"patch": 0}, {"stride": 0}, {"patch": 2, "stride": 3}, {"patch": 29}, {"fill": 1.5}, {"fill": -1}]
)
def test_refuses_impossible_squares(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must hold"):
        occlude(np.zeros((28, 28)), looks_at_block(), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(27, 28), (2, 28, 28), (28, 28, 3), (784,)])
def test_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    for make in (occlude, add_ink):
        with pytest.raises(ValueError, match=r"\(28, 28\)"):
            make(np.zeros(shape), looks_at_block())


def test_refuses_dabs_that_would_leave_gaps() -> None:
    for stride in (0, 5):
        with pytest.raises(ValueError, match="stride"):
            add_ink(np.zeros((28, 28)), looks_at_block(), stride=stride)
