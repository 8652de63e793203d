"""Pictures of digits made by code, for the tests of preprocessing."""

import io
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

MNIST = Path(__file__).resolve().parents[3] / "artifacts" / "mnist.npz"

# Strokes in a square of 100 x 100, y pointing down.
STROKES = {
    2: [[(15, 25), (30, 8), (60, 5), (80, 20), (75, 42), (45, 70), (12, 95), (90, 93)]],
    3: [[(15, 10), (50, 2), (78, 18), (70, 38), (42, 47), (75, 58), (84, 80), (55, 97), (14, 90)]],
    4: [[(62, 98), (62, 3), (10, 66), (92, 66)]],
    5: [[(28, 8), (24, 45), (55, 40), (80, 60), (70, 88), (40, 97), (12, 88)], [(28, 8), (82, 6)]],
    7: [[(10, 8), (88, 6), (60, 45), (42, 97)]],
    8: [[(50, 48), (22, 30), (35, 6), (66, 5), (78, 26), (50, 48), (20, 72), (34, 96), (68, 96), (82, 72), (50, 48)]],
}


def mnist_test(count: int) -> NDArray[np.uint8]:
    """(count, 28, 28) digits, the first of MNIST's test split."""
    with np.load(MNIST) as arrays:
        return arrays["x_test"][:count]


def drawing(
    digit: int, *, size: int = 280, side: float = 180, left: float = 50, top: float = 50, brush: float = 16
) -> NDArray[np.uint8]:
    """(size, size) black on white, drawn with a round brush and soft edges."""
    finer = 4
    canvas = np.full((size * finer, size * finer), 255, np.uint8)
    for stroke in STROKES[digit]:
        points = np.array([(left + x * side / 100, top + y * side / 100) for x, y in stroke])
        whole = np.round(points * finer).astype(np.int32)
        cv2.polylines(canvas, [whole.reshape(-1, 1, 2)], False, 0, round(brush * finer))
        for x, y in whole:
            cv2.circle(canvas, (int(x), int(y)), round(brush * finer / 2), 0, -1)
    return np.asarray(cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def reencoded(pixels: NDArray[np.uint8], kind: str, **options) -> bytes:
    """The picture as a file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def difference(first: NDArray, second: NDArray) -> float:
    """Mean absolute difference of two images with values in [0, 1]."""
    return float(np.abs(np.asarray(first, np.float64) - second).mean())
