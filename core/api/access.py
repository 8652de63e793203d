"""The access log: one line of JSON for each request, on standard error.

Owns what a line says. It says when, who, what was asked, how it ended, how long it took and how much went in and out;
never a query, a header, a file's name or anything of its content, so that no token and no picture gets into a log.
"""

import json
import logging
import time
from datetime import UTC, datetime
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger: Final = logging.getLogger("digit_studio.access")
MAX_PATH: Final = 200  # characters


def log_to_stderr() -> None:
    """Lets the lines go to standard error as they are. Without this they go where the program's logs go."""
    if logger.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


class AccessLog:
    """An ASGI app that passes everything on to another one, and logs each request when it has ended.

    A line has the keys `time` (of the beginning, ISO 8601, UTC), `client` (its address, null when unknown), `method`,
    `path`, `status` (null when the caller left before the answer), `seconds`, `bytes_in` and `bytes_out`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not logger.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        line = _begin(scope)
        began = time.perf_counter()

        async def counted_receive() -> Message:
            message = await receive()
            line["bytes_in"] += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                line["status"] = message["status"]
            line["bytes_out"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, counted_receive, counted_send)
        finally:
            line["seconds"] = round(time.perf_counter() - began, 4)
            logger.info(json.dumps(line))


def _begin(scope: Scope) -> dict[str, Any]:
    client = scope.get("client")
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "client": client[0] if client else None,
        "method": scope["method"],
        "path": scope["path"][:MAX_PATH],
        "status": None,
        "seconds": 0.0,
        "bytes_in": 0,
        "bytes_out": 0,
    }
