"""The one path that turns any picture of a digit into the image MNIST would have.

Everything that predicts comes through here: canvas, upload, camera, CLI, REST and exports.

    picture.py   bytes of a file -> upright (height, width, 4) RGBA
    grey.py      any array of pixels -> grey levels: transparency, colour, size
    paper.py     grey -> darkness of the ink over its paper: polarity found, uneven light removed
    boxes.py     printed boxes around digits taken out of that
    lines.py     ruled and squared lines likewise
    spots.py     connected pieces of ink
    frames.py    what is left of printed boxes taken out of them
    ink.py       which of the dark spots are the digit: threshold, specks, strokes that belong together, blank or not
    placing.py   the digit's ink -> 28 x 28, as MNIST places it
    enlarged.py  an enlarged MNIST digit -> its own pixels again
    path.py      these in order, with the stages and warnings: `preprocess`
    digits.py    several digits: which groups of strokes are large enough
    seams.py     where touching digits might be parted
    several.py   a picture of several digits: its groups, and what each would be in parts

Needs NumPy, Pillow and OpenCV. Knows no model.
"""

from core.preprocessing.path import Preprocessed, Stage, preprocess
from core.preprocessing.picture import MAX_BYTES, MAX_PIXELS, read_picture
from core.preprocessing.several import Group, find_groups

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "Group",
    "Preprocessed",
    "Stage",
    "find_groups",
    "preprocess",
    "read_picture",
]
