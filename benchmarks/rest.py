"""The REST interface under load, and one prediction by itself.

    python -m benchmarks.rest [--quick]

Drawings of 280 x 280 pixels, one a request, over 16 connections that are kept open: how many are answered a second, how
long each takes, what the server's memory does, and how soon a page follows a click in Chromium meanwhile. Each answer
is compared with the one that `predict` gives. Then photos of 12 megapixels, for their memory.
"""

import argparse
import asyncio
import functools
import io
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import numpy as np
import psutil
from PIL import Image

from benchmarks import canvas, clock, explorer, machine, studio
from benchmarks.clock import Taken
from core.answers import answer
from core.data import load_split
from core.home import SHIPPED, StudioHome
from core.inference import Classifier, shared_classifiers
from core.preprocessing import read_picture
from core.runs import RunStore
from tests.browser.tracing import strokes_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

T = TypeVar("T")
CONNECTIONS: Final = 16
BOUNDARY: Final = b"drawing"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it goes over the wire, and the digit that its answer must have."""

    request: bytes
    digit: int | None


@dataclass(slots=True)
class Round:
    """What came of a number of requests: the seconds of each, and how many were refused or answered otherwise."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    other: int = 0
    took: float = 0.0

    def row(self, name: str) -> tuple[str, ...]:
        ms = sorted(1_000 * each for each in self.seconds)
        rates = (f"{len(ms) / self.took:,.0f}", f"{statistics.median(ms):.0f}", f"{ms[int(0.99 * len(ms))]:.0f}")
        return (name, f"{len(ms):,}", str(self.refused), str(self.other), *rates, f"{ms[-1]:.0f}")


def drawings(count: int) -> list[bytes]:
    """Drawings as the canvas gives them: strokes traced from digits of MNIST's test split, RGBA, as PNG files."""
    images = load_split(SHIPPED / "mnist.npz", "test").images[:count]
    drawn = (Image.open(io.BytesIO(canvas.drawn_by_code(strokes_of(image)))) for image in images)
    return [encoded(each.convert("RGBA"), "PNG") for each in drawn]


def photos(count: int) -> list[bytes]:
    """Digits of the same split as photos of 12 megapixels, on paper with its grain."""
    grain = np.random.default_rng(1).integers(-8, 9, (300, 400))
    files = []
    for image in load_split(SHIPPED / "mnist.npz", "test").images[:count]:
        paper = np.full((300, 400), 190)
        paper[100:184, 150:234] -= image.repeat(3, 0).repeat(3, 1) // 2
        photo = Image.fromarray((paper + grain).astype(np.uint8)).convert("RGB").resize((4_000, 3_000))
        files.append(encoded(photo, "JPEG"))
    return files


def encoded(image: Image.Image, kind: str) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def calls(files: Iterable[bytes], classifier: Classifier, host: str) -> list[Call]:
    """A request for each file."""
    found = []
    for data in files:
        part = b'Content-Disposition: form-data; name="file"; filename="digit"\r\n\r\n' + data
        body = b"--" + BOUNDARY + b"\r\n" + part + b"\r\n--" + BOUNDARY + b"--\r\n"
        head = f"POST /api/v1/predict HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n".encode()
        head += b"Content-Type: multipart/form-data; boundary=" + BOUNDARY + b"\r\n\r\n"
        found.append(Call(head + body, answer(classifier, data)["digit"]))
    return found


class Caller:
    """Sends requests from a thread of its own, because Playwright keeps the main thread's event loop to itself."""

    def __init__(self, pool: ThreadPoolExecutor, host: str) -> None:
        self._pool = pool
        self._name, _, port = host.partition(":")
        self._port = int(port)

    def send(self, todo: Sequence[Call], count: int, connections: int = CONNECTIONS) -> Round:
        """Sends so many requests, in turn, and waits for the last answer."""
        return self._pool.submit(asyncio.run, self._flood(todo, connections, lambda sent: sent < count)).result()

    def send_during(self, todo: Sequence[Call], work: Callable[[], T]) -> tuple[T, Round]:
        """Sends requests while blocking work is done here, and gives its result and what came of the requests."""
        over = threading.Event()
        requests = self._pool.submit(asyncio.run, self._flood(todo, CONNECTIONS, lambda _: not over.is_set()))
        try:
            result = work()
        finally:
            over.set()
        return result, requests.result()

    async def _flood(self, todo: Sequence[Call], connections: int, go_on: Callable[[int], bool]) -> Round:
        """Sends requests while `go_on` says so of the number sent."""
        found, sent = Round(), 0

        async def caller() -> None:
            nonlocal sent
            reader, writer = await asyncio.open_connection(self._name, self._port)
            while go_on(sent):
                call, sent = todo[sent % len(todo)], sent + 1
                began = time.perf_counter()
                writer.write(call.request)
                status, body = await _answer(reader)
                found.seconds.append(time.perf_counter() - began)
                found.refused += status != 200
                found.other += status == 200 and body["predictions"][0]["digit"] != call.digit
            writer.close()
            await writer.wait_closed()

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(connections)))
        found.took = time.perf_counter() - began
        return found


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    return int(head.split()[1]), json.loads(await reader.readexactly(length))


def presses(browser: "Browser", url: str, times: int) -> list[Taken]:
    """Another page of the images that the shipped model misreads, pressed for in turn."""
    page = studio.open_page(browser, f"{url}/Misclassifications?{explorer.LINK}&show=all")
    following = page.get_by_role("button", name="Next page")
    found = [explorer.press(page, following, explorer.another(page, explorer.FIRST_DIGIT)) for _ in range(times)]
    page.context.close()
    return found


def one_prediction(classifier: Classifier, files: Sequence[bytes], times: int) -> str:
    """The table of one prediction, alone, in milliseconds: from pixels, and from the bytes of the file."""
    pictures = [read_picture(data) for data in files]
    rows = []
    for name, ask, given in (
        ("from its pixels, as on the page", classifier.classify, pictures),
        ("from its PNG file, as over REST", lambda data: answer(classifier, data), files),
    ):
        taken = []
        for turn in range(times):
            began = time.perf_counter()
            ask(given[turn % len(given)])
            taken.append(1_000 * (time.perf_counter() - began))
        rows.append((name, times, *machine.spread(taken, lambda value: f"{value:.2f}")))
    return machine.table(["one drawing of 280 x 280, ms", "n", "median", "least", "most"], rows)


def memory() -> str:
    """What the server holds, in MB."""
    servers = [child for child in psutil.Process().children() if "streamlit" in child.cmdline()]
    return f"{sum(child.memory_info().rss for child in servers) / 1e6:.0f} MB"


def measure(classifier: Classifier, files: Sequence[bytes], times: int, clicks: int) -> None:
    """Prints what the server does with so many requests a round and so many clicks."""
    with (
        studio.browser() as browser,
        studio.home() as home,
        studio.server(home) as url,
        ThreadPoolExecutor(1) as pool,
        machine.load() as load,
    ):
        host = urlsplit(url).netloc
        todo, large = calls(files, classifier, host), calls(photos(4), classifier, host)
        caller = Caller(pool, host)
        caller.send(todo, 200)
        held = [memory()]
        rounds = []
        for _ in range(3):
            rounds.append(caller.send(todo, times))
            held.append(memory())
        alone = presses(browser, url, clicks)
        meanwhile, busy = caller.send_during(todo, functools.partial(presses, browser, url, clicks))
        before_photos = memory()
        photographs = caller.send(large, times // 25, connections=4)
        after_photos = memory()
    rows = [each.row(f"drawings, {CONNECTIONS} connections") for each in rounds]
    rows += [busy.row("the same while Chromium uses a page"), photographs.row("photos of 12 megapixels, 4 connections")]
    columns = ("requests", "n", "refused", "other answers", "a second", "ms, median", "99 %", "most")
    print(f"### REST; {load}\n\n{machine.table(columns, rows)}")
    print(f"The server's memory after 200 requests and after each round of drawings: {', '.join(held)};")
    print(f"before the photos {before_photos}, after them {after_photos}.\n")
    print("### A page meanwhile: Misclassifications, the next page\n")
    print(clock.table({"no requests": alone, f"{CONNECTIONS} connections": meanwhile}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few of everything: does it work")
    quick = parser.parse_args().quick
    times, clicks = (100, 2) if quick else (1_000, 20)
    print(machine.described(), flush=True)
    home = StudioHome(SHIPPED)
    classifier = shared_classifiers().get(home, RunStore(home).resolve("active"))  # as the pages and the API have it
    files = drawings(100)
    with machine.load() as load:
        lonely = one_prediction(classifier, files, times)
    print(f"### One prediction with {classifier.run_id}; {load}\n\n{lonely}", flush=True)
    measure(classifier, files, times, clicks)


if __name__ == "__main__":
    main()
