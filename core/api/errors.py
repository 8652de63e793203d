"""Failures as the API tells them: a status and `{"error": {"code", "message"}}`, never HTML, never a traceback.

Owns the codes and how every exception becomes such an answer. `message` is for people; scripts look at `code`.
"""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

# What the framework's own refusals are called.
_FRAMEWORK: Final = {
    404: ("not_found", "there is nothing at this address; the documentation is at /api/v1/docs."),
    405: ("method_not_allowed", "this address does not answer {method}; it answers {allow}."),
}
# Rules that the framework tells in its own terms.
_RULES: Final = {"bool_parsing": "it must be true or false"}
SHOWN: Final = 60  # characters of what was sent that a message repeats


class ApiError(Exception):
    """A request that is refused.

    Attributes:
        status: of the answer.
        code: what went wrong, stable, for scripts.
        headers: that the answer carries.
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers

    def response(self) -> JSONResponse:
        """The answer to send."""
        return failure_response(self.status, self.code, str(self), self.headers)


def failure_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The one form of every failure."""
    content = {"error": {"code": code, "message": message}}
    return JSONResponse(content, status_code=status, headers=None if headers is None else dict(headers))


def internal_error() -> JSONResponse:
    """The answer when the fault is ours. The reason is in the server's log only."""
    return failure_response(500, "internal", "something went wrong here; the server's log has the details.")


def install_handlers(api: FastAPI) -> None:
    """Makes `api` tell every exception in the one form."""
    api.add_exception_handler(ApiError, _refused)
    api.add_exception_handler(HTTPException, _framework_refusal)
    api.add_exception_handler(RequestValidationError, _bad_query)
    api.add_exception_handler(ClientDisconnect, _gone)
    api.add_exception_handler(Exception, _internal)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return error.response()


async def _framework_refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code, message = _FRAMEWORK.get(error.status_code, ("refused", error.detail))
    if error.status_code == 405:
        message = message.format(method=request.method[:20], allow=(error.headers or {}).get("Allow", "no other"))
    return failure_response(error.status_code, code, message, error.headers)


async def _bad_query(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    rule = _RULES.get(first["type"], first["msg"].lower())
    return failure_response(422, "bad_query", f"{place} is {_shortened(first.get('input'))}: {rule}.")


def _shortened(value: object) -> str:
    text = str(value)
    return ascii(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


async def _internal(request: Request, error: Exception) -> JSONResponse:
    return internal_error()  # the framework raises it on, and the boundary logs it


async def _gone(request: Request, error: Exception) -> JSONResponse:
    return failure_response(400, "incomplete", "the connection was closed before the request was complete.")


class UnknownAddress:
    """An ASGI app that answers every request with 404, for the addresses beside the API."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await failure_response(404, *_FRAMEWORK[404])(scope, receive, send)


unknown_address = UnknownAddress()
