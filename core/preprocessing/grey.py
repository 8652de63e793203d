"""Any array of pixels in, grey levels of a handy size out.

Owns what an array may look like, transparency, colour and the size that the work is done at.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.arrays import Levels

WORKING_SIZE: Final = 1000  # longest side in pixels that the work is done at; larger pictures are shrunk first
COLOURED: Final = 24  # channels that differ by more than this at some pixel make a picture coloured


def as_pixels(picture: NDArray) -> Levels:
    """The picture as (height, width) or (height, width, 3 or 4) uint8.

    Floats are taken to lie in [0, 1]; what lies outside is clipped, NaN counts as 0. 16-bit whole numbers are scaled.

    Raises:
        ValueError: the array has another shape, no pixels, or holds no numbers.
    """
    pixels = np.asarray(picture)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (3, 4)):
        raise ValueError(f"a picture is (height, width) or (height, width, 1, 3 or 4), not {np.shape(picture)}")
    if pixels.size == 0:
        raise ValueError(f"a picture has at least one pixel; this one is {np.shape(picture)}")
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels)
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * 255
    if np.issubdtype(pixels.dtype, np.floating):
        known = np.clip(np.nan_to_num(pixels, nan=0.0, posinf=1.0, neginf=0.0), 0, 1)
        return (known.astype(np.float32) * 255 + 0.5).astype(np.uint8)
    if pixels.dtype == np.uint16:
        return (pixels // 257).astype(np.uint8)
    if np.issubdtype(pixels.dtype, np.integer):
        return np.clip(pixels, 0, 255).astype(np.uint8)
    raise ValueError(f"a picture holds numbers, not {pixels.dtype}")


def shrink(pixels: Levels) -> Levels:
    """The picture with its longest side at most `WORKING_SIZE`, averaged, never enlarged."""
    height, width = pixels.shape[:2]
    if max(height, width) <= WORKING_SIZE:
        return pixels
    factor = WORKING_SIZE / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def flatten_alpha(pixels: Levels) -> Levels:
    """RGBA over the paper it was made for, as RGB; without transparency, RGBA included, unchanged.

    Dark ink on nothing lies on white, light ink on nothing on black. Where most of the picture is opaque, the paper is
    in the picture, and what is transparent gets that paper's colour.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    alpha = cv2.extractChannel(pixels, 3)
    if alpha.min() == 255:
        return pixels
    colour = cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB)
    covered = cv2.mean(alpha)[0] / 255
    if covered > 0.5:
        paper = np.median(colour[alpha > 127], axis=0)
    else:
        visible = cv2.mean(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), alpha)[0] if covered else 0.0
        paper = np.full(3, 0.0 if visible >= 128 else 255.0)
    weight = cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB)
    ink = cv2.multiply(colour, weight, scale=1 / 255)
    ground = cv2.multiply(cv2.bitwise_not(weight), np.array([*paper, 0.0]), scale=1 / 255)
    return cv2.add(ink, ground)


def to_grey(colour: Levels) -> Levels:
    """(height, width) brightness. Coloured pictures are seen along the colour in which they vary most.

    Yellow ink on white differs hardly at all in brightness, but clearly in blue. Alpha is not looked at.
    """
    if colour.ndim == 2:
        return colour
    red, green, blue = cv2.split(colour)[:3]
    apart = max(cv2.norm(red, green, cv2.NORM_INF), cv2.norm(green, blue, cv2.NORM_INF))
    if not apart:
        return red
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)  # takes RGBA too
    if apart <= COLOURED:
        return grey
    values = np.stack((red, green, blue), axis=-1).reshape(-1, 3).astype(np.float32)
    values -= values.mean(axis=0)
    main = np.linalg.eigh(values.T @ values)[1][:, -1]  # unit vector of the widest spread
    if main.sum() < 0:
        main = -main
    seen = values @ main.astype(np.float32) / np.float32(np.sqrt(3))  # a change of all channels by 1 stays 1
    return np.clip(seen - seen.min(), 0, 255).astype(np.uint8).reshape(grey.shape)
