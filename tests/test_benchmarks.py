"""What the benchmarks judge by: the plan of kills, the checks after a kill, the thousand runs, and the tables."""

import json
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as bench
from benchmarks import aftermath, harm, machine, pages
from benchmarks.harm import Moment, Stage, Usual
from core.config import TrainingConfig
from core.home import StudioHome
from core.ledger import Ledger
from core.run import Run
from core.runs import RunStore
from core.status import RunState
from tests.digits import REPOSITORY


@pytest.mark.parametrize("seed", range(20))
def test_a_run_is_killed_in_every_stage_in_an_order_that_it_can_go_through(seed: int) -> None:
    moments = harm.plan(random.Random(seed), epochs=6, extra=Stage.TRAINING)
    assert Counter(moment.stage for moment in moments) == Counter([*Stage, Stage.TRAINING])
    while_training = [moment.epoch for moment in moments if moment.epoch]
    assert while_training == sorted(set(while_training))
    assert set(while_training) <= set(range(1, 7))
    stages = [moment.stage for moment in moments if moment.stage is not Stage.STARTING]
    assert set(stages[:3]) == {Stage.TRAINING, Stage.CHECKPOINT}
    assert all(0 <= moment.share < 1 for moment in moments)
    assert moments == harm.plan(random.Random(seed), epochs=6, extra=Stage.TRAINING)


def test_a_moment_is_drawn_from_the_quickest_of_the_stages() -> None:
    usual = harm.quickest([Usual(4.0, 1.0, 2.0, 3.0), Usual(3.0, 2.0, 4.0, 1.0)])
    assert usual == Usual(starting=3.0, epoch=1.0, exporting=2.0, evaluating=1.0)
    assert usual.delay(Moment(Stage.EXPORTING, 0.5)) == 1.0


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    home = StudioHome(tmp_path)
    home.runs.mkdir()
    return RunStore(home)


def record(kind: str, epoch: int, step: int) -> dict[str, Any]:
    common = {"kind": kind, "time": 1.0, "epoch": epoch, "step": step, "loss": 0.1, "accuracy": 0.9}
    return common | ({"seconds": 1.0} if kind == "epoch" else {"learning_rate": 0.1, "images_per_second": 1.0})


HISTORY = [record("step", 1, 5), record("step", 1, 10), record("epoch", 1, 10), record("step", 2, 15)]


def killed(store: RunStore, records: list[dict[str, Any]], ending: str = "") -> Run:
    run = store.create(TrainingConfig())
    text = "".join(json.dumps(each) + "\n" for each in records)
    (run.path / "metrics.jsonl").write_text(text + ending)
    run.status.write(run.path, state=RunState.INTERRUPTED, pid=None)
    return run


def test_a_killed_run_with_a_history_cut_in_its_last_line_is_in_order(store: RunStore) -> None:
    run = killed(store, HISTORY, ending='{"kind": "st')
    assert list(aftermath.problems_of(store, run, at_least=1, kept=1)) == []
    assert list(aftermath.problems_of(store, run, at_least=1, kept=0)) == []  # between the record and the checkpoint


@pytest.mark.parametrize(
    ("records", "ending", "at_least", "kept", "problem"),
    [
        (HISTORY, "", 2, 1, "of 2 epochs"),
        (HISTORY, '{"kind": "st\n{}\n', 1, 1, "no JSON"),
        ([*HISTORY, record("epoch", 3, 30)], "", 2, 2, "of 2 epochs"),
        ([*HISTORY, record("step", 2, 15)], "", 1, 1, "not in order"),
        ([*HISTORY, record("epoch", 2, 20)], "", 2, 0, "checkpoint is that of epoch 0"),
        (HISTORY, "", 1, 2, "checkpoint is that of epoch 2"),
    ],
)
def test_what_a_kill_may_not_do_to_a_history(
    store: RunStore, records: list[dict[str, Any]], ending: str, at_least: int, kept: int, problem: str
) -> None:
    run = killed(store, records, ending)
    assert problem in " ".join(aftermath.problems_of(store, run, at_least=at_least, kept=kept))


def test_a_run_that_claims_its_killed_process_and_a_damaged_one_are_problems(store: RunStore) -> None:
    run = store.create(TrainingConfig())  # answered for by this process, which lives
    (store.home.runs / "broken").mkdir()
    problems = list(aftermath.problems_of(store, run, at_least=0, kept=0))
    assert problems == ["it claims a model or a process", "damaged runs: ['broken']"]


def test_the_thousand_runs_are_runs_and_come_in_the_order_of_the_table(store: RunStore) -> None:
    names = pages.fill(store.home, 12)
    entries = [entry for entry in Ledger(store).entries() if not entry.run.shipped]
    assert [entry.run.name for entry in entries] == names
    assert names[0] == "Run 0011"
    assert all(entry.run.has_model and entry.figures.test for entry in entries)
    assert store.damaged() == []
    shutil.rmtree(entries[0].run.path)
    assert entries[1].run.predictions() is not None


def test_tables_and_spreads() -> None:
    assert machine.spread([3.0, 1_000.4, 2.0]) == ("3", "2", "1,000")
    assert machine.spread([1.234], machine.ratio) == ("1.23", "1.23", "1.23")
    assert machine.spread([]) == ("–", "–", "–")
    assert machine.table(("way", "n"), [("a", 1), ("b", 2)]) == "| way | n |\n| --- | --: |\n| a | 1 |\n| b | 2 |\n"
    with machine.load() as load:
        pass
    assert load.others is not None
    assert "others used" in str(load)


def test_what_make_bench_names_is_there() -> None:
    for name in bench.BENCHMARKS:
        places = (REPOSITORY / "benchmarks" / file for file in (f"{name}.py", f"{name}/__main__.py"))
        assert any(place.is_file() for place in places), name
