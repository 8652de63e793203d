"""`POST /predict` with what people really send: right answers, the same as everywhere else, each file on its own."""

import numpy as np
import pytest

from core import __version__
from core.answers import answer
from core.home import StudioHome
from core.inference import Classifier
from core.runs import RunStore
from tests.api.client import Client
from tests.digits import copy_of_classic, digits, encoded, label, picture, row_of
from tests.hostile import hostile_files, problem_with

BLANK = encoded(np.full((100, 100), 255, np.uint8))


def test_reads_pictures_in_order(client: Client) -> None:
    response = client.predict(*((f"{index}.png", picture(index)) for index in range(20)))
    assert response.status_code == 200
    predictions = response.json()["predictions"]
    assert [entry["filename"] for entry in predictions] == [f"{index}.png" for index in range(20)]
    assert [entry["digit"] for entry in predictions] == [label(index) for index in range(20)]
    for entry in predictions:
        assert list(entry) == ["filename", "digit", "confidence", "probabilities", "warnings"]
        assert entry["confidence"] == max(entry["probabilities"])
        assert sum(entry["probabilities"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_reads_every_kind(client: Client, kind: str) -> None:
    response = client.predict(("digit", encoded(255 - digits()[0][0], kind)))
    assert response.json()["predictions"][0]["digit"] == label(0)


def test_gives_the_answers_of_the_classifier(client: Client, home: StudioHome) -> None:
    classifier = Classifier.load(RunStore(home).active())
    row = row_of([0, 1, 2])
    response = client.predict(("4.png", picture(4)), ("row.png", row), multi=True)
    assert response.json()["predictions"] == [
        {"filename": "4.png", **answer(classifier, picture(4), multi=True)},
        {"filename": "row.png", **answer(classifier, row, multi=True)},
    ]


def test_names_the_model_that_answered(client: Client, home: StudioHome) -> None:
    copy_of_classic(home, "another", parameters=17)
    evaluation = RunStore(home).get("classic").evaluation()
    assert evaluation is not None
    shipped = client.predict(("0.png", picture(0)), model="classic").json()["model"]
    assert list(shipped) == ["run_id", "name", "parameters", "test_accuracy"]
    assert shipped["run_id"] == "classic"
    assert shipped["test_accuracy"] == evaluation["test"]["accuracy"]
    assert client.predict(("0.png", picture(0)), model="anoth").json()["model"]["parameters"] == 17


def test_the_active_run_answers(client: Client, home: StudioHome) -> None:
    copy_of_classic(home, "chosen")
    before = client.predict(("0.png", picture(0))).json()["model"]["run_id"]
    RunStore(home).activate("chosen")
    after = client.predict(("0.png", picture(0))).json()["model"]["run_id"]
    assert (before != "chosen", after) == (True, "chosen")
    assert client("GET", "/model").json()["run_id"] == "chosen"
    assert client("GET", "/health").json()["model"] == "chosen"


def test_several_digits_have_boxes(client: Client) -> None:
    (entry,) = client.predict(("row.png", row_of([0, 1, 2])), multi="true").json()["predictions"]
    assert [digit["digit"] for digit in entry["digits"]] == [label(0), label(1), label(2)]
    lefts = [digit["box"][0] for digit in entry["digits"]]
    assert lefts == sorted(lefts)


def test_nothing_drawn_is_no_digit(client: Client) -> None:
    response = client.predict(("blank.png", BLANK), multi=True)
    (entry,) = response.json()["predictions"]
    assert response.status_code == 200
    assert (entry["digit"], entry["confidence"], entry["probabilities"], entry["digits"]) == (None, None, None, [])
    assert "blank" in entry["warnings"]


def test_below_the_threshold_the_digit_stays(client: Client, home: StudioHome) -> None:
    copy_of_classic(home, "careful", threshold=1.0, temperature=3.0)
    (entry,) = client.predict(("0.png", picture(0)), model="careful").json()["predictions"]
    assert (entry["digit"], entry["abstained"]) == (label(0), True)


def test_a_bad_file_keeps_its_place_and_the_rest_is_done(client: Client) -> None:
    files = [("cut.png", picture(0)[:50]), ("0.png", picture(0)), ("page.png", b"<html></html>"), ("empty.png", b"")]
    response = client.predict(*files)
    predictions = response.json()["predictions"]
    assert response.status_code == 200
    assert [entry["filename"] for entry in predictions] == [name for name, _ in files]
    assert [entry["digit"] for entry in predictions] == [None, label(0), None, None]
    assert ["error" in entry for entry in predictions] == [True, False, True, True]
    for entry in (predictions[0], predictions[2], predictions[3]):
        assert entry["error"]
        assert (entry["confidence"], entry["probabilities"], entry["warnings"]) == (None, None, [])


def test_every_hostile_file_in_the_middle_of_others(client: Client) -> None:
    """In requests of many, as far as they fit into one; the sound file at the end of each is always read."""
    files = [file for file in hostile_files() if len(file.data) < 1_000_000]
    problems = []
    for first in range(0, len(files), 63):
        batch = files[first : first + 63]
        sent = [*((file.name, file.data) for file in batch), ("0.png", picture(0))]
        response = client.predict(*sent, multi=True)
        assert response.status_code == 200, response.text
        *answers, last = response.json()["predictions"]
        problems += [problem for pair in zip(batch, answers, strict=True) if (problem := problem_with(*pair))]
        assert (last["filename"], last["digit"]) == ("0.png", label(0))
    assert not problems


@pytest.mark.parametrize("name", ["../../etc/passwd", "<b>x</b>.png", "a'\".png", "ziffer-ä-数字.png", "x" * 300])
def test_a_file_name_is_text_and_nothing_else(client: Client, name: str) -> None:
    (entry,) = client.predict((name, picture(0))).json()["predictions"]
    assert entry["digit"] == label(0)
    assert entry["filename"] in (name, name[:255], name.replace('"', "%22"))


def test_other_parts_of_the_form_are_ignored(client: Client) -> None:
    files = {"file": ("0.png", picture(0)), "other": ("1.png", picture(1))}
    response = client("POST", "/predict", files=files, data={"comment": "hello"})
    assert [entry["filename"] for entry in response.json()["predictions"]] == ["0.png"]


def test_as_many_files_as_allowed(client: Client) -> None:
    response = client.predict(*[("0.png", picture(0))] * 64)
    assert response.status_code == 200
    assert len(response.json()["predictions"]) == 64


def test_health(client: Client) -> None:
    response = client("GET", "/health")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["status"] == "ok"
    assert response.json()["version"] == __version__


def test_runs_are_listed_with_the_damaged_left_out(client: Client, home: StudioHome) -> None:
    copy_of_classic(home, "mine")
    (copy_of_classic(home, "broken") / "status.json").write_text("{", encoding="utf-8")
    (copy_of_classic(home, "unrated") / "evaluation.json").write_text("{", encoding="utf-8")
    (copy_of_classic(home, "edited") / "evaluation.json").write_text('{"test": [1]}', encoding="utf-8")
    RunStore(home).activate("mine")
    runs = {run["run_id"]: run for run in client("GET", "/runs").json()["runs"]}
    assert {"mine", "unrated", "edited", "classic"} <= runs.keys()
    assert "broken" not in runs
    assert runs["mine"]["active"] is True
    assert runs["classic"]["active"] is False
    assert runs["classic"]["shipped"] is True
    assert runs["classic"]["test_accuracy"] > 0.98
    assert runs["unrated"]["test_accuracy"] is None
    assert runs["edited"]["test_accuracy"] is None
