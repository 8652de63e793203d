"""What a run folder says is read whole or called damaged, whatever was cut out of it or edited into it."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, RunDamagedError, RunNotFoundError
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.run import Run, check_name, read_run
from core.runs import RunStore
from tests.digits import copy_of_classic

FILES = ["config.json", "status.json", "metrics.jsonl", "evaluation.json", "predictions.npz", "model.onnx"]


@pytest.fixture
def folder(home: StudioHome) -> Path:
    """An own run that has finished well."""
    return copy_of_classic(home)


def edit(path: Path, **changes: Any) -> None:
    write_json(path, read_json_object(path) | changes)


def read_everything(run: Run) -> None:
    """Asks a run for all it knows, as the pages do; each answer may be that it is damaged."""
    for ask in (run.evaluation, run.predictions, run.steps, run.epochs):
        with contextlib.suppress(RunDamagedError):
            ask()


def test_a_whole_folder(folder: Path) -> None:
    run = read_run(folder, shipped=False)
    assert run.run_id == folder.name
    assert run.preset == "classic"
    assert run.has_model
    evaluation, predictions = run.evaluation(), run.predictions()
    assert evaluation is not None
    assert predictions is not None
    assert predictions["test"].shape == (10_000, 10)
    assert len(predictions["validation"]) == len(predictions["validation_indices"]) == 5_000
    assert [record["epoch"] for record in run.epochs()] == list(range(1, run.config.epochs + 1))
    steps = [record["step"] for record in run.steps()]
    assert steps == sorted(set(steps))
    assert steps[-1] == run.status.steps


def test_what_is_not_there_yet_is_none(folder: Path) -> None:
    for name in ("evaluation.json", "predictions.npz", "metrics.jsonl", "model.onnx"):
        (folder / name).unlink()
    run = read_run(folder, shipped=False)
    assert run.evaluation() is None
    assert run.predictions() is None
    assert run.steps() == run.epochs() == []
    assert not run.has_model


def test_no_folder(home: StudioHome) -> None:
    with pytest.raises(RunNotFoundError, match="there is no run 'nothing'"):
        read_run(home.runs / "nothing", shipped=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": None}, "config.json cannot be read"),
        ({"settings": []}, "config.json cannot be read"),
        ({"settings": ["epochs"]}, "config.json cannot be read"),
        ({"settings": "epochs"}, "'e' is not a setting"),
        ({"settings": {"epochs": 0}}, "epochs must be from 1 to 1,000, not 0"),
        ({"settings": {"epochs": "3"}}, "epochs must be a whole number"),
        ({"settings": {"optimizer": ["adam"]}}, "optimizer must be one of"),
        ({"settings": {"colour": "blue"}}, "'colour' is not a setting"),
        ({"settings": {"learning_rate": 10**300}}, "learning_rate must be from"),
        ({"name": 7}, "the name is no text"),
        ({"name": "n" * 10_000}, "too long"),
        ({"continued_from": {"run_id": "classic"}}, "config.json cannot be read: 'name'"),
        ({"continued_from": "classic"}, "config.json cannot be read"),
        ({"continued_from": {"run_id": "classic", "name": 7}}, "continued_from names no run"),
        ({"continued_from": {"run_id": "classic", "name": "n" * 81}}, "continued_from names no run"),
        ({"created_at": "now"}, "created_at"),
        ({"created_at": -1}, "created_at"),
        ({"created_at": 1e300}, "created_at"),
        ({"created_at": True}, "created_at"),
    ],
    ids=str,
)
def test_an_impossible_config_is_damage(folder: Path, changes: dict[str, Any], words: str) -> None:
    edit(folder / "config.json", **changes)
    with pytest.raises(RunDamagedError, match=words):
        read_run(folder, shipped=False)


@pytest.mark.parametrize("preset", [["classic"], {}, 3, "nonsense", None])
def test_an_unknown_preset_is_none(folder: Path, preset: Any) -> None:
    edit(folder / "config.json", preset=preset)
    assert read_run(folder, shipped=False).preset is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("config.json", None, "config.json is missing"),
        ("config.json", "", "config.json cannot be read"),
        ("config.json", "[]", "not a JSON object"),
        ("config.json", "{", "config.json cannot be read"),
        ("config.json", '{"name": "a"}', "config.json cannot be read: 'settings'"),
        ("status.json", None, "status.json is missing"),
        ("status.json", '{"state": "fini', "status.json cannot be read"),
    ],
)
def test_a_missing_or_cut_file_is_damage(folder: Path, name: str, content: str | None, words: str) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(RunDamagedError, match=words):
        read_run(folder, shipped=False)


@pytest.mark.parametrize("name", ["config.json", "status.json"])
def test_a_folder_in_the_place_of_a_file_is_damage(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(RunDamagedError, match=f"{name} cannot be read"):
        read_run(folder, shipped=False)


@pytest.mark.parametrize(
    "change",
    [
        {"test": []},
        {"test": [1]},
        {"test": "good"},
        {"test": {}},
        {"validation": 3},
        {"test": {"accuracy": "0.99"}},
        {"test": {"confusion_matrix": [[1, 2], [3, 4]]}},
        {"test": {"confusion_matrix": [["1"] * 10] * 10}},
        {"test": {"confusion_matrix": {"0": 1}}},
        {"test": {"n": None}},
        {"test": {"loss": True}},
    ],
    ids=str,
)
def test_an_evaluation_with_other_things_in_it_is_damage(folder: Path, change: dict[str, Any]) -> None:
    evaluation = read_json_object(folder / "evaluation.json")
    for split, values in change.items():
        partial = isinstance(values, dict) and values
        evaluation[split] = evaluation[split] | values if partial else values
    write_json(folder / "evaluation.json", evaluation)
    with pytest.raises(RunDamagedError, match=r"evaluation\.json cannot be read"):
        read_run(folder, shipped=False).evaluation()


@pytest.mark.parametrize("content", ["", "[]", "null", '{"test"', '{"temperature": NaN}'])
def test_a_cut_evaluation_is_damage(folder: Path, content: str) -> None:
    (folder / "evaluation.json").write_text(content)
    with pytest.raises(RunDamagedError, match=r"evaluation\.json cannot be read"):
        read_run(folder, shipped=False).evaluation()


@pytest.mark.parametrize(
    "change",
    [
        {"test": None},
        {"test": np.zeros((10, 9), np.float32)},
        {"test": np.zeros((10, 10), np.int64)},
        {"test": np.array([{"a": 1}], dtype=object)},
        {"validation": np.zeros(10, np.float32)},
        {"validation_indices": np.arange(4)},
        {"validation_indices": np.zeros(5_000)},
    ],
    ids=str,
)
def test_other_predictions_are_damage(folder: Path, change: dict[str, Any]) -> None:
    with np.load(folder / "predictions.npz") as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays = {name: array for name, array in (arrays | change).items() if array is not None}
    np.savez(folder / "predictions.npz", **arrays)
    with pytest.raises(RunDamagedError, match=r"predictions\.npz cannot be read"):
        read_run(folder, shipped=False).predictions()


def test_lines_that_are_no_records_are_left_out_of_the_history(folder: Path) -> None:
    run = read_run(folder, shipped=False)
    steps, epochs = run.steps(), run.epochs()
    step = steps[-1]
    strange = [
        {**step, "loss": "low"},
        {**step, "loss": None},
        {**step, "accuracy": True},
        {**step, "step": [1]},
        {**step, "learning_rate": "high"},
        {"kind": "step"},
        {**epochs[-1], "val_loss": "low"},
        {**epochs[-1], "epoch": {}},
        {**step, "kind": ["step"]},
        {**step, "kind": "other"},
        [step],
    ]
    with (folder / "metrics.jsonl").open("a") as stream:
        stream.write("".join(json.dumps(record) + "\n" for record in strange))
        # What JSON allows and no run ever wrote: infinity, and a number that no page can round.
        stream.write(json.dumps({**epochs[-1], "val_accuracy": 7.25}).replace("7.25", "1e400") + "\n")
        stream.write(json.dumps({**step, "step": 10**400}) + "\n")
        stream.write(json.dumps(step)[:40])
    assert run.steps() == steps
    assert run.epochs() == epochs


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FILES[:5]), share=st.floats(0, 1), insert=st.binary(max_size=8))
def test_a_file_cut_and_overwritten_anywhere_is_read_or_called_damaged(
    home: StudioHome, name: str, share: float, insert: bytes
) -> None:
    folder = home.runs / "damaged-run"
    if not folder.exists():
        copy_of_classic(home, folder.name)
    whole = (home.pretrained / "classic" / name).read_bytes()
    (folder / name).write_bytes(whole[: int(share * len(whole))] + insert)
    try:
        store = RunStore(home)
        if any(run.run_id == folder.name for run in store.runs()):
            read_everything(store.get(folder.name))
        else:
            assert [damaged.run_id for damaged in store.damaged()] == [folder.name]
            with pytest.raises(RunDamagedError):
                store.get(folder.name)
    finally:
        (folder / name).write_bytes(whole)


@pytest.mark.parametrize("name", ["My run", "  spaces around ", "七 🖊️", "<b>**bold**</b> $x$ :red[no]", "n" * 80, ""])
def test_names_are_any_line_of_text(name: str) -> None:
    assert check_name(name) == name.strip()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("n" * 81, "a name may have 80 characters; this one has 81"),
        ("n" * 10_000, "10,000"),
        ("two\nlines", "line breaks or control characters"),
        ("bell\x07", "control"),
        ("nul\x00", "control"),
        ("escape \x1b[31m", "control"),
        ("a\u2028b", "line breaks"),
        ("half a pair \ud800", "control"),
    ],
)
def test_other_names_are_refused(name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check_name(name)
