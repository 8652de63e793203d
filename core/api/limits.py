"""What one request and all requests together may take, so that a flood slows the callers instead of the pages.

Owns the body cap (held while the body streams in, so that it also holds without a Content-Length), the time that a
body may take, how many predictions may be under way, and the few threads that they run in.
"""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.errors import ApiError, internal_error

logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the API.

    Attributes:
        body_bytes: of one request.
        body_seconds: that a body may take to arrive; who sends more slowly gives its place to others.
        files: of one request.
        under_way: predictions that are read, wait or are worked on. Up to 1 MB of each file is in memory.
        threads: that predictions are worked on in; 0 is one per processor.
    """

    body_bytes: int = 20_000_000
    body_seconds: float = 60.0
    files: int = 64
    under_way: int = 64
    threads: int = 0


class Boundary:
    """The outermost layer: refuses bodies that are too large or too slow, and turns every exception into JSON."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            if _declared_length(scope) > self._limits.body_bytes:
                raise _too_large(self._limits)
            await self._app(scope, _limited(receive, self._limits), watched_send)
        except ApiError as error:
            await error.response()(scope, receive, send)
        except Exception:
            logger.exception("a request failed")
            if not started:
                await internal_error()(scope, receive, send)


class Gate:
    """Admits predictions while there is room, and works on a few of them at a time."""

    def __init__(self, limits: Limits) -> None:
        self._places = limits.under_way
        self._taken = 0
        self._threads = limits.threads or os.cpu_count() or 1
        self._limiter: anyio.CapacityLimiter | None = None

    @asynccontextmanager
    async def admitted(self) -> AsyncIterator[None]:
        """A place among the requests under way.

        Raises:
            ApiError: 429, there is none.
        """
        if self._taken >= self._places:
            message = f"{self._places} requests are already being worked on; try again in a second."
            raise ApiError(429, "too_many_requests", message, {"Retry-After": "1"})
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def run(self, work: Callable[[], T]) -> T:
        """The result of blocking work, done in one of the few threads."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._threads)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


def _limited(receive: Receive, limits: Limits) -> Receive:
    """`receive`, which raises an ApiError as soon as the body passes the cap or the deadline."""
    received = 0
    complete = False
    deadline = anyio.current_time() + limits.body_seconds

    async def limited() -> Message:
        nonlocal received, complete
        if complete:  # what follows the body is the connection's end, which may take its time
            return await receive()
        try:
            with anyio.fail_after(max(0.0, deadline - anyio.current_time())):
                message = await receive()
        except TimeoutError:
            raise ApiError(408, "timeout", f"the body did not arrive in {limits.body_seconds:g} seconds.") from None
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > limits.body_bytes:
                raise _too_large(limits)
        return message

    return limited


def _declared_length(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _too_large(limits: Limits) -> ApiError:
    return ApiError(413, "too_large", f"a request may have {limits.body_bytes / 1e6:g} MB at most.")
