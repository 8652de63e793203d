"""Requests made up from the OpenAPI document, valid and invalid, against the live API: the answers are as it says.

`python -m benchmarks.contract` sends 2,000 of them to the whole server.
"""

from collections.abc import Iterator

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from benchmarks.contract import send_broken  # what it imports tells Schemathesis what a picture is
from core.api import create_api
from core.home import StudioHome
from core.runs import RunStore
from tests.api.live import serving


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(create_api(RunStore(StudioHome(root=tmp_path_factory.mktemp("home"))))) as address:
        yield address


@pytest.fixture(scope="module")
def document(address: str) -> BaseSchema:
    """The document as a client loads it."""
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        ("POST", "/predict", GenerationMode.POSITIVE),
        ("POST", "/predict", GenerationMode.NEGATIVE),
        ("GET", "/model", GenerationMode.POSITIVE),
        ("GET", "/model", GenerationMode.NEGATIVE),
        ("GET", "/runs", GenerationMode.POSITIVE),
        ("GET", "/health", GenerationMode.POSITIVE),
    ],
)
def test_answers_as_documented(document: BaseSchema, method: str, path: str, mode: GenerationMode) -> None:
    with requests.Session() as session:

        @hypothesis.settings(max_examples=15)
        @hypothesis.given(document[path][method].as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(session=session, timeout=10)

        ask()


def test_broken_pictures_are_read_or_refused(address: str) -> None:
    assert send_broken(address, 120) == []
