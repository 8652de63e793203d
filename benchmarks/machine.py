"""What stands beside every figure of a benchmark: the machine, how busy others kept it, and the spread of the figure.

Owns the look of the tables. Measures no product.
"""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import psutil

from core import hardware

# The columns of ours beside a peer. How many times better: above 1 for whatever is better, more of it or less.
BESIDE: Final = ("ours beside a peer", "ours", "the peer", "times better, median", "least", "most")


@dataclass(slots=True)
class Load:
    """How busy the machine was while something was measured.

    Attributes:
        others: cores that everything but this process and its descendants used, on average; None before the end.
    """

    before: float = field(default_factory=lambda: os.getloadavg()[0])
    others: float | None = None

    def __str__(self) -> str:
        text = f"load average {self.before:.1f} before and {os.getloadavg()[0]:.1f} after"
        return text if self.others is None else f"{text}; others used {self.others:.2f} cores meanwhile"


@contextlib.contextmanager
def load() -> Iterator[Load]:
    """Watches the machine while its block runs."""
    found = Load()
    began, busy, own = time.monotonic(), _busy(), _own()
    yield found
    found.others = max(0.0, (_busy() - busy) - (_own() - own)) / (time.monotonic() - began)


def _busy() -> float:
    """Core seconds that the machine was not idle, what its host took from it included."""
    times = psutil.cpu_times()._asdict()
    counted_already = ("idle", "iowait", "guest", "guest_nice")
    return sum(seconds for name, seconds in times.items() if name not in counted_already)


def _own() -> float:
    """Core seconds of this process and all that it started, the living and the ended."""
    total = 0.0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])  # its own and those of its ended children, in user and system mode
    return total


def described() -> str:
    """The machine and the versions, in one paragraph."""
    found = hardware.describe()
    bfloat16 = "with" if found["bfloat16"] else "without"
    packages = ", ".join(f"{name} {version}" for name, version in found["packages"].items())
    processor = f"{found['processor']}, {found['cores']} cores, {bfloat16} bfloat16, {found['memory_gib']} GiB"
    return f"{processor}; {found['system']}, Python {found['python']}, {packages}.\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    lines = [_line(columns), _line(["---", *["--:"] * (len(columns) - 1)]), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def beside(rows: Iterable[tuple[str, str, str, Sequence[float]]]) -> str:
    """The table of ours beside a peer: what, both medians as they are to be read, and the ratio of each round."""
    return table(BESIDE, [(what, ours, peer, *spread(ratios, ratio)) for what, ours, peer, ratios in rows])


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def number(value: float) -> str:
    """A count or a rate, without decimals."""
    return f"{value:,.0f}"


def ratio(value: float) -> str:
    """How many times as much."""
    return f"{value:.2f}"


def spread(values: Sequence[float], form: Callable[[float], str] = number) -> tuple[str, str, str]:
    """Median, least and most, as cells of a table; dashes without values."""
    if not values:
        return ("–", "–", "–")
    return form(statistics.median(values)), form(min(values)), form(max(values))
