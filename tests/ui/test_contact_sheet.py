"""Contact sheets: every digit in its place, over its caption."""

import io

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from ui import contact_sheet


def sheet(count: int, *, title: str = "Title") -> np.ndarray:
    """A sheet of `count` black squares, as greys."""
    images = np.full((count, 28, 28), 255, np.uint8)
    png = contact_sheet.contact_sheet_png(images, [("4 read as 9", "98.2 %")] * count, title=title, subtitle="of many")
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"))


def squares(picture: np.ndarray) -> tuple[int, int]:
    """How many black squares stand below and beside each other."""
    solid = sliding_window_view(picture < 60, 60, axis=1).all(axis=-1)  # no letter is 60 pixels wide
    return _runs(solid.any(axis=1)), _runs(solid.any(axis=0))


def _runs(flags: np.ndarray) -> int:
    return int(np.count_nonzero(np.diff(flags.astype(int)) == 1))


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (10, 1, 10), (11, 2, 10), (100, 10, 10)])
def test_ten_digits_stand_in_a_row(count: int, rows: int, columns: int):
    assert squares(sheet(count)) == (rows, columns)


def test_a_sheet_ends_after_a_hundred():
    assert sheet(130).shape == sheet(100).shape


def test_captions_stand_below_their_digits():
    shown = sheet(3)
    bottom = int(np.flatnonzero((shown < 60).sum(axis=1) > 100).max())
    below = shown[bottom + 3 : bottom + 40]
    centres = np.flatnonzero((below < 100).any(axis=0))
    first = np.flatnonzero(shown[bottom - 20] < 60)
    assert centres.min() >= first.min()
    assert centres.max() <= first.max()


@pytest.mark.parametrize("title", ["Müller 😀 <b>x</b>", "数字", "", "a\nb" * 200])
def test_any_name_can_head_a_sheet(title: str):
    assert squares(sheet(2, title=title)) == (1, 2)
