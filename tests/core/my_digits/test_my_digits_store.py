"""My digits: kept, shared, deleted and taken back, bounded, private, and whole through kills and damage."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import DataError
from core.home import StudioHome
from core.my_digits import MOST, MyDigits, Seen, arrays_of, owner_of, room, shared_digits
from tests.digits import REPOSITORY, digits
from tests.trainings import until

ANNA, BEN = (owner_of(letter * 32) or "" for letter in "ab")
STROKES = (((1.0, 2.0), (3.5, 4.0)), ((9.0, 9.0),))


def seen(number: int = 0, **changes) -> Seen:
    image = digits()[0][number]
    values = {"read": 1, "confidence": 0.83, "run_id": "classic", "strokes": STROKES} | changes
    return Seen(255 - image.repeat(10, 0).repeat(10, 1), image, **values)


@pytest.fixture
def mine(home: StudioHome) -> MyDigits:
    return MyDigits(home, ANNA)


def test_all_of_a_digit_is_kept(mine: MyDigits, home: StudioHome) -> None:
    before = time.time()
    digit_id = mine.keep(seen(), 7)
    [found] = MyDigits(home, ANNA).digits()
    assert (found.digit_id, found.label, found.read, found.confidence) == (digit_id, 7, 1, 0.83)
    assert (found.run_id, found.source, found.strokes, found.shared) == ("classic", "drawing", STROKES, False)
    assert before <= found.made_at <= time.time()
    assert np.array_equal(found.image, seen().image)
    assert np.array_equal(np.array(Image.open(io.BytesIO(found.picture()))), seen().picture)
    images, labels = arrays_of([found])
    assert (images.shape, images.dtype, labels.tolist()) == ((1, 28, 28), np.uint8, [7])


def test_the_same_picture_kept_again_takes_the_place_of_the_first(mine: MyDigits) -> None:
    mine.keep(seen(), 7)
    mine.keep(seen(1), 2)
    mine.keep(seen(), 9)
    assert sorted(digit.label for digit in mine.digits()) == [2, 9]


def test_others_see_only_what_is_shared_and_not_whose_it_is(mine: MyDigits, home: StudioHome) -> None:
    first, _ = mine.keep(seen(), 7), mine.keep(seen(1), 2)
    assert MyDigits(home, BEN).digits() == [] == shared_digits(home)
    mine.share(first)
    assert [(digit.digit_id, digit.shared) for digit in shared_digits(home)] == [(first, True)]
    assert MyDigits(home, BEN).digits() == []
    with pytest.raises(DataError, match="among yours; it may have been deleted"):
        MyDigits(home, BEN).delete([first])
    with pytest.raises(DataError, match="among yours; it may have been deleted"):
        MyDigits(home, BEN).share(first, False)
    mine.share(first, False)
    assert shared_digits(home) == []
    assert len(mine.digits()) == 2


def test_deleted_digits_come_back_until_others_are_deleted(mine: MyDigits) -> None:
    ids = [mine.keep(seen(number), 7) for number in range(3)]
    mine.share(ids[0])
    mine.delete(ids[:2])
    assert [digit.digit_id for digit in mine.digits()] == ids[2:]
    assert mine.undo_delete() == 2
    assert {digit.digit_id: digit.shared for digit in mine.digits()} == {ids[0]: True, ids[1]: False, ids[2]: False}
    mine.delete(ids[:1])
    mine.delete(ids[1:2])
    assert mine.undo_delete() == 1
    assert {digit.digit_id for digit in mine.digits()} == {*ids[1:]}


@pytest.mark.parametrize("owner", ["", "..", "../../etc", "A" * 32, "a" * 31, "a" * 33, ANNA + "/x", ANNA + "\n"])
def test_a_name_that_no_visitor_has_is_refused(home: StudioHome, owner: str) -> None:
    with pytest.raises(DataError, match="name of none"):
        MyDigits(home, owner)


@pytest.mark.parametrize("digit_id", ["", ".", "..", "../x", ".lock", "20260101-000000-00000000", "x" * 1000])
def test_an_id_that_no_digit_has_is_refused(mine: MyDigits, digit_id: str) -> None:
    mine.keep(seen(), 7)
    for deed in (lambda: mine.share(digit_id), lambda: mine.delete([digit_id])):
        with pytest.raises(DataError, match="no digit"):
            deed()
    assert len(mine.digits()) == 1


@pytest.mark.parametrize("label", [-1, 10, None, True, "7"])
def test_a_label_is_a_digit(mine: MyDigits, label: object) -> None:
    with pytest.raises(DataError, match="0 to 9"):
        mine.keep(seen(), label)  # type: ignore[arg-type]
    assert mine.digits() == []


def test_there_is_room_for_so_many(mine: MyDigits, home: StudioHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 2)
    for number in range(2):
        mine.keep(seen(number), 7)
    with pytest.raises(DataError, match="2 digits already; export and delete some"):
        mine.keep(seen(2), 7)
    mine.keep(seen(1), 3)  # in the place of another
    monkeypatch.setattr(room, "MAX_BYTES", 1)
    with pytest.raises(DataError, match="room for digits of all visitors is full"):
        MyDigits(home, BEN).keep(seen(3), 1)
    monkeypatch.setattr(room, "MAX_OWN_BYTES", 1)
    with pytest.raises(DataError, match="export and delete some"):
        mine.keep(seen(3), 1)
    assert len(mine.digits()) == 2 < MOST


def test_what_was_deleted_is_gone_for_good_after_a_day(mine: MyDigits, home: StudioHome) -> None:
    ids = [mine.keep(seen(number), 7) for number in range(2)]
    mine.delete(ids)
    for age, digit_id in zip((23, 25), ids, strict=True):
        then = time.time() - age * 3_600
        os.utime(home.my_digits / ANNA / f".deleted-{digit_id}", (then, then))
    MyDigits(home, BEN).keep(seen(2), 1)  # whoever keeps something next
    assert mine.undo_delete() == 1
    assert [digit.digit_id for digit in mine.digits()] == ids[:1]


def test_a_large_picture_is_made_smaller(mine: MyDigits) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1_200, 1_500, 3), np.uint8)
    mine.keep(Seen(noise, seen().image), 7)
    data = mine.digits()[0].picture()
    assert len(data) <= 1_000_000
    assert max(Image.open(io.BytesIO(data)).size) in (240, 480, 960)


def _edit(folder: Path, name: str, change) -> None:
    path = folder / name
    data = change(path.read_bytes())
    path.unlink() if data is None else path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("digit.json", lambda data: None),
        ("digit.json", lambda data: data[: len(data) // 2]),
        ("digit.json", lambda data: data.replace(b'"label": 7', b'"label": 17')),
        ("digit.json", lambda data: b"[]"),
        ("seen.png", lambda data: None),
        ("seen.png", lambda data: data[:40]),
        ("seen.png", lambda data: b"<svg>"),
    ],
)
def test_a_damaged_digit_is_left_out_and_the_others_stay(mine: MyDigits, home: StudioHome, name: str, change) -> None:
    damaged = mine.keep(seen(), 7)
    mine.keep(seen(1), 2)
    _edit(home.my_digits / ANNA / damaged, name, change)
    assert [digit.label for digit in mine.digits()] == [2]
    mine.delete([damaged])


def test_what_was_edited_into_nonsense_is_not_believed(mine: MyDigits, home: StudioHome) -> None:
    folder = home.my_digits / ANNA / mine.keep(seen(), 7)
    facts = json.loads((folder / "digit.json").read_text())
    facts |= {"read": 11, "confidence": 7, "run_id": "../x", "source": "<b>", "strokes": [[["a", 1]]]}
    (folder / "digit.json").write_text(json.dumps(facts))
    [found] = mine.digits()
    told = (found.read, found.confidence, found.run_id, found.source, found.strokes)
    assert told == (None, None, None, "import", ())


def test_a_kill_leaves_each_digit_whole_or_none_of_it(home: StudioHome) -> None:
    """A process that keeps, shares and deletes without end is killed at several moments."""
    code = (
        "import itertools, sys; from core.home import StudioHome; from core.my_digits import MyDigits\n"
        "from tests.core.my_digits.test_my_digits_store import ANNA, seen\n"
        "mine = MyDigits(StudioHome.from_environment(), ANNA); print('on', flush=True)\n"
        "for number in itertools.count():\n"
        "    digit = mine.keep(seen(number % 50), number % 10); mine.share(digit)\n"
        "    if number % 3 == 2: mine.delete([digit])\n"
    )
    mine = MyDigits(home, ANNA)
    for moment in range(4):
        with subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE) as working:
            assert working.stdout is not None
            working.stdout.readline()
            count = len(list((home.my_digits / ANNA).glob("2*")))
            until(lambda now=count + moment: len(list((home.my_digits / ANNA).glob("2*"))) > now, "more digits")
            working.kill()
        listed = [path.name for path in (home.my_digits / ANNA).glob("2*")]
        assert len(mine.digits()) == len(listed) > 0
        mine.keep(seen(60 + moment), 5)  # the lock went with its holder
    known = {image.tobytes() for image in digits()[0]}
    assert all(digit.image.tobytes() in known and digit.picture() for digit in mine.digits())
