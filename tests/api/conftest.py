"""The API over a home of the test's own, with the shipped models."""

from collections.abc import Callable

import pytest

from core.api import create_api
from core.api.limits import Limits
from core.home import StudioHome
from core.runs import RunStore
from tests.api.client import Client


@pytest.fixture
def make_client(home: StudioHome, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    """Makes a client of an app with a token and limits of its own."""

    def make(*, token: str = "", limits: Limits | None = None, home: StudioHome = home) -> Client:
        monkeypatch.setenv("DIGIT_STUDIO_API_TOKEN", token)
        return Client(create_api(RunStore(home), limits))

    return make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()
