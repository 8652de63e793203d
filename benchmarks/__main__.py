"""Every benchmark, one after another, as one Markdown document on standard output: what `make bench` prints.

    python -m benchmarks [--only training kills ...] [--quick] [--data FOLDER]

Owns their order and their titles. Each is a program of its own and runs in a process of its own, with its progress on
standard error. Exits with 1 when one failed; no figure is judged.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks import machine, studio


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark: its title, and its arguments for a quick try."""

    title: str
    quick: tuple[str, ...] = ("--quick",)


BENCHMARKS: Final = {
    "training": Benchmark("Training: a run against a plain model.fit, and what augmentation costs"),
    "kills": Benchmark("Workers killed at random moments"),
    "pages": Benchmark("Pages: the first point, watching, and a thousand runs"),
    "explorer": Benchmark("The explorers with 10,000 images"),
    "form_redraw": Benchmark("A change of the form while a run trains", ("--changes", "6")),
    "canvas": Benchmark("The canvas: pen up to answer, why, and pen strokes replayed by the mouse"),
    "novelty": Benchmark("What is no digit, and gets told so", ()),
    "rest": Benchmark("REST under load, and one prediction"),
    "contract": Benchmark("The REST interface against its own description"),
    "paper": Benchmark("Made paper: accuracy by condition, and strings of digits", ("--each", "3")),
    "handwriting": Benchmark("Handwriting that is not MNIST", ()),
}


WITH_DATA: Final = ("canvas", "paper", "handwriting")  # what looks at a folder of handwriting


def measure(name: str, arguments: list[str]) -> int:
    """Prints the part of one benchmark, and gives its exit status."""
    print(f"## {BENCHMARKS[name].title}\n", flush=True)
    began = time.monotonic()
    code = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments], cwd=studio.ROOT, check=False
    ).returncode
    ending = "" if code == 0 else f"; **failed** with exit status {code}"
    print(f"`python -m benchmarks.{name}`, {(time.monotonic() - began) / 60:.0f} min{ending}\n", flush=True)
    return code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=[], metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="does each of them work; the figures mean nothing")
    parser.add_argument("--data", type=Path, help="a folder of handwriting, see benchmarks/handwriting.py")
    arguments = parser.parse_args()
    if "handwriting" in arguments.only and not arguments.data:
        parser.error("handwriting needs --data")
    names = arguments.only or [name for name in BENCHMARKS if name != "handwriting" or arguments.data]
    when = f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC, load average {os.getloadavg()[0]:.1f} at the start"
    print(f"# Digit Studio, measured\n\n{when}. {machine.described()}", flush=True)
    if arguments.quick:
        print("**A quick try: the figures mean nothing.**\n", flush=True)
    codes = []
    for name in names:
        options = list(BENCHMARKS[name].quick) if arguments.quick else []
        if name in WITH_DATA and arguments.data:
            options += ["--data", str(arguments.data)]
        codes.append(measure(name, options))
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
