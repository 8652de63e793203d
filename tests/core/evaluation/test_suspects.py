"""Suspect labels: as the cleanlab package ranks them, by hand, and against the known label errors of MNIST."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from core.data import load_split
from core.errors import DataError
from core.evaluation import LISTED, apply_temperature, class_thresholds, suspect_labels
from core.home import StudioHome
from core.runs import RunStore
from tests.labelled import Labelled, random_answers, rows

# Of MNIST's test split, as published with Northcutt, Athalye and Mueller, "Pervasive label errors" (2021), 0-based.
KNOWN = {947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729}


@pytest.fixture
def mislabelled() -> Labelled:
    """120 images, 12 of them with a wrong label."""
    probabilities, labels = random_answers(120, seed=5, skill=3.0)
    rng = np.random.default_rng(5)
    moved = rng.choice(120, 12, replace=False)
    labels[moved] = (labels[moved] + rng.integers(1, 10, 12)) % 10
    return probabilities, labels


def test_the_ranking_is_that_of_cleanlab(mislabelled: Labelled) -> None:
    """cleanlab 2.9.0 on the same arrays: `normalized_margin`, the thresholds, the filter `confident_learning`."""
    found = suspect_labels(*mislabelled)
    assert [suspect.row for suspect in found[:15]] == [58, 90, 114, 33, 118, 72, 46, 2, 88, 52, 6, 73, 57, 74, 80]
    assert_allclose([(suspect.score + 1) / 2 for suspect in found[:3]], [0.048312, 0.064692, 0.1584], atol=1e-6)
    means = [0.609151, 0.596698, 0.488118, 0.532518, 0.468278, 0.65443, 0.404709, 0.536398, 0.553325, 0.670389]
    assert_allclose(class_thresholds(*mislabelled), means, atol=1e-6)
    assert sorted(suspect.row for suspect in found if suspect.confident) == [6, 33, 46, 58, 72, 90, 114, 118]


def test_known_label_errors_stand_among_the_first_of_the_shipped_model() -> None:
    run = RunStore(StudioHome.from_environment()).get("classic")
    predictions, evaluation = run.predictions(), run.evaluation()
    assert predictions is not None
    assert evaluation is not None
    probabilities = apply_temperature(predictions["test"], evaluation["temperature"])
    labels = load_split(StudioHome.from_environment().mnist, "test").labels
    found = suspect_labels(probabilities, labels)
    assert len(found) == LISTED == 60
    assert len(KNOWN & {suspect.row for suspect in found}) >= 8


def test_reasons_by_hand() -> None:
    """Images labelled 4 get 0.8 and 0.02 for the 4, those labelled 9 get 0.7: means of 0.41 and 0.7."""
    read = rows((4, 0.8), (9, 0.82), (9, 0.7))
    read[1, 4] = 0.02
    worst, *others = suspect_labels(read, [4, 4, 9])
    assert (worst.row, worst.label, worst.other, worst.counts_as, worst.confident) == (1, 4, 9, 9, True)
    assert worst.score == pytest.approx(0.02 - 0.82)
    assert words(worst.reason) == (
        "Labelled 4, read as 9 with 82.0 %: as much as images labelled 9 get on average (70.0 %), so it counts as one "
        "of them."
    )
    assert [suspect.row for suspect in others] == [2, 0]
    assert not any(suspect.confident for suspect in others)
    read[1, 9] = 0.6
    assert words(suspect_labels(read, [4, 4, 9])[0].reason) == (
        "Labelled 4, read as 9 with 60.0 %: less than images labelled 9 get on average (70.0 %)."
    )


def test_a_close_call_is_listed_with_its_reason() -> None:
    read = rows((4, 0.5))
    read[0, 9] = 0.4
    (found,) = suspect_labels(read, [4])
    assert words(found.reason) == "Labelled 4 and read as 4, but with 50.0 % only; 9 follows with 40.0 %."


def test_a_digit_without_images_has_no_mean() -> None:
    means = class_thresholds(rows((1, 0.9), (1, 0.7)), [1, 1])
    assert means[1] == pytest.approx(0.8)
    assert np.isnan(np.delete(means, 1)).all()
    first, _ = suspect_labels(rows((1, 0.9), (8, 0.99)), [1, 1])
    assert (first.row, first.other, first.other_mean, first.counts_as, first.confident) == (1, 8, None, None, False)
    assert words(first.reason) == "Labelled 1, read as 8 with 99.0 %."


def test_the_list_is_as_long_as_wanted_and_no_longer_than_the_images(mislabelled: Labelled) -> None:
    assert len(suspect_labels(*mislabelled)) == LISTED
    assert len(suspect_labels(*mislabelled, most=5)) == 5
    assert len(suspect_labels(*mislabelled, most=1_000)) == 120
    assert suspect_labels(np.zeros((0, 10), np.float32), []) == ()


def test_what_are_no_probabilities_is_refused() -> None:
    with pytest.raises(DataError, match="do not belong to 2 labels"):
        suspect_labels(rows((1, 0.9)), [1, 2])


def words(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
