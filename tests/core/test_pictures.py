"""Digits as crisp pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from core import pictures


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_every_pixel_of_a_digit_becomes_a_square_of_one_colour():
    image = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    shown = pixels(pictures.digit_png(image))
    assert shown.shape == (224, 224, 3)
    squares = shown.reshape(28, 8, 28, 8, 3)[1:-1, :, 1:-1]  # without those under the frame
    assert (squares == squares[:, :1, :, :1]).all()


def test_ink_is_dark_and_paper_light_whatever_the_type():
    image = np.zeros((28, 28), np.uint8)
    image[10:18, 10:18] = 255
    shown = pixels(pictures.digit_png(image))
    assert tuple(shown[112, 112]) == pictures.INK
    assert tuple(shown[20, 20]) == pictures.PAPER
    assert (pixels(pictures.digit_png((image / 255).astype(np.float32))) == shown).all()


@pytest.mark.parametrize("shape", [(1, 1), (280, 280), (3, 900), (900, 3), (50, 20, 3), (1000, 700, 3)])
def test_any_picture_gets_the_same_frame(shape):
    shown = pixels(pictures.picture_png(np.full(shape, 128, np.uint8)))
    assert shown.shape == (224, 224, 3)
    for edge in (shown[0], shown[-1], shown[:, 0], shown[:, -1]):
        assert (edge == pictures.FRAME).all()


def test_both_kinds_have_one_frame():
    ink = pixels(pictures.digit_png(np.zeros((28, 28), np.uint8)))
    assert np.abs(ink[0].astype(int) - pictures.FRAME).max() <= 2


def test_a_small_picture_has_two_pixels_for_each_it_is_shown_at():
    assert pixels(pictures.digit_png(np.zeros((28, 28), np.uint8), width=56)).shape == (112, 112, 3)


def test_the_icon_is_a_picture():
    assert pixels(pictures.icon_png()).shape == (66, 66, 3)


def test_a_sheet_shows_every_digit_in_its_place():
    rows = np.zeros((2, 3, 28, 28), np.uint8)
    rows[1, 2, 10:18, 10:18] = 255
    sheet = np.asarray(Image.open(io.BytesIO(pictures.sheet_png(rows, scale=1))).convert("L"))
    assert sheet.shape == (2 * 56, 3 * 56)
    dark = np.argwhere(sheet < 100)
    assert dark.min(axis=0).tolist() == [56 + 20, 112 + 20]
    assert dark.max(axis=0).tolist() == [56 + 35, 112 + 35]
