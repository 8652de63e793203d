"""What the PATHs of `predict` stand for: files, the pictures of a folder, what matches a pattern, standard input.

Owns that, and reading their bytes. What is in them is no business of this module.
"""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import ConfigError

STANDARD_INPUT: Final = "-"
PICTURE_SUFFIXES: Final = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
NO_PICTURES: Final = "The folder has no PNG, JPEG, WebP or BMP file."


@dataclass(frozen=True, slots=True)
class Input:
    """One input, or why there is none.

    Attributes:
        path: as the user would name it; `-` is standard input.
        reason: one sentence on why the path stands for no file; empty when it stands for one.
    """

    path: str
    reason: str = ""


def inputs(paths: Iterable[str]) -> Iterator[Input]:
    """Every input, in the order of the paths.

    A folder stands for the pictures in it by extension, sorted by name, none below it. A pattern (`*`, `?`, `[a-c]`,
    and `**` for any folders) stands for the files that match it, sorted by name, and the pictures of folders that do;
    a file that is called like a pattern is meant itself.
    """
    for path in paths:
        if not path:  # as from a shell variable that was never set
            yield Input(path, "The path is empty: name a file, a folder or a pattern.")
        elif path != glob.escape(path) and not os.path.lexists(path):
            yield from _matching(path)
        else:
            yield from _named(path)


def require_one_standard_input(paths: list[str]) -> None:
    """Raises a ConfigError where standard input is to be read more than once."""
    if paths.count(STANDARD_INPUT) > 1:
        raise ConfigError("- is standard input, which can be read only once; name the other pictures by their paths.")


def read_bytes(path: str, most: int) -> bytes:
    """The first `most` bytes of an input.

    Raises:
        OSError: it cannot be read.
    """
    if path != STANDARD_INPUT:
        with Path(path).open("rb") as stream:
            return stream.read(most)
    if sys.stdin is None:  # closed by whoever started us
        raise OSError(0, "standard input is closed")
    return sys.stdin.buffer.read(most)


def sentence(error: OSError) -> str:
    """Why an input cannot be read."""
    return f"The file or folder cannot be read: {error.strerror or type(error).__name__}."


def _matching(pattern: str) -> Iterator[Input]:
    matching = sorted(glob.iglob(pattern, recursive=True))
    named = (each for path in matching for each in _named(path) if each.reason != NO_PICTURES)
    found = dict.fromkeys(named)  # with ** a folder and what is in it both match
    yield from found or [Input(pattern, "No file matches the pattern.")]


def _named(path: str) -> Iterator[Input]:
    if not os.path.isdir(path):
        yield Input(path)
        return
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name for entry in entries if _is_picture(entry))
    except OSError as error:
        yield Input(path, sentence(error))
        return
    if not names:
        yield Input(path, NO_PICTURES)
    for name in names:
        yield Input(os.path.join(path, name))


def _is_picture(entry: "os.DirEntry[str]") -> bool:
    # Names that open with a dot are other programs' notes (`._1.png` on macOS), not pictures.
    if not entry.name.lower().endswith(PICTURE_SUFFIXES) or entry.name.startswith("."):
        return False
    return entry.is_file() or not os.path.exists(entry.path)  # a link to nothing is told, not passed over
