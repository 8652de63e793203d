"""Images of a visitor's own on the pages of results: brought in, looked at, refused, deleted."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.datasets import DataSetStore, Given
from core.home import StudioHome
from tests.own_sets import images, labels, npz, table
from tests.pages.screen import CONFUSION, text_of
from tests.trainings import until


@pytest.fixture
def page(visit: Callable[..., AppTest]) -> AppTest:
    """The confusion matrix with the dialog open."""
    app = visit(CONFUSION).button(key="own_open").click().run()
    assert not app.exception
    return app


def bring(app: AppTest, name: str, data: bytes) -> AppTest:
    """Chooses a file in the dialog."""
    app.file_uploader[0].set_value((name, data, "application/octet-stream")).run()
    assert not app.exception
    return app


def keep(app: AppTest, home: StudioHome) -> AppTest:
    """Presses *Keep them*, and comes back when the set is there and was asked about."""
    app.button(key="own_keep").click().run()
    until(lambda: DataSetStore(home).sets(), "the data set")
    return until(lambda: app if button(app.run(), "submission") else None, "the answers")


def button(app: AppTest, label: str) -> bool:
    return any(label in each.label for each in app.get("download_button"))


def test_a_set_is_brought_in_and_looked_at(page: AppTest, home: StudioHome) -> None:
    bring(page, "mine.npz", npz(x=images(), y=labels()))
    assert "30 images, labelled" in text_of(page).replace("**", "")
    keep(page, home)
    (dataset,) = DataSetStore(home).sets()
    assert dataset.name == "mine"
    assert page.query_params["split"] == dataset.dataset_id
    assert "wrong of 30" in text_of(page)
    assert not page.exception


def test_a_set_without_labels_gives_its_answers_as_a_file(page: AppTest, home: StudioHome) -> None:
    keep(bring(page, "test.csv", table(labelled=False)), home)
    assert "It has no labels" in text_of(page)
    assert button(page, "submission.csv")
    assert not page.exception


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("words.csv", b"hello,world\n1,2\n"),
        ("broken.npz", npz(x=images(), y=labels())[:900]),
        ("labels.npz", npz(x=images(), y=labels() + 40)),
        ("shape.npz", npz(x=np.zeros((4, 3), np.uint8), y=np.arange(4))),
    ],
)
def test_a_file_that_is_no_data_set_is_refused_in_one_sentence(page: AppTest, name: str, data: bytes) -> None:
    bring(page, name, data)
    if any(each.key == "own_keep" for each in page.button):  # found only when all of it is read
        page.button(key="own_keep").click().run()
        until(lambda: page.run().error, "the refusal")
    assert len(page.error) == 1
    assert not page.exception


def test_a_set_that_is_gone_is_told_and_another_one_shown(visit: Callable[..., AppTest], home: StudioHome) -> None:
    dataset = DataSetStore(home).keep([Given.of_bytes("mine.npz", npz(x=images(), y=labels()))])
    app = visit()
    app.query_params["split"] = dataset.dataset_id
    app.switch_page(CONFUSION)
    app.query_params["split"] = dataset.dataset_id
    app = until(lambda: app if "wrong of 30" in text_of(app.run()) else None, "the answers")
    app.button(key="own_open").click().run()
    app.button(key=f"own_delete_{dataset.dataset_id}").click().run()
    assert not app.exception
    assert DataSetStore(home).sets() == []
    assert any("is not here" in each.value for each in app.warning)
    assert "on the test split" in text_of(app)


def test_a_damaged_set_is_listed_and_can_be_deleted(visit: Callable[..., AppTest], home: StudioHome) -> None:
    dataset = DataSetStore(home).keep([Given.of_bytes("mine.npz", npz(x=images(), y=labels()))])
    (dataset.path / "images.npy").write_bytes(b"cut")
    app = visit(CONFUSION).button(key="own_open").click().run()
    assert "Damaged" in text_of(app)
    app.button(key=f"own_delete_{dataset.dataset_id}").click().run()
    assert not app.exception
    assert not dataset.path.exists()
