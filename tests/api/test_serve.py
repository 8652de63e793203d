"""The real server: pages and API on one port, free of TensorFlow, gone within 10 seconds of SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from core.home import StudioHome
from tests.api.client import refused
from tests.digits import REPOSITORY, label, picture, run_python

STARTS_WITHIN = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`streamlit run serve.py` in a process of its own."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = home.parent / "server.log"
        options = ["--server.port", str(self.port), "--server.address", "127.0.0.1", "--server.headless", "true"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "serve.py", *options],
                cwd=REPOSITORY,
                env={**os.environ, "DIGIT_STUDIO_HOME": str(home)},
                stdout=log,
                stderr=log,
            )

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                httpx.get(f"{self.address}/api/v1/health").raise_for_status()
                return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"no answer within {STARTS_WITHIN:.0f} s: {self.log.read_text()}")

    def lets_in(self) -> bool:
        """Whether it takes another connection."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Ends it as a service manager would; TimeoutExpired when it does not go."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path / "home")
    try:
        started.wait_until_it_answers()
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()


def test_pages_and_api_on_one_port(server: Server) -> None:
    page = httpx.get(server.address)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert httpx.get(f"{server.address}/api/v1/health").json()["status"] == "ok"
    for path in ("/api/v1/nothing", "/api/v1", "/api/v1/", "/api/nothing", "/api"):
        refused(httpx.get(server.address + path), 404, "not_found")
    document = httpx.get(f"{server.address}/api/v1/openapi.json").json()
    assert document["servers"] == [{"url": "/api/v1"}]
    assert f"{server.address}/api/v1/predict" in httpx.get(f"{server.address}/api/v1/docs").text
    response = httpx.post(f"{server.address}/api/v1/predict", files={"file": ("0.png", picture(0))})
    assert response.json()["predictions"][0]["digit"] == label(0)
    children = psutil.Process(server.process.pid).children(recursive=True)
    server.end()
    assert not [child for child in children if child.is_running()]
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    last = lines[-1]
    assert (last["method"], last["path"], last["status"]) == ("POST", "/api/v1/predict", 200)
    assert last["bytes_in"] > len(picture(0))
    assert {"/api", "/api/nothing", "/api/v1/health"} <= {line["path"] for line in lines}
    assert "Traceback" not in server.log.read_text()


def test_a_large_body_gets_its_answer(server: Server) -> None:
    files = {"file": ("large.png", bytes(25_000_000))}
    refused(httpx.post(f"{server.address}/api/v1/predict", files=files, timeout=120), 413, "too_large")


def test_a_request_under_way_is_answered_before_the_end(server: Server) -> None:
    """SIGTERM comes in the middle of a body: nobody else is let in, and its sender still gets the answer."""
    data = picture(0)
    opening = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="0.png"\r\n\r\n'
    body = opening + data + b"\r\n--edge--\r\n"
    head = (
        b"POST /api/v1/predict HTTP/1.1\r\nHost: studio\r\nContent-Type: multipart/form-data; boundary=edge\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as caller:
        caller.sendall(head + body[:100])
        httpx.get(f"{server.address}/api/v1/health").raise_for_status()  # by now it has seen the first half
        server.process.send_signal(signal.SIGTERM)
        while server.lets_in():
            pass
        caller.sendall(body[100:])
        with caller.makefile("rb") as answer:
            status, _, rest = answer.read().partition(b"\r\n")
    assert status == b"HTTP/1.1 200 OK"
    assert json.loads(rest.partition(b"\r\n\r\n")[2])["predictions"][0]["digit"] == label(0)
    server.process.wait(timeout=60)


def test_ends_while_a_caller_stops_in_the_middle(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as caller:
        caller.sendall(
            b"POST /api/v1/predict HTTP/1.1\r\nHost: studio\r\nContent-Length: 1000\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n--edge"
        )
        httpx.get(f"{server.address}/api/v1/health").raise_for_status()
        server.end()


def test_the_server_needs_no_tensorflow(tmp_path: Path) -> None:
    """A prediction through the whole app of `serve.py`, then a look at what was imported for it."""
    code = """
import asyncio, sys
import httpx
import serve
from tests.digits import label, picture

async def ask():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(serve.app), base_url="http://studio") as session:
        return await session.post("/api/v1/predict", files={"file": ("0.png", picture(0))})

assert asyncio.run(ask()).json()["predictions"][0]["digit"] == label(0)
assert not {"tensorflow", "keras", "sklearn"} & set(sys.modules)
print("done")
"""
    ended = run_python("-c", code, home=StudioHome(root=tmp_path))
    assert ended.stdout.endswith("done\n"), ended.stderr
