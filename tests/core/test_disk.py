"""What runs take, and the limit on it: nothing is begun that would not fit, and room comes back by cleaning up."""

import dataclasses
import json
from pathlib import Path

import pytest

from core import room
from core.__main__ import main
from core.config import PRESETS
from core.disk import Disk, folder_bytes, said
from core.errors import DiskLimitError, StudioError
from core.home import LIMIT_VARIABLE, StudioHome
from core.importing.model import import_model
from core.jobs import Jobs
from core.runs import RunStore
from core.shelf import Shelf
from core.status import RunState
from tests.digits import copy_of_classic
from tests.model_files import keras_file

OWN = "20260101-000000-classic-aaaa"
QUICK = PRESETS["quick"]
PEAK = room.training_peak(QUICK)


def limited(home: StudioHome, room_left: int) -> StudioHome:
    """The same home with so many bytes of room left."""
    return dataclasses.replace(home, runs_limit=Disk(home).usage().total + room_left)


def test_all_is_counted_where_it_is(home: StudioHome) -> None:
    disk, store = Disk(home), RunStore(home)
    assert disk.usage().total == 0
    size = folder_bytes(copy_of_classic(home, OWN))
    (home.runs / "damaged").mkdir()
    (home.runs / "damaged" / "config.json").write_bytes(b"x" * 10)
    (home.runs / ".half-made").mkdir()
    (home.runs / ".half-made" / "model.keras").write_bytes(b"x" * 100)
    usage = disk.usage()
    assert (usage.runs, usage.trash, usage.rest) == ({OWN: size, "damaged": 10}, 0, 100)
    assert size > 4_000_000
    Shelf(store).delete(OWN)
    usage = disk.usage()
    assert (usage.runs, usage.trash) == ({"damaged": 10}, size)
    assert usage.total == size + disk.usage().rest + 10  # in the trash it takes as much
    Shelf(store).empty_trash(older_than=-1)
    assert disk.usage().trash == 0


def test_what_is_replaced_in_a_run_is_counted_anew(home: StudioHome) -> None:
    disk, folder = Disk(home), copy_of_classic(home, OWN)
    before = disk.usage().runs[OWN]
    (folder / "notes.json").write_bytes(b"x" * 1_000)
    assert disk.usage().runs[OWN] == before + 1_000
    (folder / "model.keras").unlink()
    assert disk.usage().runs[OWN] == folder_bytes(folder) < before


def test_a_training_that_would_not_fit_is_refused_before_it_begins(home: StudioHome) -> None:
    copy_of_classic(home, OWN)
    store = RunStore(limited(home, room.import_peak(7_850) - 1))  # the smallest of the three
    for begin in (
        lambda: Jobs(store).submit(QUICK),
        lambda: Jobs(store).train_longer(OWN, epochs=1, learning_rate=0.001),
        lambda: import_model(store, keras_file()),
    ):
        with pytest.raises(DiskLimitError) as refused:
            begin()
    text = str(refused.value)
    assert said(Disk(home).usage().total) in text
    assert said(store.home.runs_limit or 0) in text
    assert LIMIT_VARIABLE in text
    assert "empty the trash on the Runs page, or raise the limit" in text
    assert [run.run_id for run in store.runs() if not run.shipped] == [OWN]
    assert folder_bytes(home.runs) == folder_bytes(home.runs / OWN)  # not even a draft is left


def test_room_is_given_once(home: StudioHome) -> None:
    store = RunStore(limited(home, 2 * PEAK + 100_000))
    first = store.create(QUICK)
    second = store.create(QUICK)
    with pytest.raises(DiskLimitError, match="those under way or waiting need"):
        store.create(QUICK)
    second.status.write(second.path, state=RunState.INTERRUPTED)  # what it will not take is free again
    third = store.create(QUICK)
    with pytest.raises(DiskLimitError):
        Jobs(store).resume(second.run_id)
    assert store.get(second.run_id).status.state is RunState.INTERRUPTED
    for run in (first, third):
        assert run.status.state is RunState.QUEUED


def test_cleaning_up_makes_room(home: StudioHome) -> None:
    copy_of_classic(home, OWN)
    store = RunStore(limited(home, PEAK - 1))
    Shelf(store).delete(OWN)
    with pytest.raises(StudioError):
        store.create(QUICK)  # the trash counts until it is emptied
    Shelf(store).empty_trash(older_than=-1)
    assert store.create(QUICK).status.state is RunState.QUEUED


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_the_estimate_covers_what_the_shipped_models_take(preset: str) -> None:
    finished = folder_bytes(StudioHome(Path("unused")).pretrained / preset)
    assert finished < room.training_peak(PRESETS[preset])


def test_sizes_in_words() -> None:
    assert [said(size) for size in (0, 999, 1_500, 9_950_000, 12_345_678, 812_000_000, 1_990_000_000)] == [
        *("0 B", "999 B", "2 kB", "9.9 MB", "12 MB", "812 MB", "1.99 GB")
    ]


def test_the_command_says_what_runs_take(
    home: StudioHome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    size = folder_bytes(copy_of_classic(home, OWN))
    monkeypatch.setenv(LIMIT_VARIABLE, "2GB")
    assert main(["runs", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["bytes"], found["limit"]) == (size, 2_000_000_000)
    assert {row["run_id"]: row["bytes"] for row in found["runs"]}[OWN] == size
    assert main(["runs"]) == 0
    told = capsys.readouterr()
    assert next(line for line in told.out.splitlines() if OWN in line).count(said(size)) == 1
    assert told.err == f"Runs take {said(size)} of the 2.00 GB that they may.\n"
    monkeypatch.setenv(LIMIT_VARIABLE, "1MB")
    assert main(["train", "--preset", "quick"]) == 1
    assert "There is no room for this" in capsys.readouterr().err
