"""Confusion matrix: its figures are scikit-learn's, its link says all, and every state has its sentence."""

import re
import shutil
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest

from core import datasets
from core.data import load_split
from core.datasets import DataSetStore, Given
from core.files import read_json_object, write_json
from core.home import SHIPPED, StudioHome
from core.runs import RunStore
from core.status import RunState
from tests import own_sets, shipped
from tests.pages.screen import CONFUSION, RUNS, answer_otherwise, finished_run, link_of, own_run, text_of
from ui import resources

OTHER = "20260101-000000-classic-abcd"
TRUE, PRED = shipped.confused()  # some images of the one are read as the other
CELL = {"true": str(TRUE), "pred": str(PRED)}
MISREAD = f"{len(shipped.misread())} images misread"


def says(*, true: int | None = None, pred: int | None = None) -> str:
    """The heading over the images that are selected so."""
    chosen = shipped.images(shipped.count(true=true, pred=pred))
    if true is None:
        return f"{chosen} read as {pred}"
    return f"{chosen} of a {true}" + ("" if pred is None else f", read as {pred}")


Look = Callable[..., AppTest]


@pytest.fixture
def look(visit: Callable[..., AppTest]) -> Look:
    """Opens the page by a link, as a new visitor: `look(true="4", pred="9")`."""
    return partial(visit, CONFUSION)


def cells(app: AppTest) -> pd.DataFrame:
    """What the matrix holds, by label and prediction; a row's label has no prediction, a column's no label."""
    data = app.get("vega_lite_chart")[0].proto.data.data
    return dataframe_util.convert_arrow_bytes_to_pandas_df(data).set_index(["true", "pred"])


def texts(app: AppTest) -> list[list[str]]:
    """What stands in the hundred cells."""
    table = cells(app)
    return [[table.loc[(str(row), str(column)), "text"] for column in range(10)] for row in range(10)]


def outlined(app: AppTest) -> set[tuple[str, str]]:
    table = cells(app)
    return set(table.index[table["chosen"]])


def gallery(app: AppTest) -> list[tuple[int, int, int]]:
    """The images that are shown: their place, label and reading."""
    found = (
        re.fullmatch(r"\w+ digit (\d+): a (\d) that was read as (\d)\.", image.proto.imgs[0].alt)
        for image in app.get("image")
    )
    return [tuple(map(int, each.groups())) for each in found if each]


def heading(app: AppTest) -> str:
    """How many images are selected, and which."""
    return next(each.value for each in app.subheader if re.match(r"[\d,]+ image", each.value))


def answered(
    run: str = "classic", split: str = "test", home: StudioHome | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Labels and predictions of a run, straight from its file."""
    folder = SHIPPED / "pretrained" / run if home is None else home.runs / run
    with np.load(folder / "predictions.npz") as found:
        arrays = dict(found)
    if split == "test":
        return load_split(SHIPPED / "mnist.npz", "test").labels, arrays["test"].argmax(axis=1)
    return load_split(SHIPPED / "mnist.npz", "train").labels[arrays["validation_indices"]], arrays[split].argmax(axis=1)


def weaker(home: StudioHome) -> np.ndarray:
    """Another run, that reads the first 40 test images of a 7 as a 1 and is like the shipped one otherwise."""
    truth, read = answered()
    read = read.copy()
    read[np.flatnonzero(truth == 7)[:40]] = 1
    finished_run(home, OTHER)
    config = read_json_object(home.runs / OTHER / "config.json")
    write_json(home.runs / OTHER / "config.json", config | {"name": "*Weaker* :smile:"})
    answer_otherwise(home, OTHER, read)
    return read


@pytest.mark.parametrize("split", ["test", "validation"])
def test_every_figure_is_scikit_learns(look: Look, split: str):
    truth, read = answered(split=split)
    app = look(run="classic", split=split)
    whole = confusion_matrix(truth, read)
    assert texts(app) == [[str(count) for count in row] for row in whole]
    for by, normalize in (("true", "true"), ("pred", "pred")):
        shares = confusion_matrix(truth, read, normalize=normalize)
        said = texts(look(run="classic", split=split, cells=by))
        for row, column in np.ndindex(10, 10):
            text = said[row][column]
            assert float(text.lstrip("<")) == pytest.approx(100 * shares[row, column], abs=0.0501), (row, column)
    figures = app.dataframe[0].value
    expected = precision_recall_fscore_support(truth, read)
    for name, values in zip(("Precision", "Recall", "F1"), expected[:3], strict=True):
        assert figures[name].tolist() == pytest.approx(100 * values)
    assert figures["Support"].tolist() == expected[3].tolist()
    seen = text_of(app)
    assert f"{100 * accuracy_score(truth, read):.2f} % right" in seen
    assert f"{(truth != read).sum()} wrong of {len(truth):,}** on the {split} split · 95 % interval" in seen


def test_the_pairs_are_ranked_as_the_matrix_says(look: Look):
    whole = confusion_matrix(*answered())
    np.fill_diagonal(whole, 0)
    named = [button.label for button in look().button if button.key.startswith("confusion_first")]
    counts = [int(label.rpartition(": ")[2]) for label in named]
    assert counts == sorted(whole.ravel(), reverse=True)[: len(counts)]
    for label, count in zip(named, counts, strict=True):
        true, pred = re.match(r"(\d) read as (\d)", label).groups()
        assert whole[int(true), int(pred)] == count


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({}, MISREAD),
        (CELL, says(true=TRUE, pred=PRED)),
        ({"true": "4", "pred": "4"}, says(true=4, pred=4)),
        ({"true": "0", "pred": "1"}, "0 images of a 0, read as 1"),
        ({"true": "4"}, "982 images of a 4"),
        ({"pred": "9"}, says(pred=9)),
        (
            {"true": str(TRUE), "diagonal": "hidden"},
            f"{shipped.images(shipped.count(true=TRUE, wrong=True))} of a {TRUE}, misread",
        ),
        (
            {"pred": str(PRED), "diagonal": "hidden"},
            f"{shipped.images(shipped.count(pred=PRED, wrong=True))} wrongly read as {PRED}",
        ),
    ],
)
def test_a_link_shows_the_images_behind_it(look: Look, link: dict[str, str], said: str):
    truth, read = answered()
    kept = np.ones(len(truth), bool)
    for name, digits in (("true", truth), ("pred", read)):
        kept &= digits == int(link[name]) if name in link else True
    if not link or "diagonal" in link:
        kept &= truth != read
    app = look(**link)
    assert heading(app) == said
    assert int(said.split()[0].replace(",", "")) == kept.sum()
    shown = gallery(app)
    assert len(shown) == min(9, kept.sum())
    assert all((truth[place], read[place]) == (true, pred) and kept[place] for place, true, pred in shown)
    confidences = [image.captions[0] for image in app.get("image")]
    confidences = [float(caption.split("\n")[1].split("\N{NO-BREAK SPACE}")[0]) for caption in confidences]
    assert confidences == sorted(confidences, reverse=True)
    wanted = {place for place in cells(app).index if place[0] == link.get("true", place[0])}
    wanted = {place for place in wanted if place[1] == link.get("pred", place[1])}
    assert outlined(app) == (wanted if "true" in link or "pred" in link else set())


def test_every_image_leads_to_its_close_look(look: Look):
    app = look(**CELL)
    links = [parse_qs(link.proto.query_string) for link in app.page_link if link.value.startswith("Open")]
    assert links == [{"run": ["classic"], "split": ["test"], "image": [str(place)]} for place, _, _ in gallery(app)]


def test_all_pages_together_are_all_the_images(look: Look, home: StudioHome):
    truth, read = shipped.truth(), weaker(home)
    column = {"run": OTHER, "pred": "1", "diagonal": "hidden"}
    assert not look(**column, true="2").get("pagination")
    app = look(**column)
    pages = -(-int(np.sum((read == 1) & (truth != 1))) // 9)
    first, *others = [gallery(look(**column, page=str(page))) for page in range(1, pages + 1)]
    found = [place for page in (first, *others) for place, _, _ in page]
    assert sorted(found) == np.flatnonzero((read == 1) & (truth != 1)).tolist()
    app.get("pagination")[0].set_value(2).run()
    assert link_of(app)["page"] == "2"
    assert gallery(app) == others[0]
    assert gallery(look(**column, page="99")) == others[-1]
    assert gallery(look(**column, page="0")) == gallery(look(**column, page="x")) == first


def test_the_fields_select_as_a_click_does(look: Look):
    app = look()
    app.selectbox(key="confusion_true").set_value(TRUE).run()
    assert heading(app) == says(true=TRUE)
    assert link_of(app)["true"] == str(TRUE)
    app.selectbox(key="confusion_pred").set_value(PRED).run()
    assert heading(app) == says(true=TRUE, pred=PRED)
    assert outlined(app) == {(str(TRUE), str(PRED))}
    app.selectbox(key="confusion_true").set_value(None).run()
    assert heading(app) == says(pred=PRED)
    assert "true" not in link_of(app)
    app.button(key="confusion_clear").click().run()
    assert heading(app) == MISREAD
    assert outlined(app) == set()
    assert not {"true", "pred"} & set(link_of(app))
    assert app.button(key="confusion_clear").disabled


def test_a_pair_leads_to_its_cell(look: Look):
    app = look(page="3")
    app.button(key=f"confusion_first_{TRUE}_{PRED}").click().run()
    assert heading(app) == says(true=TRUE, pred=PRED)
    assert (app.selectbox(key="confusion_true").value, app.selectbox(key="confusion_pred").value) == (TRUE, PRED)
    assert {**link_of(app), "run": "classic"} == {"run": "classic", "split": "test", **CELL}


def test_each_selection_is_another_turn_so_that_the_same_cell_can_be_clicked_again(look: Look):
    app = look()
    turns = [cells(app)["turn"].iloc[0]]
    pair = f"confusion_first_{TRUE}_{PRED}"
    for key in (pair, "confusion_clear", pair):
        app.button(key=key).click().run()
        turns.append(cells(app)["turn"].iloc[0])
    assert len(set(turns)) == 4
    app.run()
    assert cells(app)["turn"].iloc[0] == turns[-1]


def test_what_the_cells_say_is_remembered_and_put_into_the_link(look: Look):
    app = look()
    app.segmented_control(key="confusion_cells").set_value("true").run()
    app.toggle(key="confusion_diagonal").set_value(True).run()
    assert link_of(app)["cells"] == "true"
    assert link_of(app)["diagonal"] == "hidden"
    assert len(cells(app)) == 110
    app.switch_page(RUNS).run()
    app.query_params.clear()
    app.switch_page(CONFUSION).run()
    assert not app.exception
    assert app.segmented_control(key="confusion_cells").value == "true"
    assert len(cells(app)) == 110
    assert link_of(app)["cells"] == "true"
    assert link_of(app)["diagonal"] == "hidden"
    app.toggle(key="confusion_diagonal").set_value(False).run()
    assert len(cells(app)) == 120


@pytest.mark.parametrize(
    "link",
    [
        {"true": "12"},
        {"pred": "-1", "true": "²"},
        {"cells": "colours"},
        {"diagonal": "**no**"},
        {"versus": "20200101-000000-gone-aaaa"},
        {"versus": "<b>" + "x" * 500},
    ],
)
def test_what_a_link_asks_for_in_vain_is_said_and_left_out(look: Look, link: dict[str, str]):
    app = look(**link)
    (warning,) = app.warning
    for name, value in link.items():
        assert f"{name}={value[:64]}" in re.sub("[\\\\\u2060]", "", warning.value)
        assert name not in link_of(app)
    assert heading(app) == MISREAD
    app.run()
    assert not app.warning


def test_the_sound_part_of_a_link_is_kept(look: Look):
    app = look(true="4", pred="nine", split="validation")
    assert heading(app).endswith("of a 4")
    assert len(app.warning) == 1


def test_a_run_that_is_gone_is_said_and_another_is_shown(look: Look):
    app = look(run="20200101-000000-gone-aaaa", **CELL)
    assert "is not here" in app.warning[0].value
    assert heading(app) == says(true=TRUE, pred=PRED)


def test_the_difference_from_another_run(look: Look, home: StudioHome):
    other = weaker(home)
    truth, read = answered()
    app = look(run="classic", versus=OTHER)
    less = confusion_matrix(truth, read) - confusion_matrix(truth, other)
    assert less[7, 7] > 30
    assert texts(app) == [[f"{n:+d}".replace("-", "\N{MINUS SIGN}") if n else "0" for n in row] for row in less]
    changed = np.flatnonzero(read != other)
    fixed, broken = ((read == truth) & (other != truth)).sum(), ((read != truth) & (other == truth)).sum()
    seen = text_of(app)
    assert f"Classic is better: {fixed} fixed, {broken} broken; unlikely to be chance, p < 0.001." in seen
    assert "Among the 10,000 images of the test split" in seen
    assert heading(app) == f"{len(changed)} images read differently"
    assert {place for place, _, _ in gallery(app)} <= set(changed.tolist())
    assert all("the other: 1" in image.captions[0] for image in app.get("image"))
    assert app.segmented_control(key="confusion_cells").disabled

    app = look(run="classic", versus=OTHER, true="7", pred="1")
    assert heading(app) == f"{len(changed)} images of a 7, read as 1 by one of the two"
    app = look(run="classic", versus=OTHER, true="3")
    assert heading(app) == "0 images of a 3, read differently"
    assert "Choose another cell" in text_of(app)
    app.selectbox(key="confusion_versus").set_value(None).run()
    assert "versus" not in link_of(app)
    assert heading(app) == "1,010 images of a 3"


def test_names_of_runs_are_shown_as_text(look: Look, home: StudioHome):
    weaker(home)
    app = look(run=OTHER, versus="classic")
    assert "*Weaker* :smile:" in text_of(app)
    raw = [element.value for kind in ("markdown", "subheader", "caption") for element in app.get(kind)]
    assert not any("*Weaker*" in text or ":smile:" in text for text in raw)


def test_two_runs_of_one_name_are_told_apart(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    seen = text_of(look(run="classic", versus=OTHER))
    assert f"Classic ({OTHER}) and Classic (classic) are right on the same images." in seen


def test_the_run_compared_with_becomes_the_one_shown(look: Look, home: StudioHome):
    weaker(home)
    app = look(run="classic", versus=OTHER)
    app.selectbox(key="source_run_classic").set_value(OTHER).run()
    assert not app.exception
    assert link_of(app)["run"] == OTHER
    assert "versus" not in link_of(app)
    assert not app.warning
    assert heading(app).endswith("misread")


def test_only_finished_runs_can_be_compared_with(look: Look, store: RunStore, home: StudioHome):
    own_run(store, RunState.INTERRUPTED, name="Stopped")
    app = look(run="classic")
    assert app.selectbox(key="confusion_versus").disabled
    finished_run(home, OTHER)
    assert len(look(run="classic").selectbox(key="confusion_versus").options) == 1


def test_another_run_without_validation_images_leaves_the_matrix_itself(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    path = home.runs / OTHER / "predictions.npz"
    with np.load(path) as found:
        arrays = dict(found)
    arrays |= {"validation": arrays["validation"][:0], "validation_indices": arrays["validation_indices"][:0]}
    np.savez(path, **arrays)
    app = look(run="classic", split="validation", versus=OTHER)
    assert any("it has no validation split" in info.value for info in app.info)
    assert sum(int(text) for row in texts(app) for text in row) == 5_000
    app = look(run=OTHER, split="validation")
    assert any("it has no validation split" in info.value for info in app.info)
    assert not app.get("vega_lite_chart")
    assert len(look(run=OTHER, split="test").get("vega_lite_chart")) > 1


def test_runs_that_share_no_image_are_not_compared(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    path = home.runs / OTHER / "predictions.npz"
    with np.load(path) as found:
        arrays = dict(found)
    arrays["validation_indices"] = np.arange(len(arrays["validation_indices"]))
    np.savez(path, **arrays)
    app = look(run="classic", split="validation", versus=OTHER)
    assert any("in common" in info.value for info in app.info)
    assert sum(int(text) for row in texts(app) for text in row) == 5_000


def test_a_run_deleted_while_it_is_shown(look: Look, home: StudioHome):
    weaker(home)
    app = look(run="classic", versus=OTHER)
    shutil.rmtree(home.runs / OTHER)
    app.selectbox(key="confusion_true").set_value(4).run()
    assert not app.exception
    assert OTHER in app.warning[0].value.replace("\\", "")
    assert heading(app) == "982 images of a 4"

    finished_run(home, OTHER)
    app = look(run=OTHER)
    shutil.rmtree(home.runs / OTHER)
    app.button(key=f"confusion_first_{TRUE}_{PRED}").click().run()
    assert not app.exception
    assert "is not here" in app.warning[0].value
    assert link_of(app)["run"] == "classic"


def test_without_any_model_the_page_says_what_to_do(no_models, visit):
    app = visit(CONFUSION)
    assert "No model yet" in text_of(app)
    assert "Train a model" in [link.value for link in app.page_link]
    assert not app.get("vega_lite_chart")


def test_damaged_answers_are_said(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    (home.runs / OTHER / "predictions.npz").write_bytes(b"PK\x03\x04 cut")
    app = look(run=OTHER)
    assert OTHER in app.info[0].value.replace("\\", "")
    assert not app.get("vega_lite_chart")
    app = look(run="classic", versus=OTHER)
    assert OTHER in app.info[0].value.replace("\\", "")
    assert heading(app) == MISREAD


def test_a_run_that_is_never_wrong(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    answer_otherwise(home, OTHER, answered()[0])
    app = look(run=OTHER)
    seen = text_of(app)
    assert "0 wrong of 10,000" in seen
    assert "No pair is confused: every image is read right." in seen
    assert heading(app) == "0 images misread"
    assert "There is nothing to look into." in seen


def test_a_run_that_always_says_three(look: Look, home: StudioHome):
    finished_run(home, OTHER)
    answer_otherwise(home, OTHER, np.full(10_000, 3))
    app = look(run=OTHER, cells="pred")
    assert texts(app)[1][3] == f"{100 * 1135 / 10_000:.1f}"
    assert app.dataframe[0].value["Precision"].isna().tolist() == [digit != 3 for digit in range(10)]
    assert app.dataframe[0].value["Recall"].tolist() == [100.0 * (digit == 3) for digit in range(10)]


def test_an_own_set_with_few_digits(look: Look, home: StudioHome):
    store, run = DataSetStore(home), RunStore(home).get("classic")
    two = np.isin(own_sets.labels(), (4, 9))
    files = [Given.of_bytes("mine.csv", own_sets.table(own_sets.images()[two], own_sets.labels()[two]))]
    mine = store.keep(files, datasets.look(files).proposal, name="Mine")
    datasets.answers(mine, run, resources.classifier(run))
    app = look(run="classic", split=mine.dataset_id)
    assert f"wrong of {two.sum()}** on Mine" in text_of(app)
    assert app.dataframe[0].value["Recall"].notna().tolist() == [digit in (4, 9) for digit in range(10)]
    assert sum(int(text) for row in texts(app) for text in row) == two.sum()
    app = look(run="classic", split=mine.dataset_id, true="4")
    assert len(gallery(app)) == (own_sets.labels() == 4).sum()


def test_every_picture_and_chart_has_words_and_the_page_explains_itself(look: Look):
    app = look(true="4")
    assert app.markdown[0].value.startswith("Which digits are taken for which: rows are what an image is")
    assert all(image.proto.imgs[0].alt for image in app.get("image"))
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))
    assert app.dataframe[0].proto.alt
    seen = text_of(app)
    assert all(f"**{figure}**: " in seen for figure in ("Precision", "Recall", "F1", "Support"))


def test_home_links_here(visit):
    assert "Confusion matrix" in [link.value for link in visit().page_link]
