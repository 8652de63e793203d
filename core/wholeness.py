"""Whether an image is one whole digit: a piece of one, and two that touch, are not.

Owns the question to a small network, `wholeness.onnx` beside MNIST. It is the same for every run, which only says which
digit an image would be if it were one. `tools/fit_wholeness.py` trains it on rows of MNIST training digits that touch,
cut wherever they might part: what is no digit is a class of its own, as the rubbish of LeCun et al., "Gradient-based
learning applied to document recognition", 1998, section V.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.errors import RunDamagedError
from core.home import WHOLENESS
from core.network import OnnxNetwork

RUBBISH: Final = CLASSES  # the class after the digits

Wholeness = Callable[[NDArray[Any]], NDArray[np.float32]]

logger = logging.getLogger(__name__)


@functools.cache
def shipped() -> Wholeness | None:
    """The function from images (n, 28, 28), ink high, to the probability (n,) of each to be one whole digit.

    None, with a word in the log, where its file cannot be read: then digits that touch are told, not parted.
    """
    try:
        network = OnnxNetwork(WHOLENESS, classes=CLASSES + 1)
    except RunDamagedError:
        logger.warning("%s cannot be read, so no digits that touch are parted.", WHOLENESS.name)
        return None
    return lambda images: np.asarray(1 - network.probabilities(images)[:, RUBBISH])
