"""A history is read as it grows: every record once, whatever happens to the file meanwhile."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from core.metrics import History, history_of


def step(number: int, **others: Any) -> dict[str, Any]:
    return {"kind": "step", "time": 1.0 * number, "epoch": 1, "step": number, "loss": 0.5, "accuracy": 0.9} | others


def line(number: int, **others: Any) -> str:
    return json.dumps(step(number, **others)) + "\n"


def numbers(history: History) -> list[int]:
    return [record["step"] for record in history.steps()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)


def test_what_comes_is_added_to_what_was_there(path: Path) -> None:
    history = History(path)
    assert numbers(history) == []
    append(path, line(1) + line(2))
    assert numbers(history) == [1, 2]
    append(path, line(3) + json.dumps(step(3) | {"kind": "epoch", "seconds": 1.0}) + "\n")
    assert numbers(history) == [1, 2, 3]
    assert [record["step"] for record in history.epochs()] == [3]


def test_a_line_under_way_is_read_when_it_is_whole(path: Path) -> None:
    history = History(path)
    whole = line(2)
    append(path, line(1) + whole[:20])
    assert numbers(history) == [1]
    append(path, whole[20:-1])
    assert numbers(history) == [1, 2]  # whole, the end of the line still missing
    append(path, "\n" + line(3))
    assert numbers(history) == [1, 2, 3]


def test_a_character_that_is_cut_in_two_is_none_of_its_business(path: Path) -> None:
    history = History(path)
    whole = (json.dumps(step(1, note="é"), ensure_ascii=False) + "\n").encode()
    cut = whole.index("é".encode()) + 1
    path.write_bytes(whole[:cut])
    assert numbers(history) == []
    path.write_bytes(whole)
    assert [record["note"] for record in history.steps()] == ["é"]


def test_another_file_in_its_place_is_read_anew(path: Path) -> None:
    history = History(path)
    append(path, line(1) + line(2) + line(3))
    assert numbers(history) == [1, 2, 3]
    other = path.with_suffix(".other")
    other.write_text(line(1) + line(7), encoding="utf-8")
    other.replace(path)
    assert numbers(history) == [1, 7]
    path.unlink()
    assert numbers(history) == []
    append(path, line(4))
    assert numbers(history) == [4]


def test_another_file_with_the_same_end_is_read_anew(path: Path) -> None:
    history = History(path)
    append(path, "".join(line(number) for number in range(10, 30)))
    assert numbers(history)[0] == 10
    other = path.with_suffix(".other")
    other.write_text(path.read_text(encoding="utf-8").replace('"step": 10,', '"step": 99,'), encoding="utf-8")
    other.replace(path)
    assert numbers(history)[0] == 99


def test_a_file_written_over_is_read_anew(path: Path) -> None:
    history = History(path)
    append(path, line(1) + line(2))
    assert numbers(history) == [1, 2]
    path.write_text(line(5) + line(6) + line(7), encoding="utf-8")
    assert numbers(history) == [5, 6, 7]
    path.write_text(line(8), encoding="utf-8")
    assert numbers(history) == [8]


def test_what_is_known_is_not_parsed_again(path: Path) -> None:
    history = History(path)
    append(path, line(1))
    first = history.steps()[0]
    append(path, line(2))
    assert history.steps()[0] is first


def test_records_given_out_are_nobody_elses(path: Path) -> None:
    history = History(path)
    append(path, line(1))
    history.steps().clear()
    assert numbers(history) == [1]


def test_many_readers_see_whole_histories(path: Path) -> None:
    found: list[list[int]] = []

    def read() -> None:
        found.extend(numbers(history_of(path)) for _ in range(50))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(200):
        append(path, line(number))
    for reader in readers:
        reader.join()
    assert all(each == list(range(len(each))) for each in found)
    assert numbers(history_of(path)) == list(range(200))
