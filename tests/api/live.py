"""An app behind a real port, for clients that are no Python."""

import contextlib
import threading
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp


@contextlib.contextmanager
def serving(api: ASGIApp) -> Iterator[str]:
    """The API mounted as in `serve.py`, and its address, without a slash at the end."""
    app = Starlette(routes=[Mount("/api/v1", app=api)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        started = threading.Event()
        while not server.started and thread.is_alive():
            started.wait(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        server.should_exit = True
        thread.join()
