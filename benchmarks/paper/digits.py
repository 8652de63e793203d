"""The writing on made paper: strokes, with their labels and who wrote them.

Owns where strokes come from. Recorded pen strokes are best; without them, MNIST's validation digits are thinned to
their middle lines, which is nearer to what the models were trained on and so easier.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import studio
from core.data import load_split

ENLARGED: Final = 6  # times that MNIST's pixels are enlarged before they are thinned
PEN_STROKES: Final = "pen_strokes.json.gz"


@dataclass(frozen=True, slots=True)
class Written:
    """One written digit: `strokes` are (n, 2) arrays of x and y, y pointing down, in any unit; `half` is 0 or 1.

    Preprocessing is tuned on half 0 and reported on half 1; one writer's digits lie in one half.
    """

    label: int
    half: int
    strokes: tuple[NDArray[np.float64], ...]


def recorded(folder: Path) -> list[Written]:
    """The pen strokes of a folder (label, writer, strokes with y up), halves by writer."""
    with gzip.open(folder / PEN_STROKES, "rt") as stream:
        found = json.load(stream)
    return [
        Written(
            int(digit["label"]),
            int(digit["writer"]) % 2,
            tuple(np.asarray(stroke, float).reshape(-1, 2) * (1, -1) for stroke in digit["strokes"] if stroke),
        )
        for digit in found
    ]


def traced(count: int) -> list[Written]:
    """The first `count` validation digits of MNIST (the last 5,000 training images), as their middle lines."""
    split = load_split(studio.ROOT / "artifacts" / "mnist.npz", "train")
    pairs = zip(split.images[-5000:][:count], split.labels[-5000:][:count], strict=True)
    return [Written(int(label), place % 2, middle_lines(image)) for place, (image, label) in enumerate(pairs)]


def middle_lines(image: NDArray[np.uint8]) -> tuple[NDArray[np.float64], ...]:
    """The middle lines of a (28, 28) digit as short strokes from each point to its neighbours."""
    larger = cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    thin = thinned(cv2.GaussianBlur(larger, (0, 0), 0.4 * ENLARGED) > 110)
    strokes = []
    for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
        beside = np.zeros_like(thin)
        beside[: len(thin) - down, max(0, -across) : thin.shape[1] - max(0, across)] = thin[
            down:, max(0, across) : thin.shape[1] + min(0, across)
        ]
        y, x = np.nonzero(thin & beside)
        strokes += list(np.stack([np.stack([x, y], 1), np.stack([x + across, y + down], 1)], 1).astype(float))
    y, x = np.nonzero(thin)
    return tuple(strokes) or (np.array([[x.mean(), y.mean()]]),)


def thinned(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask worn down to lines one pixel wide (Zhang and Suen 1984, doi 10.1145/357994.358023)."""
    mask = np.pad(mask, 1)
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            # The eight neighbours, clockwise from the one above.
            n, ne, e, se, s, sw, w, nw = (
                np.roll(mask, shift, (0, 1))
                for shift in ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
            )
            ring = np.stack([n, ne, e, se, s, sw, w, nw, n])
            count = ring[:8].sum(axis=0)
            rises = (~ring[:8] & ring[1:]).sum(axis=0)
            sides = (~(n & e & s) & ~(e & s & w)) if first else (~(n & e & w) & ~(n & s & w))
            gone = mask & (count >= 2) & (count <= 6) & (rises == 1) & sides
            changed |= bool(gone.any())
            mask = mask & ~gone
    return mask[1:-1, 1:-1]
