"""What holds for every test: nothing is written outside the test's own folder, and Keras comes last."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.home import HOME_VARIABLE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests that import Keras behind all others; the order is kept otherwise."""
    items.sort(key=lambda item: item.get_closest_marker("keras") is not None)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that this test's home is in, unless it names another; `artifacts/` is never written to."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session", autouse=True)
def home_between_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same for fixtures that outlive a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("home-between-tests")))
        yield
