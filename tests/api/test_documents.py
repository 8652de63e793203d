"""The OpenAPI document and its readable page: complete, true to what the API answers, and without the network."""

import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from core.api.docs import render
from tests.api.client import Client
from tests.digits import picture, row_of


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    return client("GET", "/openapi.json").json()


def check(document: dict[str, Any], name: str, body: Any) -> None:
    """Checks an answer against one of the document's shapes."""
    jsonschema.validate(body, {"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def test_names_every_address(document: dict[str, Any]) -> None:
    assert {path: sorted(item) for path, item in document["paths"].items()} == {
        "/predict": ["post"],
        "/health": ["get"],
        "/model": ["get"],
        "/runs": ["get"],
    }
    assert document["openapi"].startswith("3.")


def test_every_failure_has_the_one_form(document: dict[str, Any]) -> None:
    predict = document["paths"]["/predict"]["post"]["responses"]
    assert {"400", "404", "413", "415", "422", "429", "503"} <= predict.keys()
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if status != "200":
                    schema = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorBody"}


def test_answers_are_as_documented(client: Client, document: dict[str, Any]) -> None:
    files = [("0.png", picture(0)), ("row.png", row_of([0, 1])), ("page.png", b"<html></html>")]
    check(document, "PredictBody", client.predict(*files).json())
    check(document, "PredictBody", client.predict(*files, multi=True).json())
    check(document, "HealthBody", client("GET", "/health").json())
    check(document, "ModelBody", client("GET", "/model").json())
    check(document, "RunsBody", client("GET", "/runs").json())
    check(document, "ErrorBody", client("GET", "/nothing").json())


def test_the_token_is_documented_only_where_there_is_one(
    make_client: Callable[..., Client], document: dict[str, Any]
) -> None:
    assert "securitySchemes" not in document["components"]
    guarded = make_client(token="s3cret")("GET", "/openapi.json").json()
    assert guarded["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert "security" not in guarded["paths"]["/health"]["get"]
    assert "401" in guarded["paths"]["/predict"]["post"]["responses"]


def test_the_page_names_everything_and_loads_nothing(client: Client, document: dict[str, Any]) -> None:
    response = client("GET", "/docs")
    page = response.text
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page
        assert f"<code>/api/v1{path}</code>" in render(document, "http://here:1/api/v1", needs_token=False)
    assert "<td>x, y, width, height in pixels of the upright picture</td>" in page
    assert "Successful Response" not in page
    for name in document["components"]["schemas"]:
        assert f"<h3>{name}</h3>" in page
    assert not re.findall(r"<script|<link|<img|src=|@import|url\(", page)
    assert re.findall(r'href="([^"]*)"', page) == ["openapi.json"]


def test_the_page_trusts_nothing_from_outside(client: Client) -> None:
    page = client("GET", "/docs", headers={"host": "<script>alert(1)</script>"}).text
    assert "<script>" not in page
