"""A read-only studio in the browser: all can be looked at and drawn, and no control is open that would be refused."""

import dataclasses

import pytest

from core.config import PRESETS
from core.datasets import DataSetStore
from core.home import StudioHome
from core.my_digits import MyDigits, Seen, owner_of
from core.runs import RunStore
from core.shelf import Shelf
from core.status import RunState
from core.thresholds import Threshold, keep_threshold
from tests.digits import digits
from tests.own_sets import folders, given, zipped
from tests.pages.screen import (
    CANVAS,
    CONFUSION,
    DRAW,
    HOME,
    MISCLASSIFICATIONS,
    RUNS,
    TRAIN,
    drawing,
    finished_run,
    text_of,
)
from tests.shipped import misread

TOKEN = "b" * 32
SENTENCE = "This studio is read-only: look and draw as you like; nothing is trained, changed or kept."
OWN, GONE, FAILED = "20260101-000000-classic-aaaa", "20260102-000000-classic-bbbb", "20260103-000000-quick-cccc"
CHANGING = {
    *("Start", "Pause", "Resume", "Discard", "Go on", "Make active", "Import", "Train longer", "Delete", "Restore"),
    *("Keep for this run", "Remove", "Keep them", "Delete all", "Take them in", "Teach it", "Share", "Save", "Pin"),
    *("Stop and keep the best", "Take out of the queue", "Start training longer", "Name and note"),
}


@pytest.fixture
def closed(home: StudioHome, monkeypatch: pytest.MonkeyPatch) -> StudioHome:
    """A home with something of everything, now read-only."""
    store = RunStore(home)
    finished_run(home, OWN)
    finished_run(home, GONE)
    Shelf(store).delete(GONE)
    failed = store.create(PRESETS["quick"], preset="quick")
    failed.status.write(failed.path, state=RunState.FAILED, message="It went wrong.")
    failed.path.rename(home.runs / FAILED)
    (home.runs / "damaged").mkdir()
    keep_threshold(home, store.get("classic"), Threshold(0.5))
    image = digits()[0][0]
    MyDigits(home, owner_of(TOKEN) or "").keep(Seen(255 - image.repeat(10, 0).repeat(10, 1), image, 1, 0.5, "x"), 7)
    DataSetStore(home).keep(given("scans.zip", zipped(folders())))
    shut = dataclasses.replace(home, read_only=True)
    monkeypatch.setattr(StudioHome, "from_environment", classmethod(lambda cls: shut))
    return shut


def contents(home: StudioHome) -> dict[str, int]:
    """Every file but those of caches, with its time."""
    found = (path for path in home.root.rglob("*") if path.is_file() and "caches" not in path.parts)
    return {str(path.relative_to(home.root)): path.stat().st_mtime_ns for path in found}


def enabled(app) -> set[str]:
    """The buttons and popovers that are open, those that change something."""
    found = {button.label for button in app.button if not button.disabled}
    found |= {each.proto.popover.label for each in app.get("popover") if not each.proto.popover.disabled}
    return found & CHANGING


def test_every_page_says_so_and_offers_only_what_is_open(closed: StudioHome, visit) -> None:
    before = contents(closed)
    for page in (HOME, TRAIN, RUNS, CONFUSION, MISCLASSIFICATIONS, DRAW):
        app = visit(page)
        assert SENTENCE in text_of(app), page
        assert enabled(app) == set(), page
    assert contents(closed) == before


def test_runs_can_be_looked_at_compared_and_taken_along(closed: StudioHome, visit) -> None:
    app = visit(RUNS)
    for chosen in ([OWN], [FAILED], [OWN, "classic"]):
        app.query_params["run"] = chosen
        app.run()
        assert not app.exception
        assert enabled(app) == set()
        assert "Deleted in the last day" not in [each.label for each in app.expander]
        [more] = app.get("menu_button")
        assert not CHANGING & {option.rpartition(": ")[2] for option in more.proto.options}
    app.query_params["run"] = [OWN]
    app.run()
    assert "Export" in {each.proto.popover.label for each in app.get("popover") if not each.proto.popover.disabled}


def test_a_run_can_be_watched_and_not_steered(closed: StudioHome, visit) -> None:
    app = visit(TRAIN)
    for run_id in (FAILED, OWN):
        app.session_state["train_picked_run"] = run_id
        app.run()
        assert not app.exception
        assert ("It went wrong." in text_of(app)) == (run_id == FAILED)
        assert enabled(app) == set()
    assert app.button(key="start").disabled


def test_an_image_can_be_looked_at_and_not_marked(closed: StudioHome, visit) -> None:
    app = visit(MISCLASSIFICATIONS, image=str(misread()[0]))
    marks = [each for each in app.get("button_group") if str(each.proto.id).count("mark_")]
    assert marks
    assert all(each.disabled for each in marks)
    assert all(area.disabled for area in app.text_area)


def test_drawing_is_answered_and_kept_digits_can_be_seen(closed: StudioHome, visit) -> None:
    app = visit()
    app.session_state["my_visit"] = TOKEN
    app.session_state["my_tab"] = "Mine"
    app.switch_page(DRAW)
    app.session_state[CANVAS] = drawing(digits()[0][0])
    app.run()
    assert not app.exception
    assert "7" in [metric.value for metric in app.metric]
    assert "1 digit of at most" in text_of(app)
    assert enabled(app) == set()
    before = contents(closed)
    [opener] = [button for button in app.button if button.label == "Open"]
    opener.click().run()
    assert not app.exception
    assert enabled(app) == set()
    for part in ("Shared by visitors", "Teach it"):
        app.session_state["my_tab"] = part
        app.run()
        assert enabled(app) == set()
    assert contents(closed) == before


def test_own_sets_can_be_looked_at_and_not_brought(closed: StudioHome, visit) -> None:
    app = visit(CONFUSION)
    app.button(key="own_open").click().run()
    assert "scans" in text_of(app)
    assert not app.get("file_uploader")
    assert enabled(app) == set()
