"""Printed boxes taken out of a picture's ink, whatever is around them."""

import cv2
import numpy as np
import pytest

from core.preprocessing.boxes import remove_boxes


def form(seed: int) -> np.ndarray:
    """(120, 140) depth of ink: a printed box with a stroke in it, and lines that are no box, nearly to the edges."""
    rng = np.random.default_rng(seed)
    depth = np.zeros((120, 140), np.uint8)
    for _ in range(3):
        start, end = rng.integers((6, 6), (134, 114), (2, 2)).tolist()
        cv2.line(depth, start, end if rng.random() < 0.5 else (start[0], end[1]), 90, int(rng.integers(1, 4)))
    left, top = rng.integers(6, 45, 2).tolist()
    cv2.rectangle(depth, (left, top), (left + 60, top + 65), 80, 2)
    cv2.line(depth, (left + 30, top + 12), (left + 28, top + 52), 200, 7)
    return depth


@pytest.mark.parametrize("seed", range(12))
def test_neither_paper_nor_specks_around_the_ink_change_anything(seed: int):
    depth = form(seed)
    around = cv2.copyMakeBorder(depth, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=0)
    with_specks = around.copy()
    with_specks[[0, -1], [0, -1]] = 90
    for picture in (around, with_specks):
        np.testing.assert_array_equal(remove_boxes(picture, 1.0)[40:-40, 40:-40], remove_boxes(depth, 1.0))


def test_the_box_goes_and_the_stroke_stays():
    depth = np.zeros((120, 140), np.uint8)
    cv2.rectangle(depth, (30, 20), (90, 95), 80, 2)
    cv2.line(depth, (60, 35), (58, 80), 200, 7)
    left = remove_boxes(depth, 1.0)
    assert left[15:25].max() == 0
    assert left[50:60, 55:65].max() == 200


def test_without_a_box_it_is_the_very_same_array():
    depth = np.zeros((120, 140), np.uint8)
    assert remove_boxes(depth, 1.0) is depth
    cv2.line(depth, (60, 35), (58, 80), 200, 7)
    assert remove_boxes(depth, 1.0) is depth
