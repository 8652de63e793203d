"""A read-only studio keeps and changes nothing, whichever way it is asked; looking and predicting go on."""

import dataclasses
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import datasets
from core.__main__ import main
from core.config import PRESETS
from core.datasets import DataSetStore
from core.errors import ReadOnlyError
from core.home import HOME_VARIABLE, READ_ONLY_VARIABLE, StudioHome
from core.importing.model import import_model
from core.inference import Classifier
from core.jobs import Jobs
from core.lesson import Lesson
from core.marks import Verdict, put_mark, read_marks
from core.my_digits import MyDigits, Seen, owner_of, shared_digits
from core.runs import RunStore
from core.shelf import Shelf
from core.status import RunState
from core.story.store import Stories
from core.story.story import plan_for
from core.thresholds import Threshold, keep_threshold, threshold_of
from tests.digits import REPOSITORY, copy_of_classic, digits, picture
from tests.own_sets import folders, given, zipped

OWNER = owner_of("a" * 32) or ""
OWN, GONE, WAITING, FAILED = "20260101-000000-classic-aaaa", "20260102-000000-classic-bbbb", "waiting", "failed"

# Modules of core that know a place where something is kept, write, and do not ask whether they may, with the reason.
MAY = {
    "my_digits.room": "empties the trash for `my_digits.store`",
}
CACHES = ("explain", "robustness")  # what these parts keep can be made again
PLACES = re.compile(r"home\.(runs|active_file|thresholds|marks|datasets|my_digits|stories|visitors)\b")
ASKS = re.compile(r"check_writable\(|home\.read_only\b")
WRITES = re.compile(
    r"\b(write_json|overwrite_json|replacing|line_appender|write_text|write_bytes|mkdir|rmtree|rename|unlink|copyfile|touch)\("
)


def seen(number: int) -> Seen:
    image = digits()[0][number]
    return Seen(255 - image.repeat(10, 0).repeat(10, 1), image, read=1, confidence=0.5, run_id="classic", strokes=())


def a_run(home: StudioHome, run_id: str, state: RunState) -> None:
    run = RunStore(home).create(PRESETS["classic"])
    run.status.write(run.path, state=state)
    run.path.rename(home.runs / run_id)


@pytest.fixture
def closed(home: StudioHome) -> StudioHome:
    """A home with something of everything, now read-only."""
    copy_of_classic(home, OWN)
    copy_of_classic(home, GONE)
    Shelf(RunStore(home)).delete(GONE)
    os.utime(home.runs / ".trash" / GONE, (0, 0))  # due to be emptied
    a_run(home, WAITING, RunState.QUEUED)
    a_run(home, FAILED, RunState.FAILED)
    put_mark(home, "mnist-test", 5, Verdict.WRONG)
    keep_threshold(home, RunStore(home).get(OWN), Threshold(0.5))
    mine = MyDigits(home, OWNER)
    mine.share(mine.keep(seen(0), 7))
    mine.delete([mine.keep(seen(1), 2)])
    DataSetStore(home).keep(given("scans.zip", zipped(folders())))
    Stories(home).save(plan_for("Told", OWN, None))
    return dataclasses.replace(home, read_only=True)


def contents(home: StudioHome) -> dict[str, tuple[int, int]]:
    """Every file and folder with its size and time."""
    found = ((path, path.lstat()) for path in home.root.rglob("*"))
    return {str(path.relative_to(home.root)): (stat.st_size, stat.st_mtime_ns) for path, stat in found}


def deeds(home: StudioHome) -> dict[str, Callable[[], Any]]:
    """Everything that a page or a command can have kept or changed."""
    store, mine, sets = RunStore(home), MyDigits(home, OWNER), DataSetStore(home)
    jobs, shelf, config = Jobs(store), Shelf(store), PRESETS["quick"]
    [dataset], [digit], stories = sets.sets(), mine.digits(), Stories(home)
    [told] = stories.ids()
    story = stories.get(told).story
    lesson = Lesson.of(OWNER, *(array[:20] for array in digits()), seed=1)
    return {
        "start": lambda: jobs.submit(config),
        "train longer": lambda: jobs.train_longer(OWN, epochs=1, learning_rate=0.001),
        "teach": lambda: jobs.teach(OWN, lesson),
        "resume": lambda: jobs.resume(FAILED),
        "stop": lambda: jobs.stop(WAITING),
        "pause": lambda: jobs.pause(WAITING),
        "go on": lambda: jobs.go_on(WAITING),
        "learning rate": lambda: jobs.change_learning_rate(WAITING, 0.001),
        "move": lambda: jobs.move(WAITING, before=None),
        "activate": lambda: store.activate(OWN),
        "import": lambda: import_model(store, b"no file at all"),
        "rename": lambda: shelf.rename(OWN, "Other"),
        "note": lambda: shelf.annotate(OWN, "Other"),
        "pin": lambda: shelf.pin(OWN),
        "delete": lambda: shelf.delete(OWN),
        "discard": lambda: shelf.discard(WAITING),
        "restore": lambda: shelf.restore(GONE),
        "mark": lambda: put_mark(home, "mnist-test", 6, Verdict.WRONG),
        "unmark": lambda: put_mark(home, "mnist-test", 5, None),
        "threshold": lambda: keep_threshold(home, store.get(OWN), Threshold(0.9)),
        "no threshold": lambda: keep_threshold(home, store.get(OWN), None),
        "keep a set": lambda: sets.keep(given("scans.zip", zipped(folders()))),
        "rename a set": lambda: sets.rename(dataset.dataset_id, "Other"),
        "delete a set": lambda: sets.delete(dataset.dataset_id),
        "keep a digit": lambda: mine.keep(seen(2), 3),
        "bring a digit": lambda: mine.put("20260101-000000-aaaa", seen(2), 3, time.time()),
        "share": lambda: mine.share(digit.digit_id, False),
        "delete a digit": lambda: mine.delete([digit.digit_id]),
        "undo": mine.undo_delete,
        "save a story": lambda: stories.save(story),
        "change a story": lambda: stories.save(story, told),
        "delete a story": lambda: stories.delete(told),
        "bring a story back": lambda: stories.restore(told),
    }


def test_every_deed_is_refused_and_leaves_all_as_it_was(closed: StudioHome) -> None:
    before = contents(closed)
    for name, deed in deeds(closed).items():
        with pytest.raises(ReadOnlyError, match=rf"read-only, so nothing can be .* without {READ_ONLY_VARIABLE}\."):
            deed()
        assert contents(closed) == before, name
    Shelf(RunStore(closed)).empty_trash()
    Jobs(RunStore(closed)).reconcile()
    assert contents(closed) == before


def test_all_can_be_looked_at(closed: StudioHome) -> None:
    before, store = contents(closed), RunStore(closed)
    assert {OWN, WAITING, FAILED, "classic"} <= {run.run_id for run in store.runs()}
    assert [run.run_id for run in Shelf(store).deleted()] == [GONE]
    assert list(read_marks(closed, "mnist-test")) == [5]
    assert threshold_of(closed, store.get(OWN)) == 0.5
    assert len(MyDigits(closed, OWNER).digits()) == len(shared_digits(closed)) == 1
    [dataset] = DataSetStore(closed).sets()
    answers = datasets.answers(dataset, store.get(OWN), Classifier.load(store.get(OWN), home=closed))
    assert answers.shape == (dataset.count, 10)
    added = contents(closed).keys() - before.keys()
    assert all("/predictions" in path for path in added)  # a cache


def test_the_commands_keep_to_it(
    closed: StudioHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(closed.root))
    monkeypatch.setenv(READ_ONLY_VARIABLE, "1")
    before = contents(closed)
    (tmp_path / "seven.png").write_bytes(picture(0))
    (tmp_path / "model.keras").write_bytes(b"no model")
    refused = [["train", "--preset", "quick"], ["activate", OWN], ["threshold", OWN, "--set", "0.9"]]
    for command in (*refused, ["import", str(tmp_path / "model.keras")]):
        assert main(command) == 1, command
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("This studio is read-only")
        assert said.err.count("\n") == 1
    for command in (["threshold", OWN], ["runs"], ["predict", str(tmp_path / "seven.png"), "--json"]):
        assert main(command) == 0, command
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["digit"] == 7
    assert contents(closed) == before
    monkeypatch.setenv(READ_ONLY_VARIABLE, "ture")
    assert main(["runs"]) == 2
    assert capsys.readouterr().err.startswith(f"{READ_ONLY_VARIABLE} is 'ture'")


def test_a_home_that_nobody_made_is_one_without_runs(tmp_path: Path) -> None:
    home = StudioHome(tmp_path / "nowhere", read_only=True)
    assert RunStore(home).active().run_id in ("strong", "classic")
    assert Shelf(RunStore(home)).deleted() == []
    assert RunStore(home).disk.usage().total == 0
    assert not home.root.exists()


def test_caches_of_a_home_that_cannot_be_written_are_the_systems(
    closed: StudioHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert closed.neighbours == closed.root / "caches" / "neighbours"
    before, may = contents(closed), os.access
    monkeypatch.setattr(os, "access", lambda path, mode: closed.root not in Path(path, "x").parents and may(path, mode))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert closed.caches.parent == tmp_path
    assert closed.caches.stat().st_mode & 0o077 == 0
    assert closed.inside.parent == closed.robustness.parent == closed.caches
    assert dataclasses.replace(closed).caches == closed.caches  # another process finds what this one made
    [dataset], run = DataSetStore(closed).sets(), RunStore(closed).get(OWN)
    datasets.answers(dataset, run, Classifier.load(run, home=closed))
    assert datasets.kept_answers(dataset, run) is not None
    assert contents(closed) == before
    folder = closed.caches
    shutil.rmtree(folder)
    folder.symlink_to(tmp_path)  # somebody else was quicker
    assert closed.caches == closed.root / "caches"


def test_whatever_writes_asks_first() -> None:
    """A new way to keep something asks `check_writable`, or says in `MAY` why it need not."""
    silent = set()
    for path in sorted((REPOSITORY / "core").rglob("*.py")):
        if path.parent.name in CACHES:
            continue
        module, text = ".".join(path.relative_to(REPOSITORY / "core").with_suffix("").parts), path.read_text("utf-8")
        if PLACES.search(text) and WRITES.search(text) and not ASKS.search(text):
            silent.add(module)
    assert silent - MAY.keys() == set()
    assert MAY.keys() - silent == set()  # nothing is excused that need not be
