"""A picture with a box and the answer drawn over each of its digits. Needs no Streamlit."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core import pictures
from core.inference import Prediction
from core.pictures import PAPER
from core.preprocessing.grey import flatten_alpha
from core.reading import Reading
from ui.saliency import AGAINST, FOR

LEAST: Final = 560  # pixels; a small picture is enlarged, so that its labels are sharp
LABELS: Final = (20, 44)  # pixels of the labels' height, which goes with that of the digits
LEGIBLE: Final = 1 / 40  # of the picture's width, at least: it is made smaller to be shown
MARGIN: Final = LABELS[1] + 8  # above and around, where the labels of the first line stand


def boxed_png(reading: Reading, digits: Sequence[Prediction]) -> bytes:
    """The picture with a box around each digit and what was read above it, blue; red where it is in doubt."""
    picture = _rgb(reading.picture)
    factor = max(1.0, LEAST / max(picture.size))
    size = (round(picture.width * factor), round(picture.height * factor))
    canvas = Image.new("RGB", (size[0] + 2 * MARGIN, size[1] + 2 * MARGIN), PAPER)
    canvas.paste(picture.resize(size), (MARGIN, MARGIN))
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(_label_height(reading, digits, factor))
    for digit in digits:
        box = reading.box(digit)
        if box is None:
            continue
        left, top, width, height = (value * factor for value in box)
        corner = (left + MARGIN - 3, top + MARGIN - 3)
        colour = AGAINST if digit.abstained or digit.warnings else FOR
        draw.rectangle((*corner, corner[0] + width + 6, corner[1] + height + 6), outline=colour, width=3)
        label = "?" if digit.abstained else str(digit.digit)
        area = draw.textbbox(corner, label, font, "lb")
        draw.rectangle((area[0] - 3, area[1] - 3, area[2] + 3, corner[1]), fill=colour)
        draw.text((corner[0], corner[1] - 1), label, PAPER, font, "lb")
    return pictures.framed(canvas)


def _label_height(reading: Reading, digits: Sequence[Prediction], factor: float) -> float:
    heights = [factor * box[3] for digit in digits if (box := reading.box(digit)) is not None]
    least = max(LABELS[0], LEGIBLE * factor * reading.picture.shape[1])
    return float(np.clip(0.5 * np.median(heights or [0]), least, LABELS[1]))


def _rgb(picture: NDArray[np.uint8]) -> Image.Image:
    """As paper shows it: what is transparent is what `preprocessing` takes it for."""
    flat = flatten_alpha(picture) if picture.ndim == 3 and picture.shape[-1] == 4 else picture
    return Image.fromarray(flat).convert("RGB")
