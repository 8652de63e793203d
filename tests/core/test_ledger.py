"""The ledger states what the run folders state, follows them as they change, and reads nothing twice."""

import os
from dataclasses import replace

from core.config import TrainingConfig, preset
from core.files import line_appender
from core.ledger import Entry, Ledger
from core.runs import RunStore
from core.shelf import Shelf
from tests.digits import copy_of_classic


def entry_of(ledger: Ledger, run_id: str) -> Entry:
    return next(entry for entry in ledger.entries() if entry.run.run_id == run_id)


def test_the_figures_are_those_of_the_folder(store: RunStore) -> None:
    entry = entry_of(Ledger(store), "classic")
    evaluation = entry.run.evaluation()
    assert evaluation is not None
    assert entry.figures.of("test") == evaluation["test"]
    assert entry.figures.of("validation") == evaluation["validation"]
    assert entry.figures.parameters == evaluation["parameters"]
    assert entry.figures.train_seconds == evaluation["train_seconds"]
    assert list(entry.figures.val_accuracies) == [epoch["val_accuracy"] for epoch in entry.run.epochs()]
    assert entry.figures.departures == ()


def test_departures_are_from_the_preset_or_else_from_the_defaults(store: RunStore) -> None:
    changed = replace(preset("classic"), epochs=3, dropout=0.2)
    with_preset = store.create(changed, preset="classic")
    without = store.create(TrainingConfig(learning_rate=3e-3, schedule="cosine"))
    ledger = Ledger(store)
    assert entry_of(ledger, with_preset.run_id).figures.departures == (("dropout", 0.2), ("epochs", 3))
    assert dict(entry_of(ledger, without.run_id).figures.departures) == {"learning_rate": 3e-3, "schedule": "cosine"}


def test_pinned_runs_come_first(store: RunStore) -> None:
    runs = [store.create(preset("quick"), name=name) for name in ("a", "b", "c")]
    Shelf(store).pin(runs[1].run_id)
    names = [entry.run.name for entry in Ledger(store).entries()]
    assert names[0] == "b"
    assert names[-1] == "Classic"


def test_the_ledger_follows_a_run_as_it_learns(store: RunStore) -> None:
    run = store.create(preset("quick"))
    ledger = Ledger(store)
    assert entry_of(ledger, run.run_id).figures.val_accuracies == ()
    append = line_appender(run.path / "metrics.jsonl")
    append({"kind": "epoch", "epoch": 1, "val_accuracy": 0.5})
    append({"kind": "epoch", "epoch": 2, "val_accuracy": None})
    append({"kind": "epoch", "epoch": 3, "val_accuracy": "high"})
    append({"kind": "step", "epoch": 3, "loss": 1.0})
    assert entry_of(ledger, run.run_id).figures.val_accuracies == (0.5,)


def test_a_damaged_evaluation_is_said_and_the_rest_is_there(store: RunStore) -> None:
    folder = copy_of_classic(store.home)
    (folder / "evaluation.json").write_text('{"test": {}}')
    figures = entry_of(Ledger(store), folder.name).figures
    assert "evaluation.json cannot be read" in figures.problem
    assert figures.test is None
    assert figures.parameters == 421_642


def test_what_did_not_change_is_not_read_again(store: RunStore) -> None:
    folder = copy_of_classic(store.home)
    ledger = Ledger(store)
    first = entry_of(ledger, folder.name).figures
    assert entry_of(ledger, folder.name).figures is first
    os.utime(folder / "evaluation.json")
    assert entry_of(ledger, folder.name).figures is not first


def test_deleted_runs_are_forgotten(store: RunStore) -> None:
    ledger = Ledger(store)
    shipped = {entry.run.run_id for entry in ledger.entries()}
    folder = copy_of_classic(store.home)
    assert {entry.run.run_id for entry in ledger.entries()} == shipped | {folder.name}
    Shelf(store).delete(folder.name)
    assert {entry.run.run_id for entry in ledger.entries()} == shipped
    assert folder not in ledger._known
