"""A real server with a home of its own, and Chromium to look at it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 180_000  # milliseconds that a page may take on a busy machine before a test gives up


@dataclass(frozen=True, slots=True)
class Studio:
    """A running server: its address and the home it was started with."""

    url: str
    home: Path

    @property
    def runs(self) -> list[Path]:
        """The folders of its own runs, oldest first."""
        return sorted(path for path in (self.home / "runs").glob("[0-9]*") if path.is_dir())


def chromium() -> str:
    """The browser's path. Without one the test is skipped with the reason, or fails where CI promises one."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """`streamlit run serve.py` on a free port; ends with its worker within ten seconds of SIGTERM."""
    chromium()  # no need to start a server that nobody can look at
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
    environment = os.environ | {"DIGIT_STUDIO_HOME": str(home)}
    log = (home / "server.log").open("wb")
    with log, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as server:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, server, home / "server.log")
        yield Studio(url, home)
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            raise


def _wait_until_healthy(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text(errors="replace")
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2),
        ):
            return
        time.sleep(0.1)
    pytest.fail(f"the server did not answer within a minute:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="module")
def browser(studio: Studio):
    """One Chromium for a file of tests, its profile new and thrown away.

    No longer than that: while Playwright is at work no test in this process can run an event loop of its own.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@contextlib.contextmanager
def visits(browser, studio: Studio) -> Iterator[Callable]:
    """Opens a page of the studio as a new visitor: `visit("Train", width=390)`; all of them leave in the end.

    `asked` collects the addresses of everything that is fetched from then on.
    """
    contexts = []

    def visit(
        path: str = "",
        *,
        width: int = 1366,
        height: int = 1000,
        appearance: str = "light",
        asked: list[str] | None = None,
    ):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=appearance)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        if asked is not None:
            page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{studio.url}/{path}")
        page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(browser, studio: Studio) -> Iterator[Callable]:
    """Opens a page as a visitor who stays for one test: `visitor("Train", width=390)`."""
    with visits(browser, studio) as visit:
        yield visit
