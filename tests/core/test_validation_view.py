"""The validation at a glance: what is counted and shown, and a file that is not believed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.data import Split
from core.validation_view import FILE, SHOWN, ValidationView, view_of


def probabilities(answers: list[tuple[int, float]]) -> np.ndarray:
    """Rows that give each answer its confidence, and the rest to the others."""
    rows = np.empty((len(answers), 10), np.float32)
    for row, (digit, confidence) in zip(rows, answers, strict=True):
        row[:] = (1 - confidence) / 9
        row[digit] = confidence
    return rows


def split(labels: list[int]) -> Split:
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    return Split(images, np.array(labels, np.uint8))


def test_the_wrong_images_come_most_confident_first(tmp_path: Path) -> None:
    answers = probabilities([(3, 0.9), (4, 0.6), (7, 0.8), (1, 0.99)])
    view = view_of(2, answers, split([3, 9, 1, 1]), np.array([55_000, 55_004, 55_009, 55_010]))
    view.write(tmp_path)
    read = ValidationView.read(tmp_path)
    assert read is not None
    assert read.epoch == 2
    assert read.indices.tolist() == [55_009, 55_004]
    assert (read.y_true.tolist(), read.y_pred.tolist()) == ([1, 9], [7, 4])
    assert read.confidence == pytest.approx([0.8, 0.6])
    assert read.images[:, 0, 0].tolist() == [2, 1]
    assert (read.matrix[9, 4], read.matrix[1, 7], read.matrix[3, 3], read.matrix.sum()) == (1, 1, 1, 4)


def test_at_most_some_wrong_images_are_kept() -> None:
    view = view_of(1, probabilities([(0, 0.5)] * 90), split([1] * 90), np.arange(90))
    assert len(view.images) == len(view.indices) == SHOWN


def test_nothing_is_wrong(tmp_path: Path) -> None:
    view_of(1, probabilities([(1, 0.9)]), split([1]), np.array([7])).write(tmp_path)
    read = ValidationView.read(tmp_path)
    assert read is not None
    assert read.images.shape == (0, 28, 28)


@pytest.mark.parametrize("damage", ["missing", "cut", "shape", "text", "epoch", "confidence"])
def test_a_file_that_makes_no_sense_is_none(tmp_path: Path, damage: str) -> None:
    path = tmp_path / FILE
    view = view_of(1, probabilities([(0, 0.5)] * 3), split([1] * 3), np.arange(3))
    if damage == "cut":
        view.write(tmp_path)
        path.write_bytes(path.read_bytes()[:900])
    elif damage == "shape":
        ValidationView(1, view.matrix[:9], view.indices, view.images, view.y_true, view.y_pred, view.confidence).write(
            tmp_path
        )
    elif damage == "text":
        ValidationView(
            1, view.matrix.astype(str), view.indices, view.images, view.y_true, view.y_pred, view.confidence
        ).write(tmp_path)
    elif damage == "epoch":
        replace(view, epoch=np.inf).write(tmp_path)
    elif damage == "confidence":
        replace(view, confidence=view.confidence * np.nan).write(tmp_path)
    assert ValidationView.read(tmp_path) is None
