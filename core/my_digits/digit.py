"""One digit that a visitor labelled by hand: what its folder holds, and what of it can be believed.

Owns `picture.png` (the picture as it was given), `seen.png` (28 x 28, as it was preprocessed) and `digit.json` (all
else). Which folders there are is `store`'s business.
"""

import io
import math
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import DataError
from core.files import read_json_object, write_json
from core.run import RUN_ID

PICTURE: Final = "picture.png"
IMAGE: Final = "seen.png"
FACTS: Final = "digit.json"
DIGIT_ID: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
SOURCES: Final = ("drawing", "file", "camera", "example", "import")
MAX_PICTURE_BYTES: Final = 1_000_000
MAX_POINTS: Final = 20_000  # of all strokes of a drawing
_LARGEST: Final = 960  # longer side in pixels, as the pages show pictures
_SMALLEST: Final = 280  # a picture is not made smaller than this to fit

Stroke = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture with what a model made of it, before anybody says what it is.

    Attributes:
        picture: (height, width[, 3 or 4]) uint8, as it was given.
        image: (28, 28) uint8, ink high, as it was preprocessed.
        read: the digit that was read; None for none.
        confidence: of it, 0 to 1; None where nothing was read.
        run_id: of the run that read it; None where nobody knows.
        source: how it was given, one of `SOURCES`.
        strokes: of a drawing, each the points (x, y) that it went through, in pixels of the canvas.
    """

    picture: NDArray[np.uint8]
    image: NDArray[np.uint8]
    read: int | None = None
    confidence: float | None = None
    run_id: str | None = None
    source: str = "drawing"
    strokes: tuple[Stroke, ...] = ()


@dataclass(frozen=True, slots=True)
class MyDigit:
    """A kept digit, as it was when it was read. The picture is read when it is asked for.

    Attributes:
        label: what its visitor says that it is, 0 to 9.
        made_at: Unix time in seconds.
        shared: whether others see it.

    The others are those of `Seen`.
    """

    digit_id: str
    path: Path
    label: int
    image: NDArray[np.uint8]
    read: int | None
    confidence: float | None
    run_id: str | None
    source: str
    strokes: tuple[Stroke, ...]
    made_at: float
    shared: bool

    def picture(self) -> bytes:
        """The picture as it was given, as a PNG.

        Raises:
            DataError: it is gone.
        """
        try:
            return (self.path / PICTURE).read_bytes()
        except OSError as error:
            raise DataError(f"the picture of {self.digit_id} cannot be read ({error.strerror}).") from error

    def facts(self) -> dict[str, Any]:
        """All but the pictures, for JSON."""
        names = ("label", "read", "confidence", "run_id", "source", "made_at")
        return {name: getattr(self, name) for name in names} | {"strokes": [list(map(list, s)) for s in self.strokes]}


def new_id(made_at: float) -> str:
    """An id for a digit made at this time: `20261122-183012-4f2a9c01`, in UTC."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(made_at))}-{secrets.token_hex(4)}"


def write_digit(folder: Path, seen: Seen, png: bytes, label: int, made_at: float) -> None:
    """Writes the files of a new digit, its picture as `fitting_png` made it. Raises OSError."""
    (folder / PICTURE).write_bytes(png)
    (folder / IMAGE).write_bytes(_png(seen.image))
    digit = MyDigit(
        *(folder.name, folder, label, seen.image, seen.read, seen.confidence, seen.run_id, seen.source),
        *(_few(seen.strokes), made_at, False),
    )
    write_json(folder / FACTS, digit.facts())


def read_digit(folder: Path, digit_id: str, *, shared: bool) -> MyDigit:
    """The digit in a folder.

    Raises:
        DataError: it is gone, half there, or was edited into something else.
    """
    try:
        values = read_json_object(folder / FACTS)
        label, made_at = values["label"], values["made_at"]
        if not _is_digit(label) or not _is_number(made_at, 1e10):
            raise ValueError("label or made_at is none")
        image = _read_image(folder / IMAGE)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"the digit {digit_id} is damaged; delete it.") from error
    return MyDigit(digit_id, folder, label, image, *told_of(values), made_at, shared)


def told_of(values: dict[str, Any]) -> tuple[int | None, float | None, str | None, str, tuple[Stroke, ...]]:
    """What JSON says of `read`, `confidence`, `run_id`, `source` and `strokes`, as far as it can be believed."""
    read, confidence, run_id = values.get("read"), values.get("confidence"), values.get("run_id")
    source = values.get("source")
    return (
        read if _is_digit(read) else None,
        float(confidence) if _is_number(confidence, 1.0) else None,
        run_id if isinstance(run_id, str) and RUN_ID.fullmatch(run_id) else None,
        source if source in SOURCES else "import",
        _strokes(values.get("strokes")),
    )


def fitting_png(picture: NDArray[np.uint8]) -> bytes:
    """The picture as a PNG of at most 960 pixels a side, halved until it has at most a megabyte."""
    image = Image.fromarray(picture)
    image.thumbnail((_LARGEST, _LARGEST))
    while len(data := _encoded(image)) > MAX_PICTURE_BYTES and max(image.size) > _SMALLEST:
        image = image.reduce(2)
    return data


def _strokes(said: Any) -> tuple[Stroke, ...]:
    """Strokes from JSON; none where that holds anything else."""
    try:
        strokes = tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in said)
    except (TypeError, ValueError, OverflowError):
        return ()
    points = [number for stroke in strokes for point in stroke for number in point]
    return _few(strokes) if all(map(math.isfinite, points)) else ()


def _few(strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """Strokes with points, unless there are too many of these."""
    return tuple(filter(None, strokes)) if sum(map(len, strokes)) <= MAX_POINTS else ()


def _read_image(path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(path.read_bytes()), formats=("PNG",)) as opened:
            if opened.size != (28, 28) or opened.mode != "L":
                raise ValueError(f"{path.name} is no 28 x 28 grey picture")
            return np.array(opened)
    except Exception as error:  # Pillow raises whatever it stumbles over
        raise ValueError(f"{path.name} cannot be read ({type(error).__name__})") from error


def _png(pixels: NDArray[np.uint8]) -> bytes:
    return _encoded(Image.fromarray(pixels))


def _encoded(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def _is_digit(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9


def _is_number(value: Any, most: float) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
