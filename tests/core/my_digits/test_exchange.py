"""My digits as a zip: out and in again, other people's zips, and hostile ones."""

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from core import datasets
from core.errors import DataError
from core.home import StudioHome
from core.my_digits import Brought, MyDigits, export_zip, import_zip
from tests.core.my_digits.test_my_digits_store import ANNA, BEN, STROKES, seen
from tests.digits import picture
from tests.own_sets import lying, zipped


@pytest.fixture
def mine(home: StudioHome) -> MyDigits:
    return MyDigits(home, ANNA)


def test_what_goes_out_comes_back(mine: MyDigits, home: StudioHome) -> None:
    for number, label in enumerate((7, 2, 1)):
        mine.keep(seen(number), label)
    data = export_zip(mine.digits())
    assert import_zip(mine, "d.zip", data) == Brought(kept=0, known=3, skipped=0, reason="")
    other = MyDigits(home, BEN)
    assert import_zip(other, "d.zip", data).kept == 3
    assert import_zip(other, "d.zip", data).known == 3
    for old, new in zip(mine.digits(), other.digits(), strict=True):
        assert (new.digit_id, new.facts()) == (old.digit_id, old.facts())
        assert new.strokes == STROKES
        assert np.abs(new.image.astype(int) - old.image).mean() < 12  # preprocessed anew


def test_the_zip_is_a_table_and_a_data_set_too(mine: MyDigits) -> None:
    mine.keep(seen(), 7)
    mine.keep(seen(1, read=None, confidence=None, run_id=None), 2)
    data = export_zip(mine.digits())
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        rows = list(csv.DictReader(io.StringIO(packed.read("my_digits.csv").decode(), newline="")))
    told = {row["label"]: (row["read"], row["confidence"], row["run"], row["shared"]) for row in rows}
    assert told == {"7": ("1", "0.8300", "classic", "False"), "2": ("", "", "", "False")}
    look = datasets.look([datasets.Given.of_bytes("d.zip", data)])
    assert (look.count, look.labelled) == (2, True)


def test_any_zip_with_a_folder_for_each_digit_will_do(mine: MyDigits) -> None:
    files = {
        "mine/7/a.png": picture(0),
        "mine/2/b.png": picture(1),
        "mine/readme.txt": b"x",
        "mine/3/c.png": b"\x89PNG",
    }
    brought = import_zip(mine, "d.zip", zipped(files))
    assert (brought.kept, brought.skipped) == (2, 1)
    assert brought.reason.startswith("mine/3/c.png: The picture is damaged")
    assert sorted((digit.label, digit.source) for digit in mine.digits()) == [(2, "import"), (7, "import")]


@pytest.mark.parametrize("said", [b"[", b"[1]", b'{"7/a.png": 3}', b'{"7/a.png": {"made_at": 1e300, "strokes": 5}}'])
def test_what_the_zip_says_of_its_pictures_may_be_nonsense(mine: MyDigits, said: bytes) -> None:
    assert import_zip(mine, "d.zip", zipped({"7/a.png": picture(0), "my_digits.json": said})).kept == 1
    [found] = mine.digits()
    assert (found.label, found.read, found.strokes) == (7, None, ())


def test_ids_from_a_zip_are_ids_or_not_taken(mine: MyDigits, home: StudioHome) -> None:
    names = ["7/20260101-000000-0123abcd.png", "7/.shared.png", "7/x.shared.png", "7/20260101-000000-0123ABCD.png"]
    import_zip(mine, "d.zip", zipped({name: picture(number) for number, name in enumerate(names)}))
    assert "20260101-000000-0123abcd" in {digit.digit_id for digit in mine.digits()}
    assert all(not digit.shared for digit in mine.digits())
    assert {path.name for path in home.my_digits.iterdir()} == {ANNA}


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: b"", "is empty|damaged"),
        (lambda: b"PK\x03\x04 no zip", "damaged or cut short"),
        (lambda: zipped({"7/a.png": picture(0)})[:-30], "damaged or cut short"),
        (lambda: zipped({"a.txt": b"x"}), "no labelled pictures"),
        (lambda: zipped({"a.png": picture(0), "10/b.png": picture(1)}), "no labelled pictures"),
        (lambda: zipped({"../7/a.png": picture(0)}), "leaves the zip"),
        (lambda: zipped({f"7/{number}.png": b"x" for number in range(301)}), "may keep 300"),
        (lambda: lying(zipped({"7/a.png": bytes(5_000)}), "7/a.png", size=3_000_000_000), "unpacks to"),
        (lambda: lying(zipped({"7/a.png": picture(0)}), "7/a.png", mode=0o120777), "is a link"),
        (lambda: lying(zipped({"7/a.png": picture(0)}), "7/a.png", flags=1), "is encrypted"),
    ],
)
def test_a_hostile_zip_is_one_sentence(mine: MyDigits, made: Callable[[], bytes], said: str) -> None:
    with pytest.raises(DataError, match=said):
        import_zip(mine, "d.zip", made())
    assert mine.digits() == []


def test_a_bomb_of_a_picture_is_skipped(mine: MyDigits) -> None:
    brought = import_zip(mine, "d.zip", zipped({"7/a.png": bytes(21_000_000), "2/b.png": picture(1)}))
    assert (brought.kept, brought.skipped) == (1, 1)


def test_facts_are_json_without_paths(mine: MyDigits, home: StudioHome) -> None:
    mine.keep(seen(), 7)
    with zipfile.ZipFile(io.BytesIO(export_zip(mine.digits()))) as packed:
        text = packed.read("my_digits.json").decode()
    assert json.loads(text)
    assert ANNA not in text
    assert str(home.root) not in text


def test_an_import_tells_how_far_it_is_and_looks_through_what_is_kept_once(mine: MyDigits, monkeypatch) -> None:
    files = {f"{number % 10}/{number}.png": picture(number) for number in range(12)}
    files["3/none.png"] = b"\x89PNG"
    looks, scandir = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (looks.append(path), scandir(path))[1])
    told: list[tuple[int, int]] = []
    brought = import_zip(mine, "d.zip", zipped(files), lambda *so_far: told.append(so_far))
    monkeypatch.undo()
    assert (brought.kept, brought.skipped) == (12, 1)
    assert told == [(number, 13) for number in range(1, 14)]
    assert len([path for path in looks if str(path) == str(mine.home.my_digits / mine.owner)]) <= 2 * 12 + 3


def test_what_another_tab_keeps_meanwhile_is_known(mine: MyDigits, home: StudioHome) -> None:
    other = MyDigits(home, mine.owner)
    assert mine.put("20260101-000000-00000000", seen(0), 7, 1.0)
    kept = other.keep(seen(1), 2)
    assert not mine.put("20260101-000000-00000001", seen(1), 2, 1.0)
    other.delete([kept])
    assert mine.put("20260101-000000-00000002", seen(1), 2, 1.0)
    assert not mine.put("20260101-000000-00000002", seen(2), 1, 1.0)
