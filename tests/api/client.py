"""A client for the real ASGI app without a server in between, and how every failure of the API must look."""

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp


class Client:
    """Sends one request at a time to an app and waits for its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with self.session() as session:
                return await session.request(method, path, **options)

        return asyncio.run(send())

    def session(self) -> httpx.AsyncClient:
        """For several requests at the same time."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://studio", timeout=60)

    def predict(self, *files: tuple[str, bytes], **query: Any) -> httpx.Response:
        """Sends files, each as (name, bytes), to `/predict`."""
        return self("POST", "/predict", params=query, files=[("file", file) for file in files])


def refused(response: httpx.Response, status: int, code: str) -> str:
    """Checks that the answer is this refusal in the one form, and returns its message."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message"]
    assert body["error"]["code"] == code
    message = body["error"]["message"]
    assert message
    for inside in ("Traceback", "<html", 'File "', "/core/", "/artifacts/", "/home/"):
        assert inside not in response.text
    return str(message)
