"""Pages as AppTest drives them, each test with a home of its own and, where it says so, without the shipped models."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.testing.v1.element_tree import ElementTree

from core.data import load_split
from core.home import SHIPPED, StudioHome
from core.jobs import jobs_for
from tests.pages import front_end

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def components_are_looked_for_once() -> Iterator[None]:
    """Every AppTest has Streamlit read the metadata of all installed packages; what it finds stays the same."""
    with pytest.MonkeyPatch.context() as patch:
        remembered = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def every_part_has_its_place() -> Iterator[None]:
    """What a page sends can be drawn in a browser also when a busy server sends it all at once."""
    parse = local_script_runner.parse_tree_from_messages

    def checked(messages: list[ForwardMsg]) -> ElementTree:
        front_end.drawn(messages)
        return parse(messages)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "parse_tree_from_messages", checked)
        yield


@pytest.fixture
def home(home: StudioHome, classic_alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioHome]:
    """A home without own runs, where classic is shipped; whatever a test starts in it is ended after the test."""
    home = StudioHome(home.root, classic_alone)
    monkeypatch.setattr(StudioHome, "from_environment", classmethod(lambda cls: home))
    yield home
    jobs_for(home).shutdown()


@pytest.fixture
def no_models(home: StudioHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioHome]:
    """The same, and no shipped models either."""
    shipped = tmp_path / "bare"
    shipped.mkdir()
    (shipped / "mnist.npz").symlink_to(SHIPPED / "mnist.npz")
    bare = StudioHome(home.root, shipped)
    monkeypatch.setattr(StudioHome, "from_environment", classmethod(lambda cls: bare))
    yield bare
    jobs_for(bare).shutdown()


@pytest.fixture
def visit(home: StudioHome) -> Callable[..., AppTest]:
    """Opens the studio as a new visitor who comes by a link: `visit(MISCLASSIFICATIONS, true="4", image="247")`."""

    def open_link(page: str = "", /, **link: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120)
        if page:
            app.switch_page(page)
        for name, value in link.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return open_link


@pytest.fixture(scope="session")
def test_digits() -> dict[int, np.ndarray]:
    """One clear test image of every digit."""
    split = load_split(SHIPPED / "mnist.npz", "test")
    return {digit: split.images[np.flatnonzero(split.labels == digit)[0]] for digit in range(10)}
