"""Saliency drawn over the digit: which colour stands for what, on one scale."""

import io

import numpy as np
from PIL import Image

from core import pictures
from ui import saliency

LIMIT = 2.0


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def drawn(value: float, *, ink: int = 0, limit: float = LIMIT) -> np.ndarray:
    """The colour in the middle of a picture that has this value everywhere."""
    image, values = np.full((28, 28), ink, np.uint8), np.full((28, 28), value, np.float32)
    return pixels(saliency.overlay_png(image, values, limit=limit))[100, 100]


def test_for_is_blue_against_is_red_and_nothing_is_paper():
    red, _, blue = drawn(LIMIT)
    assert blue > red + 50
    red, _, blue = drawn(-LIMIT)
    assert red > blue + 50
    assert tuple(drawn(0)) == pictures.PAPER


def test_colour_grows_with_the_value_up_to_the_limit():
    distances = [np.abs(drawn(value) - drawn(0)).sum() for value in (0.5, 1.0, 2.0, 9.0)]
    assert distances[0] < distances[1] < distances[2] == distances[3]
    assert (drawn(1.0, limit=LIMIT) == drawn(2.0, limit=2 * LIMIT)).all()


def test_the_digit_stays_visible_under_the_colours():
    for value in (-LIMIT, 0.0, LIMIT):
        assert drawn(value).sum() > drawn(value, ink=255).sum() + 60


def test_every_value_is_in_its_place():
    values = np.zeros((28, 28), np.float32)
    values[3, 20] = LIMIT
    shown = pixels(saliency.overlay_png(np.zeros((28, 28), np.uint8), values, limit=LIMIT, width=56))
    coloured = np.argwhere(np.abs(shown - pictures.PAPER).sum(axis=2) > 100)
    inside = coloured[((coloured > 3) & (coloured < 108)).all(axis=1)]  # without the frame
    assert inside.min(axis=0).tolist() == [12, 80]
    assert inside.max(axis=0).tolist() == [15, 83]


def test_the_legend_has_the_colours_of_the_pictures():
    legend = pixels(saliency.legend_png(LIMIT, width=200))
    assert legend.shape == (88, 400, 3)
    for column, value in ((4, -LIMIT), (200, 0.0), (395, LIMIT)):
        assert np.abs(legend[10, column] - drawn(value)).max() <= 6
