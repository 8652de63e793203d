"""Arrays as crisp pictures: the same frame, paper and ink wherever a digit is shown. Needs no Streamlit.

Enlarged by whole factors without smoothing, so that every pixel of a 28 x 28 image stays a square.
"""

import io
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PAPER: Final = (252, 251, 248)
INK: Final = (29, 27, 24)
FRAME: Final = (205, 198, 184)
SIDE: Final = 224  # pixels a side: 28 x 8, twice what the pages show it at, so that dense screens stay sharp


def digit_png(image: NDArray) -> bytes:
    """A digit, (28, 28) uint8 or float in [0, 1] with the ink high, as a framed PNG of 224 x 224."""
    ink = image if image.dtype == np.uint8 else np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return _ink_png(_fit(ink))


def picture_png(image: NDArray) -> bytes:
    """Any picture, (h, w) or (h, w, 3 | 4) uint8, fitted into the frame that digits have."""
    fitted = _fit(image)
    if fitted.ndim == 3 and fitted.shape[2] == 4:
        alpha = fitted[..., 3:].astype(np.uint16)
        fitted = ((fitted[..., :3] * alpha + np.array(PAPER, np.uint16) * (255 - alpha)) // 255).astype(np.uint8)
    canvas = Image.new("RGB", (SIDE, SIDE), PAPER)
    canvas.paste(Image.fromarray(fitted).convert("RGB"), ((SIDE - fitted.shape[1]) // 2, (SIDE - fitted.shape[0]) // 2))
    pixels = np.array(canvas)
    _draw_frame(pixels, FRAME)
    return _encode(Image.fromarray(pixels))


@lru_cache(maxsize=1)
def empty_png() -> bytes:
    """The frame with nothing in it."""
    return _ink_png(np.zeros((SIDE, SIDE), np.uint8))


def _fit(image: NDArray) -> NDArray:
    """Enlarged by the largest whole factor that fits, or thinned out when it is too large."""
    longest = max(image.shape[:2])
    if longest > SIDE:
        step = -(-longest // SIDE)
        return image[::step, ::step]
    factor = SIDE // longest
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def _ink_png(ink: NDArray[np.uint8]) -> bytes:
    """(h, w) ink amounts as ink on paper: one byte a pixel, with the mixtures as the PNG's palette."""
    square = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - ink.shape[0]) // 2, (SIDE - ink.shape[1]) // 2
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    share = np.linspace(0, 1, 256)[:, None]
    mixtures = np.round(np.array(PAPER) * (1 - share) + np.array(INK) * share).astype(np.uint8)
    _draw_frame(square, 54)  # the mixture nearest to FRAME
    picture = Image.fromarray(square)
    picture.putpalette(mixtures.tobytes())
    return _encode(picture)


def _draw_frame(pixels: NDArray, value: int | tuple[int, int, int]) -> None:
    pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:] = value, value, value, value


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
