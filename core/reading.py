"""A picture read for somebody who looks at it: its digit, each of them where there are several, and a smaller picture.

Owns when a picture is worth being read digit by digit. Single answers are `inference`'s.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.answers import LARGE
from core.inference import Box, Classifier, Prediction
from core.memory import give_back
from core.parting import WIDE
from core.preprocessing import read_picture
from core.rows import rows

LARGEST: Final = 960  # longer side in pixels of the picture that is kept to be shown
SEVERAL: Final = "several_digits"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a picture says.

    Attributes:
        prediction: of the whole, or of the largest digit in it.
        digits: each digit in reading order, where there are several or may be; empty otherwise.
        picture: (height, width) or (height, width, 3 or 4) uint8, upright, the longer side at most 960.
        scale: how many of its pixels one of the whole picture has become, at most 1.
    """

    prediction: Prediction
    digits: tuple[Prediction, ...]
    picture: NDArray[np.uint8]
    scale: float

    @property
    def surely_several(self) -> bool:
        """Whether digits stand apart or part without a doubt; else a wide one may be two that touch, or one alone."""
        parted = len(self.digits) > 1 and not any(SEVERAL in digit.warnings for digit in self.digits)
        return bool(self.digits) and (parted or SEVERAL in self.prediction.warnings)

    def box(self, digit: Prediction) -> Box | None:
        """x, y, width, height of a digit's ink in pixels of `picture`; None when it has no ink."""
        if digit.box is None:
            return None
        x, y, width, height = (round(value * self.scale) for value in digit.box)
        return x, y, max(1, width), max(1, height)

    def lines(self) -> list[list[Prediction]]:
        """`digits` by rows."""
        placed = [digit for digit in self.digits if digit.box is not None]
        return [[placed[place] for place in row] for row in rows([digit.box for digit in placed if digit.box])]


def read(classifier: Classifier, picture: NDArray[Any]) -> Reading:
    """Reads a picture, (height, width[, 1 | 3 | 4]), uint8.

    Raises:
        ValueError: the array is not of such a shape.
    """
    prediction = classifier.classify(picture)
    digits: tuple[Prediction, ...] = ()
    if _may_be_several(prediction):
        found = classifier.classify_each(picture)
        if len(found) > 1 or any(SEVERAL in each.warnings for each in found):
            digits = tuple(found)
    scale = min(1.0, LARGEST / max(picture.shape[:2]))
    return Reading(prediction, digits, _shrunk(picture, scale), scale)


def read_file(classifier: Classifier, data: bytes) -> Reading:
    """Reads the bytes of a picture file; what a large one took of the memory is given back at once.

    Raises:
        PictureError: they cannot be read as a picture.
    """
    picture = read_picture(data)
    large = picture.nbytes > LARGE
    reading = read(classifier, picture)
    del picture
    if large:
        give_back()
    return reading


def _may_be_several(prediction: Prediction) -> bool:
    if prediction.box is None:
        return False
    _, _, width, height = prediction.box
    return SEVERAL in prediction.warnings or width > WIDE * height


def _shrunk(picture: NDArray[Any], scale: float) -> NDArray[np.uint8]:
    if scale == 1.0:
        return picture
    import cv2  # preprocessing has brought it by now; the start of the server does without

    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
