"""Results as data: the tables of the Markdown that benchmarks print, for `bench.json` and for the table of all peers.

Owns the form of both. They are made from the Markdown alone, so that no figure is written twice. What is measured, and
how a figure looks, is each benchmark's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import machine

Value = str | int | float | None

_NUMBER: Final = re.compile(r"[-+]?\d[\d,]*(\.\d+)?([ \N{NO-BREAK SPACE}]?%)?")
_RULE: Final = re.compile(r"\|( ?:?-+:? ?\|)+")  # between the columns' names and the rows


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a Markdown text.

    Attributes:
        heading: the last heading above it, without its marks; empty when there is none.
        rows: as many cells each as there are columns, as they are written.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values, numbers as numbers."""
        rows = [[value(cell) for cell in row] for row in self.rows]
        return {"heading": self.heading, "columns": list(self.columns), "rows": rows}


def tables(markdown: str) -> Iterator[Table]:
    """Every table of a Markdown text, in order."""
    heading, lines = "", [line.strip() for line in markdown.splitlines()]
    for place, line in enumerate(lines):
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
        elif place and _RULE.fullmatch(line):
            end = next((end for end in range(place, len(lines)) if not lines[end].startswith("|")), len(lines))
            rows = tuple(_cells(below) for below in lines[place + 1 : end])
            yield Table(heading, _cells(lines[place - 1]), rows)


def value(cell: str) -> Value:
    """What a cell says: a number, a share in [0, 1] for a percentage, None for a dash or nothing, else its text."""
    text = cell.strip("*")
    if text in ("", "–"):
        return None
    if not _NUMBER.fullmatch(text):
        return cell
    plain = text.replace(",", "")
    if plain.endswith("%"):
        return round(float(plain[:-1].strip()) / 100, 10)
    return float(plain) if "." in plain else int(plain)


def beside_peers(markdown: str) -> str:
    """All tables that `machine.beside` made, as one; empty when there is none."""
    rows = [row for table in tables(markdown) if table.columns == machine.BESIDE for row in table.rows]
    return machine.table(machine.BESIDE, rows) if rows else ""


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line[1:].removesuffix("|").split("|"))
