"""Misclassifications with mouse and keyboard: filtered, opened, stepped through, marked, and shown by its link."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Download, Locator, Page, expect

from core.home import StudioHome
from tests import shipped
from tests.browser.conftest import PATIENCE
from tests.indexes import write_small_index

expect.set_options(timeout=PATIENCE)
TRUE = str(shipped.confused()[0])
WRONG = len(shipped.misread())
FEW = shipped.count(true=shipped.confused()[0], wrong=True)
OF_IT = f"{FEW} wrong of {shipped.count(true=shipped.confused()[0]):,}"


@pytest.fixture(autouse=True)
def small_index(studio) -> Iterator[None]:
    """Few training images to look through, so that the test does not wait for 55,000; no marks afterwards."""
    home = StudioHome(studio.home)
    write_small_index(home)
    yield
    for path in home.marks.glob("*.json"):
        path.unlink()


def digits(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile(r"^Test digit \d+: "))


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text, exact=True)).to_be_visible()


def saved(download: Download) -> Path:
    return Path(download.path())


def test_filter_open_step_mark_and_share(visitor):
    page = visitor("Misclassifications?run=classic&split=test")
    heading(page, f"{WRONG} wrong of 10,000")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("combobox", name=re.compile("True digit")).click()
    page.get_by_role("option", name=TRUE, exact=True).click()
    heading(page, OF_IT)
    expect(page).to_have_url(re.compile(f"true={TRUE}"))
    page.keyboard.press("Escape")
    expect(digits(page)).to_have_count(FEW)
    page.get_by_role("combobox", name=re.compile("Sorted by")).click()
    page.get_by_role("option", name="Closest call").click()
    expect(page).to_have_url(re.compile("order=margin"))
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    order = [int(re.findall(r"\d+", image.get_attribute("alt"))[0]) for image in digits(page).all()]

    page.get_by_role("button", name=f"Open {order[0]}", exact=True).press("Enter")
    dialog = page.get_by_role("dialog", name="One image closely")
    expect(dialog).to_contain_text(f"1 of {FEW}")
    page.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text(f"2 of {FEW}")
    expect(page).to_have_url(re.compile(f"image={order[1]}"))
    expect(dialog.get_by_role("img", name=re.compile("coloured"))).to_have_count(2)
    expect(dialog.get_by_role("img", name=re.compile("^Training image"))).to_have_count(8)
    note = dialog.get_by_role("textbox", name="Note")
    note.fill("=1+1, surely")
    note.press("ArrowLeft")  # moves in the note, not to another image
    dialog.get_by_role("radio", name="Label wrong").click()
    expect(dialog.get_by_role("radio", name="Label wrong")).to_be_checked()
    expect(dialog).to_contain_text(f"2 of {FEW}")
    link = page.url
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("image="))
    heading(page, OF_IT)
    without = f"{100 * (1 - (WRONG - 1) / 9_999):.2f} % right, {WRONG - 1} wrong of 9,999."
    expect(page.get_by_text(f"Without the 1 image marked label wrong: {without}")).to_be_visible()
    _downloads(page, order)

    other = visitor("Misclassifications" + link.partition("Misclassifications")[2])
    dialog = other.get_by_role("dialog", name="One image closely")
    expect(dialog).to_contain_text(f"2 of {FEW}")
    expect(dialog.get_by_role("radio", name="Label wrong")).to_be_checked()
    expect(dialog.get_by_role("textbox", name="Note")).to_have_value("=1+1, surely")
    dialog.get_by_role("radio", name="Label wrong").click()  # once more takes it back
    expect(dialog.get_by_role("radio", name="Label wrong")).not_to_be_checked()
    other.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    heading(other, OF_IT)
    expect(other.get_by_text("Without the 1 image")).to_have_count(0)


def _downloads(page: Page, order: list[int]) -> None:
    """The list as a table and as a picture."""
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as table:
        page.get_by_role("button", name="As a table (CSV)").click()
    assert table.value.suggested_filename == "classic-test-wrong.csv"
    header, *lines = csv.reader(io.StringIO(saved(table.value).read_text()))
    assert header[:3] == ["place", "true", "predicted"]
    assert [int(line[0]) for line in lines] == order
    assert [line[6:] for line in lines] == [["", ""], ["wrong", "'=1+1, surely"], *[["", ""]] * (FEW - 2)]
    with page.expect_download() as sheet:
        page.get_by_role("button", name="As a contact sheet (PNG)").click()
    with Image.open(saved(sheet.value)) as picture:
        assert picture.format == "PNG"
        assert picture.width > min(FEW, 5) * 112


def test_suspects_are_marked_in_the_list_and_the_figures_follow(visitor, studio):
    page = visitor("Misclassifications?run=classic&split=test&show=suspects", width=390, height=844)
    heading(page, "The 60 labels doubted most, of 10,000")
    openers = page.get_by_role("button", name=re.compile(r"^Open \d+$"))
    expect(openers).not_to_have_count(0)
    listed = [int(label.removeprefix("Open ")) for label in openers.all_inner_texts()]
    suspect = next(place for place in listed if place in shipped.misread())  # whose mark changes what is wrong
    first = page.get_by_role("radiogroup", name=f"Mark of image {suspect}").or_(
        page.get_by_role("group", name=f"Mark of image {suspect}")
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
