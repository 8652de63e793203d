"""A contact sheet: many digits with a caption each, as one picture to hand on. Needs no Streamlit."""

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core import pictures
from core.pictures import INK, PAPER

MOST: Final = 100  # digits on one sheet
COLUMNS: Final = 10
QUIET: Final = (110, 103, 92)
_SIDE: Final = 112  # pixels: 28 x 4
_GAP: Final = 20
_MARGIN: Final = 32
_LINE: Final = 18
_HEAD: Final = 74


def contact_sheet_png(
    images: NDArray[np.uint8], captions: Sequence[tuple[str, str]], *, title: str, subtitle: str
) -> bytes:
    """The first hundred digits in rows of ten, each over the two lines of its caption, under a heading.

    Args:
        images: (n, 28, 28) uint8, ink high.
        captions: n pairs of lines; the second is quieter.
        title, subtitle: what the sheet shows. What its typeface does not have, in names from outside, becomes a
            question mark.
    """
    count = min(len(images), MOST)
    columns, rows = min(max(count, 6), COLUMNS), -(-count // COLUMNS)
    cell = (_SIDE + _GAP, _SIDE + 2 * _LINE + _GAP)
    size = (2 * _MARGIN + columns * cell[0] - _GAP, 2 * _MARGIN + _HEAD + rows * cell[1] - _GAP)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, _MARGIN), _printable(title), INK, ImageFont.load_default(24))
    draw.text((_MARGIN, _MARGIN + 36), _printable(subtitle), QUIET, ImageFont.load_default(15))
    font = ImageFont.load_default(13)
    for number, (image, lines) in enumerate(zip(images[:count], captions[:count], strict=True)):
        row, column = divmod(number, COLUMNS)
        left, top = _MARGIN + column * cell[0], _MARGIN + _HEAD + row * cell[1]
        sheet.paste(pictures.digit_picture(image, side=_SIDE).convert("RGB"), (left, top))
        for line, (text, colour) in enumerate(zip(lines, (INK, QUIET), strict=True)):
            middle = (left + _SIDE // 2, top + _SIDE + 4 + _LINE * line)
            draw.text(middle, _printable(text), colour, font, anchor="ma")
    return pictures.encoded(sheet)


def _printable(text: str) -> str:
    """Text in the characters that the typeface has, on one line; accents are dropped."""
    letters = (mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return "".join(mark if mark.isascii() or mark == "·" else "?" for mark in " ".join("".join(letters).split()))
