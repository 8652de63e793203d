"""The store finds every run and only runs, whatever else lies in its folders, and never outside them."""

import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import TrainingConfig, preset
from core.errors import (
    AmbiguousRunError,
    ConfigError,
    RunDamagedError,
    RunError,
    RunNotFoundError,
    RunStateError,
)
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.run import RUN_ID
from core.runs import RunStore
from core.status import RunState
from tests.digits import copy_of_classic

CONFIG = TrainingConfig(epochs=2)
NOT_IDS = [
    "",
    ".",
    "..",
    "/",
    "../runs/x",
    "../../etc",
    "/etc",
    "x/../x",
    "x/",
    "./x",
    "X",
    "Classic",
    "-x",
    "_x",
    ".x",
    "x\n",
    "x\x00",
    "x y",
    "é",
    "x" * 65,
    "x" * 10_000,
    "x\\y",
    "%2e%2e",
    "~",
    "$HOME",
]


def ids(store: RunStore) -> list[str]:
    return [run.run_id for run in store.runs()]


def shipping(home: StudioHome, *names: str) -> RunStore:
    """A store that ships only these, each a copy of the shipped classic."""
    shipped = home.root / "shipped"
    for name in names:
        shutil.copytree(home.pretrained / "classic", shipped / "pretrained" / name)
    return RunStore(StudioHome(home.root, shipped))


def test_a_new_run(store: RunStore) -> None:
    run = store.create(CONFIG, name="  First ", preset="classic")
    assert RUN_ID.fullmatch(run.run_id)
    assert "-classic-" in run.run_id
    assert (run.name, run.config, run.preset, run.shipped) == ("First", CONFIG, "classic", False)
    assert (run.status.state, run.status.pid) == (RunState.QUEUED, os.getpid())
    assert (run.status.epochs, run.status.steps) == (2, 2 * CONFIG.steps_per_epoch)
    assert store.get(run.run_id) == run
    assert sorted(os.listdir(run.path)) == ["config.json", "status.json"]
    assert not run.has_model


def test_without_a_name_it_is_called_as_its_id(store: RunStore) -> None:
    run = store.create(CONFIG)
    assert run.name == run.run_id
    assert "-custom-" in run.run_id


@pytest.mark.parametrize("options", [{"name": "n" * 81}, {"name": "a\nb"}, {"preset": "../x"}, {"preset": ""}], ids=str)
def test_what_is_not_allowed_makes_no_folder(store: RunStore, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        store.create(CONFIG, **options)
    assert os.listdir(store.home.runs) == []


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(store: RunStore) -> None:
    store.home.runs.rmdir()
    store.home.runs.write_text("a file where the folder should be")
    with pytest.raises(RunError, match="a new run cannot be written"):
        store.create(CONFIG)
    assert store.damaged() == []
    assert all(run.shipped for run in store.runs())


def test_many_at_once_get_ids_of_their_own(store: RunStore) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(store.create(CONFIG).run_id for _ in range(25))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 200
    assert set(ids(store)) - set(made) == {run.run_id for run in store.runs() if run.shipped}
    assert [name for name in os.listdir(store.home.runs) if name.startswith(".")] == []


def test_newest_first_and_shipped_ones_last(store: RunStore) -> None:
    made = [store.create(CONFIG, preset=name).run_id for name in ("strong", "classic", None, "quick")]
    assert ids(store)[:4] == made[::-1]
    assert "classic" in ids(store)[4:]
    assert store.get("classic").shipped


def test_a_change_is_seen_by_another_store_at_once(store: RunStore, home: StudioHome) -> None:
    run = store.create(CONFIG)
    other = RunStore(home)
    assert other.get(run.run_id).status.state is RunState.QUEUED
    run.status.write(run.path, state=RunState.FAILED, message="Why.")
    assert other.get(run.run_id).status.message == "Why."
    shutil.rmtree(run.path)
    assert run.run_id not in ids(other)


@pytest.mark.parametrize("text", NOT_IDS, ids=lambda text: repr(text[:16]))
def test_what_is_no_id_is_not_found(store: RunStore, text: str) -> None:
    copy_of_classic(store.home, "x")
    outside = store.home.root / "outside"
    shutil.copytree(store.home.runs / "x", outside)
    for name in ("../outside", str(outside), text):
        with pytest.raises(RunNotFoundError, match="there is no run"):
            store.get(name)
        with pytest.raises(RunNotFoundError):
            store.resolve(name)
        with pytest.raises(RunNotFoundError):
            store.activate(name)
    with pytest.raises(RunNotFoundError) as raised:
        store.get(text)
    assert len(str(raised.value)) < 200


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=80), st.text("./~xX-_0", max_size=12)))
def test_no_text_leads_out_of_the_store(store: RunStore, text: str) -> None:
    try:
        run = store.get(text)
    except RunNotFoundError:
        return
    assert run.path.parent in (store.home.runs, store.home.pretrained)


def test_what_is_no_run_folder_is_left_alone(store: RunStore, tmp_path: Path) -> None:
    elsewhere = copy_of_classic(store.home, "elsewhere")
    elsewhere.rename(tmp_path / "elsewhere")
    runs = store.home.runs
    (runs / "a-link").symlink_to(tmp_path / "elsewhere")
    (runs / "a-file").write_text("text")
    (runs / "a broken link").symlink_to(tmp_path / "nowhere")
    for name in (".hidden", "Upper", "with space", "é", "x" * 65):
        shutil.copytree(tmp_path / "elsewhere", runs / name)
    assert all(run.shipped for run in store.runs())
    assert store.damaged() == []
    for name in ("a-link", "a-file"):
        with pytest.raises(RunNotFoundError):
            store.get(name)


def test_damaged_folders_are_listed_with_the_reason_and_the_rest_works(store: RunStore) -> None:
    whole = store.create(CONFIG, name="whole")
    (store.home.runs / "empty").mkdir()
    for name, damage in {
        "not-json": lambda path: (path / "config.json").write_text("{"),
        "a-list": lambda path: (path / "config.json").write_text("[]"),
        "out-of-range": lambda path: write_json(
            path / "config.json", read_json_object(path / "config.json") | {"settings": {"epochs": 10**9}}
        ),
        "cut-status": lambda path: (path / "status.json").write_bytes((path / "status.json").read_bytes()[:40]),
        "pid-text": lambda path: write_json(
            path / "status.json", read_json_object(path / "status.json") | {"state": "training", "pid": "12"}
        ),
        "many-words": lambda path: (path / "status.json").write_text(json.dumps({"state": "x" * 100_000})),
        "no-status": lambda path: (path / "status.json").unlink(),
    }.items():
        damage(copy_of_classic(store.home, name))
    damaged = {entry.run_id: entry.reason for entry in store.damaged()}
    assert set(damaged) == {
        *("empty", "not-json", "a-list", "out-of-range", "cut-status", "pid-text", "many-words", "no-status")
    }
    for run_id, reason in damaged.items():
        assert reason.startswith(f"{run_id}: ")
        assert 20 < len(reason) <= 301
        with pytest.raises(RunDamagedError):
            store.get(run_id)
        with pytest.raises(RunDamagedError):
            store.resolve(run_id)
    assert whole.run_id in ids(store)
    assert store.active().run_id in ids(store)


def test_a_copy_of_a_shipped_run_does_not_take_its_place(store: RunStore) -> None:
    copy_of_classic(store.home, "classic", temperature=3.9)
    assert store.get("classic").shipped
    assert ids(store).count("classic") == 1
    assert [entry.reason for entry in store.damaged()] == [
        "classic: a shipped run goes by this name; rename the folder."
    ]


def test_resolve_takes_ids_active_presets_and_prefixes_in_this_order(home: StudioHome) -> None:
    store = shipping(home, "classic")
    first, second = copy_of_classic(store.home, "20260101-000000-quick-aaaa"), copy_of_classic(store.home, "2026")
    assert store.resolve("2026").path == second  # exact, though it is a prefix of the other
    assert store.resolve("20260101").path == first
    assert store.resolve("classic").shipped
    assert store.resolve("cla").run_id == "classic"
    assert store.resolve("active").run_id == store.active().run_id
    with pytest.raises(AmbiguousRunError, match=r"'20' could be any of 2026, 20260101-000000-quick-aaaa"):
        store.resolve("20")
    for text in ("quick", "compact"):
        with pytest.raises(RunNotFoundError, match=rf"the preset '{text}' has no shipped model"):
            store.resolve(text)
    copy_of_classic(store.home, "active")
    assert store.resolve("active").path.name == "active"


def test_an_ambiguous_prefix_names_a_few(store: RunStore) -> None:
    for number in range(20):
        copy_of_classic(store.home, f"run-{number:02}")
    with pytest.raises(AmbiguousRunError) as raised:
        store.resolve("run")
    assert "run-04" in str(raised.value)
    assert "run-05" not in str(raised.value)


def test_the_active_run_is_the_chosen_one_then_strong_then_classic(home: StudioHome) -> None:
    store = shipping(home, "classic", "strong", "compact")
    assert store.active().run_id == "strong"
    shutil.rmtree(store.home.pretrained / "strong")
    assert store.active().run_id == "classic"
    own = copy_of_classic(home, "own")
    assert store.active().run_id == "classic"
    assert store.activate("own").run_id == "own"
    assert store.active().run_id == RunStore(store.home).active().run_id == "own"
    (own / "config.json").unlink()
    assert store.active().run_id == "classic"
    shutil.rmtree(own)
    assert store.active().run_id == "classic"
    store.activate("compact")
    assert store.active().run_id == "compact"
    (store.home.pretrained / "compact" / "model.onnx").unlink()
    assert store.active().run_id == "classic"
    shutil.rmtree(store.home.shipped)
    with pytest.raises(RunNotFoundError, match="no model is active"):
        store.active()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"run_id": 3}', '{"run_id": ["classic"]}', '{"run_id": "../x"}'])
def test_a_damaged_choice_counts_as_none(home: StudioHome, content: str) -> None:
    store = shipping(home, "classic")
    home.active_file.write_text(content)
    assert store.active().run_id == "classic"


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.TRAINING, RunState.INTERRUPTED, RunState.FAILED])
def test_a_run_without_a_model_cannot_be_activated(store: RunStore, state: RunState) -> None:
    run = store.create(CONFIG)
    run.status.write(run.path, state=state)
    with pytest.raises(RunStateError, match=f"is {state}: it has no finished model"):
        store.activate(run.run_id)
    assert not store.home.active_file.exists()


def test_half_deleted_runs_cannot_be_activated(store: RunStore) -> None:
    folder = copy_of_classic(store.home, "half")
    (folder / "model.onnx").unlink()
    with pytest.raises(RunStateError):
        store.activate("half")
    shutil.rmtree(folder)
    with pytest.raises(RunNotFoundError):
        store.activate("half")


def test_the_home_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "new" / "home"))
    home = StudioHome.from_environment()
    assert home.root == tmp_path / "new" / "home"
    assert home.runs.is_dir()
    (home.root / "unknown.txt").write_text("left alone")
    assert all(run.shipped for run in RunStore(home).runs())
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "file"))
    with pytest.raises(Exception, match=r"DIGIT_STUDIO_HOME: .* cannot be used"):
        StudioHome.from_environment()


def test_presets_can_be_made_into_runs(store: RunStore) -> None:
    for name in ("classic", "quick", "compact", "strong"):
        assert store.get(store.create(preset(name), preset=name).run_id).config == preset(name)
