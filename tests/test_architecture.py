"""The house holds: imports run one way, and the process that serves is free of TensorFlow and Keras."""

import ast
import json
from pathlib import Path

import pytest

from core.home import StudioHome
from tests.digits import REPOSITORY, run_python

HEAVY = {"tensorflow", "keras", "tf2onnx"}
# Only these may name TensorFlow or Keras at all, and only the training process imports them.
TRAINING = {
    *("model", "training", "trainee", "callbacks", "learning_rate", "onnx_export", "loading", "pipeline"),
    *("exporting.conversion", "importing.worker"),
}
KIT = (
    REPOSITORY / "core" / "exporting" / "kit"
)  # goes into exported zips, and runs there with each format's own package
PAGES = sorted((REPOSITORY / "pages").glob("*.py"))
SOURCES = [
    REPOSITORY / "Home.py",
    REPOSITORY / "serve.py",
    *PAGES,
    *sorted((REPOSITORY / "ui").rglob("*.py")),
    *sorted((REPOSITORY / "core").rglob("*.py")),
]


def imported(path: Path) -> set[str]:
    """Every module that a file imports anywhere, in functions and behind conditions too, by its full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relative to itself; write the full name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            found |= {ast.literal_eval(node.args[0])}
    return found


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def module(path: Path) -> str:
    """A file of `core` as a module, without the package's own name: `model`, `importing.worker`."""
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts[1:])


def training_modules(path: Path) -> set[str]:
    """Which training modules a file imports."""
    names = imported(path)
    return {each for each in TRAINING if any(f"{name}.".startswith(f"core.{each}.") for name in names)}


def room(path: Path) -> str:
    """The first folder of a source file below the repository, or the file's own name."""
    return path.relative_to(REPOSITORY).parts[0]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    forbidden = {
        "core": {"ui", "pages", "Home", "serve", "streamlit", "tests"},
        "ui": {"pages", "Home", "serve", "tests"},
        "pages": {"pages", "Home", "serve", "tests"},
        "Home.py": {"pages", "serve", "tests"},
        "serve.py": {"pages", "ui", "Home", "tests"},
    }
    assert not roots(path) & forbidden[room(path)]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_training_modules_name_tensorflow(path: Path) -> None:
    if path.parent != KIT and (room(path) != "core" or module(path) not in TRAINING):
        assert not roots(path) & HEAVY


@pytest.mark.parametrize("path", [path for path in SOURCES if room(path) == "core"], ids=name_of)
def test_training_modules_are_imported_by_each_other_and_the_worker_alone(path: Path) -> None:
    if module(path) not in TRAINING | {"worker"}:
        assert not training_modules(path)
        assert not any(name.startswith("core.exporting.kit") for name in imported(path))


def test_what_is_exported_does_without_the_house() -> None:
    assert not {root for path in KIT.glob("*.py") for root in roots(path)} & {"core", "ui", "streamlit"}


def test_the_rules_see_the_whole_house() -> None:
    assert len(PAGES) >= 2
    assert {"core", "ui", "pages", "Home.py", "serve.py"} == {room(path) for path in SOURCES}
    assert {module(path) for path in SOURCES if room(path) == "core"} >= TRAINING
    assert roots(REPOSITORY / "core" / "model.py") & HEAVY


def loaded(code: str, home: StudioHome) -> list[str]:
    """Which of TensorFlow and Keras a fresh process holds after this code."""
    ending = f"\nimport json, sys\nprint(json.dumps(sorted({HEAVY!r} & set(sys.modules))))"
    done = run_python("-W", "ignore", "-c", code + ending, home=home)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_serving_modules_are_free_of_tensorflow(home: StudioHome) -> None:
    assert loaded("import keras", home) == ["keras", "tensorflow"]  # the question can be answered with yes
    modules = "core.inference, core.api, core.evaluation, core.runs, core.jobs, core.worker, core.pipeline, "
    modules += "core.preprocessing, core.augmentation, core.hardware, core.model, core.training, core.__main__"
    assert loaded(f"import {modules}", home) == []


VISIT = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
for name in ["", *sorted(str(path) for path in Path("pages").glob("*.py"))]:
    app = AppTest.from_file("Home.py", default_timeout=120).run()
    if name:
        app = app.switch_page(name).run()
    assert not app.exception, (name, app.exception)
    assert app.title, name
"""

ASK = """
from starlette.testclient import TestClient
from core.api import create_api
from core.home import StudioHome
from core.runs import RunStore
from tests.digits import label, picture
client = TestClient(create_api(RunStore(StudioHome.from_environment())))
assert client.get("/health").json()["status"] == "ok"
answer = client.post("/predict", files=[("file", ("digit.png", picture(0), "image/png"))])
assert answer.status_code == 200, answer.text
assert answer.json()["predictions"][0]["digit"] == label(0)
"""


def test_every_page_and_a_prediction_leave_tensorflow_out(home: StudioHome) -> None:
    assert loaded(VISIT + ASK, home) == []
