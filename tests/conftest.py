"""What holds for every test: it writes into a home of its own, and the files of tests run in an order that saves time.

Two processes share the files, one file at a time each (`--dist loadfile`), because a test that trains mostly waits for
the one thread with which its training loads TensorFlow. `-n 0` runs all in one process, as does naming single files.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import hypothesis
import pytest

from core.home import HOME_VARIABLE, LIMIT_VARIABLE, READ_ONLY_VARIABLE, SHIPPED, StudioHome
from core.runs import RunStore

# Minutes of the suite are in these: begun first, none of them is left over for one process alone at the end.
LONGEST: Final = (
    "core/test_worker.py",
    "core/test_jobs.py",
    "browser/test_browser_train.py",
    "core/importing/test_model.py",
    "core/exporting/test_bundle.py",
    "core/test_cli.py",
    "core/test_training.py",
)

# The same examples every time, however slow the machine is.
hypothesis.settings.register_profile(
    "studio",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("studio")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes for folders, with up to 2 GB each; none beside this one when single files are named."""
    return 0 if any(".py" in argument for argument in config.args) else 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files that import Keras behind all others, and of both sorts the longest first."""
    keras = {item.path for item in items if item.get_closest_marker("keras")}

    def place(item: pytest.Item) -> tuple[bool, int]:
        name = item.path.relative_to(Path(__file__).parent).as_posix()
        return item.path in keras, (*LONGEST, name).index(name)

    items.sort(key=place)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that this test's home is in, unless it names another; `artifacts/` is never written to.

    It may be written to, as much as there is room for, whatever the studios of whoever runs the tests may do.
    """
    for variable in (READ_ONLY_VARIABLE, LIMIT_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session", autouse=True)
def home_between_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same for fixtures that outlive a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("home-between-tests")))
        yield


@pytest.fixture(scope="session")
def classic_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the repository ships, with classic as the only model: for tests that another one would change."""
    shipped = tmp_path_factory.mktemp("shipped")
    (shipped / "mnist.npz").symlink_to(SHIPPED / "mnist.npz")
    shutil.copytree(SHIPPED / "pretrained" / "classic", shipped / "pretrained" / "classic")
    return shipped


@pytest.fixture
def home(own_home: Path) -> StudioHome:
    """The test's home, with the shipped models and no runs of its own."""
    home = StudioHome(root=own_home)
    home.runs.mkdir(parents=True)
    return home


@pytest.fixture
def store(home: StudioHome) -> RunStore:
    return RunStore(home)
