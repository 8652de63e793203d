"""What becomes of the benchmarks' Markdown: tables as data, all peers as one table, and the ratios beside a peer."""

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import latency, machine, results, time_to_99
from benchmarks.latency import Asked
from benchmarks.time_to_99 import KERAS, OURS, Trained
from core.evaluation import percent

BY_HAND = """## A part

### Made by hand; load average 1.0
| set | right | accuracy | 95 % interval |
|---|---|---|---|
| **mean** | 1,234 | **97.5%** | 95.0% to 98.0% |
| worst |  | – | |

| no rule below this
"""


def test_tables_keep_their_heading_and_say_numbers_as_numbers() -> None:
    (table,) = results.tables(BY_HAND)
    assert table.to_json() == {
        "heading": "Made by hand; load average 1.0",
        "columns": ["set", "right", "accuracy", "95 % interval"],
        "rows": [["**mean**", 1234, 0.975, "95.0% to 98.0%"], ["worst", None, None, None]],
    }


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1,234", 1234),
        ("0.50", 0.5),
        ("-2", -2),
        (percent(0.996), 0.996),
        ("97 %", 0.97),
        ("–", None),
        ("", None),
        ("1 to 2", "1 to 2"),
        ("classic", "classic"),
        ("28 x 28", "28 x 28"),
    ],
)
def test_what_a_cell_says(cell: str, value: results.Value) -> None:
    assert results.value(cell) == value


def test_the_tables_of_peers_become_one_and_others_stay_out() -> None:
    one = machine.beside([("start, s", "2.0", "8.0", [4.0, 3.0, 5.0])])
    other = machine.beside([("memory, MB", "200", "800", [4.0])])
    text = f"## A\n\n{one}\n{BY_HAND}\n## B\n\n{other}"
    assert results.beside_peers(text).splitlines()[2:] == [
        "| start, s | 2.0 | 8.0 | 4.00 | 3.00 | 5.00 |",
        "| memory, MB | 200 | 800 | 4.00 | 4.00 | 4.00 |",
    ]
    assert results.beside_peers(BY_HAND) == ""


def test_what_is_kept_is_what_was_printed(tmp_path: Path) -> None:
    document = bench.Document(quick=True, folder=tmp_path / "new")
    document.parts.append(bench.Part("training", f"{BY_HAND}\n{machine.beside([('x', '1', '2', [2.0])])}", 61.0, 1))
    document.keep()
    kept = json.loads((tmp_path / "new" / "bench.json").read_text(encoding="utf-8"))
    assert kept["quick"] is True
    assert kept["machine"]["packages"]["numpy"]
    assert [len(table["rows"]) for table in kept["benchmarks"]["training"]["tables"]] == [2, 1]
    assert kept["benchmarks"]["training"]["exit_status"] == 1
    text = (tmp_path / "new" / "bench.md").read_text(encoding="utf-8")
    assert "A quick try" in text
    assert "**failed** with exit status 1" in text
    assert text.rstrip().endswith("| x | 1 | 2 | 2.00 | 2.00 | 2.00 |")


def test_a_training_below_the_target_has_no_time_and_no_ratio() -> None:
    found = {
        OURS: [Trained(8.0, 1, 0.9901), Trained(9.0, 1, 0.9899)],
        KERAS: [Trained(80.0, 8, 0.9902), Trained(70.0, 7, 0.9903)],
    }
    assert found[OURS][1].time_to(0.99) is None
    (table,) = results.tables(time_to_99.beside(found, 0.99))
    (row,) = table.rows
    assert row[0].endswith("Keras' example, 1 of 2 rounds")
    assert row[1:] == ("8.0", "80.0", "10.00", "10.00", "10.00")
    (listed,) = results.tables(time_to_99.each(found, 0.99))
    assert [line[-1] for line in listed.rows] == ["yes", "no", "yes", "yes"]


def test_a_way_that_reads_otherwise_is_told() -> None:
    def asked(*digits: int) -> list[Asked]:
        return [Asked({1: [1.0]}, list(digits))]

    alike = dict.fromkeys(latency.WAYS, asked(7, 2, 1))
    assert "same digits" in latency.same(alike | {latency.PICTURES: asked(7, 2, 2)})
    told = latency.same(alike | {"Keras, predict": asked(7, 2, 2)})
    assert "Not the same answers" in told
    assert "'Keras, predict': 1" in told
