"""Digits that touch are parted where the networks are sure of it, told where they are not; whole digits stay whole."""

import logging
from pathlib import Path

import numpy as np
import pytest

from core import wholeness
from core.data import load_split
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.parting import parted
from core.preprocessing import find_groups, read_picture
from core.runs import RunStore
from tests.core.preprocessing.drawings import drawing
from tests.core.preprocessing.test_digits import tile, touching
from tests.digits import row_of


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(RunStore(StudioHome(SHIPPED)).get("classic"))


def beside(*digits: int, step: int) -> np.ndarray:
    """Digits of 90 pixels in a row, each so many pixels right of the one before."""
    picture = np.full((140, 140 + step * (len(digits) - 1)), 255, np.uint8)
    for place, digit in enumerate(digits):
        part = picture[:, step * place : step * place + 140]
        np.minimum(part, tile(digit), out=part)
    return picture


def test_touching_digits_are_parted_and_read_in_order(classifier: Classifier) -> None:
    found = classifier.classify_each(touching())
    assert [one.digit for one in found] == [3, 2]
    lefts = [one.box[0] for one in found if one.box is not None]
    assert lefts == sorted(lefts)
    assert lefts[1] - lefts[0] > 40


@pytest.mark.parametrize(("digits", "step"), [((3, 3), 68), ((2, 3), 78), ((5, 2, 3), 76), ((2, 2), 74)], ids=str)
def test_rows_that_touch(classifier: Classifier, digits: tuple[int, ...], step: int) -> None:
    picture = beside(*digits, step=step)
    assert len(find_groups(picture)) < len(digits)  # they do touch
    assert [one.digit for one in classifier.classify_each(picture)] == list(digits)


def test_what_cannot_be_parted_is_told(classifier: Classifier) -> None:
    found = classifier.classify_each(beside(8, 8, 8, step=50))
    assert any("several_digits" in one.warnings for one in found)


def test_parts_that_no_digit_is_sure_of_are_told(classifier: Classifier) -> None:
    known = wholeness.shipped()
    groups = find_groups(touching())
    assert not any("several_digits" in part.warnings for part in parted(groups, classifier.probabilities, known))
    unsure = parted(groups, lambda images: np.full((len(images), 10), 0.1, np.float32), known)
    assert all("several_digits" in part.warnings for part in unsure)


@pytest.mark.parametrize("digit", [2, 3, 4, 5, 7, 8])
def test_a_whole_digit_stays_whole(classifier: Classifier, digit: int) -> None:
    [one] = classifier.classify_each(drawing(digit))
    assert (one.digit, "several_digits" in one.warnings) == (digit, False)


@pytest.mark.parametrize("row", [[3, 1, 0, 7, 8], [43, 174, 25, 44, 41], [140, 33, 161, 135, 79]], ids=str)
def test_a_5_in_two_strokes_and_digits_as_wide_as_tall_stay_whole(classifier: Classifier, row: list[int]) -> None:
    assert len(classifier.classify_each(read_picture(row_of(row)))) == len(row)


def test_digits_of_the_test_split_are_whole_and_pairs_of_them_are_not() -> None:
    known = wholeness.shipped()
    assert known is not None
    images = load_split(SHIPPED / "mnist.npz", "test").images[:400]
    assert (known(images) > 0.5).mean() > 0.92
    pairs = np.concatenate([images[0::2, 4:24:2, 4:24], images[1::2, 4:24:2, 4:24]], axis=2)[:, :, ::2]
    assert (known(np.pad(pairs, ((0, 0), (9, 9), (4, 4)))) > 0.5).mean() < 0.05


def test_without_the_file_wide_groups_are_told(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wholeness, "WHOLENESS", tmp_path / "wholeness.onnx")
    with caplog.at_level(logging.WARNING):
        assert wholeness.shipped.__wrapped__() is None
    assert "wholeness.onnx" in caplog.text
    [digit] = parted(find_groups(touching()), classifier.probabilities, None)
    assert "several_digits" in digit.warnings
    [digit] = parted(find_groups(tile(3)), classifier.probabilities, None)
    assert "several_digits" not in digit.warnings
    assert parted([], classifier.probabilities, None) == []
