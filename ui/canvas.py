"""The drawing canvas: the only module that imports the canvas package, and how a drawing outlives what is done to it.

The package keeps a drawing only as long as its frame stays on the page, and tells of one that it was handed (the one
from before a change of page, or one that was cleared and came back) only once it is changed. So what was told last is
kept for the visit, and stands for the canvas until that speaks again.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from streamlit_drawable_canvas import CanvasResult, st_canvas

from core.preprocessing import read_picture
from ui import state
from ui.state import Drawing

SIDE: Final = 280  # pixels; the canvas cannot grow with the page, and this fits a phone
STAGE_SIDE: Final = 328  # the largest that does
INK: Final = "#1D1B18"
PAPER: Final = "#FFFFFF"


def drawing(brush: int) -> Drawing | None:
    """Shows the canvas and returns what is on it; None before the first stroke and once it is cleared.

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
        initial_drawing=state.handed_drawing(),
        return_image_data=True,
        key=state.canvas_key(),
    )
    told = _told(result)
    if told is not None:
        state.keep_drawing(told)
    return state.kept_drawing()


def board() -> bytes | None:
    """Shows the canvas of a stage, which begins empty; returns what is on it as a PNG, None while that is nothing."""
    result = st_canvas(
        stroke_width=STAGE_SIDE * 18 // SIDE,
        stroke_color=INK,
        background_color=PAPER,
        height=STAGE_SIDE,
        width=STAGE_SIDE,
        drawing_mode="freedraw",
        return_image_data=True,
        key=state.board_key(),
    )
    told = _told(result)
    return told.png if told is not None and told.objects else None


def pixels(drawn: Drawing) -> NDArray[np.uint8]:
    """The drawing as the canvas shows it, (280, 280, 4) uint8.

    Raises:
        PictureError: a browser sent something else.
    """
    return read_picture(drawn.png)


def _told(result: CanvasResult) -> Drawing | None:
    """What the browser says of the canvas; None while it says nothing, or nothing that can be understood."""
    try:
        png = result.image_bytes
    except ValueError:  # not what the package's own script sends
        return None
    return None if png is None else Drawing(result.json_data or {}, png)
