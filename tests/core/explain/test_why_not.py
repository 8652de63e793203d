"""Why not this digit: on a network whose reasons are known, and on the shipped one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from core.explain.ink import add_ink
from core.explain.occlusion import occlude, saliency
from core.explain.trials import Trials, log_probability
from core.explain.why_not import WhyNot, why_not
from core.inference import Classifier
from tests.core.explain.conftest import Templates
from tests.digits import digits

LEFT, RIGHT = (slice(10, 14), slice(4, 8)), (slice(10, 14), slice(20, 24))


def one_or_seven() -> Templates:
    """Ink on the left speaks for 1, ink on the right for 7; all other digits care for none."""
    return Templates({1: (*LEFT, 0.25), 7: (*RIGHT, 0.25)})


def drawn() -> NDArray[np.float32]:
    image = np.zeros((28, 28), np.float32)
    image[LEFT] = 1
    return image


def asked(image: NDArray[np.float32], digit: int) -> WhyNot:
    ask = one_or_seven()
    return why_not(occlude(image, ask), add_ink(image, ask), digit)


def test_what_speaks_against_it_and_what_would_help() -> None:
    found = asked(drawn(), 7)
    assert (found.asked, found.rival) == (7, 1)
    assert (found.against[LEFT] > 0.5).all()
    assert_array_equal(found.against[RIGHT], 0)  # there is no ink to take away
    assert (found.help[RIGHT] > 0.1).all()
    outside = np.ones((28, 28), bool)
    for rows, columns in (LEFT, RIGHT):
        outside[rows.start - 3 : rows.stop + 3, columns.start - 3 : columns.stop + 3] = False
    assert_allclose(found.help[outside], 0, atol=1e-6)


def test_the_best_changes_are_where_they_should_be() -> None:
    found = asked(drawn(), 7)
    assert found.removal is not None
    assert found.addition is not None
    # All the ink of 1 under one square: its logit goes from 4 to 0, and all ten digits are alike.
    assert (found.removal.row, found.removal.column) == (11.5, 5.5)
    assert found.removal.before == pytest.approx(1 / (9 + np.exp(4)))
    assert found.removal.after == pytest.approx(0.1)
    # A dab on the middle of the right template: 1 in the middle, 0.4 at the sides and 0.16 in the corners.
    logit = 0.25 * (4 + 8 * 0.4 + 4 * 0.16)
    assert (found.addition.row, found.addition.column) == (11.5, 21.5)
    assert found.addition.after == pytest.approx(np.exp(logit) / (8 + np.exp(logit) + np.exp(4)), rel=1e-5)
    assert found.addition.digit == 1


def test_against_is_the_difference_of_two_saliencies(classic: Classifier) -> None:
    image = digits()[0][0]
    covered, added = occlude(image, classic.probabilities), add_ink(image, classic.probabilities)

    def drop(trials: Trials, digit: int) -> NDArray[np.float32]:
        return trials.spread(log_probability(trials.before, digit) - log_probability(trials.after, digit))

    found = why_not(covered, added, 3)
    assert_allclose(found.against, drop(covered, found.rival) - drop(covered, 3), atol=1e-4)
    assert saliency(covered, 3).shape == found.against.shape == found.help.shape == (28, 28)


def test_the_answer_itself_is_held_against_the_runner_up() -> None:
    image = drawn()
    image[11, 21] = 1
    found = asked(image, 1)
    assert found.rival == 7
    assert (found.against[LEFT] < 0).all()  # this ink speaks for it
    assert found.against[11, 21] > 0


def test_nothing_drawn_offers_nothing_to_take_away() -> None:
    found = asked(np.zeros((28, 28), np.float32), 7)
    assert found.removal is None
    assert_array_equal(found.against, 0)
    assert found.addition is not None
    assert found.addition.digit == 7


def test_no_room_for_ink_offers_no_addition() -> None:
    found = asked(np.ones((28, 28), np.float32), 7)
    assert found.addition is None
    assert_array_equal(found.help, 0)


def test_the_promised_change_does_what_it_promises(classic: Classifier) -> None:
    image = (digits()[0][8] / 255).astype(np.float32)
    covered, added = occlude(image, classic.probabilities), add_ink(image, classic.probabilities)
    for digit in range(10):
        spot = why_not(covered, added, digit).removal
        if spot is None:
            continue
        rows, columns = (slice(max(0, int(middle - 1.5)), int(middle + 2.5)) for middle in (spot.row, spot.column))
        without = image.copy()
        without[rows, columns] = 0
        answer = classic.probabilities(without[np.newaxis])[0]
        assert (answer[digit], answer.argmax()) == (pytest.approx(spot.after, abs=1e-5), spot.digit)
