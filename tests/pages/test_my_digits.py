"""My digits on Draw and predict: said to be something else, kept, shared, deleted, taken along, and taught with."""

import io
import threading
import zipfile
from concurrent.futures import wait
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data import load_split
from core.files import read_json_object, write_json
from core.home import SHIPPED, StudioHome
from core.lesson import Lesson, Taught
from core.my_digits import Brought, MyDigits, Seen, export_zip, owner_of, shared_digits
from core.run import Origin
from core.runs import RunStore
from tests import shipped
from tests.digits import label, row_of
from tests.pages.drawn import upload
from tests.pages.screen import CANVAS, DRAW, drawing, finished_run, text_of
from ui import resources

TOKEN = "c" * 32
OWNER = owner_of(TOKEN) or ""


@pytest.fixture
def mine(home: StudioHome) -> MyDigits:
    return MyDigits(home, OWNER)


@pytest.fixture(scope="module")
def training_digits() -> np.ndarray:
    return load_split(SHIPPED / "mnist.npz", "train").images[:20]


@pytest.fixture
def keep(mine: MyDigits, training_digits: np.ndarray):
    """Keeps training digits, each said to be a 4."""

    def keep(*numbers: int) -> list[str]:
        images = (training_digits[number] for number in numbers)
        return [
            mine.keep(Seen(255 - image.repeat(10, 0).repeat(10, 1), image, 7, 0.9, "classic"), 4) for image in images
        ]

    return keep


@pytest.fixture
def draw(visit):
    """The page as this visitor sees it, a part of My digits open."""

    def draw(part: str = "Mine"):
        app = visit()
        app.session_state["my_visit"] = TOKEN
        app.session_state["my_tab"] = part
        app.switch_page(DRAW)
        app.run()
        assert not app.exception
        return app

    return draw


def test_before_anything_is_kept_it_says_how(draw) -> None:
    app = draw()
    assert "Nothing kept yet" in text_of(app)
    assert app.button(key="my_delete_all").disabled
    assert app.session_state["my_visit"] == TOKEN


def test_a_misread_drawing_is_kept_as_what_its_visitor_says(draw, mine: MyDigits, test_digits) -> None:
    app = draw()
    app.session_state[CANVAS] = drawing(test_digits[3])
    app.run()
    assert not _offer_is_closed(app)
    app.session_state["my_offer"] = True
    app.run()
    said = text_of(app)
    assert "keeps this picture on the computer that runs this studio" in said
    assert "will not be known again" in said  # there is no cookie here
    app.button(key="my_label_8").click().run()
    assert not app.exception
    [kept] = mine.digits()
    assert (kept.label, kept.read, kept.run_id, kept.source) == (8, 3, "classic", "drawing")
    assert 0.5 < kept.confidence < 1
    assert "**8**, read as 3" in "\n".join(image.caption for image in _images(app))
    assert not app.session_state["my_offer"]


def test_of_several_digits_the_one_looked_at_is_kept(draw, mine: MyDigits) -> None:
    app = upload(draw(), ("row.png", row_of([0, 1, 2])))
    app.session_state["draw_focus_3"] = 1
    app.run()
    app.session_state["my_offer"] = True
    app.run()
    app.button(key="my_label_5").click().run()
    [kept] = mine.digits()
    with Image.open(io.BytesIO(kept.picture())) as picture:
        assert picture.size[0] < 40  # of 120
    assert (kept.label, kept.read, kept.source) == (5, label(1), "file")


def _images(app):
    return [picture for image in app.get("image") for picture in image.proto.imgs]


def test_nothing_drawn_is_nothing_to_correct(draw) -> None:
    app = draw()
    assert _offer_is_closed(app)


def _offer_is_closed(app) -> bool:
    [offer] = [each.proto.popover for each in app.get("popover") if each.proto.popover.label.startswith("Wrong?")]
    return bool(offer.disabled)


def test_one_is_opened_shared_and_deleted_and_comes_back(draw, mine: MyDigits, home: StudioHome, keep) -> None:
    first, second = keep(0, 1)
    app = draw()
    app.button(key=f"my_{first}").click().run()
    assert "Drawn, read by classic." in text_of(app)
    app.button(key="my_share").click().run()
    assert [digit.digit_id for digit in shared_digits(home)] == [first]
    assert "Shared: everybody sees it" in text_of(app)
    app.button(key=f"my_{second}").click().run()
    app.button(key="my_delete").click().run()
    assert [digit.digit_id for digit in mine.digits()] == [first]
    app.button(key="my_undo").click().run()
    assert len(mine.digits()) == 2
    app.button(key="my_delete_all").click().run()
    assert mine.digits() == []
    assert "Deleted: 2 digits." in text_of(app)
    app.button(key="my_undo").click().run()
    assert len(mine.digits()) == 2
    assert not app.exception


def test_others_see_what_is_shared_and_no_more(draw, home: StudioHome, keep, test_digits) -> None:
    assert "Nobody shares a digit yet" in text_of(draw("Shared by visitors"))
    other = MyDigits(home, owner_of("d" * 32) or "")
    ids = [other.keep(Seen(test_digits[number], test_digits[number]), number) for number in (5, 6)]
    other.share(ids[0])
    app = draw("Shared by visitors")
    assert [image.caption for image in _images(app) if "**" in image.caption] == ["**5**"]
    assert "Nothing kept yet" in text_of(draw())


def test_a_zip_is_taken_in(draw, mine: MyDigits, keep) -> None:
    keep(0, 1, 2)
    data = export_zip(mine.digits())
    mine.delete([digit.digit_id for digit in mine.digits()])
    app = draw()
    app.file_uploader(key="my_import_0").upload("my.zip", data)
    app.run()
    _take_in(app, ("my digits", mine.home, OWNER))
    assert len(mine.digits()) == 3
    assert "Taken in: 3 digits." in text_of(app)
    assert not app.session_state["my_import_open"]  # else it would hide that sentence
    app.file_uploader(key="my_import_1").upload("no.zip", b"PK\x03\x04")
    app.run()
    _take_in(app, ("my digits", mine.home, OWNER))
    assert "no.zip is damaged or cut short" in text_of(app)
    assert not app.exception


def _take_in(app, ticket: tuple) -> None:
    """Presses the button, and waits for what it began in the background."""
    app.session_state["my_import_open"] = True
    app.button(key="my_take_in").click().run()
    work = resources.keepings().find(ticket)
    if work is not None:
        wait([work], timeout=120)
        app.run()


def test_a_zip_that_is_being_taken_in_shows_how_far(draw, home: StudioHome) -> None:
    started, go_on = threading.Event(), threading.Event()

    def work(tell):
        tell(3, 12)
        started.set()
        assert go_on.wait(60)
        return Brought(12, 0, 0, "")

    resources.keepings().start(("my digits", home, OWNER), work)
    assert started.wait(60)
    app = draw()  # another tab, or the same after a reload
    try:
        [bar] = app.get("progress")
        assert (bar.proto.value, bar.proto.text) == (25, "Taking the digits in")
    finally:
        go_on.set()
    wait([resources.keepings().find(("my digits", home, OWNER))], timeout=120)
    app.run()
    assert "Taken in: 12 digits." in text_of(app)
    assert not app.get("progress")


def test_a_zip_goes_out(mine: MyDigits, keep) -> None:
    keep(0)
    with zipfile.ZipFile(io.BytesIO(export_zip(mine.digits()))) as packed:
        assert len(packed.namelist()) == 3


def test_too_few_digits_are_no_lesson(draw, keep) -> None:
    keep(0)
    app = draw("Teach it")
    assert app.button(key="my_teach").disabled
    assert "Keep at least 3 digits first; there is 1." in text_of(app)


def test_a_model_from_outside_cannot_be_taught_and_the_page_says_why(draw, keep, home: StudioHome) -> None:
    keep(0, 1, 2)
    run = finished_run(home)
    _change(run.path, imported=True, network=[asdict(layer) for layer in run.layers])
    RunStore(home).activate(run.run_id)
    app = draw("Teach it")
    assert app.button(key="my_teach").disabled
    assert "came as a file: nothing says how it was trained" in text_of(app)


def _change(folder: Path, **values: object) -> None:
    write_json(folder / "config.json", read_json_object(folder / "config.json") | values)


def test_teaching_is_a_run_that_trains_like_any_other(draw, keep, home: StudioHome) -> None:
    keep(*range(5))
    app = draw("Teach it")
    app.button(key="my_teach").click().run()
    assert not app.exception
    [run] = [run for run in RunStore(home).runs() if not run.shipped]
    assert run.taught == Taught(OWNER, 5, 0)
    assert run.continued_from == Origin("classic", "Classic")
    assert "Classic, taught" in text_of(app)
    assert app.progress


def test_images_of_the_test_split_are_left_out_of_a_lesson(
    draw, keep, mine: MyDigits, home: StudioHome, test_digits
) -> None:
    keep(0, 1, 2)
    for number in (5, 6):
        mine.keep(Seen(test_digits[number], test_digits[number]), 4)
    app = draw("Teach it")
    assert "2 digits left out: nearly an image of MNIST's test split" in text_of(app)
    assert "with your 3 digits among" in text_of(app)
    app.button(key="my_teach").click().run()
    [run] = [run for run in RunStore(home).runs() if not run.shipped]
    assert run.taught == Taught(OWNER, 3, 0)


@pytest.fixture
def taught(home: StudioHome, mine: MyDigits, keep):
    """A run that this visitor's digits taught: the classic network once more."""
    keep(*range(10))
    run = finished_run(home)
    images = np.array([digit.image for digit in mine.digits()])
    lesson = Lesson.of(OWNER, images, np.full(10, 4, np.uint8), seed=1)
    lesson.write(run.path)
    _change(
        run.path,
        taught=lesson.facts.to_json(),
        continued_from={"run_id": "classic", "name": "Classic"},
        name="Apt pupil",
    )
    return run


def test_before_and_after_stand_side_by_side_and_it_can_be_kept(draw, home: StudioHome, taught) -> None:
    app = draw("Teach it")
    said = text_of(app)
    for words in (
        "Apt pupil",
        "2 of 10",
        "My digits, learned from",
        "It has seen these",
        "MNIST, test split",
        shipped.right(),
    ):
        assert words in said, words
    assert "right on the same images" in said
    app.button(key="my_teach_check").click().run()
    assert RunStore(home).active().run_id == taught.run_id
    assert "You kept it" in text_of(app)


def test_it_can_be_thrown_away_and_taken_back(draw, home: StudioHome, taught) -> None:
    app = draw("Teach it")
    app.button(key="my_teach_delete").click().run()
    assert not taught.path.is_dir()
    assert "Thrown away: Apt pupil" in text_of(app)
    app.button(key="my_teach_undo").click().run()
    assert taught.path.is_dir()
    assert "Thrown away" not in text_of(app)


def test_thrown_away_while_active_the_model_before_it_answers_again(draw, home: StudioHome, taught) -> None:
    RunStore(home).activate(taught.run_id)
    draw("Teach it").button(key="my_teach_delete").click().run()
    assert RunStore(home).active().run_id == "classic"
    assert read_json_object(home.active_file) == {"run_id": "classic"}


def test_test_images_are_no_lesson(draw) -> None:
    app = draw()
    app.session_state["draw_input"] = "Examples"
    app.run()
    app.button(key="example_8").click().run()
    assert "confidence" in text_of(app)
    assert _offer_is_closed(app)


def test_another_visitor_does_not_see_the_lesson(draw, taught) -> None:
    _change(taught.path, taught={"owner": "e" * 32, "digits": 10, "held_out": 0})
    assert "Apt pupil" not in text_of(draw("Teach it"))


@pytest.mark.parametrize("damage", ["lesson", "parent"])
def test_what_is_gone_is_one_sentence(draw, taught, damage: str) -> None:
    if damage == "lesson":
        (taught.path / "lesson.npz").unlink()
    else:
        _change(taught.path, continued_from={"run_id": "gone", "name": "Gone"})
    app = draw("Teach it")
    assert not app.exception
    assert ("lesson.npz cannot be read" if damage == "lesson" else "no before to compare with") in text_of(app)
    assert app.button(key="my_teach_check")
