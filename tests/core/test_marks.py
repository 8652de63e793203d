"""Marks on images: kept, changed, taken away, by several people at once, through kills and damage; and their CSV."""

import csv
import io
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, DataError, StudioError
from core.home import StudioHome
from core.marks import (
    COLUMNS,
    MNIST_TEST,
    MNIST_TRAIN,
    Mark,
    Verdict,
    is_damaged,
    marked_wrong,
    marks_csv,
    put_mark,
    read_marks,
)
from tests.digits import REPOSITORY


def file_of(home: StudioHome, data_set: str = MNIST_TEST) -> Path:
    return home.root / "marks" / f"{data_set}.json"


def test_marks_are_kept_by_data_set_and_image(home: StudioHome) -> None:
    before = time.time()
    put_mark(home, MNIST_TEST, 947, Verdict.WRONG, "  a 9, not an 8  ")
    put_mark(home, MNIST_TEST, 12, Verdict.FINE)
    put_mark(home, MNIST_TRAIN, 947, Verdict.AMBIGUOUS)
    put_mark(home, "my-digits_2", 0, Verdict.WRONG)
    found = read_marks(home, MNIST_TEST)
    assert list(found) == [12, 947]
    assert (found[947].verdict, found[947].note) == (Verdict.WRONG, "a 9, not an 8")
    assert before <= found[947].marked_at <= time.time()
    assert [mark.verdict for mark in read_marks(home, MNIST_TRAIN).values()] == [Verdict.AMBIGUOUS]
    assert list(read_marks(home, "my-digits_2")) == [0]
    assert read_marks(home, "another") == {}


def test_the_last_word_counts_and_none_takes_it_away(home: StudioHome) -> None:
    put_mark(home, MNIST_TEST, 3, Verdict.WRONG, "a note")
    found = put_mark(home, MNIST_TEST, 3, Verdict.FINE)
    assert found == read_marks(home, MNIST_TEST)
    assert (found[3].verdict, found[3].note) == (Verdict.FINE, "")
    assert put_mark(home, MNIST_TEST, 3, None) == {}
    assert put_mark(home, MNIST_TEST, 3, None) == read_marks(home, MNIST_TEST) == {}


def test_an_index_from_an_array_is_one(home: StudioHome) -> None:
    put_mark(home, MNIST_TEST, np.int64(5), Verdict.WRONG)  # type: ignore[arg-type]
    assert list(read_marks(home, MNIST_TEST)) == [5]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b", "A", ".hidden", "x" * 65, "a.b", "ä", "a\n"])
def test_a_data_set_that_cannot_be_is_refused(home: StudioHome, name: str) -> None:
    with pytest.raises(DataError, match="no data set is called"):
        put_mark(home, name, 0, Verdict.WRONG)
    with pytest.raises(DataError, match="no data set is called"):
        read_marks(home, name)


@pytest.mark.parametrize("index", [-1, 10_000_000, True, 1.0, "3", None])
def test_an_image_that_cannot_be_is_refused(home: StudioHome, index) -> None:
    with pytest.raises(DataError, match="there is no image"):
        put_mark(home, MNIST_TEST, index, Verdict.WRONG)
    assert not file_of(home).exists()


@pytest.mark.parametrize("note", ["x" * 501, "bell \a", "half \ud800"])
def test_a_note_that_cannot_be_is_refused(home: StudioHome, note: str) -> None:
    with pytest.raises(ConfigError, match="note"):
        put_mark(home, MNIST_TEST, 1, Verdict.WRONG, note)
    assert read_marks(home, MNIST_TEST) == {}


def test_visitors_at_the_same_time_lose_nothing(home: StudioHome) -> None:
    """Four threads and two further processes mark images of their own."""
    code = (
        "import sys; from core.home import StudioHome; from core.marks import *; from pathlib import Path\n"
        "for index in range(int(sys.argv[2]), int(sys.argv[2]) + 15):\n"
        "    put_mark(StudioHome(root=Path(sys.argv[1])), 'mnist-test', index, Verdict.WRONG)\n"
    )
    others = [
        subprocess.Popen([sys.executable, "-c", code, str(home.root), str(start)], cwd=REPOSITORY)
        for start in (1_000, 2_000)
    ]

    def mark(start: int) -> None:
        for index in range(start, start + 15):
            put_mark(home, MNIST_TEST, index, Verdict.AMBIGUOUS)

    threads = [threading.Thread(target=mark, args=(start,)) for start in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(timeout=120) for other in others] == [0, 0]
    found = read_marks(home, MNIST_TEST)
    assert list(found) == [start + offset for start in (0, 100, 200, 300, 1_000, 2_000) for offset in range(15)]


def test_a_kill_leaves_whole_marks_and_no_lock(home: StudioHome) -> None:
    code = (
        "import sys; from core.home import StudioHome; from core.marks import *; from pathlib import Path\n"
        "for index in range(10**6):\n"
        "    put_mark(StudioHome(root=Path(sys.argv[1])), 'mnist-test', index, Verdict.WRONG)\n"
        "    print(index, flush=True)\n"
    )
    for _ in range(3):
        killed = subprocess.Popen(
            [sys.executable, "-c", code, str(home.root)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        )
        assert killed.stdout is not None
        for _ in range(20):
            said = int(killed.stdout.readline())
        killed.kill()
        killed.communicate()
        found = read_marks(home, MNIST_TEST)
        assert list(found)[: said + 1] == list(range(said + 1))
        assert len(put_mark(home, MNIST_TEST, 9_999, Verdict.FINE)) >= said + 2


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe\x00", b'{"1": {"verdict"'], ids=repr)
def test_a_damaged_file_holds_no_marks_and_is_set_aside(home: StudioHome, content: bytes) -> None:
    assert not is_damaged(home, MNIST_TEST)
    put_mark(home, MNIST_TEST, 1, Verdict.WRONG)
    assert not is_damaged(home, MNIST_TEST)
    file_of(home).write_bytes(content)
    assert is_damaged(home, MNIST_TEST)
    assert read_marks(home, MNIST_TEST) == {}
    put_mark(home, MNIST_TEST, 2, Verdict.WRONG)
    assert not is_damaged(home, MNIST_TEST)
    assert list(read_marks(home, MNIST_TEST)) == [2]
    assert file_of(home).with_suffix(".damaged").read_bytes() == content


def test_what_was_edited_into_something_else_is_left_out(home: StudioHome) -> None:
    good = {"verdict": "wrong", "note": "", "marked_at": 1.0}
    put_mark(home, MNIST_TEST, 1, Verdict.WRONG)
    broken = {
        "2": good | {"verdict": "maybe"},
        "3": good | {"verdict": ["wrong"]},
        "4": good | {"note": 4},
        "5": good | {"marked_at": "now"},
        "6": good | {"marked_at": -1},
        "7": good | {"marked_at": 1e300},
        "8": {},
        "9": [],
        "-1": good,
        "1.5": good,
        "99999999": good,
        "x": good,
    }
    file_of(home).write_text(json.dumps(broken | {"10": good | {"note": "y" * 900, "more": 1}}))
    found = read_marks(home, MNIST_TEST)
    assert list(found) == [10]
    assert found[10] == Mark(Verdict.WRONG, "y" * 500, 1.0)


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda values: st.lists(values) | st.dictionaries(st.text() | st.just("7"), values),
        max_leaves=8,
    )
)
def test_whatever_json_is_in_the_file_can_be_read(tmp_path_factory: pytest.TempPathFactory, content) -> None:
    home = StudioHome(root=tmp_path_factory.mktemp("home"))
    home.marks.mkdir()
    file_of(home).write_text(json.dumps(content))
    assert read_marks(home, MNIST_TEST) == {}


def test_a_home_that_cannot_be_written_says_so(home: StudioHome) -> None:
    (home.root / "marks").write_text("in the way")
    with pytest.raises(StudioError, match="the mark cannot be written"):
        put_mark(home, MNIST_TEST, 1, Verdict.WRONG)
    assert read_marks(home, MNIST_TEST) == {}


def test_only_what_is_marked_wrong_is_left_out() -> None:
    marks = {
        5: Mark(Verdict.WRONG, "", 1.0),
        7: Mark(Verdict.AMBIGUOUS, "", 1.0),
        8: Mark(Verdict.FINE, "", 1.0),
        9: Mark(Verdict.WRONG, "", 1.0),
    }
    assert marked_wrong(marks, [9, 8, 7, 6, 5]).tolist() == [True, False, False, False, True]
    assert marked_wrong({}, [1, 2]).tolist() == [False, False]
    assert marked_wrong(marks, []).tolist() == []
    assert marked_wrong(marks, [5]).dtype == bool


def test_the_csv_has_its_columns_and_reads_back() -> None:
    note = 'a 9, "surely"\nsays Zoë'
    marks = {900: Mark(Verdict.FINE, "", 0.0), 2: Mark(Verdict.WRONG, note, 1_700_000_000.4)}
    text = marks_csv(MNIST_TEST, marks, np.array([5, 6, 7], np.uint8))
    assert text.startswith("data_set,index,label,mark,note,marked_at\r\n")
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    assert tuple(header) == COLUMNS
    assert lines == [
        ["mnist-test", "2", "7", "wrong", note, "2023-11-14T22:13:20Z"],
        ["mnist-test", "900", "", "fine", "", "1970-01-01T00:00:00Z"],
    ]
    assert marks_csv(MNIST_TEST, {}, np.array([], np.uint8)) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("note", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_spreadsheet_takes_a_note_for_a_formula(note: str) -> None:
    text = marks_csv("own", {0: Mark(Verdict.WRONG, note, 1.0)}, np.array([1], np.uint8))
    assert list(csv.reader(io.StringIO(text)))[1][4] == f"'{note}"
