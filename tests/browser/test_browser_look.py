"""What only a browser can tell about the look of every page."""

import pytest
from playwright.sync_api import expect

PAGES = ["", "Train", "Runs", "Confusion_Matrix", "Draw_and_Predict"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(visitor, path: str):
    page = visitor(path, width=390, height=844)
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


@pytest.mark.parametrize(("appearance", "paper"), [("light", "rgb(252, 251, 248)"), ("dark", "rgb(23, 22, 20)")])
def test_the_theme_follows_the_visitor(visitor, appearance: str, paper: str):
    page = visitor(appearance=appearance)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", paper)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_fetched_from_elsewhere(visitor, studio, path: str):
    asked: list[str] = []
    visitor(path, asked=asked).wait_for_load_state("networkidle")
    own = (studio.url, studio.url.replace("http", "ws"), "data:", "blob:")
    assert asked
    assert [url for url in asked if not url.startswith(own)] == []
