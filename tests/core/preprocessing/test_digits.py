"""Several digits in one picture: found, parted, and read in order."""

import numpy as np

from core.preprocessing import preprocess, split_digits
from core.preprocessing.digits import pieces
from core.preprocessing.spots import Spot
from tests.core.preprocessing.drawings import difference, drawing


def tile(digit: int) -> np.ndarray:
    return drawing(digit, size=140, side=90, left=25, top=25, brush=9)


def same(found, digit: int) -> bool:
    return difference(found.image, preprocess(tile(digit)).image) <= 0.02


def test_blank_has_no_digits():
    assert split_digits(np.full((100, 300), 255, np.uint8)) == []


def test_one_digit_is_one():
    found = split_digits(drawing(8))
    assert len(found) == 1
    assert difference(found[0].image, preprocess(drawing(8)).image) == 0


def test_a_line_is_read_from_the_left():
    wanted = [7, 3, 8, 2, 5, 4]
    found = split_digits(np.hstack([tile(digit) for digit in wanted]))
    assert len(found) == 6
    assert all(same(one, digit) for one, digit in zip(found, wanted, strict=True))
    assert [one.box[0] // 140 for one in found] == list(range(6))


def test_rows_are_read_from_the_top_though_they_wave():
    rows = [[2, 3, 4], [5, 7, 8]]
    picture = np.full((340, 420), 255, np.uint8)
    for row, digits in enumerate(rows):
        for column, digit in enumerate(digits):
            top = row * 160 + (25 if column == 1 else 5)
            picture[top : top + 140, column * 140 : column * 140 + 140] = tile(digit)
    found = split_digits(picture)
    assert len(found) == 6
    assert all(same(one, digit) for one, digit in zip(found, rows[0] + rows[1], strict=True))


def test_light_on_dark_and_a_speck():
    picture = np.hstack([tile(4), tile(7)])
    picture[130:134, 138:142] = 0
    assert len(split_digits(255 - picture)) == 2


def test_touching_digits_are_parted():
    picture = np.full((140, 260), 255, np.uint8)
    picture[:, :140] = tile(3)
    picture[:, 86:226] = np.minimum(picture[:, 86:226], tile(2))
    found = split_digits(picture)
    assert len(found) == 2
    assert found[0].box[0] + found[0].box[2] <= found[1].box[0] + 1
    assert difference(found[0].image, preprocess(tile(3)).image) < 0.06
    assert difference(found[1].image, preprocess(tile(2)).image) < 0.06


def test_boxes_lie_inside_the_picture():
    picture = np.hstack([tile(digit) for digit in (3, 5)])
    for one in split_digits(picture):
        x, y, width, height = one.box
        assert 0 <= x < x + width <= picture.shape[1]
        assert 0 <= y < y + height <= picture.shape[0]


def test_a_single_pixel_is_one_piece():
    labels = np.zeros((28, 28), np.int32)
    labels[9, 27] = 1
    (piece,) = pieces([[Spot(1, 27, 9, 1, 1, 1)]], labels)
    assert piece.box == (27, 9, 1, 1)
