"""Who a visitor is, without accounts: a random number in a cookie that the server sets with the page.

Owns the cookie and its pattern. The cookie is read by the server alone (HttpOnly), goes to no other site (SameSite),
and is all that opens a visitor's digits; the disk holds a hash of it.
"""

import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "digit_studio_visitor"
KEPT_SECONDS: Final = 400 * 24 * 3_600  # no browser keeps a cookie for longer
TOKEN: Final = re.compile(r"[0-9a-f]{32}")
OWNER: Final = re.compile(r"[0-9a-f]{32}")


def new_token() -> str:
    """What a new visitor is known by: 128 random bits."""
    return secrets.token_hex(16)


def owner_of(token: object) -> str | None:
    """The name of a visitor's folder; None for a cookie that is missing or that this studio did not make."""
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        return None
    return hashlib.sha256(f"digit studio visitor {token}".encode()).hexdigest()[:32]


class VisitorCookie:
    """ASGI middleware: a browser that comes without the cookie gets one together with the page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/api") or _is_known(scope):
            await self._app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # With the page alone: of two answers that come together, one would take the other one's cookie away.
                page = headers.get("content-type", "").startswith("text/html")
                if page or (message["status"] == 304 and _is_page(scope["path"])):
                    headers.append("set-cookie", _cookie(secure=scope.get("scheme") == "https"))
            await send(message)

        await self._app(scope, receive, with_cookie)


def _is_page(path: str) -> bool:
    """Whether the address is that of a page, which a browser may have kept from before it lost the cookie."""
    return "." not in path.rpartition("/")[2] and "_stcore" not in path


def _is_known(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"cookie" and COOKIE.encode() in value:
            cookie = SimpleCookie()
            try:
                cookie.load(value.decode("latin-1"))
            except CookieError:
                return False
            return COOKIE in cookie and owner_of(cookie[COOKIE].value) is not None
    return False


def _cookie(*, secure: bool) -> str:
    said = f"{COOKIE}={new_token()}; Max-Age={KEPT_SECONDS}; Path=/; HttpOnly; SameSite=Lax"
    return f"{said}; Secure" if secure else said
