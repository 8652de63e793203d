"""Digit Studio in one process on one port: the pages, and the REST interface at `/api/v1`.

Start with `streamlit run serve.py`. Owns what happens when the server starts (runs whose process is gone are marked)
and when it ends (the training process goes with it).
"""

import functools
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import StudioError
from core.home import StudioHome
from core.jobs import jobs_for
from core.my_digits.visitor import VisitorCookie
from core.runs import RunStore

# SIGTERM must end everything within 10 seconds: this long for answers under way, then this long for the worker.
ANSWER_SECONDS: Final = 2
WORKER_SECONDS: Final = 6.0

try:
    home = StudioHome.from_environment()
except StudioError as error:
    sys.exit(f"Digit Studio cannot start. {error}")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """From the first request to the last: runs are put in order before it, the worker is ended after it."""
    _limit_last_answers()
    jobs = await anyio.to_thread.run_sync(jobs_for, home)
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(functools.partial(jobs.shutdown, timeout=WORKER_SECONDS))


def script_failed(error: Exception) -> bool:
    """Tells the visitor one sentence; Streamlit tells the log the rest."""
    st.error("Something went wrong on this page. Reload it; if it happens again, the server's log has the details.")
    return True


def _limit_last_answers() -> None:
    """Lets the server wait only so long for connections that are open when it is told to end.

    By itself it waits without limit, so one caller who stops in the middle of an upload would keep it, and the worker,
    alive. Streamlit offers no setting for it; the server is found by the signal handler that it installed.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = ANSWER_SECONDS


def _api() -> ASGIApp:
    from core.api import AccessLog, create_api, log_to_stderr, unknown_address  # takes 0.3 s, see LaterApp

    log_to_stderr()
    routes = [Mount("/v1", app=create_api(RunStore(home)))]
    return AccessLog(Router(routes, redirect_slashes=False, default=unknown_address))


class LaterApp:
    """An app that is put together when it is first asked, so that the pages need not wait for it at the start."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._made: ASGIApp | None = None
        self._lock = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._lock:
            if self._made is None:
                self._made = await anyio.to_thread.run_sync(self._make)
        await self._made(scope, receive, send)


# All of /api is mounted, since Streamlit answers an address that no route takes with its page.
api = LaterApp(_api)
app = st.App(
    Path(__file__).with_name("Home.py"),
    routes=[Mount("/api", app=api), Route("/api", endpoint=api)],
    # Where nothing can be kept, nobody need be known again.
    middleware=[] if home.read_only else [Middleware(VisitorCookie)],
    lifespan=lifespan,
    on_script_error=script_failed,
)
