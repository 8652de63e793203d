"""`python -m core threshold`: chosen on validation, and applied from then on by whoever answers, here and over REST."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.__main__ import main
from core.api import create_api
from core.data import load_split
from core.evaluation import effect_of
from core.home import StudioHome
from core.inference import Classifier
from core.pairing import read_answers
from core.runs import RunStore
from core.thresholds import Threshold, keep_threshold, read_threshold
from tests.api.client import Client
from tests.digits import copy_of_classic, digits, picture, run_python


class Command:
    """The command line over the test's home, in this process."""

    def __init__(self, home: StudioHome, capsys: pytest.CaptureFixture[str]) -> None:
        assert home == StudioHome.from_environment()
        self._capsys = capsys

    def __call__(self, *arguments: object, status: int = 0) -> tuple[str, str]:
        """Standard output and standard error of a command that ends with this exit status."""
        try:
            ended = main([str(argument) for argument in arguments])
        except SystemExit as left:  # as argparse does
            ended = left.code if isinstance(left.code, int) else -1
        out, err = (text.replace("\N{NO-BREAK SPACE}", " ") for text in self._capsys.readouterr())
        assert ended == status, (out, err)
        return out, err

    def json(self, *arguments: object) -> dict[str, Any]:
        """The one line of JSON that it prints."""
        out, _ = self(*arguments, "--json")
        assert out.count("\n") == 1
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture
def command(home: StudioHome, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(home, capsys)


@pytest.fixture
def hard(store: RunStore) -> int:
    """A test image among the first 200 that `classic` is not certain of."""
    classifier = Classifier.load(store.get("classic"))
    certain = [classifier.classify(255 - image).confidence or 0 for image in digits()[0]]
    return int(np.argmin(certain))


def test_what_one_sets_the_others_apply_at_once(
    command: Command, home: StudioHome, store: RunStore, tmp_path: Path, hard: int
) -> None:
    client, path = Client(create_api(store)), tmp_path / "digit.png"
    path.write_bytes(picture(hard))

    def over_rest() -> bool:
        (entry,) = client.predict(("digit.png", picture(hard)), model="classic").json()["predictions"]
        assert entry["digit"] is not None
        return bool(entry.get("abstained", False))

    def on_the_command_line() -> bool:
        return bool(command.json("predict", path, "--model", "classic").get("abstained", False))

    assert not over_rest()
    run_python("-m", "core", "threshold", "classic", "--set", "1", home=home)  # set in another process, applied here
    assert over_rest()
    assert on_the_command_line()
    keep_threshold(home, store.get("classic"), Threshold(0.0))  # as a page does it
    assert not over_rest()
    assert not on_the_command_line()
    command.json("threshold", "classic", "--set", "1")
    command.json("threshold", "classic", "--none")
    assert not over_rest()


def test_a_threshold_by_accuracy_is_chosen_on_validation_and_stated_on_test(
    command: Command, home: StudioHome, store: RunStore
) -> None:
    out, err = command("threshold", "classic", "--accuracy", "0.999")
    run = store.get("classic")
    kept = read_threshold(home, run)
    assert kept is not None
    assert (kept.rule, kept.target, kept.source) == ("accuracy", 0.999, "validation")
    assert out.startswith(f"classic has the threshold {kept.value:.12g}. Below ")
    assert err == ""
    validation = read_answers(run, "validation", load_split(home.mnist, "train").labels)
    effect = effect_of(validation.probabilities, validation.labels, kept.value)
    assert effect.accuracy.value is not None
    assert effect.accuracy.value >= 0.999
    assert f"{effect.right_lost:,} right ones are lost" in out
    measured = command.json("evaluate", "classic")
    test = read_answers(run, "test", load_split(home.mnist, "test").labels)
    stored = effect_of(test.probabilities, test.labels, kept.value)
    assert measured["threshold"] == kept.value
    assert measured["coverage"] == pytest.approx(stored.coverage.value, abs=2e-4)
    assert measured["answered_accuracy"] == pytest.approx(stored.accuracy.value, abs=2e-4)


def test_what_is_set_is_said(command: Command, home: StudioHome, store: RunStore) -> None:
    nothing = {"run_id": "classic", "threshold": None, "rule": None, "target": None, "source": None}
    assert command.json("threshold", "classic") == nothing
    assert command("threshold", "classic")[0] == "classic has no threshold.\n"
    keep_threshold(home, store.get("classic"), Threshold(0.95, "coverage", 0.9))
    set_ = {"run_id": "classic", "threshold": 0.95, "rule": "coverage", "target": 0.9, "source": "validation"}
    assert command.json("threshold", "classic") == set_
    assert "; with the threshold 0.95 9" in command("evaluate", "classic", "--split", "validation")[0]


def test_a_run_on_all_images_takes_it_from_its_twin(command: Command, home: StudioHome, store: RunStore) -> None:
    folder = copy_of_classic(home, "on-all")
    config = json.loads((folder / "config.json").read_text())
    config["settings"]["validation_size"] = 0
    (folder / "config.json").write_text(json.dumps(config))
    found = command.json("threshold", "on-all", "--coverage", "0.9", "--twin", "classic")
    assert (found["run_id"], found["source"], found["target"]) == ("on-all", "classic", 0.9)
    assert read_threshold(home, store.get("classic")) is None


def test_a_target_out_of_reach_changes_nothing(command: Command, home: StudioHome, store: RunStore) -> None:
    """A run whose most certain answer to a validation image is wrong."""
    run = store.get(copy_of_classic(home).name)
    predictions = run.predictions()
    assert predictions is not None
    wrong = (load_split(home.mnist, "train").labels[55_000] + 1) % 10
    predictions["validation"][0] = 0
    predictions["validation"][0, wrong] = 1
    np.savez(run.path / "predictions.npz", **predictions)
    keep_threshold(home, run, Threshold(0.4))
    out, err = command("threshold", run.run_id, "--accuracy", "1", status=1)
    assert out == ""
    assert err.startswith("No threshold reaches 100 %. The best is the threshold 0.")
    assert err.endswith("Nothing was changed.\n")
    assert read_threshold(home, run) == Threshold(0.4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "1.5"), "a confidence from 0 to 1"),
        (("--set", "nan"), "a confidence from 0 to 1"),
        (("--accuracy", "0"), "cannot be aimed at"),
        (("--coverage", "97"), "cannot be aimed at"),
        (("--accuracy", "0.9", "--none"), "not allowed with"),
        (("--twin", "classic"), "give --accuracy or --coverage"),
        (("--accuracy", "0.9", "--twin", "nobody"), "there is no run 'nobody'"),
    ],
)
def test_wrong_usage(command: Command, home: StudioHome, arguments: tuple[str, ...], words: str) -> None:
    out, err = command("threshold", "classic", *arguments, status=2)
    assert out == ""
    assert words in err
    assert not (home.root / "thresholds").exists()
