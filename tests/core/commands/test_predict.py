"""`python -m core predict`, in a process of its own: what it prints, in which order, and how it ends."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.answers import answer
from core.commands.inputs import inputs
from core.home import StudioHome
from core.inference import Classifier
from core.runs import RunStore
from tests.digits import REPOSITORY, copy_of_classic, digits, encoded, label, picture, row_of, run_python
from tests.hostile import hostile_files, problem_with


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def predict(home: StudioHome, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return run_python("-m", "core", "predict", *map(str, arguments), home=home)


def predict_from_standard_input(home: StudioHome, data: bytes, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "core", "predict", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "DIGIT_STUDIO_HOME": str(home.root)},
        input=data,
        capture_output=True,
        timeout=120,
        check=False,
    )


def records(ended: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    """Every line of standard output, each of which must be a JSON object."""
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_one_line_per_file_in_the_order_given(home: StudioHome, folder: Path) -> None:
    paths = [folder / f"{index}.png" for index in (3, 1, 2)]
    for path in paths:
        path.write_bytes(picture(int(path.stem)))
    ended = predict(home, *paths, "--model", "classic", "--json")
    answers = records(ended)
    assert ended.returncode == 0
    assert [entry["path"] for entry in answers] == [str(path) for path in paths]
    assert [entry["digit"] for entry in answers] == [label(index) for index in (3, 1, 2)]
    for entry in answers:
        assert list(entry) == ["path", "digit", "confidence", "probabilities", "warnings"]
        assert len(entry["probabilities"]) == 10
        assert entry["confidence"] == max(entry["probabilities"])
        assert sum(entry["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_gives_the_answers_of_the_classifier(home: StudioHome, folder: Path) -> None:
    (folder / "4.png").write_bytes(picture(4))
    classifier = Classifier.load(RunStore(home).active())
    (entry,) = records(predict(home, folder / "4.png", "--json"))
    assert entry == {"path": str(folder / "4.png"), **answer(classifier, picture(4))}


def test_a_folder_is_its_pictures_by_name_and_nothing_below(home: StudioHome, folder: Path) -> None:
    images = digits()[0]
    for name, kind in [("b.JPG", "JPEG"), ("a.png", "PNG"), ("c.webp", "WEBP"), ("d.bmp", "BMP"), ("e.jpeg", "JPEG")]:
        (folder / name).write_bytes(encoded(255 - images[0], kind))
    (folder / "notes.txt").write_text("not a picture", encoding="utf-8")
    (folder / "._a.png").write_bytes(b"another program's note")
    (folder / "below").mkdir()
    (folder / "below" / "z.png").write_bytes(picture(1))
    (folder / "folder.png").mkdir()
    ended = predict(home, folder, "--json")
    assert ended.returncode == 0
    assert [Path(entry["path"]).name for entry in records(ended)] == ["a.png", "b.JPG", "c.webp", "d.bmp", "e.jpeg"]
    assert {entry["digit"] for entry in records(ended)} == {label(0)}


def test_a_link_to_nothing_is_not_passed_over_in_silence(folder: Path) -> None:
    for name in ("a.png", "notes.txt", ".a.png"):
        (folder / name).symlink_to("nowhere")
    assert [Path(each.path).name for each in inputs([str(folder)])] == ["a.png"]


def test_a_pattern_is_what_matches_it(home: StudioHome, folder: Path) -> None:
    below = folder / "below" / "deeper"
    below.mkdir(parents=True)
    for path in (folder / "b1.png", folder / "a1.png", folder / "a2.png", folder / "c[1].png", below / "a3.png"):
        path.write_bytes(picture(0))
    patterns = [f"{folder}/a?.png", f"{folder}/[bc]*", f"{folder}/c[1].png", f"{folder}/none*", f"{folder}/**/a3*"]
    ended = predict(home, *patterns, f"{folder}/bel*/**", "--json")
    names = [str(Path(entry["path"]).relative_to(folder)) for entry in records(ended)]
    deeper = os.path.join("below", "deeper", "a3.png")
    assert names == ["a1.png", "a2.png", "b1.png", "c[1].png", "c[1].png", "none*", deeper, deeper]
    assert ["error" in entry for entry in records(ended)] == [name == "none*" for name in names]
    assert ended.returncode == 1


def test_one_picture_from_standard_input(home: StudioHome, folder: Path) -> None:
    (folder / "1.png").write_bytes(picture(1))
    ended = predict_from_standard_input(home, picture(0), "-", str(folder / "1.png"), "--json")
    first, second = (json.loads(line) for line in ended.stdout.splitlines())
    assert (first["path"], first["digit"], second["digit"]) == ("-", label(0), label(1))
    assert ended.returncode == 0


def test_standard_input_that_is_no_picture_or_wanted_twice(home: StudioHome) -> None:
    nothing = predict_from_standard_input(home, b"", "-", "--json")
    assert (nothing.returncode, json.loads(nothing.stdout)["error"]) == (1, "The file is empty.")
    twice = predict_from_standard_input(home, picture(0), "-", "-", "--json")
    assert (twice.returncode, twice.stdout) == (2, b"")
    assert b"only once" in twice.stderr


def test_a_table_of_comma_separated_values(home: StudioHome, folder: Path) -> None:
    (folder / "0, and a comma.png").write_bytes(picture(0))
    (folder / "=1+1.png").write_bytes(row_of([0, 1]))
    (folder / "cut.png").write_bytes(picture(0)[:60])
    names = ["0, and a comma.png", "=1+1.png", "cut.png"]
    ended = predict(home, *(folder / name for name in names), "--csv", "--multi")
    table = list(csv.DictReader(io.StringIO(ended.stdout)))
    assert ended.returncode == 1
    assert [row["file"] for row in table] == [str(folder / name) for name in names]
    assert [row["digits"] for row in table] == [str(label(0)), f"{label(0)}{label(1)}", ""]
    assert float(table[0]["confidence"]) == max(float(table[0][f"p{digit}"]) for digit in range(10))
    assert (table[2]["digit"], table[2]["p0"], bool(table[2]["error"])) == ("", "", True)


@pytest.mark.parametrize("other", [["--json"], ["--submission", "out.csv"]])
def test_one_form_of_the_answers(home: StudioHome, folder: Path, other: list[str]) -> None:
    ended = predict(home, folder, "--csv", *other)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr


def test_a_name_that_the_terminal_cannot_show(home: StudioHome, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    (folder / "数字.png").write_bytes(picture(0))
    for form in ((), ("--csv",)):
        ended = predict(home, folder, *form)
        assert (ended.returncode, ended.stderr) == (0, "")


def test_what_cannot_be_read_has_its_error_and_the_rest_is_done(home: StudioHome, folder: Path) -> None:
    (folder / "good.png").write_bytes(picture(0))
    (folder / "cut.png").write_bytes(picture(0)[:60])
    (folder / "empty.png").touch()
    (folder / "page.png").write_text("<html></html>", encoding="utf-8")
    (folder / "nothing").mkdir()
    names = ["cut.png", "empty.png", "page.png", "absent.png", "nothing", "good.png"]
    ended = predict(home, "", *(folder / name for name in names), "--json")
    unset, *answers = records(ended)
    assert ended.returncode == 1
    assert (unset["path"], unset["error"]) == ("", "The path is empty: name a file, a folder or a pattern.")
    assert [Path(entry["path"]).name for entry in answers] == names
    for entry in answers[:-1]:
        assert entry["error"]
        assert (entry["digit"], entry["confidence"], entry["probabilities"]) == (None, None, None)
    assert answers[-1]["digit"] == label(0)
    assert "error" not in answers[-1]


def test_every_hostile_file_is_read_or_refused_in_its_place(home: StudioHome, folder: Path) -> None:
    for file in hostile_files():
        (folder / file.name).write_bytes(file.data)
    ended = predict(home, *(folder / file.name for file in hostile_files()), "--multi", "--json")
    answers = records(ended)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert [Path(entry["path"]).name for entry in answers] == [file.name for file in hostile_files()]
    pairs = zip(hostile_files(), answers, strict=True)
    assert not [problem for pair in pairs if (problem := problem_with(*pair))]


def test_blank_is_no_digit_and_no_failure(home: StudioHome, folder: Path) -> None:
    (folder / "blank.png").write_bytes(encoded(np.full((100, 100), 255, np.uint8)))
    ended = predict(home, folder / "blank.png", "--json")
    (entry,) = records(ended)
    assert ended.returncode == 0
    assert (entry["digit"], entry["confidence"], entry["probabilities"]) == (None, None, None)
    assert "blank" in entry["warnings"]


def test_several_digits_with_their_boxes(home: StudioHome, folder: Path) -> None:
    (folder / "row.png").write_bytes(row_of([0, 1, 2]))
    (entry,) = records(predict(home, folder / "row.png", "--multi", "--json"))
    assert [digit["digit"] for digit in entry["digits"]] == [label(0), label(1), label(2)]
    for digit in entry["digits"]:
        assert list(digit) == ["digit", "confidence", "probabilities", "box"]
        left, top, width, height = digit["box"]
        assert left >= 0
        assert top >= 0
        assert left + width <= 120
        assert top + height <= 40


def test_below_the_threshold_the_digit_stays(home: StudioHome, folder: Path) -> None:
    copy_of_classic(home, "careful", threshold=1.0, temperature=3.0)
    (folder / "0.png").write_bytes(picture(0))
    ended = predict(home, folder / "0.png", "--model", "careful", "--json")
    (entry,) = records(ended)
    assert ended.returncode == 0
    assert entry["digit"] == label(0)
    assert entry["abstained"] is True


@pytest.mark.parametrize("run", ["no-such-run", "twin", "../classic", ""])
def test_an_unknown_or_ambiguous_run_is_wrong_usage(home: StudioHome, folder: Path, run: str) -> None:
    copy_of_classic(home, "twin-a")
    copy_of_classic(home, "twin-b")
    (folder / "0.png").write_bytes(picture(0))
    ended = predict(home, folder / "0.png", "--model", run, "--json")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_damaged_run_is_a_failure(home: StudioHome, folder: Path) -> None:
    (copy_of_classic(home) / "model.onnx").write_bytes(b"cut")
    (folder / "0.png").write_bytes(picture(0))
    ended = predict(home, folder / "0.png", "--model", "copy-of-classic", "--json")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_no_path_is_wrong_usage(home: StudioHome) -> None:
    ended = predict(home, "--json")
    assert ended.returncode == 2
    assert ended.stdout == ""


def test_people_get_a_table(home: StudioHome, folder: Path) -> None:
    (folder / "0.png").write_bytes(picture(0))
    (folder / "blank.png").write_bytes(encoded(np.full((100, 100), 255, np.uint8)))
    (folder / "odd\nname.png").write_text("no picture", encoding="utf-8")
    ended = predict(home, folder)
    lines = ended.stdout.splitlines()
    assert ended.returncode == 1
    assert len(lines) == 3
    assert lines[0].split()[:2] == [str(label(0)), "99.9%"]  # 0.99999: only an exact 1 is 100
    assert lines[1].split()[0] == "nothing"
    assert lines[2].split()[0] == "error"


def test_needs_no_tensorflow(home: StudioHome, folder: Path) -> None:
    (folder / "0.png").write_bytes(picture(0))
    code = (
        "import sys; from core.__main__ import main; "
        "status = main(['predict', sys.argv[1]]); "
        "sys.exit(status or sorted({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)) or 0)"
    )
    ended = run_python("-c", code, str(folder), home=home)
    assert (ended.returncode, ended.stderr) == (0, "")
