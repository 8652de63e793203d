"""From process start to the first prediction on the screen, and the server's memory, against an app with TensorFlow.

    python -m benchmarks.startup [--quick] [--rounds 3]

Both are asked the same way, in Chromium, which runs already: as soon as the server answers, a visitor opens the page,
waits until it is drawn, and uploads one digit of the test split; the clock stops when the digit that was read stands
there. Ours is `serve.py` with *Draw and predict*. The peer is the app that one would write first: it imports
TensorFlow, keeps the same run's `model.keras` with `st.cache_resource`, and asks `predict` about each upload, without
any preprocessing. Then four visitors upload 50 digits each, and the server's resident memory is read. Every round has
new servers; the two take turns, in an order that is turned round after each round, and a ratio is that of one round.
"""

import argparse
import functools
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
from PIL import Image

from benchmarks import machine, studio
from core.data import load_split
from core.home import SHIPPED, StudioHome
from core.run import KERAS_MODEL
from core.runs import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ADDRESS: Final = "Draw_and_Predict"
PATIENCE: Final = 300.0  # seconds: TensorFlow takes its time where other work goes on
ANSWER: Final = "document.querySelector('[data-testid=stMetricValue]')?.innerText.trim()"
TEXT: Final = "document.querySelector('[data-testid=stMain]').innerText"
PEER: Final = """import numpy as np
import streamlit as st
import tensorflow as tf
from PIL import Image


@st.cache_resource
def load():
    return tf.keras.models.load_model("model.keras")


st.title("Digits")
model = load()
files = st.file_uploader("Pictures of digits", accept_multiple_files=True)
digits = []
for file in files:
    image = np.asarray(Image.open(file).convert("L").resize((28, 28)), np.float32) / 255
    digits.append(int(model.predict(image[None, ..., None], verbose=0)[0].argmax()))
if digits:
    st.metric("Digit", digits[0])
    st.text(f"{len(digits)} of {len(files)} files read")
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two.

    Attributes:
        start: runs its server; the address of the page.
        uploads: opens the place where files are given.
    """

    name: str
    start: Callable[[], AbstractContextManager[str]]
    uploads: Callable[["Page"], None]


@dataclass(frozen=True, slots=True)
class Started:
    """What came of one start.

    Attributes:
        seconds: from the start of the process to the first prediction on the screen.
        first, last: resident memory of the server in MB after it, and after all uploads.
    """

    seconds: float
    first: float
    last: float


@contextmanager
def ours() -> Iterator[str]:
    """The studio in a home of its own."""
    with studio.home() as home, studio.server(home) as url:
        yield f"{url}/{ADDRESS}"


@contextmanager
def peer(model: Path) -> Iterator[str]:
    """The app with TensorFlow, beside a copy of the model."""
    with tempfile.TemporaryDirectory(prefix="digit-peer-") as folder:
        shutil.copy(model, Path(folder) / KERAS_MODEL)
        with studio.bare(PEER, Path(folder)) as url:
            yield url


def digits(folder: Path, count: int) -> tuple[list[Path], str]:
    """So many digits of the test split as PNG files of 28 x 28, light on dark, and the label of the first."""
    split = load_split(SHIPPED / "mnist.npz", "test")
    paths = [folder / f"{number:03}.png" for number in range(count)]
    for path, image in zip(paths, split.images, strict=False):
        Image.fromarray(image).save(path)
    return paths, str(split.labels[0])


def visit(browser: "Browser", side: Side, url: str, files: list[Path], shown: str) -> None:
    """One visitor who uploads files and waits until the page shows what was expected."""
    page = studio.open_page(browser, url, patience=PATIENCE)
    side.uploads(page)
    page.locator("input[type=file]").first.set_input_files(files)
    page.wait_for_function(shown)
    page.context.close()


def memory() -> float:
    """Resident memory of the one server that runs, in MB."""
    servers = [child for child in psutil.Process().children() if "streamlit" in child.cmdline()]
    return sum(child.memory_info().rss for child in servers) / 1e6


def measure(browser: "Browser", side: Side, files: list[Path], label: str, visitors: int) -> Started:
    """Starts one of the two, and ends it."""
    began = time.perf_counter()
    with side.start() as url:
        visit(browser, side, url, files[:1], f"{ANSWER} === '{label}'")
        seconds, first = time.perf_counter() - began, memory()
        for _ in range(visitors):
            visit(browser, side, url, files, f"{TEXT}.includes('{len(files)} of {len(files)} files read')")
        return Started(seconds, first, memory())


def in_turns(sides: tuple[Side, Side], rounds: int, count: int, visitors: int) -> dict[str, list[Started]]:
    """Each of the two once a round, forwards and backwards in turn."""
    found: dict[str, list[Started]] = {side.name: [] for side in sides}
    with studio.browser() as browser, tempfile.TemporaryDirectory(prefix="digits-") as folder:
        files, label = digits(Path(folder), count)
        for turn in range(rounds):
            for side in sides if turn % 2 == 0 else sides[::-1]:
                started = measure(browser, side, files, label, visitors)
                print(f"{side.name}, round {turn + 1} of {rounds}: {started}", file=sys.stderr, flush=True)
                found[side.name].append(started)
    return found


def tables(found: dict[str, list[Started]], uploads: int) -> Iterator[str]:
    """The table of both, and that of one beside the other."""
    what = {
        "seconds": ("process start to the first prediction on the screen, s", _tenths),
        "first": ("server memory after it, MB", machine.number),
        "last": (f"server memory after {uploads} uploads more, MB", machine.number),
    }
    rows: list[tuple[object, ...]] = []
    compared = []
    for field, (name, form) in what.items():
        values = {side: [float(getattr(each, field)) for each in starts] for side, starts in found.items()}
        rows += [(f"{side}: {name}", *machine.spread(numbers, form)) for side, numbers in values.items()]
        mine, theirs = values.values()
        against = [their / my for their, my in zip(theirs, mine, strict=True)]
        both = form(statistics.median(mine)), form(statistics.median(theirs))
        compared.append((f"{name}: serve.py / an app with TensorFlow", *both, against))
    yield machine.table(("start and memory", "median", "least", "most"), rows)
    yield machine.beside(compared)


def _tenths(value: float) -> str:
    return f"{value:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round and one visitor with few files: does it work")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rounds, count, visitors = (1, 5, 1) if arguments.quick else (arguments.rounds, 50, 4)
    print(machine.described(), flush=True)
    model = RunStore(StudioHome(SHIPPED)).resolve("active").path / KERAS_MODEL
    sides = (
        Side("serve.py", ours, lambda page: page.get_by_role("tab", name="Upload").click()),
        Side("an app with TensorFlow", functools.partial(peer, model), lambda page: None),
    )
    with machine.load() as load:
        found = in_turns(sides, rounds, count, visitors)
    print(f"### {rounds} starts of each; {load}\n")
    for table in tables(found, count * visitors):
        print(table, flush=True)


if __name__ == "__main__":
    main()
