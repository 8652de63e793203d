"""Whether an image looks like any handwritten digit: letters, scribbles and pictures of other things do not.

Owns the description of an image by the directions of its strokes, the distance to the training images that are most
alike by it, and how wide a pen an image would need. It is the same for every network, which only says which digit an
image would be if it were one. A `Novelty` is fitted once, by `tools/fit_novelty.py`, and lies beside MNIST.
"""

import functools
import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.files import replacing
from core.home import NOVELTY

DIRECTIONS: Final = 8
CELL: Final = 4  # pixels
NUMBERS: Final = 64  # that an image is described by
REFERENCES: Final = 10_000  # training images that are compared with
SOME: Final = 1_000  # of them are asked first
NEIGHBOUR: Final = 3  # the third nearest: one strange training image alone vouches for nothing
# Share of other training images that are called no digit.
LOST: Final = 0.015
# Mean width of the strokes in pixels, where a digit is 20 high: 3 in 10,000 digits of MNIST are wider, a disc has 9.
WIDEST: Final = 5.75

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Novelty:
    """What is needed to tell.

    Attributes:
        mean, axes: (d,) and (d, 64) float32, from `directions` to the numbers that images are compared by.
        references: (n, 64) float32, training images.
        limit: of the squared distance, beyond which an image is like none of them.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    references: NDArray[np.float32]
    limit: float

    @classmethod
    def fit(cls, images: NDArray[np.uint8], *, seed: int = 1) -> "Novelty":
        """Chosen from at least 15,000 training images (n, 28, 28): 10,000 to compare with, 5,000 for the limit."""
        chosen = np.random.default_rng(seed).permutation(len(images))[: REFERENCES + 5_000]
        found = directions(images[chosen])
        mean = found[:REFERENCES].mean(axis=0)
        # The principal axes are the eigenvectors of the covariance, the largest last.
        axes = np.linalg.eigh(np.cov(found[:REFERENCES].T))[1][:, : -NUMBERS - 1 : -1].astype(np.float32)
        fitted = cls(mean, axes, (found[:REFERENCES] - mean) @ axes, np.inf)
        limit = np.quantile(fitted.distances(images[chosen[REFERENCES:]]), 1 - LOST)
        return cls(mean, axes, fitted.references, float(limit))

    @classmethod
    def load(cls, path: Path) -> "Novelty":
        """What `save` wrote; raises what NumPy does for any other file."""
        with np.load(path) as found:
            mean, axes, references = (found[name].astype(np.float32) for name in ("mean", "axes", "references"))
            return cls(mean, axes, references, float(found["limit"]))

    def save(self, path: Path) -> None:
        """Writes it in half precision, which changes distances by less than a hundredth."""
        halves = {name: getattr(self, name).astype(np.float16) for name in ("mean", "axes", "references")}
        with replacing(path) as whole:
            np.savez_compressed(whole, **halves, limit=self.limit)

    def distances(self, images: NDArray) -> NDArray[np.float32]:
        """(n,) squared distance of each image to the third nearest reference.

        Distance to near neighbours as a measure of novelty: Sun et al., "Out-of-distribution detection with deep
        nearest neighbors", ICML 2022; here by stroke directions instead of a network's features.
        """
        return _distances(self._numbers(images), self.references) if len(images) else np.empty(0, np.float32)

    def unlike_digits(self, images: NDArray) -> NDArray[np.bool_]:
        """(n,) whether each image is like no digit that anybody wrote for MNIST, or a filled shape without strokes.

        Args:
            images: (n, 28, 28) as MNIST places digits, ink high; uint8 or float in [0, 1].
        """
        if not len(images):
            return np.empty(0, np.bool_)
        numbers = self._numbers(images)
        # Most digits are like some of any references, which is told sooner than how far the nearest of all are.
        unlike = _distances(numbers, self.references[:SOME]) > self.limit
        if unlike.any():
            unlike[unlike] = _distances(numbers[unlike], self.references) > self.limit
        return np.asarray(unlike | (stroke_widths(images) > WIDEST))

    def _numbers(self, images: NDArray) -> NDArray[np.float32]:
        """(n, 64) what images are compared by."""
        return np.asarray((directions(images) - self.mean) @ self.axes, np.float32)


def _distances(numbers: NDArray[np.float32], references: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) squared distance to the third nearest reference."""
    nearest = cv2.batchDistance(numbers, references, cv2.CV_32F, normType=cv2.NORM_L2SQR, K=NEIGHBOUR)[0]
    return np.asarray(nearest[:, -1])


def stroke_widths(images: NDArray) -> NDArray[np.float32]:
    """(n,) mean width of the strokes in pixels: twice the ink, over the length of its edges.

    That length is the sum of all slopes (the coarea formula), so that grey edges need no threshold.
    Args as for `Novelty.unlike_digits`.
    """
    ink = np.zeros((len(images), images.shape[1] + 2, images.shape[2] + 2), np.float32)
    ink[:, 1:-1, 1:-1] = images / np.float32(255) if images.dtype == np.uint8 else images
    across, down = ink[:, :-1, 1:] - ink[:, :-1, :-1], ink[:, 1:, :-1] - ink[:, :-1, :-1]
    slopes = np.sqrt(across * across + down * down)
    widths: NDArray[np.float32] = 2 * ink.sum(axis=(1, 2)) / np.maximum(slopes.sum(axis=(1, 2)), 1e-6)
    return widths


def directions(images: NDArray) -> NDArray[np.float32]:
    """(n, 392) of length 1, n at least 1: how much edge runs in each of eight directions around each of 7 x 7 places.

    Histograms of oriented gradients (Dalal and Triggs, CVPR 2005) with soft cells, and the root of each number, which
    keeps one long stroke from drowning the rest (Arandjelović and Zisserman, CVPR 2012).
    """
    return np.stack([_directions(image) for image in np.asarray(images)])


def _directions(image: NDArray) -> NDArray[np.float32]:
    ink = image.astype(np.float32) / (255 if image.dtype == np.uint8 else 1)
    across, down = cv2.Sobel(ink, cv2.CV_32F, 1, 0), cv2.Sobel(ink, cv2.CV_32F, 0, 1)
    strength, angle = cv2.cartToPolar(across, down)
    place = (angle % np.pi) * (DIRECTIONS / np.pi)
    away = np.abs(place[..., None] - np.arange(DIRECTIONS, dtype=np.float32))
    share = np.maximum(0, 1 - np.minimum(away, DIRECTIONS - away))  # of the two directions on both sides
    spread = cv2.GaussianBlur(strength[..., None] * share, (0, 0), CELL / 2)
    cells = np.sqrt(np.maximum(spread[CELL // 2 :: CELL, CELL // 2 :: CELL], 0)).ravel()
    whole: NDArray[np.float32] = cells / max(float(np.linalg.norm(cells)), 1e-6)
    return whole


@functools.cache
def shipped() -> Novelty | None:
    """The `Novelty` that lies beside MNIST, loaded once; None, with a word in the log, where it cannot be read.

    An answer without this warning is better than no answer.
    """
    try:
        return Novelty.load(NOVELTY)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        logger.warning("%s cannot be read, so nothing is called no digit: %s", NOVELTY.name, error)
        return None
