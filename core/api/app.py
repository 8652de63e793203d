"""The ASGI app of the REST interface, put together.

Owns which parts it has and its OpenAPI document's head. It reads one thing from the environment: the optional token.
"""

import os
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.types import ASGIApp

from core import __version__
from core.api.docs import render
from core.api.errors import install_handlers
from core.api.limits import Boundary, Limits
from core.api.routes import guarded_routes, open_routes
from core.api.service import Service
from core.inference import shared_classifiers
from core.runs import RunStore

TOKEN_VARIABLE: Final = "DIGIT_STUDIO_API_TOKEN"
DESCRIPTION: Final = (
    "Handwritten digits in pictures, read by a network trained on MNIST: the same answers as the pages and "
    "`python -m core predict`. Pictures are not kept."
)
# The page needs nothing but its own words and style, so the browser is told to load nothing else.
PAGE_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def create_api(store: RunStore, limits: Limits | None = None) -> ASGIApp:
    """The app over the runs of `store`, to be mounted at `/api/v1`.

    With `DIGIT_STUDIO_API_TOKEN` set, everything but `/health` and the documentation asks for it as a bearer token.
    """
    limits = limits or Limits()
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    api = FastAPI(
        title="Digit Studio",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # FastAPI's own pages load scripts from the network
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,  # what generated clients call their functions
    )
    install_handlers(api)
    service = Service(store, shared_classifiers())
    api.include_router(guarded_routes(service, limits, token))
    api.include_router(open_routes(service))

    @api.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        address = str(request.url.replace(path=request.scope.get("root_path", ""), query=""))
        return HTMLResponse(render(api.openapi(), address, bool(token)), headers=PAGE_HEADERS)

    return Boundary(api, limits)
