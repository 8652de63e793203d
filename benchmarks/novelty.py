"""What is no digit: how much of it gets the warning `not_a_digit`, and how many digits get it for nothing.

    python -m benchmarks.novelty [--fonts FOLDER] [--data FOLDER]

Letters in OpenCV's and Pillow's own fonts and in those of a folder (TrueType, OpenType), random strokes, and simple
drawings, all seeded and drawn large on white; digits of the test split, and the handwriting of `benchmarks.handwriting`
where `--data` names it. Everything goes through the one preprocessing path. Nothing here was used for fitting; the
kind of description was chosen on letters and strokes like these.
"""

import argparse
import string
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks import handwriting, machine
from core import novelty
from core.data import load_split
from core.evaluation import Share
from core.home import StudioHome
from core.preprocessing import preprocess

Picture = NDArray[np.uint8]

SIDE: Final = 280  # pixels
HERSHEY: Final = (
    *(cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX),
    *(cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX),
)
# Letters that somebody's digit looks like: nobody can tell them from it without their word.
ALIKE: Final = frozenset("BbDgIilOoQqSsZz")


def letters(fonts: Iterable[Path] = ()) -> Iterator[tuple[str, Picture]]:
    """Every letter in every font, large and small ones."""
    loaded = [ImageFont.load_default(190), *(ImageFont.truetype(str(path), 190) for path in fonts)]
    for letter in string.ascii_letters:
        for face in HERSHEY:
            picture = _paper()
            cv2.putText(picture, letter, (60, 210), face, 6, 0, 14, cv2.LINE_AA)
            yield letter, picture
        for font in loaded:
            page = Image.new("L", (SIDE, SIDE), 255)
            ImageDraw.Draw(page).text((SIDE / 2, SIDE / 2), letter, font=font, fill=0, anchor="mm")
            yield letter, np.asarray(page)


def scribbles(count: int, seed: int = 1) -> Iterator[Picture]:
    """One to three random strokes, rounded off, with pens of different widths."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        picture = _paper()
        for _ in range(rng.integers(1, 4)):
            points = rng.uniform(40, 240, (int(rng.integers(3, 12)), 2))
            along = np.linspace(0, len(points) - 1, 12 * len(points))
            path = np.stack([np.interp(along, np.arange(len(points)), axis) for axis in points.T], axis=1)
            path = cv2.blur(path, (1, 7), borderType=cv2.BORDER_REPLICATE)
            fixed = np.round(16 * path).astype(np.int32).reshape(-1, 1, 2)
            cv2.polylines(picture, [fixed], False, 0, int(rng.integers(8, 24)), cv2.LINE_AA, shift=4)
        yield picture


def drawings() -> Iterator[Picture]:
    """What people draw to try it: a box, a cross, a plus, a triangle, a star, a house, a face, a heart."""
    turns = 4 * np.pi / 5 * np.arange(5)
    star = np.stack([140 + 100 * np.sin(turns), 140 - 100 * np.cos(turns)], axis=1)
    angle = np.linspace(0, 2 * np.pi, 60)
    heart = np.stack(
        [
            140 + 6 * 16 * np.sin(angle) ** 3,
            130 - 6 * (13 * np.cos(angle) - 5 * np.cos(2 * angle) - 2 * np.cos(3 * angle) - np.cos(4 * angle)),
        ],
        axis=1,
    )
    closed = [
        np.array([(60, 60), (220, 60), (220, 220), (60, 220)]),
        np.array([(140, 40), (240, 220), (40, 220)]),
        np.array([(60, 120), (140, 50), (220, 120), (220, 220), (60, 220)]),
        *(star, heart),
    ]
    crosses = (((60, 60), (220, 220), (220, 60), (60, 220)), ((140, 60), (140, 220), (60, 140), (220, 140)))
    for width in (8, 14, 22):
        for outline in closed:
            yield cv2.polylines(_paper(), [outline.astype(np.int32)], True, 0, width)
        for start, end, other_start, other_end in crosses:
            yield cv2.line(cv2.line(_paper(), start, end, 0, width), other_start, other_end, 0, width)
        face = cv2.circle(_paper(), (140, 140), 90, 0, width)
        for eye in ((110, 115), (170, 115)):
            cv2.circle(face, eye, 8, 0, -1)
        yield cv2.ellipse(face, (140, 150), (45, 40), 0, 20, 160, 0, width)


def _paper() -> Picture:
    return np.full((SIDE, SIDE), 255, np.uint8)


def called_no_digit(pictures: Iterable[Picture]) -> NDArray[np.bool_]:
    """(n,) whether each picture gets the warning.

    Raises:
        RuntimeError: what tells them is missing.
    """
    known = novelty.shipped()
    if known is None:
        raise RuntimeError("artifacts/novelty.npz cannot be read; python tools/fit_novelty.py makes it.")
    return known.unlike_digits(np.stack([preprocess(picture).image for picture in pictures]))


def measure(fonts: list[Path], data: Path | None, tell: Callable[[str], None]) -> None:
    """Prints the two tables."""
    drawn = list(letters(fonts))
    called = called_no_digit(picture for _, picture in drawn)
    alike = np.array([letter in ALIKE for letter, _ in drawn])
    tables = {
        "no digits": {
            "letters": called,
            "letters that look like no digit": called[~alike],
            "random strokes": called_no_digit(scribbles(1_000)),
            "simple drawings": called_no_digit(drawings()),
        },
        "digits": {"test split": called_no_digit(load_split(StudioHome.from_environment().mnist, "test").images)},
    }
    if data is not None:
        for name, cases in handwriting.sets(data):
            tables["digits"][name] = called_no_digit(picture for picture, _ in cases)
    for kind, found in tables.items():
        rows = []
        for name, warned in found.items():
            share = Share(int(warned.sum()), len(warned))
            rows.append(
                (
                    name,
                    f"{share.count:,}",
                    f"{share.n:,}",
                    share.text,
                    f"{100 * share.low:.1f} to {100 * share.high:.1f}",
                )
            )
        tell(machine.table((kind, "warned", "of", "share", "95 % interval"), rows) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fonts", type=Path, help="a folder of .ttf and .otf files")
    parser.add_argument("--data", type=Path, help="a folder of handwriting, see benchmarks/handwriting.py")
    arguments = parser.parse_args()
    fonts = (
        sorted(path for end in ("ttf", "otf") for path in arguments.fonts.rglob(f"*.{end}")) if arguments.fonts else []
    )
    measure(fonts, arguments.data, print)


if __name__ == "__main__":
    main()
