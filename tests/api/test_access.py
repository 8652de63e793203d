"""The access log: a line for each request however it ends, and nothing in it that is nobody's business."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from core.api import AccessLog
from tests.api.client import Client
from tests.digits import picture


@pytest.fixture
def logged(
    make_client: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> Callable[..., tuple[httpx.Response, dict[str, Any]]]:
    """Sends a request, and gives the answer and its line of the log."""
    caplog.set_level(logging.INFO, logger="digit_studio.access")
    client = make_client(token="s3cret")
    client.app = AccessLog(client.app)

    def send(method: str, path: str, **options: Any) -> tuple[httpx.Response, dict[str, Any]]:
        caplog.clear()
        response = client(method, path, **options)
        (record,) = (record for record in caplog.records if record.name == "digit_studio.access")
        return response, json.loads(record.getMessage())

    return send


def test_a_line_says_what_was_asked_and_how_it_ended(logged: Callable[..., Any]) -> None:
    files = {"file": ("private-name.png", picture(0))}
    headers = {"authorization": "Bearer s3cret"}
    response, line = logged("POST", "/predict?model=classic", files=files, headers=headers)
    assert list(line) == ["time", "client", "method", "path", "status", "seconds", "bytes_in", "bytes_out"]
    assert (line["method"], line["path"], line["status"]) == ("POST", "/predict", 200)
    assert line["bytes_in"] > len(picture(0))
    assert line["bytes_out"] == len(response.content)
    assert line["seconds"] > 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health?token=s3cret", 200),
        ("GET", "/runs", 401),
        ("GET", "/nothing", 404),
        ("GET", "/" + "x" * 5_000, 404),
        ("PUT", "/health", 405),
        ("GET", "/a%0A%7B%22status%22:%20200%7D", 404),
    ],
)
def test_refusals_have_their_line_and_no_line_tells_a_secret(
    logged: Callable[..., Any], method: str, path: str, status: int
) -> None:
    _, line = logged(method, path, headers={"x-private": "private-header"})
    assert line["status"] == status
    assert len(line["path"]) <= 200
    assert not [secret for secret in ("s3cret", "private") if secret in json.dumps(line)]


def test_a_caller_who_leaves_has_a_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    async def leaving() -> AsyncIterator[bytes]:
        yield b"--edge"
        raise asyncio.CancelledError

    caplog.set_level(logging.INFO, logger="digit_studio.access")
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    with pytest.raises(asyncio.CancelledError):
        Client(AccessLog(client.app))("POST", "/predict", content=leaving(), headers=headers)
    line = json.loads(caplog.messages[-1])
    assert (line["path"], line["status"], line["bytes_in"]) == ("/predict", None, 6)
