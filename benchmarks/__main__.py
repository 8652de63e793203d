"""Every benchmark, one after another, as one Markdown document on standard output: what `make bench` prints.

    python -m benchmarks [--only training kills ...] [--quick] [--data FOLDER] [--out FOLDER]

Owns their order and their titles. Each is a program of its own and runs in a process of its own, with its progress on
standard error. A quick try runs two of them at a time, since its figures mean nothing. With `--out` the document is
kept as `bench.md`, its tables as `bench.json` (`benchmarks.results`), both written anew after each benchmark. Exits
with 1 when one failed; no figure is judged.
"""

import argparse
import functools
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, results, studio
from core import hardware
from core.files import replacing, write_json


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark: its title, and its arguments for a quick try."""

    title: str
    quick: tuple[str, ...] = ("--quick",)


BENCHMARKS: Final = {
    "training": Benchmark("Training: a run against a plain model.fit, and what augmentation costs"),
    "time_to_99": Benchmark("Time to 99 % on test, against the examples of Keras and PyTorch"),
    "latency": Benchmark("One image and many: the studio's path against Keras' three"),
    "startup": Benchmark("Start to the first prediction and the server's memory, against an app with TensorFlow in it"),
    "accuracy": Benchmark("Accuracy of every shipped preset, by set"),
    "kills": Benchmark("Workers killed at random moments"),
    "pages": Benchmark("Pages: the first point, watching, and a thousand runs"),
    "explorer": Benchmark("The explorers with 10,000 images"),
    "form_redraw": Benchmark("A change of the form while a run trains", ("--changes", "6")),
    "canvas": Benchmark("The canvas: pen up to answer, why, and pen strokes replayed by the mouse"),
    "novelty": Benchmark("What is no digit, and gets told so", ()),
    "rest": Benchmark("REST under load, and one prediction"),
    "contract": Benchmark("The REST interface against its own description"),
    "paper": Benchmark("Made paper: accuracy by condition, and strings of digits", ("--each", "1")),
    "handwriting": Benchmark("Handwriting that is not MNIST", ()),
}


AT_A_TIME: Final = 2  # benchmarks of a quick try
WITH_DATA: Final = ("accuracy", "canvas", "paper", "handwriting")  # what looks at a folder of handwriting


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one benchmark.

    Attributes:
        markdown: what it printed.
        seconds: that it took, its start included.
        code: its exit status.
    """

    name: str
    markdown: str
    seconds: float
    code: int

    @property
    def text(self) -> str:
        """Its part of the document."""
        return f"{opening(self.name)}{self.markdown}\n{self.ending}\n"

    @property
    def ending(self) -> str:
        """Its last line: the command, how long it took, and whether it failed."""
        took = f"{self.seconds:.0f} s" if self.seconds < 100 else f"{self.seconds / 60:.0f} min"
        failed = f"; **failed** with exit status {self.code}" if self.code else ""
        return f"`python -m benchmarks.{self.name}`, {took}{failed}\n"


@dataclass(slots=True)
class Document:
    """Everything that was measured so far, and where it is kept.

    Attributes:
        folder: None keeps nothing.
    """

    quick: bool
    folder: Path | None
    date: datetime = field(default_factory=lambda: datetime.now(UTC))
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    parts: list[Part] = field(default_factory=list)

    @property
    def head(self) -> str:
        """The date, the machine and the versions."""
        when = f"{self.date:%d %B %Y, %H:%M} UTC, load average {self.load:.1f} at the start"
        warning = "**A quick try: the figures mean nothing.**\n\n" if self.quick else ""
        return f"# Digit Studio, measured\n\n{when}. {machine.described()}\n{warning}"

    @property
    def peers(self) -> str:
        """All peers in one table; empty without any."""
        table = results.beside_peers("\n".join(part.markdown for part in self.parts))
        return f"## Ours and the peers\n\n{table}" if table else ""

    def to_json(self) -> dict[str, Any]:
        """The content of `bench.json`."""
        return {
            "date": self.date.isoformat(timespec="seconds"),
            "quick": self.quick,
            "load_average": round(self.load, 2),
            "machine": hardware.describe(),
            "benchmarks": {
                part.name: {
                    "title": BENCHMARKS[part.name].title,
                    "exit_status": part.code,
                    "seconds": round(part.seconds, 1),
                    "tables": [table.to_json() for table in results.tables(part.markdown)],
                }
                for part in self.parts
            },
        }

    def keep(self) -> None:
        """Writes both files anew."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        text = self.head + "".join(part.text for part in self.parts) + self.peers
        with replacing(self.folder / "bench.md") as path:
            path.write_text(text, encoding="utf-8")
        write_json(self.folder / "bench.json", self.to_json())


def opening(name: str) -> str:
    """The heading of a benchmark's part."""
    return f"## {BENCHMARKS[name].title}\n\n"


def measure(name: str, arguments: Sequence[str], *, live: bool) -> Part:
    """Runs one benchmark, and prints its part: as it comes where it is `live`, else nothing."""
    tell = functools.partial(print, end="", flush=True) if live else _nothing
    tell(opening(name))
    began, said = time.monotonic(), []
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    with subprocess.Popen(command, cwd=studio.ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        for line in process.stdout:
            tell(line)
            said.append(line)
    part = Part(name, "".join(said), time.monotonic() - began, process.returncode)
    tell(f"\n{part.ending}\n")
    return part


def _nothing(text: str) -> None:
    pass


def measured(wanted: dict[str, list[str]], *, quick: bool) -> Iterator[Part]:
    """The parts of the benchmarks with these arguments, printed, in their order."""
    if not quick:
        for name, arguments in wanted.items():
            yield measure(name, arguments, live=True)
        return
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for part in pool.map(functools.partial(measure, live=False), wanted, wanted.values()):
            print(part.text, flush=True)
            yield part


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=[], metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="does each of them work; the figures mean nothing")
    parser.add_argument("--data", type=Path, help="a folder of handwriting, see benchmarks/handwriting.py")
    parser.add_argument("--out", type=Path, help="keep bench.md and bench.json in this folder")
    given = parser.parse_args()
    if "handwriting" in given.only and not given.data:
        parser.error("handwriting needs --data")
    wanted: dict[str, list[str]] = {}
    for name in given.only or [name for name in BENCHMARKS if name != "handwriting" or given.data]:
        wanted[name] = list(BENCHMARKS[name].quick) if given.quick else []
        if name in WITH_DATA and given.data:
            wanted[name] += ["--data", str(given.data.resolve())]
    document = Document(given.quick, given.out)
    print(document.head, end="", flush=True)
    for part in measured(wanted, quick=given.quick):
        document.parts.append(part)
        document.keep()
    print(document.peers, flush=True)
    return int(any(part.code for part in document.parts))


if __name__ == "__main__":
    sys.exit(main())
