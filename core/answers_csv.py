"""Answers for picture files as CSV, to work on elsewhere.

Owns its columns, and that no spreadsheet takes a cell for a formula. The answers are `answers`' records.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from core.marks import harmless

PROBABILITIES: Final = tuple(f"p{digit}" for digit in range(10))
COLUMNS: Final = ("file", "digit", "confidence", "digits", "abstained", "warnings", "error", *PROBABILITIES)


def answers_csv(records: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """`csv_lines` as one text, the lines ending as spreadsheets expect (CR LF)."""
    return "".join(f"{line}\r\n" for line in csv_lines(records))


def csv_lines(records: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """One line for each file after a header line, in their order, each as soon as its record is there, without its end.

    The columns: `file`; `digit` and its `confidence` in [0, 1], empty for a blank picture; `digits`, all that were
    read one by one, in reading order, empty where the picture was read as one; `abstained`, yes where the answer, or
    any of the digits, is *I don't know*; `warnings`, their names with spaces between; `error`, why the file could not
    be read; `p0` to `p9`, the ten probabilities.

    Args:
        records: the name of each file, and `answers.record` or `answers.failure` of it.
    """
    yield ",".join(COLUMNS)
    for name, record in records:
        stream = io.StringIO(newline="")
        csv.writer(stream).writerow(_line(name, record))  # told no line's end, it would not quote one in a name
        yield stream.getvalue().removesuffix("\r\n")


def _line(name: str, record: Mapping[str, Any]) -> tuple[Any, ...]:
    digits = record.get("digits") or []
    abstained = any(each.get("abstained") for each in (record, *digits))
    return (
        harmless(name),
        record["digit"],
        record["confidence"],
        "".join(str(each["digit"]) for each in digits if each["digit"] is not None),
        "yes" if abstained else "no",
        " ".join(record["warnings"]),
        harmless(record.get("error", "")),
        *(record["probabilities"] or [None] * len(PROBABILITIES)),
    )
