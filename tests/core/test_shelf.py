"""Renaming, noting, pinning, deleting and taking back: what is allowed, and that nothing is lost by it."""

import os
import threading
import time
from pathlib import Path

import pytest

from core.config import preset
from core.errors import ConfigError, RunDamagedError, RunError, RunNotFoundError, RunStateError
from core.home import StudioHome
from core.jobs import Jobs
from core.run import Run
from core.runs import RunStore
from core.shelf import KEPT_SECONDS, TRASH, Shelf
from core.status import RunState
from tests.digits import copy_of_classic


@pytest.fixture
def shelf(store: RunStore) -> Shelf:
    return Shelf(store)


def ended(store: RunStore, name: str = "First", state: RunState = RunState.FAILED) -> Run:
    run = store.create(preset("classic"), name=name, preset="classic")
    run.status.write(run.path, state=state)
    return store.get(run.run_id)


def own_ids(store: RunStore) -> list[str]:
    return [run.run_id for run in store.runs() if not run.shipped]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_name_takes_the_place_of_the_first(store: RunStore, shelf: Shelf) -> None:
    run = ended(store)
    assert shelf.rename(run.run_id, "  Better name ").name == "Better name"
    assert RunStore(store.home).get(run.run_id).name == "Better name"
    assert shelf.rename(run.run_id, "").name == "First"


def test_a_run_can_be_renamed_while_it_trains(store: RunStore, shelf: Shelf) -> None:
    run = ended(store, state=RunState.TRAINING)
    before = content(run.path)
    shelf.rename(run.run_id, "Live")
    assert {name: text for name, text in content(run.path).items() if name != "notes.json"} == before


def test_name_note_and_pin_are_kept_apart(store: RunStore, shelf: Shelf) -> None:
    run_id = ended(store).run_id
    shelf.rename(run_id, "Name")
    shelf.annotate(run_id, "A note\nof two lines")
    notes = shelf.pin(run_id).notes
    assert (notes.name, notes.note, notes.pinned) == ("Name", "A note\nof two lines", True)
    assert not shelf.pin(run_id, False).notes.pinned
    assert store.get(run_id).notes.note == "A note\nof two lines"


@pytest.mark.parametrize("name", ["x" * 81, "x" * 10_000, "two\nlines", "\x00"])
def test_a_name_that_is_not_allowed_changes_nothing(store: RunStore, shelf: Shelf, name: str) -> None:
    run = ended(store)
    with pytest.raises(ConfigError):
        shelf.rename(run.run_id, name)
    assert store.get(run.run_id).name == "First"


def test_shipped_runs_stay_as_they_are(store: RunStore, shelf: Shelf) -> None:
    before = content(store.get("classic").path)
    deeds = (lambda: shelf.rename("classic", "x"), lambda: shelf.annotate("classic", "x"), lambda: shelf.pin("classic"))
    for deed in (*deeds, lambda: shelf.delete("classic")):
        with pytest.raises(RunStateError, match="comes with the studio"):
            deed()
    assert content(store.get("classic").path) == before


def test_a_deleted_run_is_gone_and_comes_back_whole(store: RunStore, shelf: Shelf) -> None:
    run = RunStore(store.home).get(copy_of_classic(store.home).name)
    before = content(run.path)
    shelf.delete(run.run_id)
    assert own_ids(store) == []
    with pytest.raises(RunNotFoundError):
        store.get(run.run_id)
    assert [(gone.run_id, gone.name) for gone in shelf.deleted()] == [(run.run_id, run.name)]
    shelf.restore(run.run_id)
    assert own_ids(store) == [run.run_id]
    assert content(run.path) == before
    assert shelf.deleted() == []


@pytest.mark.parametrize("state", [state for state in RunState if not state.ended])
def test_a_run_under_way_cannot_be_deleted(store: RunStore, shelf: Shelf, state: RunState) -> None:
    run = ended(store, state=state)
    with pytest.raises(RunStateError, match="stop it before"):
        shelf.delete(run.run_id)
    assert own_ids(store) == [run.run_id]


@pytest.mark.parametrize("state", list(RunState))
def test_a_discarded_run_comes_back_ended(store: RunStore, shelf: Shelf, state: RunState) -> None:
    run = ended(store, state=state)
    shelf.discard(run.run_id)
    assert own_ids(store) == []
    assert [gone.run_id for gone in shelf.deleted()] == [run.run_id]
    with pytest.raises(RunNotFoundError):
        shelf.discard(run.run_id)
    shelf.restore(run.run_id)
    back = store.get(run.run_id).status
    if state.ended:
        assert back == run.status
    else:
        assert (back.state, back.message) == (RunState.INTERRUPTED, "Discarded by hand, and taken back.")


def test_a_damaged_run_can_be_discarded_and_a_shipped_one_not(store: RunStore, shelf: Shelf) -> None:
    run = ended(store)
    (run.path / "status.json").write_text("{")
    shelf.discard(run.run_id)
    assert store.damaged() == []
    with pytest.raises(RunStateError, match="comes with the studio"):
        shelf.discard("classic")


def test_a_run_whose_process_is_gone_can_be_deleted(store: RunStore, shelf: Shelf) -> None:
    run = ended(store)
    run.status.write(run.path, state=RunState.TRAINING, pid_started=1.0)
    shelf.delete(run.run_id)
    assert own_ids(store) == []


def test_a_damaged_run_can_be_deleted_and_restored(store: RunStore, shelf: Shelf) -> None:
    run = ended(store)
    (run.path / "config.json").unlink()
    shelf.delete(run.run_id)
    assert store.damaged() == []
    assert shelf.deleted()[0].name == run.run_id
    shelf.restore(run.run_id)
    assert [damaged.run_id for damaged in store.damaged()] == [run.run_id]
    with pytest.raises(RunDamagedError):
        shelf.rename(run.run_id, "x")


def test_a_folder_that_goes_by_a_shipped_name_is_not_taken_for_it(store: RunStore, shelf: Shelf) -> None:
    copy_of_classic(store.home, "classic")
    with pytest.raises(RunStateError, match="comes with the studio"):
        shelf.delete("classic")


@pytest.mark.parametrize("run_id", ["", "..", "../runs", "gone", ".trash", "x" * 10_000, "/etc"])
def test_ids_that_are_none_are_refused(store: RunStore, shelf: Shelf, run_id: str) -> None:
    run = ended(store)
    shelf.delete(run.run_id)
    for deed in (shelf.delete, shelf.restore, shelf.pin):
        with pytest.raises(RunNotFoundError):
            deed(run_id)


def test_a_second_run_of_the_same_id_is_not_overwritten(store: RunStore, shelf: Shelf) -> None:
    folder = copy_of_classic(store.home)
    shelf.delete(folder.name)
    copy_of_classic(store.home)
    with pytest.raises(RunStateError, match="already"):
        shelf.restore(folder.name)
    shelf.delete(folder.name)  # takes the place of the first in the trash
    shelf.restore(folder.name)
    assert own_ids(store) == [folder.name]


def test_the_trash_keeps_what_was_deleted_for_a_day(store: RunStore, shelf: Shelf) -> None:
    old, new = ended(store, "Old"), ended(store, "New")
    long_ago = time.time() - KEPT_SECONDS - 60
    os.utime(old.path, (long_ago, long_ago))  # the age of the run is not the time in the trash
    shelf.delete(old.run_id)
    assert {gone.name for gone in shelf.deleted()} == {"Old"}
    os.utime(shelf.trash / old.run_id, (long_ago, long_ago))
    shelf.delete(new.run_id)
    assert [gone.name for gone in shelf.deleted()] == ["New"]
    assert not (shelf.trash / old.run_id).exists()
    with pytest.raises(RunNotFoundError, match="kept for a day"):
        shelf.restore(old.run_id)


def test_the_active_model_falls_back_and_comes_back(store: RunStore, shelf: Shelf) -> None:
    run_id = copy_of_classic(store.home).name
    store.activate(run_id)
    shelf.delete(run_id)
    assert store.active().shipped
    shelf.restore(run_id)
    assert store.active().run_id == run_id


def test_nothing_is_deleted_that_somebody_resumes(store: RunStore, shelf: Shelf) -> None:
    """Whichever comes first, the other is refused: no worker is left without its folder."""
    run = ended(store, state=RunState.INTERRUPTED)
    jobs = Jobs(store)
    refused: list[RunError] = []

    def attempt(deed: object) -> None:
        try:
            deed(run.run_id)  # type: ignore[operator]
        except RunError as error:
            refused.append(error)

    deeds = [threading.Thread(target=attempt, args=(deed,)) for deed in (jobs.resume, shelf.delete)]
    try:
        for thread in deeds:
            thread.start()
        for thread in deeds:
            thread.join()
    finally:
        jobs.shutdown(2)
    assert len(refused) == 1


def test_a_trash_that_cannot_be_made_is_one_sentence(store: RunStore, shelf: Shelf) -> None:
    run = ended(store)
    (store.home.runs / TRASH).write_text("a file where the folder should be")
    with pytest.raises(RunError, match="cannot be deleted"):
        shelf.delete(run.run_id)
    assert own_ids(store) == [run.run_id]


def test_nothing_in_the_trash_without_a_trash(home: StudioHome) -> None:
    shelf = Shelf(RunStore(home))
    assert shelf.deleted() == []
    shelf.empty_trash()


def test_a_clean_up_leaves_nothing_of_what_went_nor_of_what_never_came(home: StudioHome, store: RunStore) -> None:
    shelf = Shelf(store)
    copy_of_classic(home, "20260101-000000-classic-aaaa")
    shelf.delete("20260101-000000-classic-aaaa")
    for name, age in ((".20260102-000000-imported-bbbb", 7_200), (".20260103-000000-imported-cccc", 60)):
        (home.runs / name).mkdir()
        (home.runs / name / "model.keras").write_bytes(b"x" * 100)
        os.utime(home.runs / name, (time.time() - age,) * 2)
    assert [each.bytes for each in shelf.half_made()] == [100]
    shelf.clean_up()
    assert shelf.deleted() == shelf.half_made() == []
    assert (home.runs / ".20260103-000000-imported-cccc").is_dir()  # perhaps somebody is at work on it
    assert store.get("classic").has_model
