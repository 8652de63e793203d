"""A studio of its own for a benchmark: a home that goes away, its jobs, the server on a free port, and Chromium.

Owns how they are started and ended. What is measured with them is each benchmark's.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.home import HOME_VARIABLE, StudioHome
from core.jobs import Jobs
from core.runs import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT: Final = Path(__file__).resolve().parent.parent
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PATIENCE: Final = 60.0  # seconds that a server or a page may take on a busy machine


@contextlib.contextmanager
def home() -> Iterator[StudioHome]:
    """An empty home, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="digit-studio-") as folder:
        found = StudioHome(Path(folder))
        found.runs.mkdir()
        yield found


@contextlib.contextmanager
def jobs() -> Iterator[Jobs]:
    """Jobs in an empty home; whatever they started is ended afterwards."""
    with home() as place:
        found = Jobs(RunStore(place))
        try:
            yield found
        finally:
            found.shutdown()


@contextlib.contextmanager
def server(place: StudioHome) -> Iterator[str]:
    """`streamlit run serve.py` on a free port, and its address; ended with SIGTERM, its training with it.

    Raises:
        RuntimeError: it does not answer; with what it said.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", url.rpartition(":")[2]]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
    environment = os.environ | {HOME_VARIABLE: str(place.root)}
    log = place.root / "server.log"
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream) as process,
    ):
        try:
            _wait_until_healthy(url, process, log)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def bare(script: str, folder: Path) -> Iterator[str]:
    """A page that is nothing but this script, on a server of its own, and its address: a peer for one of ours."""
    (folder / "bare.py").write_text(script, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    command = [sys.executable, "-m", "streamlit", "run", "bare.py", "--server.port", str(address[1])]
    command += ["--server.headless", "true", "--server.address", address[0], "--browser.gatherUsageStats", "false"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet) as process:
        try:
            _wait_until_listening(address)
            yield f"http://{address[0]}:{address[1]}"
        finally:
            process.terminate()


def _wait_until_listening(address: tuple[str, int]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _wait_until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),  # it does not listen yet, or is too busy to answer
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2),
        ):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(errors='replace')[-2_000:]}")


@contextlib.contextmanager
def browser() -> Iterator["Browser"]:
    """Chromium, its profile new and thrown away.

    Raises:
        RuntimeError: none is installed.
    """
    from playwright.sync_api import sync_playwright

    path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if path is None:
        raise RuntimeError(f"no browser: none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield found
        found.close()


def open_page(browser: "Browser", url: str, *, patience: float = PATIENCE) -> "Page":
    """A page of a new visitor, once Streamlit has drawn it.

    Args:
        patience: seconds that it, and everything waited for on it later, may take.
    """
    page = browser.new_context(viewport={"width": 1366, "height": 1000}, color_scheme="light").new_page()
    page.set_default_timeout(1_000 * patience)
    page.goto(url)
    page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    return page
