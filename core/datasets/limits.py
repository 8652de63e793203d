"""How much a data set from outside may hold, and the exceptions that its readers meet on damaged files.

Owns the limits and nothing else. Every reader works in blocks, so none of these amounts is ever in memory at once.
"""

import contextlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from core.errors import DataError

MAX_FILE_BYTES: Final = 1_000_000_000  # of one file that is given
MAX_UNPACKED_BYTES: Final = 2_000_000_000  # of everything in a zip, or of one .gz
MAX_MEMBERS: Final = 100_000  # files in a zip or a folder
MAX_IMAGES: Final = 300_000  # 235 MB kept
MAX_PIXELS: Final = 10_000_000_000  # of all pictures together: what bounds the time
BLOCK_BYTES: Final = 2_000_000  # read at a time

Progress = Callable[[int, int], None]
"""Called with how many images are done and of how many; whatever it raises ends the work."""


def check_count(count: int, what: str) -> None:
    """Raises DataError for no images, or too many."""
    if count < 1:
        raise DataError(f"{what} holds no images; give a set with at least one.")
    if count > MAX_IMAGES:
        raise DataError(f"{what} holds {count:,} images; at most {MAX_IMAGES:,} are read: give a part of them.")


def check_size(size: int, what: str) -> None:
    """Raises DataError for a file that is empty or too large."""
    if size == 0:
        raise DataError(f"{what} is empty; give the whole file.")
    if size > MAX_FILE_BYTES:
        raise DataError(
            f"{what} has {size / 1e6:,.0f} MB; at most {MAX_FILE_BYTES / 1e6:,.0f} MB are read: give a part of it."
        )


@contextlib.contextmanager
def reading(what: str) -> Iterator[None]:
    """Raises DataError for whatever a zip, a .gz or the disk raises on a file that is damaged or gone."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{what} is not there; check the path.") from None
    except OSError as error:  # a BadGzipFile among them, which says nothing of its own
        reason = error.strerror or "it is damaged"
        raise DataError(f"{what} cannot be read ({reason}); give the whole file.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{what} is damaged or cut short; give the whole file.") from error
