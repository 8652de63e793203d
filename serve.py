"""Digit Studio in one process on one port: the pages, and the REST interface at `/api/v1`.

Start with `streamlit run serve.py`. Owns what happens when the server starts (runs whose process is gone are marked)
and when it ends (the training process goes with it).
"""

import functools
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import streamlit as st
import uvicorn
from starlette.routing import BaseRoute, Mount, Route

from core.api import create_api, unknown_address
from core.home import StudioHome
from core.jobs import jobs_for
from core.runs import RunStore

# SIGTERM must end everything within 10 seconds: this long for answers under way, then this long for the worker.
ANSWER_SECONDS: Final = 2
WORKER_SECONDS: Final = 6.0

logger = logging.getLogger(__name__)
home = StudioHome.from_environment()


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
    """Tells the visitor one sentence and the log the rest."""
    logger.error("a page failed", exc_info=error)
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


def _routes() -> list[BaseRoute]:
    # What no route takes falls through to Streamlit, which answers any address with its page: hence the last two.
    return [
        Mount("/api/v1", app=create_api(RunStore(home))),
        Mount("/api", app=unknown_address),
        Route("/api", endpoint=unknown_address),
    ]


app = st.App(Path(__file__).with_name("Home.py"), routes=_routes(), lifespan=lifespan, on_script_error=script_failed)
