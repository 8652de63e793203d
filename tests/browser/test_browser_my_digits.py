"""A drawing that is said to be something else is kept, for this browser alone, and is there again after a reload."""

import re

from playwright.sync_api import expect

from tests.browser.acts import answer, draw_three


def test_a_drawing_is_kept_as_a_seven_and_found_again_by_its_visitor_alone(visitor, studio):
    page = visitor("Draw_and_Predict")
    expect(page.get_by_text("Nothing kept yet")).to_be_visible()
    draw_three(page)
    expect(answer(page)).to_have_text("3")
    page.get_by_role("button", name="Wrong? It is a").click()
    expect(page.get_by_text("keeps this picture on the computer that runs this studio")).to_be_visible()
    page.get_by_role("button", name="7", exact=True).click()
    kept = page.get_by_text(re.compile(r"7, read as 3"))
    expect(kept).to_be_visible()
    expect(page.get_by_text("by a random number in a cookie")).to_be_visible()
    expect(answer(page)).to_have_text("3")
    page.reload()
    expect(kept).to_be_visible()
    other = visitor("Draw_and_Predict")
    expect(other.get_by_text("Nothing kept yet")).to_be_visible()
    page.get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("Deleted: 1 digit.")).to_be_visible()
    expect(kept).to_have_count(0)
