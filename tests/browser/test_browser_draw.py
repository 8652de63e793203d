"""Drawing with a real mouse on the real canvas."""

import re

from playwright.sync_api import expect

from tests.browser.acts import answer, draw_three


def test_a_three_drawn_with_the_mouse_is_read(visitor):
    page = visitor("Draw_and_Predict")
    draw_three(page)
    expect(answer(page)).to_have_text("3")
    expect(page.get_by_text(re.compile(r"confidence"))).to_be_visible()
    assert page.get_by_test_id("stImage").count() >= 4
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_text("–")


def test_the_drawing_stays_while_other_tabs_are_looked_at(visitor):
    page = visitor("Draw_and_Predict")
    draw_three(page)
    expect(answer(page)).to_have_text("3")
    page.get_by_role("tab", name="Examples").click()
    page.get_by_role("button", name="7", exact=True).click()
    expect(answer(page)).to_have_text("7")
    page.get_by_role("tab", name="Draw", exact=True).click()
    expect(answer(page)).to_have_text("3")


def test_a_phone_can_draw(visitor):
    page = visitor("Draw_and_Predict", width=390, height=844)
    draw_three(page)
    expect(answer(page)).to_have_text("3")
