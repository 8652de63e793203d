"""`evaluate --data` and `predict --submission` in processes of their own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.__main__ import main
from core.datasets import DataSetStore, Plan
from core.evaluation import wilson_interval
from core.home import StudioHome
from core.inference import Classifier
from core.runs import RunStore
from tests.digits import digits, run_python
from tests.own_sets import COUNT, folders, given, idx, images, labels, packed, table, zipped


def evaluate(home: StudioHome, *arguments: object, status: int = 0) -> tuple[dict[str, Any], str]:
    """The one line of JSON and standard error."""
    ended = run_python("-m", "core", "evaluate", "classic", *map(str, arguments), "--json", home=home)
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout.count("\n") == (1 if ended.stdout else 0)
    return json.loads(ended.stdout or "{}"), ended.stderr


def test_the_same_figures_as_for_a_split(home: StudioHome, tmp_path: Path) -> None:
    (tmp_path / "digits.csv").write_bytes(table(digits()[0], digits()[1]))
    found, err = evaluate(home, "--data", tmp_path / "digits.csv")
    plain, _ = evaluate(home)
    assert set(found) == {*plain, "missing_classes", "data"}
    assert (found["run_id"], found["split"], found["n"]) == ("classic", "digits", 200)
    network = Classifier.load(RunStore(home).get("classic")).network
    right = int((network.probabilities(digits()[0]).argmax(axis=1) == digits()[1]).sum())
    assert found["correct"] == np.trace(found["confusion_matrix"]) == right
    assert (found["accuracy_low"], found["accuracy_high"]) == pytest.approx(wilson_interval(right, 200))
    assert found["data"]["preprocess"] == "none"
    assert "200 of the 200 images are in MNIST's test split" in err
    assert not home.datasets.exists()


def test_every_form_and_both_ways_in(home: StudioHome, tmp_path: Path) -> None:
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(packed(idx(images())))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(packed(idx(labels())))
    found, _ = evaluate(home, "--data", tmp_path / "t10k-images-idx3-ubyte.gz", "--preprocess", "full")
    assert (found["split"], found["n"], found["data"]["preprocess"]) == ("t10k", COUNT, "full")
    assert found["accuracy"] > 0.9
    for name, content in folders(255 - np.pad(images(), ((0, 0), (9, 9), (9, 9)))).items():
        (tmp_path / "scans" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "scans" / name).write_bytes(content)
    found, err = evaluate(home, "--data", tmp_path / "scans")
    assert (found["split"], found["n"], found["data"]["preprocess"]) == ("scans", COUNT, "full")
    assert found["accuracy"] > 0.9
    assert "The pictures are 46 x 46, not 28 x 28." in err
    _, err = evaluate(home, "--data", tmp_path / "scans", "--preprocess", "none", status=1)
    assert "as they are only pictures of 28 x 28 can be taken" in err


def test_a_kept_set_by_its_id(home: StudioHome) -> None:
    kept = DataSetStore(home).keep(given("d.zip", zipped(folders())), Plan("none"), name="Mine")
    found, _ = evaluate(home, "--data", kept.dataset_id)
    assert (found["split"], found["n"]) == ("Mine", COUNT)
    _, err = evaluate(home, "--data", "no-such-set", status=1)
    assert "no-such-set is not there; check the path" in err


def test_skipped_pictures_are_named_and_counted(home: StudioHome, tmp_path: Path) -> None:
    (tmp_path / "d.zip").write_bytes(zipped(folders(more={"3/cut.png": b"\x89PNG"})))
    found, err = evaluate(home, "--data", tmp_path / "d.zip", status=1)
    assert (found["n"], found["data"]["skipped"]) == (COUNT, 1)
    assert "skipped: 3/cut.png: The picture is damaged" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--data", "x.csv", "--split", "validation"), "not allowed with"),
        (("--data", "x.csv", "--preprocess", "some"), "invalid choice"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["evaluate", "classic", *arguments])
    assert words in capsys.readouterr().err


def test_a_way_in_is_for_a_data_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "classic", "--preprocess", "none"]) == 2
    assert "give --data with it" in capsys.readouterr().err


def test_a_submission(home: StudioHome, tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_bytes(table(labelled=False))
    target = tmp_path / "submission.csv"
    arguments = (str(tmp_path / "test.csv"), "--model", "classic", "--submission", str(target))
    ended = run_python("-m", "core", "predict", *arguments, "--json", home=home)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"path": arguments[0], "submission": str(target), "n": COUNT}
    lines = target.read_text().splitlines()
    network = Classifier.load(RunStore(home).get("classic")).network
    expected = network.probabilities(images()).argmax(axis=1)
    assert lines == ["ImageId,Label", *(f"{number + 1},{digit}" for number, digit in enumerate(expected))]
    _, err = evaluate(home, "--data", tmp_path / "test.csv", status=1)
    assert "test.csv has no labels to count right and wrong by" in err


def test_no_submission_with_a_line_missing(home: StudioHome, tmp_path: Path) -> None:
    (tmp_path / "d.zip").write_bytes(zipped({**folders(), "3/cut.png": b"\x89PNG"}))
    target = tmp_path / "submission.csv"
    ended = run_python("-m", "core", "predict", str(tmp_path / "d.zip"), "--submission", str(target), home=home)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "3/cut.png: The picture is damaged" in ended.stderr
    assert "nothing was written" in ended.stderr
    assert not target.exists()
    assert main(["predict", str(tmp_path), "--multi", "--submission", str(target)]) == 2
