"""What a layer makes of an image, as one picture: its strongest maps beside each other. Needs no Streamlit.

Every map of a layer has the same scale, from the layer's smallest value (paper) to its largest (ink), so that a map
that is pale beside the others says little.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core import pictures
from core.explain.features import LayerMaps
from core.pictures import DENSITY, FRAME, INK, PAPER

MAPS: Final = 16  # of a layer with places
COLUMNS: Final = 8
CELL: Final = 60  # page pixels of one map
GAP: Final = 4
UNIT: Final = 30  # of one unit of a layer without places
UNITS: Final = 64
EXTREMES: Final = tuple("#" + "".join(f"{part:02x}" for part in colour) for colour in (PAPER, INK))
WIDTH: Final = COLUMNS * (CELL + GAP) - GAP


@dataclass(frozen=True, slots=True)
class LayerSheet:
    """A layer's picture and what stands with it.

    Attributes:
        name, kind: of the layer, and its Keras class.
        shape: of its output.
        shown: how many of its channels, or units, are in the picture, those that tell most about the image first.
        png: to be shown `WIDTH` page pixels wide.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    shown: int
    png: bytes


def layer_sheet(maps: LayerMaps) -> LayerSheet:
    """The picture of a layer."""
    shares = maps.shares
    if maps.values.ndim == 1:
        chosen = maps.strongest(UNITS)
        png = _sheet([shares[unit].reshape(1, 1) for unit in chosen], UNIT)
    else:
        chosen = maps.strongest(MAPS)
        png = _sheet([shares[..., channel] for channel in chosen], CELL)
    return LayerSheet(maps.name, maps.kind, maps.values.shape, len(chosen), png)


def inked(shares: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Shares from 0 (paper) to 1 (ink) as colours (..., 3)."""
    colours = np.array(PAPER) * (1 - shares[..., np.newaxis]) + np.array(INK) * shares[..., np.newaxis]
    return np.round(np.clip(colours, 0, 255)).astype(np.uint8)


def map_png(shares: NDArray[np.floating]) -> bytes:
    """One map (height, width) of shares as a picture of one pixel each, without a frame."""
    return pictures.encoded(Image.fromarray(inked(shares)))


def _sheet(cells: list[NDArray[np.floating]], cell: int) -> bytes:
    """Cells in rows from the top left, each with a thin frame, on paper."""
    columns = (WIDTH + GAP) // (cell + GAP)
    rows = -(-len(cells) // columns)
    canvas = Image.new("RGB", (DENSITY * WIDTH, DENSITY * (rows * (cell + GAP) - GAP)), PAPER)
    draw = ImageDraw.Draw(canvas)
    for number, values in enumerate(cells):
        row, column = divmod(number, columns)
        left, top = DENSITY * column * (cell + GAP), DENSITY * row * (cell + GAP)
        small = Image.fromarray(inked(values))
        canvas.paste(small.resize((DENSITY * cell, DENSITY * cell), Image.Resampling.NEAREST), (left, top))
        draw.rectangle((left, top, left + DENSITY * cell - 1, top + DENSITY * cell - 1), outline=FRAME)
    return pictures.encoded(canvas)
