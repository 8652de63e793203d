"""Saliency as pictures: which parts speak for a digit and which against it, drawn over the digit. Needs no Streamlit.

Owns the two colours, the one scale that all maps of an image share, and its legend. Like the digits themselves, these
pictures are on paper in either theme. What the maps say is `core.explain.occlusion`'s.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core import pictures
from core.explain.trials import SIDE, as_float
from core.pictures import DENSITY, INK, PAPER

FOR: Final = (39, 76, 142)  # the blue and the red of the light theme
AGAINST: Final = (178, 58, 36)
LEGEND_HEIGHT: Final = 44  # page pixels
_BAR: Final = 14
_MOST_COLOUR: Final = 0.9  # at the ends of the scale, so that the paper still shines through
_MOST_INK: Final = 0.4  # of the digit, so that colour is seen on it as well
_TEXT: Final = 12


def overlay_png(
    image: NDArray,
    values: NDArray[np.floating],
    *,
    limit: float,
    width: int = pictures.WIDTH,
    mark: tuple[float, float] | None = None,
) -> bytes:
    """A digit with what speaks for an answer in blue and what speaks against it in red, as a framed PNG.

    Args:
        image: (28, 28), ink high; uint8 or float in [0, 1].
        values: (28, 28), above 0 for, below 0 against.
        limit: the value that has full colour (`occlusion.common_limit` of all maps beside each other).
        width: what the picture will be shown at, in page pixels.
        mark: row and column, in the image's pixels, of the middle of a square of 4 x 4 that gets an outline.
    """
    coloured = _colours(values / limit)
    share = (as_float(image) * _MOST_INK)[..., np.newaxis]
    pixels = _bytes(coloured * (1 - share) + np.array(INK) * share)
    if mark is None:
        return pictures.picture_png(pixels, width=width)
    scale = DENSITY * width / SIDE
    picture = Image.fromarray(pixels).resize((DENSITY * width, DENSITY * width), Image.Resampling.NEAREST)
    middle = [(place + 0.5) * scale for place in (mark[1], mark[0])]
    corners = [middle[0] - 2 * scale, middle[1] - 2 * scale, middle[0] + 2 * scale, middle[1] + 2 * scale]
    ImageDraw.Draw(picture).rectangle(corners, outline=INK, width=2 * DENSITY)
    return pictures.framed(picture)


def weights_png(weights: NDArray[np.floating], *, limit: float, width: int = pictures.WIDTH) -> bytes:
    """A filter's weights (height, width) in the same colours: above 0 blue, below 0 red. `limit` as above."""
    return pictures.picture_png(_bytes(_colours(weights / limit)), width=width)


def legend_png(limit: float, *, width: int = 2 * pictures.WIDTH) -> bytes:
    """The scale of the pictures: against on the left, for on the right, with its ends in numbers.

    Args:
        limit: as in `overlay_png`, in nats of log-odds.
        width: what the picture will be shown at, in page pixels, at least 160.
    """
    ramp = np.broadcast_to(_colours(np.linspace(-1, 1, DENSITY * width)), (DENSITY * _BAR, DENSITY * width, 3))
    canvas = Image.new("RGB", (DENSITY * width, DENSITY * LEGEND_HEIGHT), PAPER)
    canvas.paste(Image.fromarray(_bytes(ramp)))
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(DENSITY * _TEXT)
    below, margin = DENSITY * (LEGEND_HEIGHT + _BAR) // 2, DENSITY * 4
    for place, anchor, text in (
        (margin, "lm", f"-{limit:.2g}  against"),
        (DENSITY * width // 2, "mm", "0"),
        (DENSITY * width - margin, "rm", f"+{limit:.2g}  for"),
    ):
        draw.text((place, below), text, INK, font, anchor)
    return pictures.framed(canvas)


def _colours(shares: NDArray[np.floating]) -> NDArray[np.float64]:
    """Shares of the limit in [-1, 1] as colours (..., 3) from 0 to 255; 0 is paper."""
    strength = (np.clip(np.abs(shares), 0, 1) * _MOST_COLOUR)[..., np.newaxis]
    colour = np.where(shares[..., np.newaxis] > 0, np.array(FOR), np.array(AGAINST))
    return np.array(PAPER) * (1 - strength) + colour * strength


def _bytes(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.round(values).astype(np.uint8)
