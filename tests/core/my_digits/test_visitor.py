"""The cookie that a visitor is known by: set once, with the page, and never believed unless it looks like ours."""

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from core.my_digits import COOKIE, VisitorCookie, new_token, owner_of
from tests.api.client import Client


@pytest.fixture
def client() -> Client:
    async def page(request: object) -> HTMLResponse:
        return HTMLResponse("<p>page</p>")

    async def unchanged(request: object) -> Response:
        return Response(status_code=304)

    async def data(request: object) -> JSONResponse:
        return JSONResponse({})

    routes = [Route("/", page), Route("/api/v1/docs", page), Route("/_stcore/health", data)]
    routes += [Route(path, unchanged) for path in ("/Train", "/static/main.js", "/_stcore/unchanged")]
    return Client(VisitorCookie(Starlette(routes=routes)))


def test_a_new_visitor_gets_a_cookie_and_keeps_it(client: Client) -> None:
    answer = client("GET", "/")
    said = answer.headers["set-cookie"]
    assert owner_of(answer.cookies[COOKIE])
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(said.split("; "))
    assert "Secure" not in said
    again = client("GET", "/", headers={"cookie": f"theme=dark; {COOKIE}={answer.cookies[COOKIE]}"})
    assert "set-cookie" not in again.headers


def test_over_https_it_stays_there(client: Client) -> None:
    assert "Secure" in client("GET", "https://studio/").headers["set-cookie"]


def test_it_comes_with_a_page_that_the_browser_has_from_before(client: Client) -> None:
    assert "set-cookie" in client("GET", "/Train").headers


@pytest.mark.parametrize("path", ["/api/v1/docs", "/_stcore/health", "/static/main.js", "/_stcore/unchanged"])
def test_it_comes_with_the_page_alone(client: Client, path: str) -> None:
    assert "set-cookie" not in client("GET", path).headers


@pytest.mark.parametrize("token", ["", "x", "A" * 32, "../" * 8, "a" * 33, "a" * 31 + "\N{FULLWIDTH DIGIT ONE}"])
def test_another_cookie_is_nobody_and_is_replaced(client: Client, token: str) -> None:
    assert owner_of(token) is None
    assert "set-cookie" in client("GET", "/", headers={"cookie": f"{COOKIE}={token}".encode()}).headers


def test_the_disk_does_not_know_what_opens_it() -> None:
    token = new_token()
    owner = owner_of(token)
    assert owner != token
    assert owner == owner_of(token) != owner_of(new_token())
    assert owner_of(owner) != owner
    assert owner_of(None) is None
