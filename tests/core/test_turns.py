"""The order of the queue, moved about in every way: what others see is always one order of the same runs."""

import math
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import control, turns
from core.config import preset
from core.home import StudioHome
from core.run import Run
from core.runs import RunStore
from core.status import RunState


def waiting(store: RunStore, count: int, *, queued_at: float = 1e9, apart: float = 1.0) -> list[Run]:
    """Runs that wait, queued one after the other."""
    made = [store.create(preset("quick"), name=str(number)) for number in range(count)]
    for number, run in enumerate(made):
        run.status.write(run.path, queued_at=queued_at + number * apart)
    return [store.get(run.run_id) for run in made]


def names(store: RunStore) -> str:
    return "".join(run.name for run in turns.in_order(store.runs()))


def move(store: RunStore, name: str, before: str | None) -> None:
    found = {run.name: run for run in store.runs() if not run.shipped}
    turns.move(found[name], turns.in_order(store.runs()), before=found[before] if before is not None else None)


def test_unmoved_they_wait_as_they_were_queued(store: RunStore) -> None:
    runs = waiting(store, 3)
    assert names(store) == "012"
    assert [turns.is_next(run, store.runs()) for run in runs] == [True, False, False]
    assert turns.in_order(run for run in store.runs() if run.shipped) == []


@pytest.mark.parametrize(
    ("name", "before", "order"),
    [
        ("3", "0", "3012"),
        ("3", "1", "0312"),
        ("0", "2", "1023"),
        ("0", None, "1230"),
        ("2", "3", "0123"),
        ("2", "2", "0123"),
        ("3", None, "0123"),
    ],
)
def test_a_run_is_put_before_another(store: RunStore, name: str, before: str | None, order: str) -> None:
    waiting(store, 4)
    for _ in range(2):  # pressed twice it is done once
        move(store, name, before)
        assert names(store) == order


def test_who_is_queued_later_stands_behind_who_was_put_at_the_end(store: RunStore) -> None:
    waiting(store, 2)
    move(store, "0", None)
    assert turns.in_order(store.runs())[-1].name == "0"
    store.create(preset("quick"), name="9")
    assert names(store) == "109"


def test_before_a_run_that_has_begun_is_before_all_that_wait(store: RunStore) -> None:
    first, *_ = waiting(store, 4)
    first.status.write(first.path, state=RunState.TRAINING)
    assert names(store) == "123"
    move(store, "3", "0")
    assert names(store) == "312"


def test_a_hundred_moves_into_the_same_gap(store: RunStore) -> None:
    """Between two points in time there are but some dozen numbers: room is made when they have been used up."""
    waiting(store, 4, queued_at=time.time(), apart=1e-5)
    for _ in range(50):
        move(store, "3", "1")
        assert names(store) == "0312"
        move(store, "1", "3")
        assert names(store) == "0132"
        move(store, "3", None)
        move(store, "2", "3")
        assert names(store) == "0123"


def test_making_room_is_never_seen(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between any two of its writes leaves the old order or the new one."""
    runs = waiting(store, 5, queued_at=time.time(), apart=0.0)
    old = names(store)
    seen = []
    put = control.put

    def watched(folder: Path, place: float) -> None:
        put(folder, place)
        seen.append(names(store))

    monkeypatch.setattr(control, "put", watched)
    last, target = old[-1], old[2]
    move(store, last, target)
    new = old[:2] + last + old[2:4]
    assert names(store) == new
    assert len(seen) > 1
    assert seen == [old] * (len(seen) - 1) + [new]
    assert len(runs) == 5


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    apart=st.sampled_from([0.0, 1e-7, 1e-3, 60.0]),
    moves=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=12),
)
def test_any_moves_are_those_of_a_list(tmp_path_factory: pytest.TempPathFactory, apart: float, moves: list) -> None:
    home = StudioHome(tmp_path_factory.mktemp("turns"))
    home.runs.mkdir()
    store = RunStore(home)
    waiting(store, 5, apart=apart)
    expected = list(names(store))
    for which, where in moves:
        name, before = str(which), str(where) if where < 5 else None
        move(store, name, before)
        if name != before:
            expected.remove(name)
            expected.insert(len(expected) if before is None else expected.index(before), name)
        assert names(store) == "".join(expected)


@pytest.mark.parametrize("place", ['"1"', "true", "1e300", "[]", "NaN", "null"])
def test_a_place_that_is_none_counts_as_none(store: RunStore, place: str) -> None:
    first, second = waiting(store, 2)
    (second.path / "control.json").write_text(f'{{"command": "run", "learning_rate": null, "place": {place}}}')
    assert names(store) == "01"
    assert turns.place(second) == second.status.queued_at
    control.put(second.path, math.nextafter(turns.place(first), 0))
    assert names(store) == "10"
    assert "control.json" in os.listdir(second.path)
