"""Exported zips prove themselves where this repository is not, and answer as the pages do, in every format."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.config import TrainingConfig
from core.errors import ExportError, RunStateError
from core.exporting.bundle import export_run, exported, file_name
from core.exporting.description import TOLERANCE
from core.exporting.forms import FORMS, ExportFormat
from core.home import StudioHome
from core.inference import Classifier
from core.preprocessing import read_picture
from core.runs import RunStore
from core.thresholds import Threshold, keep_threshold
from tests import shipped
from tests.digits import REPOSITORY, copy_of_classic, digits, picture, run_python

TEMPERATURE, THRESHOLD = 1.25, 0.75
ACCURACY = 1 - len(shipped.misread()) / 10_000
ORDINARY = ["LICENSE", "README.md", "model.json", "predict.py", "requirements.txt", "selftest.npz", "selftest.py"]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> StudioHome:
    """A home with one run that has a threshold and a temperature of its own, and a name that would hurt."""
    home = StudioHome(root=tmp_path_factory.mktemp("studio"))
    home.runs.mkdir()
    copy_of_classic(home, temperature=TEMPERATURE, threshold=THRESHOLD)
    config = home.runs / "copy-of-classic" / "config.json"
    config.write_text(config.read_text().replace('"Classic"', '"# <b>[x](javascript:1)"'))
    return home


@pytest.fixture(scope="module")
def folders(studio: StudioHome, tmp_path_factory: pytest.TempPathFactory) -> dict[ExportFormat, Path]:
    """Every format, exported and unpacked far from here."""
    run, elsewhere = RunStore(studio).get("copy-of-classic"), tmp_path_factory.mktemp("elsewhere")

    def unpacked(form: ExportFormat) -> Path:
        path = elsewhere / f"{form}.zip"
        export_run(studio, run, form, path)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(elsewhere / form)
        return elsewhere / form

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(ExportFormat, pool.map(unpacked, ExportFormat), strict=True))


def far_from_here(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`python` in an exported folder, with nothing of this repository in reach."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("form", ExportFormat)
def test_the_zip_holds_what_its_readme_says(folders: dict[ExportFormat, Path], form: ExportFormat) -> None:
    folder = folders[form]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*ORDINARY, "preprocessing", FORMS[form].file])
    readme = (folder / "README.md").read_text()
    assert "$" not in readme
    assert "javascript" not in readme  # the run's name is text from outside
    assert all(
        name in readme for name in (*ORDINARY[2:], FORMS[form].file, "1.25", "0.75", "421,642", f"{ACCURACY:.2%}")
    )
    assert set(FORMS[form].packages) <= set((folder / "requirements.txt").read_text().split("\n"))


@pytest.mark.parametrize("form", ExportFormat)
def test_the_model_is_described_as_data(folders: dict[ExportFormat, Path], form: ExportFormat) -> None:
    description = json.loads((folders[form] / "model.json").read_text())
    assert (description["temperature"], description["threshold"]) == (TEMPERATURE, THRESHOLD)
    assert (description["format"], description["file"]) == (form, FORMS[form].file)
    assert description["input"]["shape"] == [None, 28, 28, 1]
    assert description["output"]["shape"] == [None, 10]
    assert description["run"]["run_id"] == "copy-of-classic"
    assert description["run"]["name"] == "# <b>[x](javascript:1)"
    assert description["run"]["accuracy"] == ACCURACY
    prepared = description["preprocessing"]
    assert (prepared["size"], prepared["longer_side"], prepared["centre_of_mass"]) == (28, 20, [14, 14])
    assert (folders[form] / prepared["package"]).is_dir()


def test_the_self_test_expects_what_the_pages_say(studio: StudioHome, folders: dict[ExportFormat, Path]) -> None:
    classifier = Classifier.load(RunStore(studio).get("copy-of-classic"))
    for folder in folders.values():
        with np.load(folder / "selftest.npz") as arrays:
            assert arrays["labels"].tolist() == [digit for digit in range(10) for _ in range(2)]
            assert arrays["images"].shape == (20, 28, 28)
            expected = classifier.probabilities(arrays["images"])
            assert np.array_equal(arrays["probabilities"], expected)
            # Where the network is certain of everything, a wrong temperature would go unnoticed.
            assert expected.max(axis=1).min() < 0.9


def test_every_format_passes_its_own_self_test_elsewhere(folders: dict[ExportFormat, Path]) -> None:
    assert far_from_here(folders[ExportFormat.ONNX], "-c", "import core").returncode == 1
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda form: far_from_here(folders[form], "selftest.py"), ExportFormat))
    for form, done in zip(ExportFormat, runs, strict=True):
        assert done.returncode == 0, (form, done.stderr)
        assert done.stdout.startswith(f"{form} model of copy-of-classic agrees: 20 images"), done.stdout


@pytest.mark.parametrize("key", ["temperature", "weights"])
def test_the_self_test_can_fail(folders: dict[ExportFormat, Path], tmp_path: Path, key: str) -> None:
    folder = tmp_path / "spoilt"
    shutil.copytree(folders[ExportFormat.LITERT], folder)
    if key == "temperature":
        description = json.loads((folder / "model.json").read_text())
        (folder / "model.json").write_text(json.dumps(description | {"temperature": 1.0}))
    else:
        content = bytearray((folder / "model.tflite").read_bytes())
        content[800_000:820_000] = bytes(20_000)  # in the middle of the dense layer
        (folder / "model.tflite").write_bytes(content)
    done = far_from_here(folder, "selftest.py")
    assert done.returncode == 1
    assert "DOES NOT AGREE" in done.stdout


def test_pictures_get_the_answers_of_the_pages(
    studio: StudioHome, folders: dict[ExportFormat, Path], tmp_path: Path
) -> None:
    classifier = Classifier.load(RunStore(studio).get("copy-of-classic"))
    pictures = [picture(index) for index in (0, 1, 8, 18, 33, 62, 115)]  # some of them hard
    for number, data in enumerate(pictures):
        (tmp_path / f"{number}.png").write_bytes(data)
    paths = [str(tmp_path / f"{number}.png") for number in range(len(pictures))]
    for form in (ExportFormat.ONNX, ExportFormat.LITERT):
        done = far_from_here(folders[form], "predict.py", *paths)
        assert done.returncode == 0, done.stderr
        for line, path, data in zip(done.stdout.splitlines(), paths, pictures, strict=True):
            answer, wanted = json.loads(line), classifier.classify(read_picture(data))
            assert answer["path"] == path
            assert answer["digit"] == wanted.digit
            assert np.abs(np.array(answer["probabilities"]) - wanted.probabilities).max() < TOLERANCE
            # What is no digit the studio alone tells, by training images that an export does not hold.
            assert answer["warnings"] == [name for name in wanted.warnings if name != "not_a_digit"]
            assert answer.get("abstained", False) == wanted.abstained


def test_pictures_that_are_none(folders: dict[ExportFormat, Path], tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    done = far_from_here(folders[ExportFormat.ONNX], "predict.py", str(tmp_path / "text.png"), "missing.png")
    assert done.returncode == 1
    assert [json.loads(line)["digit"] for line in done.stdout.splitlines()] == [None, None]
    assert all("error" in json.loads(line) for line in done.stdout.splitlines())
    assert far_from_here(folders[ExportFormat.ONNX], "predict.py").returncode == 2


def test_a_run_without_validation_images_is_tested_on_test_images(home: StudioHome, store: RunStore) -> None:
    folder = copy_of_classic(home)
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"validation_size": 5000', '"validation_size": 0'))
    path = home.root / "export.zip"
    path.write_bytes(exported(home, store.get("copy-of-classic"), ExportFormat.ONNX))
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("model.json"))["selftest"]["split"] == "test"
        assert archive.testzip() is None


def test_a_threshold_chosen_in_this_studio_travels_along(home: StudioHome, store: RunStore) -> None:
    keep_threshold(home, store.get("classic"), Threshold(0.875))
    path = home.root / "export.zip"
    export_run(home, store.get("classic"), ExportFormat.ONNX, path)
    with zipfile.ZipFile(path) as archive:
        assert json.loads(archive.read("model.json"))["threshold"] == 0.875
        assert "0.875" in archive.read("README.md").decode()


def test_a_run_without_a_model_is_refused(home: StudioHome, store: RunStore) -> None:
    run = store.create(TrainingConfig())
    with pytest.raises(RunStateError, match="no finished model"):
        export_run(home, run, ExportFormat.KERAS, home.root / "export.zip")


def test_a_model_that_cannot_be_converted_leaves_the_old_zip(home: StudioHome, store: RunStore) -> None:
    folder, path = copy_of_classic(home), home.root / "export.zip"
    path.write_text("the old one")
    (folder / "model.keras").write_bytes((folder / "model.keras").read_bytes()[:1_000])
    with pytest.raises(ExportError, match=r"could not be exported as savedmodel: model\.keras cannot be read"):
        export_run(home, store.get("copy-of-classic"), ExportFormat.SAVEDMODEL, path)
    assert path.read_text() == "the old one"
    assert sorted(file.name for file in home.root.iterdir()) == ["export.zip", "runs"]


def test_the_command(home: StudioHome, tmp_path: Path) -> None:
    done = run_python("-m", "core", "export", "classic", "--format", "onnx", "-o", str(tmp_path), "--json", home=home)
    assert done.returncode == 0, done.stderr
    path = tmp_path / file_name(RunStore(home).get("classic"), ExportFormat.ONNX)
    assert path.name == "classic-onnx.zip"
    values = {"run_id": "classic", "format": "onnx", "path": str(path), "bytes": path.stat().st_size}
    assert done.stdout == json.dumps(values) + "\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing", "--format", "onnx"), 2, "there is no run 'nothing'"),
        (("classic", "--format", "pickle"), 2, "invalid choice: 'pickle'"),
        (("classic",), 2, "the following arguments are required: --format"),
        (("classic", "--format", "keras", "-o", "nowhere/model.zip"), 1, "there is no folder nowhere"),
    ],
)
def test_wrong_usage(home: StudioHome, arguments: tuple[str, ...], code: int, message: str) -> None:
    done = run_python("-m", "core", "export", *arguments, home=home)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (REPOSITORY / "nowhere").exists()


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
def test_litert_knows_every_activation(tmp_path: Path) -> None:
    import keras

    from core.exporting.conversion import write_litert
    from core.exporting.kit.selftest import load_network
    from core.model import build_model

    keras.utils.set_random_seed(1)
    images = digits()[0][:20, ..., None].astype(np.float32) / 255
    (tmp_path / "model.json").write_text(json.dumps({"format": "litert", "file": "model.tflite"}))
    for activation in ("gelu", "silu"):
        config = TrainingConfig(activation=activation, filters=4, batch_norm=True, head="global_average", dense_units=5)
        model = build_model(config)
        write_litert(model, tmp_path / "model.tflite")
        assert np.abs(load_network(tmp_path)(images) - np.asarray(model(images))).max() < 1e-5
