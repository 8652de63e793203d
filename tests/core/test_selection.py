"""A choice of images as CSV."""

import csv
import io

import numpy as np
import pytest

from core.evaluation import per_image
from core.marks import Mark, Verdict
from core.selection import COLUMNS, selection_csv

PLACES = np.array([100, 200, 300])


@pytest.fixture
def images():
    """A 3 read as a 5 with 80 %, a 5 read as such with 60 %, and a 0 read as a 5 with certainty."""
    probabilities = np.zeros((3, 10), np.float32)
    probabilities[0, [5, 3]] = 0.8, 0.2
    probabilities[1, [5, 0]] = 0.6, 0.4
    probabilities[2, 5] = 1
    return per_image(probabilities, np.array([3, 5, 0]))


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_line_says_what_was_answered_and_marked(images):
    note = 'perhaps a 5, "perhaps" not\nlook again'
    marks = {100: Mark(Verdict.AMBIGUOUS, note, 1.0), 999: Mark(Verdict.WRONG, "of another image", 1.0)}
    text = selection_csv(images, np.array([1, 0]), PLACES, marks)
    assert text.startswith("place,true,predicted,confidence,margin,loss,mark,note\r\n")
    header, *lines = read(text)
    assert tuple(header) == COLUMNS
    assert lines == [
        ["200", "5", "5", "0.6", "0.2", "0.510826", "", ""],
        ["100", "3", "5", "0.8", "0.6", "1.60944", "ambiguous", note],
    ]


def test_numbers_stay_numbers_however_small(images):
    _, line = read(selection_csv(images, np.array([2]), PLACES, {}))
    assert line[:3] == ["300", "0", "5"]
    assert [float(value) for value in line[3:5]] == [1, 1]
    assert line[5] == "15.9424"  # the loss of a probability of 0 is finite: evaluation.SMALLEST


def test_nothing_chosen_is_a_header_alone(images):
    assert read(selection_csv(images, np.array([], int), PLACES, {})) == [list(COLUMNS)]


@pytest.mark.parametrize("note", ["=1+1", "@SUM(A1)"])
def test_no_spreadsheet_takes_a_note_for_a_formula(images, note: str):
    text = selection_csv(images, np.array([0]), PLACES, {100: Mark(Verdict.WRONG, note, 1.0)})
    assert read(text)[1][-1] == f"'{note}"
