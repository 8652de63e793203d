"""Blocks of pictures into blocks of images, as a plan says, several pictures at a time.

Owns the decoding of picture files within a set, the bound on how many pixels are worked on, and what is skipped. What
the preprocessing path does to a picture is `preprocessing`'s business.
"""

import ctypes
import io
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core import hardware
from core.datasets.blocks import Block, Opened, Skipped
from core.datasets.given import Given
from core.datasets.limits import MAX_PIXELS, reading
from core.datasets.pictures import read_bounded
from core.datasets.proposal import SIDE, Plan
from core.errors import DataError, PictureError

if TYPE_CHECKING:
    from core.preprocessing import Preprocessed

_AT_ONCE: Final = 128  # images that go through the path between two reports of progress
_LARGE: Final = 1_000_000  # pixels; larger pictures are decoded one at a time, each may take 100 MB
_WORKERS: Final = 4
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None
_SMALL_SIDE: Final = 32  # pictures up to here spend their time in Python, where threads only wait for each other


@dataclass(frozen=True, slots=True)
class Converted:
    """Some images as the network takes them.

    Attributes:
        images: (k, 28, 28) uint8, ink high.
        labels: (k,) uint8; None in a set without labels.
        names: k file names; empty where the pictures were no files.
        skipped: pictures of this block that could not be used.
        warnings: one name for each warning of the path.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8] | None
    names: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _One:
    image: NDArray[np.uint8] | None
    warnings: tuple[str, ...] = ()
    reason: str = ""


def convert(opened: Opened, plan: Plan) -> Iterator[Converted]:
    """Every picture of a set as `plan` says, block by block.

    Raises:
        DataError: what `opened.blocks()` raises; or the pictures of an array are not 28 x 28 and the plan wants them
            as they are; or all pictures together have too many pixels.
    """
    import cv2

    cv2.setNumThreads(1)  # the pool is what works in parallel
    check_plan(opened, plan)
    decoder = PictureReader()
    with ThreadPoolExecutor(min(_WORKERS, hardware.cores())) as pool, closing(opened.blocks()) as blocks:  # type: ignore[type-var]
        for block in blocks:
            if isinstance(block.pictures, tuple):
                yield _files(block, plan, decoder, pool)
            elif plan.preprocess == "none":
                yield Converted(as_they_are(block.pictures, plan), block.labels, (), (), ())
            else:
                yield from _arrays(block, pool)


def check_plan(opened: Opened, plan: Plan) -> None:
    """Raises DataError when the pictures cannot be taken as they are and the plan says so."""
    if plan.preprocess == "none" and opened.shape not in (None, (SIDE, SIDE)):
        height, width = opened.shape or (0, 0)
        raise DataError(
            f"the pictures are {height} x {width}; as they are only {SIDE} x {SIDE} can be taken: let them be "
            "preprocessed."
        )


def as_they_are(pictures: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
    """(k, 28, 28[, 3 or 4]) pictures as images, the levels turned over where the plan says so."""
    if pictures.ndim == 4:
        pictures = np.stack([grey_of(picture) for picture in pictures])
    return 255 - pictures if plan.inverted else pictures


def grey_of(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of any channels in grey, (height, width) uint8."""
    from core.preprocessing.grey import as_pixels, flatten_alpha, to_grey

    return to_grey(flatten_alpha(as_pixels(picture)))


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """A decoded picture file.

    Attributes:
        pixels: (height, width, 4) uint8, shrunk to 1,000 a side where the file has over a million pixels.
        shape: height and width before that.
    """

    pixels: NDArray[np.uint8]
    shape: tuple[int, int]


class PictureReader:
    """Decodes the picture files of one set, large ones one at a time, and counts their pixels. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._large = threading.Lock()
        self.pixels = 0  # of all pictures so far, by their headers

    def read(self, given: Given) -> ReadPicture:
        """The picture in a file.

        Raises:
            PictureError: it is no picture, or damaged.
            DataError: it cannot be read, or the set has too many pixels by now.
        """
        from core.preprocessing import MAX_BYTES, read_picture

        with reading(given.name):
            data = read_bounded(given, MAX_BYTES)
        pixels = _pixels(data)
        with self._lock:
            self.pixels += pixels
            if self.pixels > MAX_PIXELS:
                raise _TooManyPixelsError(
                    f"the pictures have more than {MAX_PIXELS / 1e6:,.0f} megapixels together; give a part of them, "
                    "or smaller ones."
                )
        if pixels > _LARGE:
            with self._large:
                return _shrunk(data)
        picture = read_picture(data)
        return ReadPicture(picture, picture.shape[:2])


def _shrunk(data: bytes) -> ReadPicture:
    """A large picture as the path begins with it; the memory that decoding took is given back at once."""
    from core.preprocessing import read_picture
    from core.preprocessing.grey import shrink

    picture = read_picture(data)
    shape = picture.shape[:2]
    picture = shrink(picture).copy()
    # Without this, glibc keeps 90 MB for each thread that ever decoded 12 megapixels.
    trim = getattr(_LIBC, "malloc_trim", None)
    if trim is not None:
        trim(0)
    return ReadPicture(picture, shape)


class _TooManyPixelsError(DataError):
    """Ends the whole set, where other trouble with one picture only skips that one."""


def _pixels(data: bytes) -> int:
    """What the header says, without decoding; 0 when it cannot be read, which decoding will explain."""
    from PIL import Image

    from core.preprocessing.picture import FORMATS

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            return opened.size[0] * opened.size[1]
    except Exception:  # noqa: BLE001 - the parsers raise whatever they stumble over
        return 0


def _files(block: Block, plan: Plan, decoder: PictureReader, pool: ThreadPoolExecutor) -> Converted:
    def one(given: Given) -> _One:
        try:
            return _image_of(decoder.read(given), plan)
        except _TooManyPixelsError:
            raise
        except (PictureError, DataError) as error:
            return _One(None, reason=str(error))

    givens: tuple[Given, ...] = tuple(block.pictures)
    found = list(pool.map(one, givens))
    kept = [place for place, each in enumerate(found) if each.image is not None]
    images = [each.image for each in found if each.image is not None]
    return Converted(
        images=np.stack(images) if images else np.empty((0, SIDE, SIDE), np.uint8),
        labels=None if block.labels is None else block.labels[kept],
        names=tuple(givens[place].name for place in kept),
        skipped=tuple(
            Skipped(given.name, each.reason) for given, each in zip(givens, found, strict=True) if each.image is None
        ),
        warnings=tuple(warning for each in found for warning in each.warnings),
    )


def _image_of(picture: ReadPicture, plan: Plan) -> _One:
    if plan.preprocess == "full":
        return _through_the_path(picture.pixels)
    height, width = picture.shape
    if (height, width) != (SIDE, SIDE):
        return _One(None, reason=f"It is {width} x {height}; as they are only {SIDE} x {SIDE} can be taken.")
    return _One(as_they_are(grey_of(picture.pixels)[None], plan)[0])


def _arrays(block: Block, pool: ThreadPoolExecutor) -> Iterator[Converted]:
    """The path for pictures in memory."""
    pictures = block.pictures
    small = isinstance(pictures, np.ndarray) and max(pictures.shape[1:3]) <= _SMALL_SIDE
    run: Callable = map if small else pool.map
    for start in range(0, len(pictures), _AT_ONCE):
        part = pictures[start : start + _AT_ONCE]
        found = list(run(_through_the_path, part))
        labels = None if block.labels is None else block.labels[start : start + _AT_ONCE]
        warnings = tuple(warning for each in found for warning in each.warnings)
        yield Converted(np.stack([each.image for each in found]), labels, (), (), warnings)


def _through_the_path(picture: NDArray[np.uint8]) -> _One:
    from core.preprocessing import preprocess

    done: Preprocessed = preprocess(picture)
    # Kept in bytes, as MNIST is: a quarter of the room, and within half a grey level of what the path gives.
    return _One((done.image * 255 + 0.5).astype(np.uint8), done.warnings)
