"""Misclassifications: the list is what its link says, an image opens with its reasons, marks count, in every state."""

import json
import re
import shutil
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import datasets, evaluation
from core.data import load_split
from core.datasets import DataSetStore
from core.files import read_json_object, write_json
from core.home import SHIPPED, StudioHome
from core.marks import MNIST_TEST, MNIST_TRAIN, Verdict, put_mark, read_marks
from core.pairing import Answers, read_answers
from core.run import Run
from core.runs import RunStore
from tests import own_sets, shipped
from tests.indexes import indexing_waits, write_small_index
from tests.pages.conftest import ROOT
from tests.pages.screen import MISCLASSIFICATIONS, answer_otherwise, finished_run, link_of, text_of
from ui import resources

OTHER = "20260101-000000-classic-abcd"
THIRD = "20260102-000000-classic-bbbb"
WRONG = len(shipped.misread())
MISREAD = shipped.misread()[7]  # one of them
LABEL, READ = int(shipped.truth()[MISREAD]), int(shipped.read()[MISREAD])
KNOWN_LABEL_ERRORS = {
    *(947, 1621, 1901, 2130, 2462, 2597, 2654, 3520),
    *(3558, 5937, 6651, 6783, 8527, 9679, 9729),
}  # of the test split, published by Northcutt et al.
Look = Callable[..., AppTest]


@pytest.fixture
def look(visit: Callable[..., AppTest]) -> Look:
    """Opens the page by a link, as a new visitor: `look(true="4", image="247")`."""
    return partial(visit, MISCLASSIFICATIONS)


@pytest.fixture
def indexed(home: StudioHome) -> Run:
    """The shipped run with a small index of training images, so that none is made while pages are tested."""
    write_small_index(home)
    return RunStore(home).get("classic")


def answered(split: str = "test", home: StudioHome | None = None, run: str = "classic") -> Answers:
    """What a run says, from its files."""
    kind = "test" if split == "test" else "train"
    labels = load_split(SHIPPED / "mnist.npz", kind).labels
    return read_answers(RunStore(home or StudioHome(ROOT)).get(run), split, labels)


def gallery(app: AppTest) -> list[int]:
    """The places of the images on the page, in order."""
    found = (
        re.fullmatch(r".* digit (\d+): a \d that was read as \d\.", image.proto.imgs[0].alt) for image in images(app)
    )
    return [int(each.group(1)) for each in found if each]


def images(app: AppTest) -> list:
    return [image for image in app.get("image") if image.proto.imgs]


def alts(app: AppTest) -> list[str]:
    return [image.proto.imgs[0].alt for image in images(app)]


def large(app: AppTest) -> str:
    """What stands below the image that is open; empty when none is."""
    return next((each.proto.imgs[0].caption for each in images(app) if "enlarged" in each.proto.imgs[0].alt), "")


def heading(app: AppTest) -> str:
    return next(each.value for each in app.subheader if " of " in each.value)


def marks_of(app: AppTest, place: int, where: str = "close", data_set: str = MNIST_TEST):
    return app.segmented_control(key=f"mark_{where}_{data_set}_{place}")


def suspects(app: AppTest) -> list[int]:
    return [int(button.label.removeprefix("Open ")) for button in app.button if button.key.startswith("open_suspect")]


def wrong_by(order: np.ndarray, rows: np.ndarray) -> list[int]:
    return rows[np.argsort(order[rows], kind="stable")].tolist()


def test_the_misclassifications_come_first_and_most_confident(look: Look):
    answers = answered()
    read = answers.probabilities.argmax(axis=1)
    wrong = np.flatnonzero(read != answers.labels)
    expected = wrong_by(-answers.probabilities.max(axis=1).astype(float), wrong)
    app = look()
    assert heading(app) == f"{len(wrong)} wrong of 10,000"
    assert f"{WRONG / 100:.2f} % of the test split · 95 % interval" in text_of(app)
    assert gallery(app) == expected[:24]
    assert gallery(look(page="2")) == expected[24:48]
    caption = images(app)[0].proto.imgs[0].caption
    assert caption.startswith(f"{answers.labels[expected[0]]}, read as {read[expected[0]]}")
    openers = [button.label for button in app.button if button.label.startswith("Open ")]
    assert openers == [f"Open {place}" for place in expected[:24]]


@pytest.mark.parametrize(
    "link",
    [
        {"order": "margin"},
        {"order": "loss", "show": "right"},
        {"order": "true"},
        {"order": "index", "show": "all"},
        {"true": "4"},
        {"pred": "9", "order": "index"},
        {"true": "4", "pred": "9", "show": "all"},
        {"low": "50", "high": "70", "order": "margin"},
        {"low": "99", "show": "right", "order": "loss"},
        {"split": "validation", "order": "loss", "true": "7"},
    ],
)
def test_a_link_shows_exactly_its_images(look: Look, link: dict[str, str]):
    answers = answered(link.get("split", "test"))
    chances = answers.probabilities.astype(float)
    labels, read, sure = answers.labels.astype(int), chances.argmax(axis=1), chances.max(axis=1)
    second = np.sort(chances, axis=1)[:, -2]
    kept = np.ones(len(labels), bool)
    for name, digits in (("true", labels), ("pred", read)):
        kept &= digits == int(link[name]) if name in link else True
    kept &= (sure >= int(link.get("low", 0)) / 100) & (sure <= int(link.get("high", 100)) / 100 + (sure > 1))
    among = int(kept.sum())
    kept &= {"wrong": read != labels, "right": read == labels, "all": True}[link.get("show", "wrong")]
    rows = np.flatnonzero(kept)
    own = chances[np.arange(len(labels)), labels]
    orders = {"confidence": -sure, "margin": sure - second, "loss": own, "true": labels * 2 - sure, "index": rows}
    name = link.get("order", "confidence")
    expected = rows if name == "index" else rows[np.argsort(orders[name][rows], kind="stable")]
    app = look(**link)
    assert heading(app).startswith(f"{len(rows):,} ")
    if link.get("show") != "all":
        assert heading(app).endswith(f" of {among:,}")
    assert gallery(app) == answers.places[expected[:24]].tolist()


def test_the_controls_do_what_the_link_does(look: Look):
    app = look()
    app.segmented_control(key="mistakes_show").set_value("all").run()
    app.selectbox(key="mistakes_order").set_value("margin").run()
    app.selectbox(key="mistakes_true").set_value(4).run()
    app.selectbox(key="mistakes_pred").set_value(9).run()
    app.slider(key="mistakes_confidence").set_value((40, 90)).run()
    wanted = {"show": "all", "order": "margin", "true": "4", "pred": "9", "low": "40", "high": "90"}
    assert {name: link_of(app).get(name) for name in wanted} == wanted
    assert gallery(app) == gallery(look(**wanted))
    assert "labelled 4, read as 9, with a confidence of 40 to 90 %" in text_of(app)
    app.button(key="mistakes_clear").click().run()
    assert heading(app) == "10,000 of 10,000"
    assert set(link_of(app)) == {"run", "split", "show", "order"}
    assert app.selectbox(key="mistakes_true").value is None
    app.segmented_control(key="mistakes_show").set_value("wrong").run()
    app.selectbox(key="mistakes_order").set_value("confidence").run()
    assert set(link_of(app)) == {"run", "split"}


def test_pages_are_turned_and_a_new_list_begins_at_its_first(look: Look):
    app = look(show="all")
    (pages,) = app.get("pagination")
    app = pages.set_value(417).run()
    assert link_of(app)["page"] == "417"
    assert len(gallery(app)) == 10_000 - 416 * 24
    app.selectbox(key="mistakes_order").set_value("index").run()
    assert gallery(app) == list(range(24))
    assert "page" not in link_of(app)
    assert gallery(look(show="all", order="index", page="999"))[-1] == 9_999


@pytest.mark.parametrize(
    "link",
    [
        {"show": "everything"},
        {"order": "**x**"},
        {"true": "10"},
        {"pred": "²"},
        {"low": "-1"},
        {"low": "80", "high": "20"},
        {"high": "1e2"},
        {"page": "0"},
        {"page": "9" * 400},
    ],
)
def test_what_a_link_asks_for_in_vain_is_said_and_left_out(look: Look, link: dict[str, str]):
    app = look(**link)
    (warning,) = app.warning
    for name, value in link.items():
        assert f"{name}={value[:64]}" in re.sub("[\\\\\u2060]", "", warning.value)
        assert name not in link_of(app)
    assert heading(app) == f"{WRONG} wrong of 10,000"
    app.run()
    assert not app.warning


@pytest.mark.parametrize("image", ["10000", "-1", "x", "9" * 60, "**b**", "1.0"])
def test_an_image_that_is_not_there_is_said(look: Look, image: str):
    app = look(image=image)
    assert image in re.sub("[\\\\\u2060]", "", app.warning[0].value)
    assert not large(app)
    assert heading(app) == f"{WRONG} wrong of 10,000"
    assert "image" not in link_of(app)


def test_a_training_image_outside_the_validation_split_is_said(look: Look, indexed):
    places = answered("validation").places
    other = int(np.setdiff1d(np.arange(60_000), places)[0])
    assert "has no image" in look(split="validation", image=str(other)).warning[0].value
    app = look(split="validation", image=str(places[7]))
    assert f"Training image {places[7]:,}" in large(app)
    assert len([alt for alt in alts(app) if alt.startswith("Training image")]) == 8


def test_an_image_opens_with_all_its_reasons(look: Look, indexed: Run, home: StudioHome):
    finished_run(home, OTHER)
    app = look(image=str(MISREAD))
    answers = answered()
    assert large(app) == f"Labelled {LABEL} · Test image {MISREAD:,}"
    seen = text_of(app)
    assert f"**Read as {READ}** with {100 * answers.probabilities[MISREAD, READ]:.1f} %" in seen
    assert f"8 of {WRONG}" in seen
    assert [alt for alt in alts(app) if "coloured" in alt] == [
        f"The image coloured by what speaks for {digit} (blue) and against it (red)." for digit in (READ, LABEL)
    ]
    training = load_split(SHIPPED / "mnist.npz", "train").labels
    nearest = [re.match(r"Training image (\d+), a (\d), at a distance of (\S+)\.", alt) for alt in alts(app)]
    found = [tuple(map(float, match.groups())) for match in nearest if match]
    assert len(found) == 8
    assert all(training[int(place)] == label for place, label, _ in found)
    assert [distance for _, _, distance in found] == sorted(distance for _, _, distance in found)
    assert f"0 of 1 other run reads {LABEL}, its label; 1 reads {READ}." in seen
    table = app.dataframe[-1].value
    assert table["reads"].tolist() == [READ]
    assert table["confidence"].tolist() == pytest.approx([100 * answers.probabilities[MISREAD, READ]], abs=0.01)


def test_a_right_image_opens_too_beside_its_runner_up(look: Look, indexed: Run):
    app = look(image="0")
    assert "**Read as 7**" in text_of(app)
    assert "1 of 10,000, not in the list behind" in text_of(app)
    runner_up = int(np.argsort(answered().probabilities[0])[-2])
    assert f"what speaks for {runner_up} (blue)" in " ".join(alts(app))
    app.button(key="close_next").click().run()
    assert link_of(app)["image"] == "1"
    assert "No other run has answered this image." in text_of(app)


def test_next_and_previous_follow_the_list(look: Look, indexed: Run):
    true = str(shipped.confused()[0])
    app = look(true=true)
    order = gallery(app)
    app.button(key=f"open_test_{order[0]}").click().run()
    seen = []
    for _ in order:
        seen.append(int(link_of(app)["image"]))
        assert f"image {seen[-1]:,}" in large(app)
        app.button(key="close_next").click().run()
    assert seen == order
    assert link_of(app)["image"] == str(order[0])  # and round again
    app.button(key="close_previous").click().run()
    assert link_of(app)["image"] == str(order[-1])
    assert link_of(app)["true"] == true


def test_while_the_training_images_are_looked_through_it_says_how_far(look: Look, home: StudioHome):
    with indexing_waits(home):
        app = look(image=str(MISREAD))
        assert "Looking through the training images, once for this run" in text_of(app)
        assert "coloured" in " ".join(alts(app))  # the rest is there
        write_small_index(home)
    assert resources.neighbours().wait(RunStore(home).get("classic"), 60).ready
    app.run()
    assert len([alt for alt in alts(app) if alt.startswith("Training image")]) == 8


def test_what_hinders_the_search_is_said_and_it_can_be_tried_again(look: Look, home: StudioHome):
    home.neighbours.parent.mkdir(parents=True, exist_ok=True)
    home.neighbours.write_text("in the way")
    run = RunStore(home).get("classic")
    resources.neighbours().start(run)
    resources.neighbours().wait(run, 60)
    app = look(image=str(MISREAD))
    assert "could not be found" in app.info[0].value
    home.neighbours.unlink()
    write_small_index(home)
    with indexing_waits(home):
        app.button(key="again").click().run()
    assert not app.exception
    resources.neighbours().wait(run, 60)
    assert len([alt for alt in alts(app.run()) if alt.startswith("Training image")]) == 8


def test_a_model_that_is_damaged_takes_nothing_but_its_part(look: Look, home: StudioHome):
    run = finished_run(home, OTHER)
    write_small_index(home, OTHER)
    (run.path / "model.onnx").write_bytes(b"no model")
    resources.neighbours().wait(run, 0)
    with indexing_waits(home):
        app = look(run=OTHER, image=str(MISREAD))
        assert OTHER in " ".join(info.value for info in app.info).replace("\\", "")
        assert f"**Read as {READ}**" in text_of(app)
        shutil.rmtree(run.path)  # so that nobody looks through the training images for it
    resources.neighbours().wait(run, 60)


def test_a_mark_with_a_note_is_kept_changed_and_taken_back(look: Look, indexed: Run, home: StudioHome):
    app = look(image=str(MISREAD))
    app.text_area[0].set_value("=a 9,\nI say")
    marks_of(app, MISREAD).set_value("wrong").run()
    assert {place: (mark.verdict, mark.note) for place, mark in read_marks(home, MNIST_TEST).items()} == {
        MISREAD: (Verdict.WRONG, "=a 9,\nI say")
    }
    app.text_area[0].set_value("surely").run()
    marks_of(app, MISREAD).set_value("ambiguous").run()
    assert (read_marks(home, MNIST_TEST)[MISREAD].verdict, read_marks(home, MNIST_TEST)[MISREAD].note) == (
        Verdict.AMBIGUOUS,
        "surely",
    )
    app = look(image=str(MISREAD))  # another visitor
    assert marks_of(app, MISREAD).value == "ambiguous"
    assert app.text_area[0].value == "surely"
    marks_of(app, MISREAD).set_value(None).run()
    assert read_marks(home, MNIST_TEST) == {}
    assert marks_of(look(image=str(MISREAD)), MISREAD).value is None


def test_a_note_stays_with_its_image(look: Look, indexed: Run, home: StudioHome):
    put_mark(home, MNIST_TEST, MISREAD, Verdict.WRONG, "first")
    app = look(image=str(MISREAD))
    app.button(key="close_next").click().run()
    assert app.text_area[0].value == ""
    app.button(key="close_previous").click().run()
    assert app.text_area[0].value == "first"


def test_marks_show_in_the_list_and_in_the_figures(look: Look, home: StudioHome):
    first, fine, plain, *_ = shipped.misread()
    for place in (MISREAD, first, int(np.flatnonzero(shipped.read() == shipped.truth())[0])):
        put_mark(home, MNIST_TEST, place, Verdict.WRONG)
    put_mark(home, MNIST_TEST, fine, Verdict.FINE)
    put_mark(home, MNIST_TRAIN, 5, Verdict.WRONG)
    app = look()
    seen = text_of(app)
    without = 100 * (1 - (WRONG - 2) / 9_997)
    assert f"Without the 3 images marked *label wrong*: {without:.2f} % right, {WRONG - 2} wrong of 9,997." in seen
    assert f"With all: {shipped.right()} right, {WRONG} wrong of 10,000." in seen
    captions = {place: image.proto.imgs[0].caption for place, image in zip(gallery(app), images(app), strict=False)}
    assert captions[first].endswith("label wrong")
    assert captions[fine].endswith("fine")
    assert not captions[plain].endswith(("wrong", "fine"))


def test_suspects_are_ranked_with_their_reason(look: Look):
    answers = answered()
    expected = evaluation.suspect_labels(answers.probabilities, answers.labels)
    found: list[int] = []
    for page in range(1, 6):
        app = look(show="suspects", page=str(page))
        found += suspects(app)
    assert found == [suspect.row for suspect in expected]
    assert len(KNOWN_LABEL_ERRORS & set(found)) >= 8
    assert heading(app) == "The 60 labels doubted most, of 10,000"
    assert expected[-1].reason.replace("\N{NO-BREAK SPACE}", " ") in text_of(app)
    assert not app.selectbox(key="source_run_classic").disabled
    assert not [each for each in app.selectbox if each.key == "mistakes_order"]


def test_runs_that_are_as_good_are_heard_as_well(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    finished_run(home, THIRD)
    (home.runs / THIRD / "predictions.npz").write_bytes(b"cut")
    assert "By the mean answers of 2 runs" in text_of(look(run="classic", show="suspects"))
    assert "By this run's answers" not in text_of(look(run=OTHER, show="suspects", split="validation"))


def test_marking_a_suspect_changes_the_figures(look: Look, home: StudioHome):
    app = look(show="suspects")
    assert "can be left out of the figures" in text_of(app)
    place = suspects(app)[0]
    marks_of(app, place, "list").set_value("wrong").run()
    assert list(read_marks(home, MNIST_TEST)) == [place]
    (table,) = app.table
    assert table.value.iloc[:, 1].tolist()[2] == f"{WRONG} wrong of 10,000"
    assert table.value.iloc[:, 2].tolist()[2] == f"{WRONG - 1} wrong of 9,999"
    marks_of(app, place, "list").set_value(None).run()
    assert read_marks(home, MNIST_TEST) == {}
    assert not app.table


def test_a_suspect_opens_in_the_order_of_suspects(look: Look, indexed: Run):
    app = look(show="suspects")
    first, second, *_ = suspects(app)
    app.button(key=f"open_suspect_{first}").click().run()
    assert "1 of 60" in text_of(app)
    app.button(key="close_next").click().run()
    assert link_of(app)["image"] == str(second)


def test_damaged_marks_are_said_until_a_new_file_begins(look: Look, home: StudioHome):
    put_mark(home, MNIST_TEST, 1, Verdict.WRONG)
    (home.marks / f"{MNIST_TEST}.json").write_text("{cut")
    app = look(show="suspects")
    assert "mnist-test.json" in app.warning[0].value
    marks_of(app, suspects(app)[0], "list").set_value("fine").run()
    assert not app.warning
    assert len(read_marks(home, MNIST_TEST)) == 1
    assert (home.marks / f"{MNIST_TEST}.damaged").read_text() == "{cut"


def test_a_mark_that_cannot_be_written_says_so(look: Look, home: StudioHome):
    home.marks.write_text("in the way")
    app = look(show="suspects")
    marks_of(app, suspects(app)[0], "list").set_value("fine").run()
    assert "the mark cannot be written" in app.toast[0].value  # of a whole page; within it, in its place
    assert marks_of(app, suspects(app)[0], "list").value is None


def test_downloads_are_what_is_listed(look: Look, home: StudioHome):
    def buttons(app: AppTest) -> dict[str, bool]:
        return {button.label: button.disabled for button in app.get("download_button")}

    put_mark(home, MNIST_TEST, MISREAD, Verdict.WRONG)
    app = look()
    assert list(buttons(app)) == [
        "As a table (CSV)",
        "As a contact sheet (PNG)",
        "All marks of these images (CSV), 1",
    ]
    assert not any(buttons(app).values())
    assert "As a contact sheet (PNG), the first 100" in buttons(look(show="all"))
    assert all(buttons(look(true="0", pred="1", split="validation")).values())


def test_filters_that_nothing_meets_can_be_cleared(look: Look):
    app = look(true="0", pred="1")
    assert heading(app) == "0 wrong of 0"
    assert "No image meets these filters." in text_of(app)
    app.button(key="nothing_clear").click().run()
    assert heading(app) == f"{WRONG} wrong of 10,000"


def test_a_run_that_is_never_wrong_shows_its_closest_calls(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    answer_otherwise(home, OTHER, answered().labels)
    app = look(run=OTHER)
    assert heading(app) == "0 wrong of 10,000"
    assert "Nothing is misclassified." in text_of(app)
    app.button(key="nothing_closest").click().run()
    assert heading(app) == "10,000 of 10,000"
    assert app.selectbox(key="mistakes_order").value == "margin"


def test_a_run_that_is_never_right(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    answer_otherwise(home, OTHER, (answered().labels + 1) % 10)
    assert "Nothing is read right." in text_of(look(run=OTHER, show="right"))


def test_without_any_model_the_page_says_what_to_do(no_models, visit):
    app = visit(MISCLASSIFICATIONS)
    assert "No model yet" in text_of(app)
    assert "Train a model" in [link.value for link in app.page_link]


def test_a_run_without_answers_says_so(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    (home.runs / OTHER / "predictions.npz").unlink()
    app = look(run=OTHER)
    assert "no stored answers" in app.info[0].value
    assert not gallery(app)


def test_a_run_deleted_while_it_is_shown_gives_way_to_another(look: Look, home: StudioHome):
    run = finished_run(home, OTHER)
    write_small_index(home, OTHER)
    app = look(run=OTHER)
    shutil.rmtree(run.path)
    app.button(key=f"open_test_{gallery(app)[0]}").click()
    write_small_index(home)
    app.run()
    assert not app.exception
    assert "is not here" in app.warning[0].value
    assert link_of(app)["run"] == "classic"


def test_a_name_with_markup_is_shown_as_text(look: Look, home: StudioHome, indexed: Run):
    finished_run(home, OTHER)
    config = read_json_object(home.runs / OTHER / "config.json")
    write_json(home.runs / OTHER / "config.json", config | {"name": "*Weaker* :smile:"})
    app = look(run="classic", image=str(MISREAD))
    assert app.dataframe[-1].value["run"].tolist() == ["*Weaker* :smile:"]
    raw = [element.value for kind in ("markdown", "subheader", "caption", "text") for element in app.get(kind)]
    assert not any("*Weaker*" in text for text in raw)


def test_an_own_set_is_listed_opened_and_marked(look: Look, home: StudioHome, indexed: Run):
    store = DataSetStore(home)
    files = own_sets.given("mine.csv", own_sets.table())
    mine = store.keep(files, datasets.look(files).proposal, name="*Mine*")
    datasets.answers(mine, indexed, resources.classifier(indexed))
    app = look(split=mine.dataset_id, show="all", order="index", image="3")
    assert heading(app) == f"{own_sets.COUNT} of {own_sets.COUNT}"
    assert gallery(app) == list(range(24))
    assert large(app) == f"Labelled {own_sets.labels()[3]} · Own image 3"
    assert "coloured" in " ".join(alts(app))
    marks_of(app, 3, data_set=mine.dataset_id).set_value("wrong").run()
    assert list(read_marks(home, mine.dataset_id)) == [3]
    assert json.loads((home.marks / f"{mine.dataset_id}.json").read_text())["3"]["verdict"] == "wrong"
    app = look(split=mine.dataset_id, show="suspects")
    assert "By this run's answers" in text_of(app)
    assert heading(app) == "The 30 labels doubted most, of 30"
    raw = [element.value for kind in ("markdown", "subheader", "caption") for element in app.get(kind)]
    assert not any("*Mine*" in text for text in raw)


def test_every_picture_and_chart_has_words(look: Look, indexed: Run):
    app = look(image=str(MISREAD))
    assert all(alts(app))
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))
    assert all(alts(look(show="suspects")))


def test_home_links_here(visit):
    assert "Misclassifications" in [link.value for link in visit().page_link]
