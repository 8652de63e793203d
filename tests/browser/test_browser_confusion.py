"""The confusion matrix with a real mouse: what is clicked shows its images, and its link shows them to anybody."""

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests import shipped
from tests.browser.conftest import PATIENCE

expect.set_options(timeout=PATIENCE)
TRUE, PRED = shipped.confused()
CELL = f"{shipped.images(shipped.count(true=TRUE, pred=PRED))} of a {TRUE}, read as {PRED}"
NINES = f"{shipped.images(shipped.count(pred=9))} read as 9"
FOURS = f"{shipped.images(shipped.count(true=4, pred=4))} of a 4, read as 4"
MISREAD = f"{len(shipped.misread())} images misread"


def places(*, true: int | None = None, pred: int | None = None) -> set[int]:
    """The test images behind a cell, a row or a column of the shipped model's matrix."""
    truth, read = shipped.truth(), shipped.read()
    kept = (true is None or truth == true) & (pred is None or read == pred)
    return set(np.flatnonzero(kept).tolist())


def matrix(page: Page) -> Locator:
    return page.get_by_test_id("stVegaLiteChart").first


def click(page: Page, words: str) -> None:
    """Clicks the cell or label that begins with these words."""
    matrix(page).locator(f'path[aria-label^="{words}"]').first.click()


def shown(page: Page, heading: str) -> list[int]:
    """The places of the images in sight, once there are those under this heading and no others."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    digits = page.get_by_role("img", name=re.compile(r"^Test digit \d+: "))
    expect(digits).to_have_count(min(9, int(heading.split()[0].replace(",", ""))))
    return [int(re.findall(r"\d+", image.get_attribute("alt") or "")[0]) for image in digits.all()]


def outlines(page: Page) -> Locator:
    return matrix(page).locator(".layer_1_marks path")


def test_a_click_on_a_cell_shows_exactly_its_images_and_a_second_one_takes_them_away(visitor):
    page = visitor("Confusion_Matrix?run=classic&split=test")
    shown(page, MISREAD)
    chart = matrix(page).locator("svg").element_handle()
    for _ in range(2):  # as often as one likes
        click(page, f"a {TRUE}, read as {PRED}:")
        assert set(shown(page, CELL)) == places(true=TRUE, pred=PRED)
        expect(outlines(page)).to_have_count(1)
        expect(page).to_have_url(re.compile(rf"true={TRUE}&pred={PRED}$"))
        click(page, f"a {TRUE}, read as {PRED}:")
        shown(page, MISREAD)
        expect(outlines(page)).to_have_count(0)
        expect(page).to_have_url(re.compile(r"\?run=classic&split=test$"))
    assert chart.evaluate("svg => svg.isConnected")  # it was never drawn anew, so nothing blinked


def test_rows_and_columns_are_clicked_and_the_link_shows_others_the_same(visitor):
    page = visitor("Confusion_Matrix?run=classic&split=test")
    click(page, "every 4")
    row = shown(page, "982 images of a 4")
    assert len(row) == 9
    assert set(row) <= places(true=4)
    expect(outlines(page)).to_have_count(11)
    click(page, "everything read as 9")
    column = shown(page, NINES)
    assert set(column) <= places(pred=9)
    expect(outlines(page)).to_have_count(11)
    page.get_by_text("% of column", exact=True).click()
    expect(page).to_have_url(re.compile("cells=pred"))
    expect(matrix(page).locator("svg")).to_contain_text(
        f"{100 * shipped.count(true=9, pred=9) / shipped.count(pred=9):.1f}"
    )

    other = visitor("Confusion_Matrix" + page.url.partition("/Confusion_Matrix")[2], appearance="dark")
    assert shown(other, NINES) == column
    expect(outlines(other)).to_have_count(11)
    expect(matrix(other).locator("svg")).to_contain_text(
        f"{100 * shipped.count(true=9, pred=9) / shipped.count(pred=9):.1f}"
    )

    page.go_back()
    page.go_back()
    assert shown(page, "982 images of a 4") == row


def test_an_image_opens_for_its_close_look_and_back_is_where_one_was(visitor):
    page = visitor("Confusion_Matrix?run=classic&split=test&true=4&pred=4&page=2")
    digits = shown(page, FOURS)
    page.get_by_role("link", name=f"Open {digits[3]}", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/Misclassifications\?.*image={digits[3]}\b"))
    expect(page.get_by_role("dialog")).to_contain_text(f"Test image {digits[3]:,}")
    page.go_back()
    assert shown(page, FOURS) == digits


def test_on_a_phone_cells_are_clicked_too_and_the_keyboard_selects_as_well(visitor):
    page = visitor("Confusion_Matrix?run=classic&split=test", width=390, height=844)
    click(page, f"a {TRUE}, read as {PRED}:")
    assert set(shown(page, CELL)) == places(true=TRUE, pred=PRED)
    page.get_by_role("button", name="More", exact=True).press("Enter")
    field = page.get_by_role("combobox", name="True digit")
    field.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    other = str((TRUE + 1) % 10)
    page.keyboard.type(other)
    expect(page.get_by_role("option")).to_have_text([other])
    page.keyboard.press("Enter")
    found = places(true=int(other), pred=PRED)
    assert set(shown(page, f"{shipped.images(len(found))} of a {other}, read as {PRED}")) <= found
    expect(outlines(page)).to_have_count(1)
