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

from benchmarks import api_pictures  # noqa: F401 - importing it is enough
from core.api import create_api
from core.home import StudioHome
from core.runs import RunStore
from tests.api.live import serving


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    """The document as a client loads it."""
    with serving(create_api(RunStore(StudioHome(root=tmp_path_factory.mktemp("home"))))) as address:
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path"), [("POST", "/predict"), ("GET", "/model"), ("GET", "/runs")])
def test_answers_as_documented(document: BaseSchema, method: str, path: str, mode: GenerationMode) -> None:
    if (path, mode) == ("/runs", GenerationMode.NEGATIVE):
        pytest.skip("it takes nothing that could be wrong")
    with requests.Session() as session:

        @hypothesis.settings(max_examples=25)
        @hypothesis.given(document[path][method].as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(session=session, timeout=10)

        ask()
