"""A file from outside becomes an ordinary finished run, or leaves nothing behind."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError, ModelFileError, RunDamagedError
from core.files import read_json_object, write_json
from core.home import SHIPPED, StudioHome
from core.importing.model import import_model, name_of
from core.inference import Classifier
from core.run import Run, check_name
from core.runs import RunStore
from core.status import RunState
from tests.digits import digits, run_python
from tests.model_files import keras_file, weights

CLASSIC = SHIPPED / "pretrained" / "classic"
FILES = [
    *("config.json", "environment.json", "evaluation.json", "model.keras", "model.onnx", "predictions.npz"),
    "status.json",
]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> StudioHome:
    home = StudioHome(root=tmp_path_factory.mktemp("studio"))
    home.runs.mkdir()
    return home


@pytest.fixture(scope="module")
def imported(studio: StudioHome) -> Run:
    """The shipped classic, as a visitor would bring it."""
    return import_model(RunStore(studio), (CLASSIC / "model.keras").read_bytes(), name=" Mine <b> ")


def test_it_is_a_finished_run_with_everything_in_it(imported: Run, studio: StudioHome) -> None:
    assert sorted(path.name for path in imported.path.iterdir()) == FILES
    assert [path.name for path in studio.runs.iterdir()] == [imported.run_id]
    assert "-imported-" in imported.run_id
    assert imported.name == "Mine <b>"
    assert (imported.status.state, imported.has_model, imported.shipped) == (RunState.FINISHED, True, False)
    assert imported.status.message == "Imported from a file of Keras 3.15.1."
    assert (imported.steps(), imported.epochs()) == ([], [])
    assert read_json_object(imported.path / "config.json")["imported"] is True


def test_it_is_measured_like_any_other(imported: Run, studio: StudioHome) -> None:
    store = RunStore(studio)
    classic = store.get("classic")
    ours, theirs = imported.evaluation(), classic.evaluation()
    assert ours is not None
    assert theirs is not None
    assert ours["run_id"] == imported.run_id
    assert ours["parameters"] == theirs["parameters"]
    for split in ("validation", "test"):
        assert ours[split]["confusion_matrix"] == theirs[split]["confusion_matrix"]
    assert ours["temperature"] == pytest.approx(theirs["temperature"], abs=1e-3)
    answers = [Classifier.load(run).network.probabilities(digits()[0]) for run in (imported, classic)]
    assert np.abs(answers[0] - answers[1]).max() < 1e-5
    assert store.activate(imported.run_id).run_id == store.active().run_id == imported.run_id


def test_its_layers_are_those_of_the_file(imported: Run, studio: StudioHome) -> None:
    classic = RunStore(studio).get("classic")
    assert imported.imported is not None
    assert classic.imported is None
    for ours, theirs in zip(imported.layers, classic.layers, strict=True):
        assert replace(ours, options={}) == replace(theirs, options={})
    assert len({imported, classic}) == 2


@pytest.mark.parametrize("network", [None, "text", [1], [{"name": "x"}], [{"name": "x"} | dict.fromkeys("abc", 1)]])
def test_layers_edited_by_hand_are_told(imported: Run, home: StudioHome, store: RunStore, network: object) -> None:
    folder = home.runs / "edited"
    folder.mkdir()
    write_json(folder / "config.json", read_json_object(imported.path / "config.json") | {"network": network})
    with pytest.raises(RunDamagedError, match=r"edited: config\.json cannot be read"):
        store.get("edited")


@pytest.mark.parametrize("data", [b"PK", keras_file({"class_name": "Lambda", "config": {}}), keras_file()[:-50]])
def test_what_is_refused_leaves_nothing(store: RunStore, home: StudioHome, data: bytes) -> None:
    with pytest.raises(ModelFileError):
        import_model(store, data, name="hostile")
    assert list(home.runs.iterdir()) == []


def test_what_keras_refuses_leaves_nothing_either(store: RunStore, home: StudioHome) -> None:
    broken = keras_file(model_weights_h5=weights({"layers/dense/vars/0": np.full((784, 10), np.nan, np.float32)}))
    with pytest.raises(ModelFileError, match="could not be imported: its weights"):
        import_model(store, broken)
    assert list(home.runs.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("model.keras", "model"),
        ("my\tnew  model 3.keras", "my new model 3"),
        ("archive.zip.keras", "archive.zip"),
        (".keras", ""),
        ("zero\u200bwidth\u202e\0.keras", "zero width"),
        ("x" * 200 + ".keras", "x" * 80),
        ("7 " * 60 + ".keras", ("7 " * 40).strip()),
    ],
)
def test_a_file_name_gives_a_name_that_is_allowed(file: str, name: str) -> None:
    assert name_of(file) == check_name(name_of(file)) == name


@pytest.mark.parametrize("name", ["x" * 81, "two\nlines", "null\0"])
def test_impossible_names_are_refused_first(store: RunStore, home: StudioHome, name: str) -> None:
    with pytest.raises(ConfigError):
        import_model(store, keras_file(), name=name)
    assert list(home.runs.iterdir()) == []


def test_the_command(home: StudioHome, tmp_path: Path) -> None:
    path = tmp_path / "visitor.keras"
    path.write_bytes(keras_file())
    done = run_python("-m", "core", "import", str(path), "--name", "By hand", "--json", home=home)
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    assert (values["name"], values["parameters"]) == ("By hand", 7_850)
    assert 0 <= values["test_accuracy"] <= 0.5  # random weights
    assert RunStore(home).get(values["run_id"]).name == "By hand"


def test_the_command_refuses(home: StudioHome, tmp_path: Path) -> None:
    (tmp_path / "evil.keras").write_bytes(b"\x80\x04pickle")
    for name, message in (("evil.keras", "no .keras file"), ("missing", "cannot be read: No such file")):
        done = run_python("-m", "core", "import", str(tmp_path / name), home=home)
        assert (done.returncode, done.stdout) == (1, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr
