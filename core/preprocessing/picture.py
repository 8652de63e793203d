"""Bytes of a picture file in, upright RGBA pixels out; or one plain sentence on why not.

Owns which formats are read, how large they may be, and everything that Pillow can do wrong. What the pixels mean is
the business of the modules after it.
"""

import contextlib
import io
import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import PictureError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP")
MAX_BYTES: Final = 20_000_000
MAX_PIXELS: Final = 16_000_000
BAND_PIXELS: Final = 250_000


def read_picture(data: bytes) -> NDArray[np.uint8]:
    """The pixels of a PNG, JPEG, WebP or BMP file, turned upright as its EXIF says; of an animation the first frame.

    Returns:
        (height, width, 4) uint8 RGBA, alpha not multiplied in; 255 everywhere when the file has no transparency.

    Raises:
        PictureError: with code `empty`, `not_an_image`, `damaged` or `too_large`. Nothing else is ever raised.
    """
    if not data:
        raise PictureError("The file is empty.", code="empty")
    if len(data) > MAX_BYTES:
        raise PictureError(
            f"The file has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read.", code="too_large"
        )
    with warnings.catch_warnings():
        # Pillow warns of odd metadata and of pictures that are merely large; neither concerns the visitor.
        warnings.simplefilter("ignore")
        with _open(data) as opened:
            _check_size(opened)
            return _upright_rgba(opened)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        if _starts_like_a_picture(data):
            raise PictureError("The picture is damaged: its header cannot be read.", code="damaged") from None
        raise PictureError("This is no PNG, JPEG, WebP or BMP picture.", code="not_an_image") from None
    except Image.DecompressionBombError:
        raise PictureError(_too_many_pixels(), code="too_large") from None
    except Exception as problem:  # the parsers raise whatever they stumble over: struct.error, SyntaxError, IndexError
        raise PictureError("The picture is damaged: its header cannot be read.", code="damaged") from problem


def _check_size(opened: Image.Image) -> None:
    """Refuses by the header, before anything is decoded."""
    width, height = opened.size
    if width < 1 or height < 1:
        raise PictureError(f"The picture has no pixels: it says {width} x {height}.", code="damaged")
    if width * height > MAX_PIXELS:
        raise PictureError(_too_many_pixels(width, height), code="too_large")


def _upright_rgba(opened: Image.Image) -> NDArray[np.uint8]:
    try:
        opened.load()
    except Image.DecompressionBombError:
        raise PictureError(_too_many_pixels(), code="too_large") from None
    except Exception as problem:  # every decoder has its own kinds; all of them mean that the file is broken
        raise PictureError("The picture is damaged or cut short: it cannot be decoded.", code="damaged") from problem
    with contextlib.suppress(Exception):  # broken EXIF in a sound picture: show it as it is stored
        ImageOps.exif_transpose(opened, in_place=True)
    try:
        return _rgba(opened)
    except Exception as problem:
        raise PictureError("The picture is damaged: its colours cannot be read.", code="damaged") from problem


def _rgba(picture: Image.Image) -> NDArray[np.uint8]:
    """The pixels, a band of rows at a time: several copies of 16 megapixels at once would take 300 MB."""
    # Pillow clips 16-bit greys when it converts, which would turn nearly every one white.
    wide = picture.mode.startswith("I") or picture.mode == "F"
    white = _white_of(picture) if wide else 255.0
    width, height = picture.size
    pixels = np.empty((height, width, 4), np.uint8)
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        band = picture.crop((0, top, width, min(top + rows, height)))
        pixels[top : top + rows] = np.asarray((_grey_from_wide(band, white) if wide else band).convert("RGBA"))
    return pixels


def _white_of(picture: Image.Image) -> float:
    """What white is in a picture of 16-bit (or wider) greys."""
    highest = picture.getextrema()[1]
    assert not isinstance(highest, tuple)  # as it is with several channels
    return 255.0 if highest <= 255 else max(65535.0, highest)


def _grey_from_wide(picture: Image.Image, white: float) -> Image.Image:
    """Wide greys as 8-bit ones, white staying white."""
    values = np.asarray(picture).astype(np.float64)
    return Image.fromarray(np.clip(values * (255.0 / white), 0, 255).round().astype(np.uint8))


def _starts_like_a_picture(data: bytes) -> bool:
    return data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"BM")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def _too_many_pixels(width: int = 0, height: int = 0) -> str:
    size = f"The picture has {width} x {height} pixels" if width else "The picture is far too large"
    return f"{size}; at most {MAX_PIXELS / 1e6:.0f} megapixels are read."
