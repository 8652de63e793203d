"""Arrays as crisp pictures: the same frame, paper and ink wherever a digit is shown, on pages and in files.

Enlarged without smoothing, by a whole factor where the width is a multiple of 28, so that every pixel stays a square.
"""

import io
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PAPER: Final = (252, 251, 248)
INK: Final = (29, 27, 24)
FRAME: Final = (205, 204, 201)
FRAME_INK: Final = 54  # the mixture of ink and paper nearest to FRAME
ICON: Final = ("01110", "10001", "00001", "00110", "00001", "10001", "01110")
DENSITY: Final = 2  # PNG pixels a page pixel, so that dense screens stay sharp
WIDTH: Final = 112  # page pixels: 28 x 4


def digit_png(image: NDArray, *, width: int = WIDTH) -> bytes:
    """Ink, (h, w) uint8 or float in [0, 1] with the ink high, such as a digit, as a framed square PNG.

    Args:
        width: what the picture will be shown at, in page pixels.
    """
    return encoded(digit_picture(image, side=DENSITY * width))


def digit_picture(image: NDArray, *, side: int) -> Image.Image:
    """The same before it is a PNG, `side` pixels wide and high."""
    ink = image if image.dtype == np.uint8 else np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    fitted = _fit(ink, side)
    square = np.zeros((side, side), np.uint8)
    top, left = (len(square) - fitted.shape[0]) // 2, (len(square) - fitted.shape[1]) // 2
    square[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    _draw_frame(square, FRAME_INK)
    return _on_paper(square)


def sheet_png(rows: NDArray[np.uint8], *, scale: int = 4) -> bytes:
    """Digits in rows, (rows, columns, 28, 28) uint8 with the ink high, close together in one frame.

    Args:
        scale: page pixels a digit's pixel.
    """
    count, columns, height, width = rows.shape
    whole = rows.transpose(0, 2, 1, 3).reshape(count * height, columns * width)
    enlarged = whole.repeat(DENSITY * scale, axis=0).repeat(DENSITY * scale, axis=1)
    _draw_frame(enlarged, FRAME_INK)
    return encoded(_on_paper(enlarged))


def picture_png(image: NDArray, *, width: int = WIDTH) -> bytes:
    """Any picture, (h, w) or (h, w, 3) uint8, fitted into the frame that digits have."""
    side = DENSITY * width
    fitted = _fit(image, side)
    canvas = Image.new("RGB", (side, side), PAPER)
    canvas.paste(Image.fromarray(fitted).convert("RGB"), ((side - fitted.shape[1]) // 2, (side - fitted.shape[0]) // 2))
    return framed(canvas)


def framed(picture: Image.Image) -> bytes:
    """A finished picture, RGB, with the frame that digits have."""
    pixels = np.array(picture)
    _draw_frame(pixels, FRAME)
    return encoded(Image.fromarray(pixels))


def empty_png(*, width: int = WIDTH) -> bytes:
    """The frame with nothing in it."""
    return digit_png(np.zeros((1, 1), np.uint8), width=width)


@lru_cache(maxsize=1)
def icon_png() -> bytes:
    """The studio's icon, a digit in the frame. Drawn here: a Material icon would be fetched from elsewhere."""
    rows = [[int(mark) * 255 for mark in row] for row in ICON]
    return digit_png(np.pad(np.array(rows, np.uint8), ((2, 2), (3, 3))), width=33)


def _on_paper(ink: NDArray[np.uint8]) -> Image.Image:
    """Ink as a picture of one byte a pixel, with the mixtures of ink and paper as the palette."""
    share = np.linspace(0, 1, 256)[:, None]
    mixtures = np.round(np.array(PAPER) * (1 - share) + np.array(INK) * share).astype(np.uint8)
    picture = Image.fromarray(ink)
    picture.putpalette(mixtures.tobytes())
    return picture


def _fit(image: NDArray, side: int) -> NDArray:
    """The picture with its longer side at `side`: pixels repeated to enlarge it, averaged to reduce it."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    return np.asarray(Image.fromarray(image).resize(size, how))


def _draw_frame(pixels: NDArray, value: int | tuple[int, int, int]) -> None:
    pixels[:DENSITY], pixels[-DENSITY:], pixels[:, :DENSITY], pixels[:, -DENSITY:] = value, value, value, value


def encoded(picture: Image.Image) -> bytes:
    """A picture as a PNG, quickly rather than small."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
