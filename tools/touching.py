"""What `fit_wholeness.py` learns from: rows of MNIST's training digits that touch, and every part they are cut into.

Owns the rows and the labels of their parts; the cuts are those that a picture gets when it is read.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.preprocessing import find_groups
from core.preprocessing.several import Group

DIGIT: Final = 0.83  # share of a digit that is in a part, and share of the part that is the digit, to be that digit
NONE: Final = 0.70  # under this share of either, the part is no digit; between them nobody can say
PARTS: Final = 14  # of one group at most, the whole aside
SMALL_ROWS: Final = 0.25
TOUCHING: Final = 0.85  # of neighbours

Ink = NDArray[np.float32]


def parts(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], rows: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Parts (n, 28, 28) of so many rows, as they are placed, and what they are (n,): a digit, or 10 for none."""
    found: list[NDArray[np.uint8]] = []
    known: list[int] = []
    for _ in range(rows):
        chosen = rng.integers(0, len(labels), rng.integers(1, 4))
        layers = _row([images[place] for place in chosen], rng)
        picture = 255 - (255 * layers.max(axis=0) * rng.uniform(0.5, 1)).astype(np.uint8)
        for group in find_groups(picture):
            for image, label in _labelled(group, layers, labels[chosen], rng):
                found.append(np.round(255 * image).astype(np.uint8))
                known.append(label)
    return np.array(found), np.array(known, np.uint8)


def _labelled(
    group: Group, layers: Ink, labels: NDArray[np.uint8], rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Some parts of a group with what they are; those that are neither a digit nor clearly none are left out."""
    offered, (ends, pieces) = group.parts()[1], group.pieces()
    whole = (0, ends - 1)
    keys = [key for key in offered if key != whole]
    keys = [keys[place] for place in rng.permutation(len(keys))[:PARTS]]
    totals = layers.sum(axis=(1, 2))
    for key in [*keys, whole]:
        x, y, width, height = pieces[key].box
        inside = layers[:, y : y + height, x : x + width] * pieces[key].own
        each = inside.sum(axis=(1, 2))
        most = int(each.argmax())
        share = min(each[most] / totals[most], each[most] / max(inside.max(axis=0).sum(), 1e-6))
        if share >= DIGIT or share < NONE:
            yield offered[key].image, int(labels[most]) if share >= DIGIT else CLASSES


def _row(images: list[NDArray[np.uint8]], rng: np.random.Generator) -> Ink:
    """(n, height, width): each digit of a row on a layer of its own, most of them touching the one before."""
    tall = rng.uniform(18, 70) if rng.random() < SMALL_ROWS else rng.uniform(70, 120)
    inks = [_ink(image, tall * rng.uniform(0.8, 1.2), rng) for image in images]
    thick = max(2.0, 0.08 * tall)
    height, width = round(2 * tall + 20), int(1.2 * sum(ink.shape[1] for ink in inks) + 200)
    layers = np.zeros((len(inks), height, width), np.float32)
    x, y = 60, round(tall * 0.4)
    for place, ink in enumerate(inks):
        if place:
            before, lower = inks[place - 1], y + round(rng.uniform(-0.12, 0.12) * tall)
            near = rng.random() < TOUCHING
            free = before.shape[1] if not near else _meeting(before, ink, lower - y)
            x += free + round(-rng.uniform(-0.5, 1.6) * thick if near else rng.uniform(0.06, 0.25) * tall)
            y = lower
        x, y = max(2, x), int(np.clip(y, 2, height - ink.shape[0] - 2))
        part = layers[place, y : y + ink.shape[0], x : x + ink.shape[1]]
        part[:] = ink[:, : part.shape[1]]
    return layers


def _ink(image: NDArray[np.uint8], tall: float, rng: np.random.Generator) -> Ink:
    """One digit enlarged, turned, slanted, made thinner or thicker, its box drawn close; about `tall` pixels high."""
    larger = cv2.resize(np.pad(image, 4).astype(np.float32) / 255, None, fx=tall / 20, fy=tall / 20, interpolation=2)
    turn, slant, stretch = np.radians(rng.uniform(-12, 12)), rng.uniform(-0.25, 0.25), rng.uniform(0.8, 1.35)
    change = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[stretch, slant], [0, 1]]
    height, width = larger.shape
    size = (int(1.6 * width), int(1.3 * height))
    moved = np.array(size) / 2 - change @ [width / 2, height / 2]
    larger = cv2.warpAffine(larger, np.column_stack((change, moved)), size)
    ink = np.clip((larger - rng.uniform(0.3, 0.75)) * 6 + 0.5, 0, 1).astype(np.float32)
    down, across = np.flatnonzero(ink.max(axis=1) > 0.5), np.flatnonzero(ink.max(axis=0) > 0.5)
    if len(down) < tall / 4 or not len(across):  # worn away
        return _ink(image, tall, rng)
    return ink[down[0] : down[-1] + 1, across[0] : across[-1] + 1]


def _meeting(left: Ink, right: Ink, lower: int) -> int:
    """How far right of the left ink's box the right one begins where they just touch, `lower` pixels further down."""
    height = max(left.shape[0], right.shape[0] + lower) + max(0, -lower)
    ends, starts = np.full(height, -1e6), np.full(height, 1e6)
    for ink, edge, top, last in ((left, ends, max(0, -lower), True), (right, starts, max(0, lower), False)):
        for row in range(ink.shape[0]):
            places = np.flatnonzero(ink[row] > 0.5)
            if len(places):
                edge[top + row] = places[-1 if last else 0]
    near = np.maximum.reduce([np.roll(ends, step) for step in range(-3, 4)])  # they may touch a little aside too
    gap = float((starts - near).min())
    return round(1 - gap) if gap < 1e5 else left.shape[1]
