"""The addresses of the API: what each takes, in which order it refuses, and what its document says.

Answers come from `service`, the form from `form`, limits from `limits`.
"""

import functools
import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core import __version__
from core.api import form, schemas
from core.api.errors import ApiError
from core.api.limits import Gate, Limits
from core.api.service import Batch, Service, describe

Model = Annotated[
    str, Query(max_length=200, description="a run id, `active`, a preset's name, or the beginning of a run id")
]
Multi = Annotated[bool, Query(description="also read several digits in each picture")]
MEANING: Final = {
    400: "none of the pictures can be read",
    401: "the bearer token is missing or wrong",
    404: "no such run, or the beginning of several",
    408: "the body took too long to arrive",
    413: "too large: 20 MB, 16 megapixels, 64 files",
    415: "not multipart/form-data",
    422: "no `file` in the form, or a query that is not understood",
    429: "too many requests at once; see Retry-After",
    503: "there is no model to answer",
}


def guarded_routes(service: Service, limits: Limits, token: str) -> APIRouter:
    """The routes that ask for the token. An empty token lets everyone in."""
    router = APIRouter(dependencies=[_guard(token)], responses=_failures(401)) if token else APIRouter()
    gate = Gate(limits)

    @router.post(
        "/predict",
        response_description="an answer for each file, in their order",
        responses=_failures(400, 404, 408, 413, 415, 422, 429, 503),
        openapi_extra=form.document(limits.files),
    )
    async def predict(request: Request, multi: Multi = False, model: Model = "active") -> schemas.PredictBody:
        """Read the digit in each picture."""
        async with gate.admitted():
            form.require_form(request)
            classifier = await gate.run(functools.partial(service.classifier, model))
            batch = Batch(classifier, multi=multi)
            async with form.read_files(request, limits.files) as files:
                for file in files:  # each in its own turn, so that large requests do not keep small ones waiting
                    await gate.run(functools.partial(batch.add, file))
        batch.require_any()
        return _json({"model": describe(classifier), "predictions": batch.predictions})

    @router.get("/model", response_description="the run", responses=_failures(404, 422, 503))
    async def model(model: Model = "active") -> schemas.ModelBody:
        """The run that answers predictions."""
        return _json(describe(await gate.run(functools.partial(service.classifier, model))))

    @router.get("/runs", response_description="the runs")
    def runs() -> schemas.RunsBody:
        """Every run, shipped and own, newest first."""
        return _json({"runs": service.runs()})

    return router


def open_routes(service: Service) -> APIRouter:
    """The routes that never ask for a token."""
    router = APIRouter()

    @router.get("/health", response_description="it answers")
    def health() -> schemas.HealthBody:
        """Whether the server answers, and with which model."""
        return _json({"status": "ok", "version": __version__, "model": service.active_id()})

    return router


def _guard(token: str) -> Any:
    """The check of the bearer token, as a dependency: it comes before the query and the body are looked at."""
    bearer = HTTPBearer(auto_error=False, description="the server's DIGIT_STUDIO_API_TOKEN")

    async def check(credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> None:
        given = credentials.credentials if credentials else ""
        # Headers come with each of their bytes as a character.
        if not hmac.compare_digest(given.encode("latin-1"), token.encode()):
            message = "this server asks for a bearer token: Authorization: Bearer <token>."
            raise ApiError(401, "unauthorized", message, {"WWW-Authenticate": "Bearer"})

    return Depends(check)


def _failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented failures of a route."""
    return {status: {"model": schemas.ErrorBody, "description": MEANING[status]} for status in statuses}


def _json(content: dict[str, Any]) -> Any:
    """The answer as it goes out. Its type is declared for the document only: building it would take longer."""
    return JSONResponse(content)
