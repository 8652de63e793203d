"""Which runs can be continued, with which settings, and what the new run is called and starts from."""

import shutil
from dataclasses import asdict, replace

import pytest

from core import continuing
from core.config import preset
from core.errors import ConfigError, RunDamagedError, RunError, RunStateError
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.run import INITIAL_MODEL, KERAS_MODEL, Origin
from core.runs import RunStore
from core.status import RunState
from tests.digits import copy_of_classic


def test_only_epochs_and_rate_are_other_than_before(store: RunStore) -> None:
    parent = store.get("classic")
    config = continuing.continued(parent, epochs=2, learning_rate=1e-4)
    assert config == replace(parent.config, epochs=2, learning_rate=1e-4)
    assert (config.seed, config.validation_size) == (parent.config.seed, parent.config.validation_size)


@pytest.mark.parametrize(("epochs", "rate", "named"), [(0, 1e-3, "epochs"), (1_001, 1e-3, "epochs"), (1, 0.0, "rate")])
def test_a_value_that_is_not_allowed_is_refused(store: RunStore, epochs: int, rate: float, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        continuing.continued(store.get("classic"), epochs=epochs, learning_rate=rate)


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.FINISHED])
def test_an_unfinished_run_is_refused(store: RunStore, state: RunState) -> None:
    run = store.create(preset("quick"))
    run.status.write(run.path, state=state)
    with pytest.raises(RunStateError, match=f"is {state}: only a finished run can be continued"):
        continuing.continued(store.get(run.run_id), epochs=1, learning_rate=1e-3)


def test_a_network_from_outside_is_refused(store: RunStore, home: StudioHome) -> None:
    folder = copy_of_classic(home)
    network = {"imported": True, "network": [asdict(layer) for layer in store.get("classic").layers]}
    write_json(folder / "config.json", read_json_object(folder / "config.json") | network)
    with pytest.raises(RunStateError, match="was imported: nothing says how its network was trained"):
        continuing.continued(store.get(folder.name), epochs=1, learning_rate=1e-3)


def test_a_run_without_its_weights_is_damaged(store: RunStore, home: StudioHome) -> None:
    folder = copy_of_classic(home)
    (folder / KERAS_MODEL).unlink()
    parent = store.get(folder.name)
    with pytest.raises(RunDamagedError, match=r"model\.keras is missing"):
        continuing.continued(parent, epochs=1, learning_rate=1e-3)
    with pytest.raises(RunError, match="a new run cannot be written: No such file"):
        store.create(parent.config, parent=parent)
    assert [run.run_id for run in store.runs() if not run.shipped] == [folder.name]
    assert not list(home.runs.glob(".2*"))


def test_the_new_run_has_the_weights_and_says_whose(store: RunStore, home: StudioHome) -> None:
    folder = copy_of_classic(home)
    write_json(folder / "notes.json", {"name": "<b>Mother</b>"})
    parent = store.get(folder.name)
    run = store.create(parent.config, preset=parent.preset, parent=parent)
    weights = (folder / KERAS_MODEL).read_bytes()
    shutil.rmtree(folder)
    again = RunStore(home).get(run.run_id)
    assert again.continued_from == Origin(folder.name, "<b>Mother</b>")
    assert (run.path / INITIAL_MODEL).read_bytes() == weights
    assert parent.continued_from is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("First", "First, continued"),
        ("First, continued", "First, continued 2"),
        ("First, continued 9", "First, continued 10"),
        ("First, continued 0", "First, continued 0, continued"),
        (", continued", ", continued 2"),
        ("", ", continued"),
        ("n" * 80, "n" * 68 + "…, continued"),
        ("n" * 69 + ", continued", "n" * 66 + "…, continued 2"),
    ],
)
def test_the_name(name: str, expected: str) -> None:
    assert continuing.name_after(name) == expected
    assert len(continuing.name_after(name)) <= 80
