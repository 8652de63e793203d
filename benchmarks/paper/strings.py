"""Several digits on one sheet: postcodes, phone numbers, form boxes, columns of numbers, digits that touch.

Owns where each digit of a string stands. Gaps are shares of the digits' height.
"""

import dataclasses
import itertools
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.paper import sheet
from benchmarks.paper.digits import Written

KINDS: Final = {
    "postcode": "five digits in a row",
    "phone number": "ten digits in groups of 3, 3 and 4",
    "form boxes": "four to eight digits, one in each printed box",
    "column": "three to five numbers of two or three digits, one under the other",
    "touching": "three digits in a row, two of which touch",
}
PAPERS: Final = ("plain", "gradient", "shadow", "ruled", "pale", "coloured", "noise", "jpeg", "specks", "rotated")
Boxes = list[tuple[int, int, int, int]]


def choose(kind: str, rng: np.random.Generator) -> sheet.Setting:
    """A setting whose picture has the shape that a string needs; digits lean but the row stays level."""
    setting = sheet.choose(str(rng.choice(PAPERS)), rng)
    width = int(rng.choice([1000, 1400]))
    height = width if kind == "column" else round(width * float(rng.uniform(0.3, 0.7)))
    return resized(setting, width, height)


def resized(setting: sheet.Setting, width: int, height: int) -> sheet.Setting:
    """The setting for a picture of this size; the thinnest pens would be under a pixel on digits this small."""
    return dataclasses.replace(setting, width=width, height=height, pen=max(setting.pen, 0.025))


def write(
    kind: str, written: list[Written], setting: sheet.Setting, rng: np.random.Generator
) -> tuple[str, list[sheet.Glyph], Boxes]:
    """As many of the digits as the kind takes: their string in reading order, where each stands, printed boxes."""
    rows = {
        "postcode": [5],
        "phone number": [10],
        "form boxes": [int(rng.integers(4, 9))],
        "column": [int(rng.integers(2, 4)) for _ in range(int(rng.integers(3, 6)))],
        "touching": [3],
    }[kind]
    longest = {"phone number": 11.5, "form boxes": rows[0] * 1.25}.get(kind, float(max(rows)))
    tall = min(setting.width / (longest * 1.15), setting.height / (len(rows) * 1.5)) * float(rng.uniform(0.6, 0.9))
    glyphs: list[sheet.Glyph] = []
    boxes: Boxes = []
    queue = list(written)
    text = ""
    top = (setting.height - len(rows) * 1.45 * tall) * float(rng.uniform(0.2, 0.8))
    for row, count in enumerate(rows):
        digits, queue = queue[:count], queue[count:]
        text += "".join(str(digit.label) for digit in digits)
        line = top + (row + 0.72) * 1.45 * tall
        if kind == "form boxes":
            placed, printed = _boxed(digits, setting, tall, line, rng)
            boxes += printed
        else:
            placed = _row(kind, digits, setting, tall, line, rng)
        glyphs += placed
    return text, glyphs, boxes


def _row(
    kind: str, digits: list[Written], setting: sheet.Setting, tall: float, line: float, rng: np.random.Generator
) -> list[sheet.Glyph]:
    """Digits from the left, each a little higher or larger than the last."""
    together = int(rng.integers(1, len(digits))) if kind == "touching" else -1
    placed: list[sheet.Glyph] = []
    right = 0.0
    for place, digit in enumerate(digits):
        strokes, wide, high = _sized(digit, tall * float(rng.uniform(0.88, 1.1)))
        gap = float(rng.uniform(0.15, 0.45)) * tall
        gap += 0.45 * tall if kind == "phone number" and place in (3, 6) else 0.0
        glyph = (strokes, (right + gap + wide / 2, line + float(rng.uniform(-0.06, 0.06)) * tall), high)
        if place == together:
            x, y = glyph[1]
            meeting = float(rng.uniform(-0.2, 0.8))  # pens between their middle lines: from crossing to barely touching
            glyph = (strokes, (x - _free(placed[-1], glyph) + meeting * setting.pen * tall, y), high)
        placed.append(glyph)
        right = glyph[1][0] + wide / 2
    start = max(0.03 * setting.width, (setting.width - right) * float(rng.uniform(0.1, 0.9)))
    return [(strokes, (x + start, y), high) for strokes, (x, y), high in placed]


def _boxed(
    digits: list[Written], setting: sheet.Setting, tall: float, line: float, rng: np.random.Generator
) -> tuple[list[sheet.Glyph], Boxes]:
    """One digit inside each box, not quite in its middle; boxes stand apart or share their sides."""
    side = 1.3 * tall
    step = side * float(rng.choice([1.0, 1.15]))
    start = (setting.width - step * len(digits)) / 2
    glyphs, boxes = [], []
    for place, digit in enumerate(digits):
        strokes, _, high = _sized(digit, tall * float(rng.uniform(0.7, 0.95)))
        x = start + place * step + side / 2
        jitter = rng.uniform(-0.05, 0.05, 2) * tall
        glyphs.append((strokes, (x + float(jitter[0]), line + float(jitter[1])), high))
        boxes.append((round(x - side / 2), round(line - side / 2), round(side), round(side)))
    return glyphs, boxes


def _sized(digit: Written, tall: float) -> tuple[tuple[NDArray[Any], ...], float, float]:
    """A digit's strokes, and its width and height in pixels; one much wider than tall is made lower."""
    points = np.concatenate(digit.strokes)
    across, down = np.maximum(np.ptp(points, axis=0), 1e-6)
    tall = tall * min(1.0, down / across)
    return digit.strokes, tall * across / max(down, 0.3 * across), tall


def _free(left: sheet.Glyph, right: sheet.Glyph) -> float:
    """How far the right glyph can move left until their middle lines meet at some height."""
    edges: list[dict[int, float]] = []
    band = left[2] / 12
    for glyph, side in ((left, 1), (right, -1)):
        furthest: dict[int, float] = {}
        for stroke in sheet.placed(glyph):
            for (x, y), (x2, y2) in itertools.pairwise(stroke):
                for share in np.linspace(0, 1, 6):
                    key = int((y + share * (y2 - y)) / band)
                    furthest[key] = max(furthest.get(key, -1e9), side * (x + share * (x2 - x)))
        edges.append(furthest)
    pairs = [(key, key + beside) for key in edges[0] for beside in (-1, 0, 1) if key + beside in edges[1]]
    gaps = [-edges[1][there] - edges[0][here] for here, there in pairs]
    return min(gaps, default=0.0)
