"""Accuracy on handwriting that is not MNIST, through the one preprocessing path, as `predict` answers.

    python -m benchmarks.handwriting --data FOLDER [--model RUN ...]

FOLDER holds `pen_strokes.json.gz` (label, writer, strokes as lists of [x, y], y up), `scans_32x32.npz` (`x` 0/1, ink 1)
and `drawn_28x28.npz` (`x` uint8, dark on white), each optional. Prints one Markdown row per model and set with the 95 %
interval. Nothing here is trained on.
"""

import argparse
import gzip
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core import hardware
from core.evaluation import wilson_interval
from core.home import StudioHome
from core.inference import Classifier
from core.runs import RunStore

CANVAS = 280
Case = tuple[NDArray[np.uint8], int]


def draw_strokes(strokes: list[list[list[float]]], *, size: int, corner: bool = False) -> NDArray[np.uint8]:
    """One digit's strokes on a white canvas of 280 x 280 with a round black brush, as a visitor draws.

    Args:
        size: the longer side of the digit in pixels.
        corner: in the lower right corner instead of the middle.
    """
    points = np.concatenate([np.asarray(stroke, float) for stroke in strokes if stroke])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = size / max(float((high - low).max()), 1.0)
    extent = (high - low) * scale
    brush = max(3, round(size / 11))
    margin = brush + 4
    offset = CANVAS - margin - extent if corner else (CANVAS - extent) / 2
    canvas = np.full((CANVAS, CANVAS), 255, np.uint8)
    for stroke in strokes:
        path = (np.asarray(stroke, float).reshape(-1, 2) - low) * scale
        path[:, 1] = extent[1] - path[:, 1]  # the recordings point up, pictures down
        fixed = np.round((path + offset) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [fixed], False, 0, brush, cv2.LINE_AA, shift=4)
    return canvas


def sets(folder: Path) -> Iterator[tuple[str, list[Case]]]:
    """Every set that the folder holds: its name, and its pictures with their labels."""
    if (folder / "pen_strokes.json.gz").exists():
        with gzip.open(folder / "pen_strokes.json.gz", "rt") as stream:
            written = json.load(stream)
        for name, size, corner in (("pen strokes", 190, False), ("pen strokes, a third in a corner", 63, True)):
            pictures = [draw_strokes(digit["strokes"], size=size, corner=corner) for digit in written]
            yield name, list(zip(pictures, (int(digit["label"]) for digit in written), strict=True))
    for name, file, ink in (("scans", "scans_32x32.npz", True), ("drawn", "drawn_28x28.npz", False)):
        if (folder / file).exists():
            with np.load(folder / file) as arrays:
                images, labels = arrays["x"], arrays["y"]
            pictures = list((images * 255).astype(np.uint8) if ink else images.astype(np.uint8))
            yield name, list(zip(pictures, (int(label) for label in labels), strict=True))


def count_right(classifier: Classifier, cases: Iterable[Case]) -> int:
    """How many pictures are read as their label."""
    with ThreadPoolExecutor(hardware.cores()) as pool:
        return sum(pool.map(lambda case: classifier.classify(case[0]).digit == case[1], cases))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", nargs="+", default=["active"])
    arguments = parser.parse_args()
    store = RunStore(StudioHome.from_environment())
    found = list(sets(arguments.data))
    print("| model | set | right | of | accuracy | 95 % interval |\n|---|---|---|---|---|---|")
    for model in arguments.model:
        classifier = Classifier.load(store.resolve(model))
        for name, cases in found:
            right, n = count_right(classifier, cases), len(cases)
            low, high = wilson_interval(right, n)
            print(f"| {classifier.run_id} | {name} | {right:,} | {n:,} | {right / n:.2%} | {low:.2%} to {high:.2%} |")


if __name__ == "__main__":
    main()
