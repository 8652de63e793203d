"""Several digits in one picture: found, offered in parts, and put in order."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.preprocessing import Preprocessed, find_groups, preprocess
from core.rows import rows
from tests.core.preprocessing.drawings import difference, drawing


def tile(digit: int) -> np.ndarray:
    return drawing(digit, size=140, side=90, left=25, top=25, brush=9)


def split_digits(picture: np.ndarray) -> list[Preprocessed]:
    """The groups of a picture, uncut, in reading order."""
    found = [group.digit for group in find_groups(picture)]
    in_rows = rows([digit.box or (0, 0, 0, 0) for digit in found])
    return [found[place] for row in in_rows for place in row]


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


def touching() -> np.ndarray:
    picture = np.full((140, 260), 255, np.uint8)
    picture[:, :140] = tile(3)
    picture[:, 68:208] = np.minimum(picture[:, 68:208], tile(2))
    return picture


def test_the_parts_of_touching_digits_are_among_those_offered():
    [group] = find_groups(touching())
    ends, parts = group.parts()
    assert parts[0, ends - 1] is group.digit
    for wanted, side in ((3, 0), (2, 1)):
        off = [
            difference(part.image, preprocess(tile(wanted)).image)
            for ends_, part in parts.items()
            if ends_[side] == (0, ends - 1)[side]
        ]
        assert min(off) < 0.06


def test_boxes_lie_inside_the_picture():
    picture = np.hstack([tile(digit) for digit in (3, 5)])
    for one in split_digits(picture):
        x, y, width, height = one.box
        assert 0 <= x < x + width <= picture.shape[1]
        assert 0 <= y < y + height <= picture.shape[0]


def test_a_single_pixel_has_no_parts():
    picture = np.zeros((28, 28), np.uint8)
    picture[9, 27] = 255
    assert [len(group.parts()[1]) for group in find_groups(picture)] in ([], [1])


def test_rows_that_stand_close_are_two_rows():
    picture = np.full((240, 300), 255, np.uint8)
    for row, digits in enumerate([[5, 3], [5, 7]]):
        for column, digit in enumerate(digits):
            small = drawing(digit, size=110, side=80, left=15, top=8, brush=7)
            part = picture[row * 100 : row * 100 + 110, column * 130 : column * 130 + 110]
            np.minimum(part, small, out=part)
    found = split_digits(picture)
    assert len(found) == 4
    assert found[1].box[1] < 100 < found[2].box[1] + found[2].box[3]


def test_a_wide_ring_is_one_digit():
    picture = np.full((200, 300), 255, np.uint8)
    cv2.ellipse(picture, (150, 100), (95, 70), 0, 0, 360, 0, 9, cv2.LINE_AA)
    assert len(split_digits(picture)) == 1


def test_dashes_between_digits_are_no_digits():
    picture = np.hstack([tile(3), np.full((140, 60), 255, np.uint8), tile(8)])
    picture[66:74, 145:195] = 0
    assert len(split_digits(picture)) == 2


def test_printed_boxes_are_no_digits():
    picture = np.full((200, 520), 255, np.uint8)
    for place, digit in enumerate([2, 8, 4]):
        left = 30 + place * 160
        np.minimum(picture[30:170, left : left + 140], tile(digit), out=picture[30:170, left : left + 140])
        cv2.rectangle(picture, (left, 35), (left + 140, 165), 120, 2)
    found = split_digits(picture)
    assert len(found) == 3
    assert all(same(one, digit) for one, digit in zip(found, [2, 8, 4], strict=True))


def test_a_digit_in_one_printed_box_is_read_without_it():
    picture = tile(5)
    cv2.rectangle(picture, (4, 4), (134, 134), 90, 2)
    assert difference(preprocess(picture).image, preprocess(tile(5)).image) <= 0.02


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_any_scribble_can_be_split(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(20, 120, 2)
    picture = np.full((height, 3 * width), 255, np.uint8)
    for _ in range(rng.integers(1, 6)):
        path = (rng.random((int(rng.integers(2, 7)), 2)) * (3 * width, height)).astype(np.int32)
        cv2.polylines(picture, [path.reshape(-1, 1, 2)], False, int(rng.integers(0, 120)), int(rng.integers(1, 9)))
    for group in find_groups(picture):
        for one in group.parts()[1].values():
            x, y, wide, high = one.box
            assert 0 <= x < x + wide <= picture.shape[1]
            assert 0 <= y < y + high <= picture.shape[0]
            assert one.image.max() > 0


def boxed(digits: list[int], *, shade: int = 130, offset: int = 0) -> np.ndarray:
    """Digits in printed boxes that share their sides; `offset` moves the digits against them."""
    picture = np.full((200, 120 + 110 * len(digits)), 255, np.uint8)
    for place in range(len(digits)):
        cv2.rectangle(picture, (60 + 110 * place, 45), (170 + 110 * place, 155), shade, 2)
    for place, digit in enumerate(digits):
        small = cv2.resize(tile(digit), (126, 126), interpolation=cv2.INTER_AREA)
        left = 52 + 110 * place + offset
        part = picture[37:163, left : left + 126]
        np.minimum(part, small, out=part)
    return picture


@pytest.mark.parametrize("offset", [0, 22, -22], ids="moved by {}".format)
def test_digits_that_touch_boxes_with_shared_sides_are_read_without_them(offset):
    wanted = [2, 4, 7, 3, 8]
    clean = split_digits(boxed(wanted, shade=255, offset=offset))
    found = split_digits(boxed(wanted, offset=offset))
    assert len(found) == len(clean) == 5
    for one, other in zip(found, clean, strict=True):
        assert difference(one.image, other.image) < 0.03


def test_boxes_on_ruled_paper_are_found_all_the_same():
    picture = boxed([5, 2, 8])
    for row in range(20, 200, 24):
        picture[row : row + 2] = np.minimum(picture[row : row + 2], 180)
    assert len(split_digits(picture)) == 3


def test_a_digit_of_straight_strokes_is_no_box():
    picture = np.full((280, 280), 255, np.uint8)
    cv2.rectangle(picture, (90, 60), (190, 140), 0, 9)
    cv2.rectangle(picture, (90, 140), (190, 220), 0, 9)
    before = preprocess(picture)
    assert before.box is not None
    assert before.box[3] > 160
