"""The drawing canvas: the only module that imports the canvas package."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from streamlit_drawable_canvas import st_canvas

SIDE: Final = 280  # pixels; the canvas cannot grow with the page, and this fits a phone
INK: Final = "#1D1B18"
PAPER: Final = "#FFFFFF"


def drawing(brush: int, *, key: str) -> NDArray[np.uint8] | None:
    """Shows the canvas and returns what is on it: (280, 280, 4) uint8, or None before the first stroke.

    Args:
        brush: the pen's width in pixels.
    """
    result = st_canvas(
        stroke_width=brush,
        stroke_color=INK,
        background_color=PAPER,
        height=SIDE,
        width=SIDE,
        drawing_mode="freedraw",
        return_image_data=True,
        key=key,
    )
    return result.image_data
