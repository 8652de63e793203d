"""My digits as a zip to take along, and back from one.

Owns the zip: `<label>/<digit id>.png` as they were given, `my_digits.csv` to read, `my_digits.json` with the strokes.
It can be loaded as a data set of one's own too. A zip from outside is read under `core.datasets`' rules, and nothing in
it is believed: pictures are read and preprocessed anew, and any zip with a folder for each digit will do.
"""

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.datasets import Given
from core.datasets.archive import members
from core.datasets.limits import reading
from core.datasets.pictures import is_called_picture, read_bounded
from core.errors import DataError, PictureError
from core.my_digits.digit import DIGIT_ID, MyDigit, Seen, new_id, told_of
from core.my_digits.room import MOST
from core.my_digits.store import MyDigits

TABLE: Final = "my_digits.csv"
FACTS: Final = "my_digits.json"
COLUMNS: Final = ("file", "label", "read", "confidence", "run", "source", "made_at", "shared")
MAX_ZIP_BYTES: Final = 50_000_000
Report = Callable[[int, int], None]
_MAX_PICTURE_BYTES: Final = 20_000_000
_MAX_FACTS_BYTES: Final = 20_000_000
_LABEL: Final = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of an import.

    Attributes:
        kept: how many digits are new.
        known: how many were there already.
        skipped: how many could not be used, and why the first could not.
    """

    kept: int
    known: int
    skipped: int
    reason: str


def export_zip(digits: Iterable[MyDigit]) -> bytes:
    """The digits as a zip."""
    listed = list(digits)
    stream, lines = io.BytesIO(), io.StringIO(newline="")
    table = csv.writer(lines)
    table.writerow(COLUMNS)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:  # PNGs do not get smaller
        for digit in listed:
            name = _name(digit)
            packed.writestr(name, digit.picture())
            made_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(digit.made_at))
            read, sure = ("" if digit.read is None else digit.read), _sure(digit.confidence)
            table.writerow((name, digit.label, read, sure, digit.run_id or "", digit.source, made_at, digit.shared))
        packed.writestr(TABLE, lines.getvalue(), zipfile.ZIP_DEFLATED)
        facts = {_name(digit): digit.facts() for digit in listed}
        packed.writestr(FACTS, json.dumps(facts), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def import_zip(store: MyDigits, name: str, data: bytes, report: Report = lambda done, total: None) -> Brought:
    """Keeps the digits of a zip, those that are there already left as they are.

    Args:
        report: is told after each picture how many of how many are done.

    Raises:
        DataError: the zip is damaged, hostile, too large, or holds no labelled pictures.
    """
    if len(data) > MAX_ZIP_BYTES:
        raise DataError(f"the zip has {len(data) / 1e6:.0f} MB; at most {MAX_ZIP_BYTES / 1e6:.0f} MB are read.")
    with ExitStack() as stack:
        found = members(Given.of_bytes(name, data), stack)
        pictures = [each for each in found if _label(each.name) is not None and is_called_picture(each.name)]
        if not pictures:
            raise DataError("the zip holds no labelled pictures; give one with a folder for each digit, 0 to 9.")
        if len(pictures) > MOST:
            raise DataError(f"the zip holds {len(pictures):,} pictures; a visitor may keep {MOST}: give a part of it.")
        told = _told(found)
        return _bring(store, pictures, told, report)


def _bring(store: MyDigits, pictures: list[Given], told: dict[str, Any], report: Report) -> Brought:
    kept, known, reasons = 0, 0, []
    for number, each in enumerate(pictures, 1):
        label = _label(each.name)
        assert label is not None  # they were chosen by it
        try:
            said = told.get("/".join(each.name.split("/")[-2:]))
            said = said if isinstance(said, dict) else {}
            digit_id, made_at = _identity(each.name, said)
            if store.put(digit_id, _seen(each, said), label, made_at):
                kept += 1
            else:
                known += 1
        except (DataError, PictureError) as error:
            reasons.append(f"{each.name}: {error}")
        report(number, len(pictures))
    return Brought(kept, known, len(reasons), reasons[0] if reasons else "")


def _seen(given: Given, said: dict[str, Any]) -> Seen:
    from core.preprocessing import preprocess, read_picture  # OpenCV: when it is needed

    with reading(given.name):
        data = read_bounded(given, _MAX_PICTURE_BYTES)
    picture = read_picture(data)
    preprocessed = preprocess(picture)
    if preprocessed.blank:
        raise DataError("nothing is drawn in it.")
    image = np.round(255 * preprocessed.image).astype(np.uint8)
    read, confidence, run_id, source, strokes = told_of(said)
    return Seen(picture, image, read, confidence, run_id, source, strokes)


def _identity(name: str, said: dict[str, Any]) -> tuple[str, float]:
    """The id in a file's name, or a new one; and when the digit was made, now where nobody knows."""
    stem = name.rpartition("/")[2].rpartition(".")[0]
    made_at = said.get("made_at")
    plausible = isinstance(made_at, int | float) and not isinstance(made_at, bool) and 0 <= made_at <= time.time()
    at = float(made_at) if plausible and made_at is not None else time.time()
    return (stem if DIGIT_ID.fullmatch(stem) else new_id(at)), at


def _told(found: list[Given]) -> dict[str, Any]:
    """What `my_digits.json` says; nothing where there is none that can be read."""
    for each in found:
        if each.name.rpartition("/")[2] == FACTS and each.size <= _MAX_FACTS_BYTES:
            try:
                with reading(each.name):
                    values = json.loads(read_bounded(each, _MAX_FACTS_BYTES))
            except (DataError, ValueError, RecursionError):
                return {}
            return values if isinstance(values, dict) else {}
    return {}


def _name(digit: MyDigit) -> str:
    return f"{digit.label}/{digit.digit_id}.png"


def _label(name: str) -> int | None:
    folder = name.split("/")[-2:-1]
    return int(folder[0]) if folder and _LABEL.fullmatch(folder[0]) else None


def _sure(confidence: float | None) -> str:
    return "" if confidence is None else f"{confidence:.4f}"
