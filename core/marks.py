"""What people say about single images: the label is wrong, the picture is ambiguous, or all is fine.

Owns `marks/<data set>.json` in the studio's home, and its CSV. Several visitors may mark at the same time: each mark
is put into the newest file, and the last word about an image counts. Which labels are worth a look is `evaluation`'s,
and figures without the images marked wrong are too.
"""

import csv
import enum
import io
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

import filelock
import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ConfigError, DataError, StudioError
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.notes import check_note

MNIST_TEST: Final = "mnist-test"
MNIST_TRAIN: Final = "mnist-train"
# Validation images are known by their places in the training split, as `pairing.Answers` has them.
OF_SPLIT: Final = {"test": MNIST_TEST, "validation": MNIST_TRAIN}
DATA_SET: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MOST: Final = 10_000_000  # no data set has more images
MAX_NOTE_LENGTH: Final = 500
COLUMNS: Final = ("data_set", "index", "label", "mark", "note", "marked_at")
_WAIT_SECONDS: Final = 10.0


class Verdict(enum.StrEnum):
    """What may be said of an image."""

    WRONG = "wrong"
    AMBIGUOUS = "ambiguous"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said of one image.

    Attributes:
        note: text from outside, to be shown as text only.
        marked_at: Unix time in seconds.
    """

    verdict: Verdict
    note: str
    marked_at: float


def read_marks(home: StudioHome, data_set: str) -> dict[int, Mark]:
    """Every mark of a data set by the index of its image, ascending.

    What was edited into something else is left out; a file that cannot be read at all holds no marks.

    Raises:
        DataError: no data set can be called that.
    """
    try:
        values = read_json_object(_path(home, data_set))
    except (OSError, ValueError):
        return {}
    return dict(sorted(_entries(values)))


def is_damaged(home: StudioHome, data_set: str) -> bool:
    """Whether there is a file of marks that cannot be read. The next mark sets it aside and begins a new one.

    Raises:
        DataError: no data set can be called that.
    """
    try:
        read_json_object(_path(home, data_set))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return False


def put_mark(home: StudioHome, data_set: str, index: int, verdict: Verdict | None, note: str = "") -> dict[int, Mark]:
    """Marks an image, in place of what was said of it before; None takes the mark away. Returns all marks.

    Raises:
        DataError: no data set can be called that, or hold such an index.
        ConfigError: the note is longer than 500 characters or holds control characters.
        ReadOnlyError: nothing may be kept.
        StudioError: the mark cannot be written.
    """
    home.check_writable("marked")
    path, note = _path(home, data_set), check_note(note)
    if len(note) > MAX_NOTE_LENGTH:
        raise ConfigError(f"the note on an image may have {MAX_NOTE_LENGTH} characters; this one has {len(note):,}.")
    if isinstance(index, bool) or not isinstance(index, int | np.integer) or not 0 <= index < MOST:
        raise DataError(f"there is no image {index!r} in {data_set}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The system lets go of the lock when its holder is killed.
        with filelock.FileLock(path.parent / f".{data_set}.lock", timeout=_WAIT_SECONDS):
            _set_damaged_aside(path)
            marks = read_marks(home, data_set)
            marks.pop(int(index), None)
            if verdict is not None:
                marks[int(index)] = Mark(Verdict(verdict), note, time.time())
            write_json(path, {str(place): asdict(mark) for place, mark in sorted(marks.items())})
    except OSError as error:  # the time-out of the lock is one too
        raise StudioError(f"the mark cannot be written: {error.strerror or 'another one is being written'}.") from error
    return dict(sorted(marks.items()))


def marked_wrong(marks: Mapping[int, Mark], places: ArrayLike) -> NDArray[np.bool_]:
    """Which of the images at these places (n,) have their label marked wrong, (n,): what `evaluation.beside` takes."""
    wrong = [index for index, mark in marks.items() if mark.verdict is Verdict.WRONG]
    return np.isin(np.asarray(places, dtype=np.int64), np.array(wrong, dtype=np.int64))


def marks_csv(data_set: str, marks: Mapping[int, Mark], labels: NDArray[np.integer]) -> str:
    """The marks as CSV with a header line, by index, the lines ending as spreadsheets expect (CR LF).

    The columns: `data_set`; `index`, 0-based, of the image in it; `label`, the digit it is labelled as, empty where the
    set has no such image; `mark`, one of wrong, ambiguous, fine; `note`; `marked_at`, ISO 8601 in UTC.

    Args:
        labels: (n,) of the whole data set.
    """
    stream = io.StringIO(newline="")
    lines = csv.writer(stream)
    lines.writerow(COLUMNS)
    for index, mark in sorted(marks.items()):
        label = int(labels[index]) if index < len(labels) else ""
        marked_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(mark.marked_at))
        lines.writerow((data_set, index, label, str(mark.verdict), harmless(mark.note), marked_at))
    return stream.getvalue()


def harmless(note: str) -> str:
    """A note as it goes into a CSV file: one that no spreadsheet takes for a formula."""
    return f"'{note}" if note.startswith(("=", "+", "-", "@", "\t")) else note


def _path(home: StudioHome, data_set: str) -> Path:
    if not DATA_SET.fullmatch(data_set):
        raise DataError(f"no data set is called {data_set[:64]!r}; names are a-z, 0-9, - and _.")
    return home.marks / f"{data_set}.json"


def _entries(values: dict[str, Any]) -> list[tuple[int, Mark]]:
    """What of the file's content is marks."""
    found = []
    for index, entry in values.items():
        if not re.fullmatch(r"[0-9]{1,7}", index) or not isinstance(entry, dict):
            continue
        verdict, note, at = entry.get("verdict"), entry.get("note"), entry.get("marked_at")
        if verdict in list(Verdict) and isinstance(note, str) and _is_time(at):
            found.append((int(index), Mark(Verdict(verdict), note[:MAX_NOTE_LENGTH], at)))
    return found


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e10


def _set_damaged_aside(path: Path) -> None:
    """Keeps a file that is not even JSON under another name, so that the next mark does not end what it held."""
    try:
        read_json_object(path)
    except FileNotFoundError:
        return
    except ValueError:
        path.replace(path.with_suffix(".damaged"))
