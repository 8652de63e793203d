"""Misclassifications with mouse and keyboard: suspects marked, and ten thousand images paged."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.data import load_split
from core.evaluation import suspect_labels
from core.explain.embedding import Embedder
from core.explain.index import key_of, write_index
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.runs import RunStore
from tests import shipped
from tests.browser.conftest import PATIENCE

expect.set_options(timeout=PATIENCE)
WRONG = len(shipped.misread())
SUSPECT = suspect_labels(shipped.probabilities(), shipped.truth())[0].row


@pytest.fixture(autouse=True)
def small_index(studio) -> Iterator[None]:
    """Forty training images to look through, so that the test does not wait for 55,000; no marks afterwards."""
    home = StudioHome(studio.home)
    run = RunStore(home).get("classic")
    split, places = load_split(SHIPPED / "mnist.npz", "train"), np.arange(40)
    embedder = Embedder(Classifier.load(run).network, run.layers)
    home.neighbours.mkdir(parents=True, exist_ok=True)
    vectors = embedder.vectors(split.images[places])
    write_index(home.neighbours, run.run_id, key_of(run), embedder.layer, places, split.labels[places], vectors)
    yield
    for path in home.marks.glob("*.json"):
        path.unlink()


def digits(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile(r"^Test digit \d+: "))


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text, exact=True)).to_be_visible()


def test_suspects_are_marked_in_the_list_and_the_figures_follow(visitor, studio):
    page = visitor("Misclassifications?run=classic&split=test&show=suspects", width=390, height=844)
    heading(page, "The 60 labels doubted most, of 10,000")
    first = page.get_by_role("radiogroup", name=f"Mark of image {SUSPECT}").or_(
        page.get_by_role("group", name=f"Mark of image {SUSPECT}")
    )
    first.get_by_text("Label wrong").click()
    expect(page.get_by_role("table")).to_contain_text(f"{WRONG - 1} wrong of 9,999")
    expect(page.get_by_role("table")).to_contain_text(f"{WRONG} wrong of 10,000")
    assert (studio.home / "marks" / "mnist-test.json").is_file()
    first.get_by_text("Label wrong").click()  # once more takes it back
    expect(page.get_by_text("can be left out of the figures")).to_be_visible()


def test_ten_thousand_images_are_paged(visitor):
    page = visitor("Misclassifications?run=classic&split=test&show=all&order=index&page=417")
    heading(page, "10,000 of 10,000")
    expect(digits(page)).to_have_count(16)
    page.get_by_role("button", name=re.compile("previous", re.IGNORECASE)).click()
    expect(digits(page)).to_have_count(24)
    expect(page).to_have_url(re.compile("page=416"))
    page.get_by_role("button", name="Open 9983", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("9,984 of 10,000")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("page=416"))
