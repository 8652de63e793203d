"""The table of Kaggle's *Digit Recognizer*: one row per image, 784 pixels row by row, with or without a label.

Owns the form of such a CSV (its columns, with or without their names) and reading it block by block, so that a file of
any length takes a few megabytes. Parsing the numbers is pandas' work.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from core.datasets.blocks import Block, Form, Levels, Opened, as_labels, first_of
from core.datasets.given import Given
from core.datasets.limits import BLOCK_BYTES, MAX_IMAGES, check_count, reading
from core.errors import DataError

SIDE: Final = 28
PIXELS: Final = SIDE * SIDE
_MAX_LINE: Final = 64_000  # bytes; 785 numbers with six decimals have 7,000
_LABELS: Final = {"label", "labels", "digit", "class", "target", "y"}
_IDS: Final = {"id", "imageid", "index", "unnamed: 0", ""}
_PIXEL: Final = re.compile(r"\D*(\d+)")
_RULE: Final = "a Digit Recognizer table has label and pixel0 to pixel783, or the 784 pixels alone"


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where what stands: `pixels` (784,) columns in the images' order."""

    count: int
    label: int | None
    pixels: NDArray[np.int64]
    delimiter: str
    named: bool


def columns_in(head: bytes) -> int:
    """How many columns a file that opens so has, as far as its first line goes; 1 where it is no table."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return 1 if b"\0" in head else 1 + max(line.count(mark) for mark in (b",", b";", b"\t"))


def open_table(given: Given) -> Opened:
    """A CSV file as a data set.

    Raises:
        DataError: its columns are not those of such a table.
    """
    with reading(given.name), given.open() as stream:
        line = _first_line(stream, given.name)
        rest = stream.read(BLOCK_BYTES)
    columns = _columns(line, given.name)
    rows = sum(not line.isspace() for line in rest.splitlines() if line) + (not columns.named)
    exact = len(rest) < BLOCK_BYTES
    if not exact:
        rows = max(1, round(given.size * rows / len(rest)))
    if exact or not given.packed:  # the estimate is good to a few in a hundred
        check_count(rows if exact else round(0.8 * rows), given.name)

    def blocks() -> Iterator[Block]:
        return _blocks(given, columns)

    def sample(most: int) -> Block:
        return first_of(blocks(), most)

    name = given.name.rpartition("/")[2]
    return Opened(
        Form.TABLE,
        name,
        ((given.name, given.size),),
        rows,
        exact,
        columns.label is not None,
        (SIDE, SIDE),
        blocks,
        sample,
    )


def _first_line(stream: BinaryIO, what: str) -> str:
    line = stream.readline(_MAX_LINE + 1)
    if len(line) > _MAX_LINE:
        raise DataError(f"the first line of {what} has more than {_MAX_LINE:,} characters; {_RULE}.")
    try:
        return line.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError:
        raise DataError(f"{what} is no UTF-8 text; save the table as CSV in UTF-8.") from None


def _columns(line: str, what: str) -> _Columns:
    delimiter = max(",;\t", key=line.count)
    names = [name.strip().strip('"').casefold() for name in line.split(delimiter)]
    if all(_is_number(name) for name in names):
        if len(names) not in (PIXELS, PIXELS + 1):
            raise DataError(f"{what} has {len(names):,} columns; {_RULE}.")
        label = 0 if len(names) > PIXELS else None
        return _Columns(len(names), label, np.arange(len(names) - PIXELS, len(names)), delimiter, named=False)
    labels = [place for place, name in enumerate(names) if name in _LABELS]
    others = [place for place, name in enumerate(names) if name not in _LABELS | _IDS]
    if len(labels) > 1 or len(others) != PIXELS:
        raise DataError(f"{what} has {len(names):,} columns, {len(others):,} of them pixels; {_RULE}.")
    order = np.array(others)[_pixel_order([names[place] for place in others])]
    return _Columns(len(names), labels[0] if labels else None, order, delimiter, named=True)


def _pixel_order(names: list[str]) -> NDArray[np.int64]:
    """The places of the pixels' columns by the numbers in their names; as they stand where those are no count."""
    matches = [_PIXEL.fullmatch(name) for name in names]
    numbers = np.array([int(match[1][:9]) if match else -1 for match in matches])
    order = np.argsort(numbers, kind="stable")
    counted = np.array_equal(np.diff(numbers[order]), np.ones(len(names) - 1))
    return order if counted else np.arange(len(names))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _blocks(given: Given, columns: _Columns) -> Iterator[Block]:
    levels, done = Levels(given.name, "row"), 0
    with reading(given.name), given.open() as stream:
        if columns.named:
            _first_line(stream, given.name)
        for text in _whole_lines(stream, given.name):
            table = _parse(text, columns, given.name, done)
            if not len(table):
                continue
            labels = columns.label
            known = None if labels is None else as_labels(table[:, labels], given.name, first=done + 1, row="row")
            done += len(table)
            if done > MAX_IMAGES:
                check_count(done, given.name)
            yield Block(levels.grey(table[:, columns.pixels]).reshape(-1, SIDE, SIDE), known)
    check_count(done, given.name)


def _whole_lines(stream: BinaryIO, what: str) -> Iterator[bytes]:
    """The rest of the file in pieces that end with a line."""
    rest = b""
    while block := stream.read(BLOCK_BYTES):
        piece, end, rest = (rest + block).rpartition(b"\n")
        if len(rest) > _MAX_LINE:
            raise DataError(f"a line of {what} has more than {_MAX_LINE:,} characters; {_RULE}.")
        if end:
            yield piece + end
    if rest:
        yield rest


def _parse(text: bytes, columns: _Columns, what: str, done: int) -> NDArray[np.float64]:
    """(k, columns) numbers of whole lines; `done` rows came before."""
    import pandas as pd  # in the server already; the command line takes it when a table is read

    text = text.removeprefix(b"\xef\xbb\xbf") if not done else text
    if b"\0" in text:
        raise DataError(f"{what} is no text after row {done:,}; give the whole file as CSV.")
    # Without quoting an opening quote cannot swallow the rest of the file.
    options: dict[str, Any] = {"header": None, "sep": columns.delimiter, "quoting": csv.QUOTE_NONE, "low_memory": False}
    try:
        table = pd.read_csv(io.BytesIO(text), index_col=False, encoding_errors="replace", **options)
    except pd.errors.EmptyDataError:
        return np.empty((0, columns.count))
    except pd.errors.ParserError as error:
        raise DataError(
            f"a row of {what} after row {done:,} has too many columns; each has {columns.count}."
        ) from error
    if table.shape[1] != columns.count:
        raise DataError(
            f"row {done + 1:,} of {what} has {table.shape[1]:,} columns where the first line has {columns.count:,}; "
            "give the whole table."
        )
    numbers = table.copy(deep=False)
    for column in table.columns[[not _is_numeric(kind) for kind in table.dtypes]]:
        numbers[column] = pd.to_numeric(table[column], errors="coerce")
    values = numbers.to_numpy(dtype=np.float64)
    unknown = np.isnan(values)
    if unknown.any():
        row, column = (int(place) for place in np.argwhere(unknown)[0])
        found = table.iat[row, column]
        shown = repr(found[:40]) if isinstance(found, str) else "empty"
        raise DataError(
            f"row {done + row + 1:,} of {what} is {shown} in column {column + 1:,}; every column holds a number: "
            "give the whole table."
        )
    return values


def _is_numeric(kind: Any) -> bool:
    return isinstance(kind, np.dtype) and kind.kind in "uif"  # pandas has types of its own for text
