"""Picture files as a data set: one folder per digit, in a zip or on the disk, or pictures alone without labels.

Owns which file is a picture of which digit. Nothing is decoded here: `converting` does that, several at a time.
"""

import io
import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.datasets.blocks import Block, Form, Opened, Skipped, evenly
from core.datasets.given import Given
from core.datasets.limits import check_count
from core.errors import DataError

SUFFIXES: Final = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
_DIGIT: Final = re.compile(r"[0-9]")
_BLOCK: Final = 128  # files; each may be read by another thread
_MAGIC: Final = (b"\x89PNG", b"\xff\xd8\xff", b"BM")


def looks_like_picture(head: bytes) -> bool:
    """Whether a file that opens so is a PNG, JPEG, WebP or BMP."""
    return head.startswith(_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def is_called_picture(name: str) -> bool:
    """Whether a file's name ends as those of pictures do."""
    return name.casefold().endswith(SUFFIXES)


def open_pictures(givens: list[Given]) -> Opened:
    """Pictures as a data set: labelled by the folder that each stands in, or unlabelled where there is no such folder.

    Files that are no pictures by name and content are ignored, pictures outside the digits' folders are skipped.

    Raises:
        DataError: no pictures, or digit folders in several places.
    """
    pictures = [given for given in givens if _is_picture(given)]
    placed = [(given, _digit(given.name)) for given in pictures]
    labelled = any(digit is not None for _, digit in placed)
    skipped: list[Skipped] = []
    if labelled:
        skipped = [Skipped(given.name, _outside(given.name)) for given, digit in placed if digit is None]
        placed = [(given, digit) for given, digit in placed if digit is not None]
        _check_one_place([given.name for given, _ in placed])
    what = next((given.top for given in givens if given.top), givens[0].name)
    check_count(len(placed), what)
    files = [given for given, _ in placed]
    labels = np.array([digit for _, digit in placed], np.uint8) if labelled else None

    def block(places: NDArray[np.int64]) -> Block:
        return Block(tuple(files[place] for place in places), None if labels is None else labels[places])

    def blocks() -> Iterator[Block]:
        for start in range(0, len(files), _BLOCK):
            yield block(np.arange(start, min(start + _BLOCK, len(files))))

    def sample(most: int) -> Block:
        return block(evenly(len(files), most))  # over all folders, which stand one after another

    sources = ((what, sum(given.size for given in givens)),) if givens[0].top else _sources(givens)
    return Opened(
        form=Form.PICTURES,
        title=what,
        files=sources,
        count=len(files),
        exact=True,
        labelled=labelled,
        shape=None,
        blocks=blocks,
        sample=sample,
        skipped=tuple(skipped),
        ignored=len(givens) - len(pictures),
    )


def read_bounded(given: Given, most: int) -> bytes:
    """The file's bytes, one more than `most` at the most. Raises what reading a zip or the disk raises."""
    with given.open() as stream:
        # Not `io.BufferedReader.read`, which may stop early on a zip's member.
        return io.BytesIO(stream.read(most + 1)).getvalue()


def _sources(givens: list[Given]) -> tuple[tuple[str, int], ...]:
    return tuple((given.name, given.size) for given in givens[:100])


def _is_picture(given: Given) -> bool:
    if is_called_picture(given.name):
        return True
    try:
        return looks_like_picture(given.head(16))
    except DataError:  # damaged, and not called a picture
        return False


def _digit(name: str) -> int | None:
    folder = name.split("/")[-2:-1]
    return int(folder[0]) if folder and _DIGIT.fullmatch(folder[0]) else None


def _outside(name: str) -> str:
    folder = name.rpartition("/")[0].rpartition("/")[2]
    return f"It stands in the folder {folder!r}, not in one called 0 to 9." if folder else "It stands in no folder."


def _check_one_place(names: list[str]) -> None:
    places = sorted({"/".join(name.split("/")[:-2]) or "the top" for name in names})
    if len(places) > 1:
        raise DataError(
            f"there are digit folders in {len(places)} places ({', '.join(places[:3])}); give one of them at a time."
        )
