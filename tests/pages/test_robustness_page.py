"""Robustness: its figures are the measurement's, its link says all, and the one digit answers at once."""

import functools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest

from core.corruptions import CORRUPTIONS, corrupt
from core.data import Split, load_split, map_training_images
from core.files import read_json_object, write_json
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.robustness import Measured, Part, curve, load_part, tipping_points, weakest
from core.robustness.measuring import _keep
from core.runs import RunStore
from tests.pages.conftest import ROOT
from tests.pages.screen import CANVAS, DRAW, drawing, finished_run, labels, text_of
from ui import resources

ROBUSTNESS = "pages/8_Robustness.py"
OTHER = "20260101-000000-classic-abcd"
WEAK = {"rotate": 3, "noise": 6, "blur": 1}  # of ten images, how many are misread from half strength on
Look = Callable[..., AppTest]


@functools.cache
def part(split: str) -> Part:
    """The images that every run with MNIST's usual validation split is asked about."""
    home = StudioHome.from_environment()
    return load_part(home, RunStore(home).get("classic"), split)


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked copy of the training images that pages read from, made once for all tests."""
    path = tmp_path_factory.mktemp("unpacked") / "x_train.npy"
    map_training_images(SHIPPED / "mnist.npz", path)
    return path


@pytest.fixture
def look(home: StudioHome, unpacked: Path) -> Look:
    """Opens the page by a link, as a new visitor: `look(run="classic", rotate="30")`."""
    home.training_images.parent.mkdir(parents=True)
    home.training_images.hardlink_to(unpacked)

    def open_link(**link: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120).switch_page(ROBUSTNESS)
        for name, value in {"run": "classic", **link}.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return open_link


def keep(home: StudioHome, run_id: str = "classic", split: str = "validation", **weak: int) -> Measured:
    """A measurement of the images that a run is really asked about, with made-up answers."""
    run = RunStore(home).get(run_id)
    labels = part(split).labels
    read = {each.name: np.tile(labels, (6, 1)) for each in CORRUPTIONS}
    for name, tenths in weak.items():
        wrong = np.arange(len(labels)) % 10 < tenths
        read[name][2:, wrong] = (labels[wrong] + 1) % 10
    found = Measured(run_id, split, part(split).places, labels, labels, read)
    _keep(home, run, found)
    return found


def chart(app: AppTest, number: int) -> pd.DataFrame:
    """What a curve is drawn from."""
    return dataframe_util.convert_arrow_bytes_to_pandas_df(app.get("vega_lite_chart")[number].proto.data.data)


def bars(app: AppTest) -> list[float]:
    """The ten probabilities of the answer."""
    found = next(each for each in app.get("vega_lite_chart") if "ten digits" in each.proto.alt)
    return dataframe_util.convert_arrow_bytes_to_pandas_df(found.proto.data.data)["share"].tolist()


def button(app: AppTest, label: str):
    return next(each for each in app.button if each.label == label)


def link_of(app: AppTest) -> dict[str, object]:
    return {name: said[0] if len(said) == 1 else said for name, said in dict(app.query_params).items()}


def test_what_is_not_measured_yet_offers_to_measure_and_the_digit_works_at_once(look: Look):
    app = look()
    seen = text_of(app)
    assert "11 corruptions, 6 strengths each, on the same 1,000 images for every run" in seen
    assert "Measure" in labels(app.button)
    assert "Accuracy by strength" not in seen
    assert len(app.slider) == 11
    assert sum(bars(app)) == pytest.approx(1, abs=1e-5)
    assert link_of(app) == {"run": "classic", "split": "validation"}


def test_curves_table_and_weakest_conditions_are_the_measurements(home: StudioHome, look: Look):
    found = keep(home, **WEAK)
    app = look()
    charts = app.get("vega_lite_chart")
    assert len(charts) == 12
    for number, corruption in enumerate(CORRUPTIONS):
        table, points = chart(app, number), curve(found, corruption)
        assert table["amount"].tolist() == [point.amount for point in points]
        assert table["accuracy"].tolist() == [point.share.value for point in points]
        assert table["low"].tolist() == [point.share.low for point in points]
        assert table["high"].tolist() == [point.share.high for point in points]
        assert json.loads(charts[number].proto.spec)["encoding"]["x"]["scale"]["domain"] == [0, corruption.most]
        assert charts[number].proto.alt.startswith(f"Accuracy by {corruption.title.lower()}, up to ")
    seen = text_of(app)
    # Of 66 conditions four of three corruptions are wrong in 3, 6 and 1 of ten images.
    assert f"{100 * (1 - 4 * 1.0 / 66):.1f} % right when disturbed" in seen
    assert "100.00 %** undisturbed · 1,000 images of the validation split" in seen
    listed = [each.value for each in app.markdown if "**" in each.value and ":small" in each.value]
    expected = [each.corruption.said(each.amount).capitalize() for each in weakest(found)[:6]]
    assert [each.partition(":")[0] for each in listed] == expected
    assert listed[0].replace("\N{NO-BREAK SPACE}", " ").startswith("Noise of 60 grey levels: **40.0 %**")
    assert f"{weakest(found)[0].confusion}, {weakest(found)[0].pair.count}×" in listed[0]
    assert app.dataframe[0].proto.alt.startswith("Up to where")
    app.session_state["robust_numbers"] = True
    app.run()
    table = app.dataframe[0].value
    assert len(table) == 66
    row = table[(table["Corruption"] == "Rotation") & (table["Amount"] == "30 degrees")].iloc[0]
    assert row["Right"].replace("\N{NO-BREAK SPACE}", " ") == "70.00 %"


def test_two_runs_say_which_is_better_where(home: StudioHome, look: Look):
    finished_run(home, OTHER)
    config = read_json_object(home.runs / OTHER / "config.json")
    write_json(home.runs / OTHER / "config.json", config | {"name": "*Weaker* :smile:"})
    keep(home, **WEAK)
    keep(home, OTHER, rotate=5, noise=2)
    app = look(run=["classic", OTHER])
    assert link_of(app) == {"run": ["classic", OTHER], "split": "validation"}
    table = app.dataframe[0].value.set_index("Corruption")
    assert table.loc["Rotation", "Better"] == "A by 13.3 points"  # 0.2 in four of six strengths
    assert table.loc["Noise", "Better"] == "B by 26.7 points"
    assert table.loc["Shift", "Better"] == "no clear difference"
    assert table.loc["Rotation", "A"] == pytest.approx(100 * (1 - 0.3 * 4 / 6))
    assert table.loc["All", "B"] == pytest.approx(100 * (1 - 0.7 * 4 / 66))
    assert chart(app, 1)["run"].tolist() == ["A"] * 7 + ["B"] * 7
    assert "\\*Weaker\\*" in "".join(each.value for each in app.markdown)
    app.multiselect[0].set_value([OTHER]).run()
    assert link_of(app)["run"] == OTHER
    assert "right when disturbed" in text_of(app)


def test_measuring_goes_on_in_the_background_and_is_kept(home: StudioHome, look: Look):
    found = keep(home, split="test")
    run = RunStore(home).get("classic")
    missing = {name: read for name, read in found.read.items() if name != "shift"}
    _keep(home, run, Measured(found.run_id, "test", found.places, found.labels, found.undisturbed, missing))
    app = look(split="test")
    assert "10 of 11 corruptions so far" in text_of(app)
    assert len(chart(app, 0)) == 1
    assert len(chart(app, 1)) == 7
    button(app, "Measure").click().run()
    assert not app.exception
    assert resources.measurings().find(("classic", "test")).result(120) == 1_000
    app.run()
    assert "Measure" not in labels(app.button)
    assert len(chart(app, 0)) == 7
    assert chart(app, 0)["accuracy"].iloc[1:].is_monotonic_decreasing
    (home.robustness / "classic-test.npz").write_bytes(b"damaged")
    app.run()
    assert "Measure" in labels(app.button)


@functools.cache
def training() -> Split:
    return load_split(SHIPPED / "mnist.npz", "train")


def the_digit(home: StudioHome, place: int, **strengths: float) -> tuple[np.ndarray, Classifier]:
    image = training().images[place : place + 1]
    return corrupt(image, strengths, seeds=[place]), Classifier.load(RunStore(home).get("classic"), home=home)


def test_a_link_and_the_sliders_disturb_the_digit_as_it_was_measured(home: StudioHome, look: Look):
    app = look(digit="59001", rotate="30", lines="120")
    image, classifier = the_digit(home, 59_001, rotate=0.5, lines=0.5)
    assert bars(app) == pytest.approx(classifier.probabilities(image)[0].tolist(), abs=1e-5)
    said = [each.proto.imgs[0].alt for each in app.get("image")]
    assert ", image 59,001, read as " in said[0]
    assert said[1].startswith("The same, disturbed, read as ")
    assert "Rotated by 30 degrees, ruled with lines of 120 grey levels." in text_of(app)
    slider = next(each for each in app.slider if each.label.startswith("Rotation"))
    assert slider.value == 30
    slider.set_value(12.0).run()
    assert link_of(app)["rotate"] == "12"
    image, _ = the_digit(home, 59_001, rotate=0.2, lines=0.5)
    assert bars(app) == pytest.approx(classifier.probabilities(image)[0].tolist(), abs=1e-5)
    button(app, "Undisturbed").click().run()
    assert "rotate" not in link_of(app)
    assert bars(app) == pytest.approx(classifier.probabilities(the_digit(home, 59_001)[0])[0].tolist(), abs=1e-5)


def test_where_it_tips_over_is_said_for_every_corruption(home: StudioHome, look: Look):
    app = look(digit="59001")
    image, classifier = the_digit(home, 59_001)
    label = int(training().labels[59_001])
    tips = tipping_points(classifier.probabilities, image[0], label, seed=59_001)
    table = app.dataframe[0].value
    assert table["Corruption"].tolist() == [tip.corruption.title for tip in tips]
    for said, then, tip in zip(table["Right"], table["Then"], tips, strict=True):
        assert tip.corruption.measure(tip.amount) in said or not tip.amount
        assert then == ("–" if tip.read is None else str(tip.read))


def test_a_weak_condition_can_be_tried_on_a_digit_that_it_spoils(home: StudioHome, look: Look):
    found = keep(home, **WEAK)
    app = look(shift="3")
    next(each for each in app.button if each.key == "robust_try_classic_noise").click().run()
    said = link_of(app)
    place = int(said["digit"])
    row = found.places.tolist().index(place)
    assert (said["noise"], said.get("shift")) == ("60", None)
    assert found.read["noise"][2, row] != found.labels[row]


def test_without_a_link_it_looks_at_the_active_run(home: StudioHome, visit):
    assert link_of(visit(ROBUSTNESS)) == {"run": RunStore(home).active().run_id, "split": "validation"}


def test_another_digit_other_chances_and_the_visitors_drawing(look: Look, test_digits: dict[int, np.ndarray]):
    app = look(noise="60")
    before = bars(app)
    button(app, "Other chances").click().run()
    assert link_of(app)["draw"] == "1"
    assert bars(app) != before
    button(app, "Another digit").click().run()
    assert "draw" not in link_of(app)
    assert 55_000 <= int(link_of(app)["digit"]) < 60_000
    assert "My drawing" not in labels(app.button)
    app.switch_page(DRAW).run()
    app.session_state[CANVAS] = drawing(test_digits[7])
    app.run()
    app.switch_page(ROBUSTNESS).run()
    button(app, "My drawing").click().run()
    assert not app.exception
    assert link_of(app)["digit"] == "drawing"
    assert app.get("image")[0].proto.imgs[0].alt == "Your drawing, read as 7."
    assert "as before" in text_of(app) or "undisturbed it is read as" in text_of(app)


@pytest.mark.parametrize(
    "link",
    [
        {"run": ["gone", "classic"], "split": "train", "digit": "99999999"},
        {"rotate": "61", "noise": "-5", "blur": "nan", "shift": "1e400", "thin": "much", "digit": "-1", "draw": "x"},
        {"run": ["../classic", "classic"], "at": "never", "digit": "drawing"},
    ],
)
def test_what_a_link_asks_for_in_vain_is_left_out(look: Look, link: dict[str, str | list[str]]):
    app = look(**link)
    assert [slider.value for slider in app.slider] == [0.0] * 11
    assert link_of(app)["run"] == "classic"
    assert link_of(app)["split"] == "validation"
    gone = [each.value for each in app.warning]
    assert len(gone) == ("run" in link)


def test_a_run_without_validation_is_told_to_take_the_test_split(home: StudioHome, look: Look):
    finished_run(home, OTHER)
    config = read_json_object(home.runs / OTHER / "config.json")
    config["settings"]["validation_size"] = 0
    write_json(home.runs / OTHER / "config.json", config)
    app = look(run=OTHER)
    assert "no validation split" in app.info[0].value.replace("\\", "")
    assert not app.slider
    assert look(run=OTHER, split="test").slider


def test_without_a_model_it_says_what_to_do(no_models: StudioHome, look: Look):
    assert "No model yet" in text_of(look())


def test_pictures_have_words_and_home_links_here(home: StudioHome, look: Look, visit):
    keep(home, **WEAK)
    app = look()
    assert all(image.proto.imgs[0].alt for image in app.get("image"))
    assert all(each.proto.alt for each in app.get("vega_lite_chart"))
    assert "Robustness" in [link.value for link in visit().page_link]
