"""A home and a store of the test's own."""

from pathlib import Path

import pytest

from core.home import StudioHome
from core.runs import RunStore


@pytest.fixture
def home(tmp_path: Path) -> StudioHome:
    home = StudioHome(root=tmp_path / "home")
    home.runs.mkdir(parents=True)
    return home


@pytest.fixture
def store(home: StudioHome) -> RunStore:
    return RunStore(home)
