"""The command line in processes of its own: its exit statuses, one line of JSON, and everything else on stderr."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.metrics

from core import data
from core.config import preset
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.runs import RunStore
from core.status import RunState
from tests.digits import copy_of_classic, run_python
from tests.trainings import DIVERGING, ENDLESS, jobs_in, process, until, until_ended, until_state

SMALL = ("--preset", "quick", "--subset", "640", "--set", "batch_size=64", "--set", "validation_size=500")


def cli(*arguments: str, home: StudioHome, status: int = 0) -> tuple[str, str]:
    """Standard output and standard error of a command that ends with this exit status."""
    done = run_python("-m", "core", *arguments, home=home)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def answer(*arguments: str, home: StudioHome) -> dict[str, Any]:
    """The one line of JSON that a command prints, and nothing else."""
    out, _ = cli(*arguments, "--json", home=home)
    assert out.count("\n") == 1
    assert out.endswith("}\n")
    found: dict[str, Any] = json.loads(out)
    return found


def refusal(*arguments: str, home: StudioHome, status: int) -> str:
    """What a command that fails says on standard error; it prints nothing."""
    out, err = cli(*arguments, home=home, status=status)
    assert out == ""
    return err


def test_evaluate_the_shipped_model(home: StudioHome, store: RunStore) -> None:
    found = answer("evaluate", "classic", home=home)
    assert (found["run_id"], found["split"], found["n"]) == ("classic", "test", 10_000)
    assert found["accuracy"] >= 0.990
    assert found["ece"] < 0.02
    assert 0 < found["loss"] < 0.05
    matrix = np.array(found["confusion_matrix"])
    assert matrix.shape == (10, 10)
    assert np.trace(matrix) == found["correct"] == round(found["accuracy"] * 10_000)
    labels = data.load_split(home.mnist, "test").labels
    assert matrix.sum(axis=1).tolist() == np.bincount(labels).tolist()  # rows are the truth
    run = store.get("classic")
    stored, predictions = run.evaluation(), run.predictions()
    assert stored is not None
    assert predictions is not None
    expected = sklearn.metrics.confusion_matrix(labels, predictions["test"].argmax(axis=1))
    assert np.abs(matrix - expected).sum() <= 2  # the last digit of a float may turn a tie
    assert found["parameters"] == stored["parameters"]
    assert found["loss"] == pytest.approx(stored["test"]["loss"], rel=1e-3)
    out, err = cli("evaluate", home=home)  # the active run, in words
    assert out.count("\n") == 1
    assert "on test: accuracy 99." in out
    assert err == ""


def test_evaluate_never_repeats_a_stored_number(home: StudioHome) -> None:
    folder = copy_of_classic(home, "edited")
    evaluation = read_json_object(folder / "evaluation.json")
    evaluation["validation"] = evaluation["validation"] | {"accuracy": 0.5, "loss": 7.0, "n": 3}
    write_json(folder / "evaluation.json", evaluation)
    found = answer("evaluate", "edited", "--split", "validation", home=home)
    assert (found["split"], found["n"]) == ("validation", 5_000)
    assert found["accuracy"] > 0.98
    assert found["loss"] < 0.1


def test_runs_lists_all_and_names_the_damaged(home: StudioHome, store: RunStore) -> None:
    waiting = store.create(preset("quick"), name="<b>🖊️</b> [x](y)", preset="quick")
    waiting.status.write(waiting.path, state=RunState.INTERRUPTED)
    copy_of_classic(home, "cut-evaluation").joinpath("evaluation.json").write_text('{"test": [')
    copy_of_classic(home, "list-evaluation", test=[1, 2])
    copy_of_classic(home, "no-config").joinpath("config.json").unlink()
    out, err = cli("runs", "--json", home=home)
    assert out.count("\n") == 1
    rows = {row["run_id"]: row for row in json.loads(out)["runs"]}
    assert {waiting.run_id, "classic", "cut-evaluation", "list-evaluation"} <= set(rows)
    assert "no-config" not in rows
    assert rows[waiting.run_id]["name"] == "<b>🖊️</b> [x](y)"
    assert rows[waiting.run_id]["state"] == "interrupted"
    assert rows["cut-evaluation"]["test_accuracy"] is rows["list-evaluation"]["test_accuracy"] is None
    assert rows["classic"]["test_accuracy"] > 0.99
    for name in ("cut-evaluation", "list-evaluation", "no-config"):
        assert f"damaged: {name}: " in err
    out, _ = cli("runs", home=home)
    assert len(out.splitlines()) == len(rows)


def test_activate(home: StudioHome, store: RunStore) -> None:
    copy_of_classic(home, "20260101-mine")
    assert answer("activate", "2026", home=home)["run_id"] == "20260101-mine"
    assert store.active().run_id == "20260101-mine"
    assert answer("evaluate", "active", "--split", "validation", home=home)["run_id"] == "20260101-mine"
    out, _ = cli("activate", "classic", home=home)
    assert out == "classic is active.\n"
    assert store.active().run_id == "classic"


@pytest.mark.parametrize("command", ["evaluate", "activate"])
@pytest.mark.parametrize(
    "target", ["nothing", "../../pretrained/classic", "/etc", "", "CLASSIC", "x" * 10_000, "20", "a\nb"], ids=repr
)
def test_an_unknown_or_ambiguous_run_is_wrong_usage(home: StudioHome, command: str, target: str) -> None:
    for run_id in ("2026-a", "2026-b"):
        copy_of_classic(home, run_id)
    said = refusal(command, target, home=home, status=2)
    assert said.count("\n") == 1
    assert len(said) < 300
    assert not home.active_file.exists()


def test_what_cannot_be_done_with_a_run_fails(home: StudioHome, store: RunStore) -> None:
    unfinished = store.create(preset("quick"))
    cut = copy_of_classic(home, "cut-model")
    (cut / "model.onnx").write_bytes((cut / "model.onnx").read_bytes()[:1_000])
    (copy_of_classic(home, "cut-status") / "status.json").write_text("{")
    for command, target, words in (
        ("evaluate", unfinished.run_id, "has no finished model"),
        ("activate", unfinished.run_id, "has no finished model"),
        ("evaluate", "cut-model", "model.onnx"),
        ("evaluate", "cut-status", "status.json cannot be read"),
        ("activate", "cut-status", "status.json cannot be read"),
    ):
        assert words in refusal(command, target, "--json", home=home, status=1)


def test_a_run_on_all_images_has_no_validation_to_evaluate(home: StudioHome) -> None:
    folder = copy_of_classic(home, "all-images")
    config = read_json_object(folder / "config.json")
    write_json(folder / "config.json", config | {"settings": config["settings"] | {"validation_size": 0}})
    assert "has no validation split" in refusal("evaluate", "all-images", "--split", "validation", home=home, status=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "required"),
        (("sing",), "invalid choice"),
        (("train", "--preset", "huge"), "there is no preset 'huge'; the presets are classic"),
        (("train", "--preset", "../classic"), "there is no preset"),
        (("train", "--epochs", "0"), "epochs must be from 1 to 1,000, not 0"),
        (("train", "--epochs", "many"), "epochs must be a whole number, not 'many'"),
        (("train", "--epochs", "9" * 400), "epochs must be from 1 to 1,000"),
        (("train", "--subset", "55001"), "subset 55001 is more than"),
        (("train", "--seed", "-1"), "seed must be from"),
        (("train", "--set", "learning_rate=nan"), "learning_rate must be from"),
        (("train", "--set", "learningrate=1"), "did you mean 'learning_rate'?"),
        (("train", "--set", "epochs"), "--set takes KEY=VALUE, not 'epochs'"),
        (("train", "--set", "filters=1000000000"), "filters must be from 1 to 256"),
        (("train", "--name", "n" * 10_000), "a name may have 80 characters; this one has 10,000"),
        (("train", "--name", "two\nlines"), "line breaks or control characters"),
        (("train", "--colour", "blue"), "unrecognized arguments"),
        (("evaluate", "--split", "train"), "invalid choice"),
        (("activate",), "required"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_wrong_usage(home: StudioHome, arguments: tuple[str, ...], words: str) -> None:
    assert words in refusal(*arguments, home=home, status=2)
    assert list(home.runs.iterdir()) == []


def test_damaged_data_fails_the_command(home: StudioHome, tmp_path: Path) -> None:
    """In a copy of the program, so that the shipped data stay whole."""
    for name in ("core", "artifacts/pretrained"):
        shutil.copytree(StudioHome(tmp_path).shipped.parent / name, tmp_path / "program" / name)
    (tmp_path / "program" / "artifacts" / "mnist.npz").write_bytes(b"PK\x03\x04 cut")
    code = "import os, sys; os.chdir(sys.argv[1]); sys.path.insert(0, sys.argv[1]); from core.__main__ import main; "
    code += "sys.exit(main(sys.argv[2:]))"
    for command in (("evaluate", "classic"), ("train", *SMALL)):
        done = run_python("-c", code, str(tmp_path / "program"), *command, "--json", home=home)
        assert done.returncode == 1, done.stderr
        assert done.stdout == ""
        assert "restore it with `git checkout artifacts/mnist.npz`" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_home_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used" in refusal("runs", home=StudioHome(tmp_path / "file"), status=1)


def test_train_waits_behind_another_process_and_says_so(home: StudioHome) -> None:
    with jobs_in(home) as jobs:
        first = jobs.submit(ENDLESS)
        until_state(jobs.store, first, RunState.TRAINING)
        arguments = ("train", *SMALL, "--epochs", "2", "--seed", "7", "--name", "From a terminal 🖊️", "--json")
        with process("-m", "core", *arguments, home=home) as command:
            queued = until(jobs.queue, "the command's run to be queued")
            third = jobs.submit(ENDLESS)
            assert command.stderr is not None
            said = [command.stderr.readline()]
            while f"queued behind {first.run_id}" not in said[-1]:
                assert said[-1], said
                said.append(command.stderr.readline())
            assert [run.run_id for run in jobs.queue()] == [queued[0].run_id, third.run_id]
            jobs.stop(first.run_id)
            out, rest = command.communicate(timeout=180)
        assert command.returncode == 0, rest
        assert until_ended(jobs, first).status.state is RunState.FINISHED
        assert out.count("\n") == 1
        result = json.loads(out)
        run = jobs.store.get(result["run_id"])
        assert run.run_id == queued[0].run_id
        assert (run.name, run.config.seed, run.config.epochs) == ("From a terminal 🖊️", 7, 2)
        evaluation = run.evaluation()
        assert evaluation is not None
        assert result["test_accuracy"] == evaluation["test"]["accuracy"]
        assert result["val_accuracy"] == evaluation["validation"]["accuracy"]
        for key in ("parameters", "train_seconds", "images_per_second"):
            assert result[key] == evaluation[key]
        assert f"{run.run_id}: finished" in rest
        # The one behind it had to wait until the end.
        until_state(jobs.store, third, RunState.STARTING, RunState.TRAINING)
        started = jobs.store.get(third.run_id).status.started_at
        assert started is not None
        assert started >= run.status.updated_at


def test_a_training_that_fails_exits_with_1_and_says_why(home: StudioHome) -> None:
    settings = [part for key, value in DIVERGING.items() for part in ("--set", f"{key}={value}")]
    said = refusal("train", *SMALL, *settings, "--json", home=home, status=1)
    assert "failed: The loss became NaN or infinite" in said.splitlines()[-1]
