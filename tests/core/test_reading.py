"""A picture that is read for looking: one digit or several, and the smaller picture with its boxes."""

import csv
import io

import numpy as np
import pytest

from core import answers
from core.answers_csv import COLUMNS, answers_csv
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.preprocessing import read_picture
from core.reading import LARGEST, read
from core.runs import RunStore
from tests.core.preprocessing.test_digits import touching
from tests.core.test_parting import beside
from tests.digits import label, picture, row_of


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(RunStore(StudioHome(root=SHIPPED)).get("classic"))


def test_a_picture_of_one_digit_has_no_others(classifier):
    reading = read(classifier, read_picture(picture(0)))
    assert reading.prediction.digit == label(0)
    assert reading.digits == ()
    assert reading.lines() == []


def test_digits_that_stand_apart_are_read_in_their_lines(classifier):
    above, below = (read_picture(row_of(indices)) for indices in ([0, 1, 2], [3, 4, 5]))
    reading = read(classifier, np.vstack([above, below]))
    assert reading.surely_several
    assert [[each.digit for each in line] for line in reading.lines()] == [
        [label(0), label(1), label(2)],
        [label(3), label(4), label(5)],
    ]


def test_a_column_that_leans_is_a_column(classifier):
    column = [
        np.pad(255 - read_picture(picture(index))[..., 0], ((4, 4), (8 + 6 * place, 60 - 6 * place)))
        for place, index in enumerate([0, 1, 2, 3])
    ]
    reading = read(classifier, 255 - np.vstack(column))
    assert [[each.digit for each in line] for line in reading.lines()] == [[label(index)] for index in range(4)]


def test_a_row_that_falls_is_a_row(classifier):
    row = [
        np.pad(255 - read_picture(picture(index))[..., 0], ((4 * place, 20 - 4 * place), (4, 4)))
        for place, index in enumerate([0, 1, 2, 3])
    ]
    for side in (row, row[::-1]):
        assert len(read(classifier, 255 - np.hstack(side)).lines()) == 1


def test_digits_that_touch_are_surely_several_when_they_part_without_a_doubt(classifier):
    sure = read(classifier, touching())
    assert ([one.digit for one in sure.digits], sure.surely_several) == ([3, 2], True)
    doubtful = read(classifier, beside(8, 8, 8, step=50))
    assert doubtful.digits
    assert not doubtful.surely_several


def test_nothing_drawn_is_nothing(classifier):
    reading = read(classifier, np.full((90, 300), 255, np.uint8))
    assert reading.prediction.digit is None
    assert reading.digits == ()


def test_a_large_picture_is_kept_small_with_its_boxes_in_place(classifier):
    large = read_picture(row_of([0, 1, 2, 3])).repeat(16, 0).repeat(16, 1)
    reading = read(classifier, large)
    assert max(reading.picture.shape[:2]) == LARGEST
    assert len(reading.digits) == 4
    for digit in reading.digits:
        x, y, width, height = reading.box(digit)
        inside = reading.picture[y : y + height, x : x + width, 0]
        assert inside.min() < 60
        assert reading.picture[y : y + height, x - 8, 0].min() > 200


def test_a_table_of_answers_holds_no_formula():
    blank = {"digit": None, "confidence": None, "probabilities": None, "warnings": ["blank"]}
    each = {"digit": 4, "confidence": 0.6, "probabilities": None}
    several = blank | {"digits": [each, {**each, "digit": 2, "abstained": True}]}
    bad = answers.failure("@damaged")
    text = answers_csv([("=1+1.png", several), ("-a.png", bad), ("two\nlines\r.png", bad)])
    assert text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [row["file"] for row in rows] == ["'=1+1.png", "'-a.png", "two\nlines\r.png"]
    assert (rows[0]["digits"], rows[0]["abstained"], rows[0]["warnings"]) == ("42", "yes", "blank")
    assert (rows[1]["error"], rows[1]["digit"]) == ("'@damaged", "")
