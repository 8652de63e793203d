"""Whether pictures are MNIST's images already, or have to go through the preprocessing path first.

Owns the signs by which that is told, and `Plan`. MNIST's own are published: 28 x 28, the ink high on a ground of 0,
the digit in a 20 x 20 box placed by its centre of mass (LeCun et al. 1998).
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Preprocess = Literal["none", "full"]
SIDE: Final = 28
# Of MNIST's 60,000 training images all show these signs; 60,000 but 18 are exactly 20 long.
_INK: Final = 32  # grey levels; what is paler may be the ground's
_LONGER_SIDE: Final = (18, 21)
_OFF_CENTRE: Final = 1.0  # pixels along each axis
_GROUND: Final = 16  # levels; half of each image is below, whatever JPEG made of it
_ENOUGH: Final = 0.9  # share of the images that show these signs


@dataclass(frozen=True, slots=True)
class Plan:
    """How the pictures of a set become images.

    Attributes:
        preprocess: `none` takes 28 x 28 pictures as they are, `full` sends each through the preprocessing path.
        inverted: with `none`, whether the ink is dark and the levels are turned over. The path finds that by itself.
        reason: one sentence on why it is proposed.
    """

    preprocess: Preprocess
    inverted: bool = False
    reason: str = ""


def propose(shapes: set[tuple[int, int]], pictures: list[NDArray[np.uint8]]) -> Plan:
    """What fits a set, by some of its pictures.

    Args:
        shapes: every height and width among them.
        pictures: each (height, width) uint8, in grey.
    """
    if shapes != {(SIDE, SIDE)}:
        known = " and ".join(f"{height} x {width}" for height, width in sorted(shapes)[:2])
        more = " and other sizes" if len(shapes) > 2 else ""
        return Plan("full", reason=f"The pictures are {known}{more}, not 28 x 28.")
    images = np.stack(pictures)
    inverted = is_inverted(images)
    share = mnist_like(255 - images if inverted else images)
    ink = "dark ink, which is turned over" if inverted else "light ink"
    if share >= _ENOUGH:
        reason = f"The pictures are 28 x 28 with {ink}, sized and centred as in MNIST ({share:.0%} of those looked at)."
        return Plan("none", inverted, reason)
    return Plan("full", reason=f"Only {share:.0%} of those looked at are sized and centred as in MNIST.")


def is_inverted(images: NDArray[np.uint8]) -> bool:
    """Whether the ink of (k, height, width) images is dark: most of their edges are light."""
    edges = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)
    return bool(np.median(np.median(edges, axis=1)) > 127)


def mnist_like(images: NDArray[np.uint8]) -> float:
    """The share of (k, 28, 28) images, ink high, that are sized and centred as MNIST's. 0 for none that has ink."""
    ink = images >= _INK
    drawn = ink.any(axis=(1, 2))
    if not drawn.any():
        return 0.0
    images, ink = images[drawn], ink[drawn]
    longer = np.maximum(_extent(np.any(ink, axis=2)), _extent(np.any(ink, axis=1)))
    mass = images.reshape(len(images), -1).sum(axis=1)
    places = np.arange(SIDE)
    down, across = (images.sum(axis=axis) @ places / mass for axis in (2, 1))
    middle = SIDE / 2
    centred = (abs(down - middle) <= _OFF_CENTRE) & (abs(across - middle) <= _OFF_CENTRE)
    sized = (longer >= _LONGER_SIDE[0]) & (longer <= _LONGER_SIDE[1])
    ground = (images < _GROUND).mean(axis=(1, 2)) >= 0.5
    return float((centred & sized & ground).mean())


def _extent(lines: NDArray[np.bool_]) -> NDArray[np.int64]:
    """From the first to the last line with ink, of each image (k, 28)."""
    return lines.shape[1] - lines.argmax(axis=1) - lines[:, ::-1].argmax(axis=1)
