"""What only a browser can tell about the look of every page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visits

PAGES = ["", "Train", "Runs", "Confusion_Matrix", "Draw_and_Predict", "Robustness"]


@pytest.fixture(scope="module", params=PAGES)
def on_a_phone(request, browser, studio):
    """A page on a phone once it is quiet, and the addresses of everything that it fetched."""
    asked: list[str] = []
    with visits(browser, studio) as visit:
        page = visit(request.param, width=390, height=844, asked=asked)
        page.wait_for_load_state("networkidle")
        yield page, asked


def test_nothing_is_wider_than_a_phone(on_a_phone):
    page, _ = on_a_phone
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


def test_nothing_is_fetched_from_elsewhere(on_a_phone, studio):
    _, asked = on_a_phone
    own = (studio.url, studio.url.replace("http", "ws"), "data:", "blob:")
    assert asked
    assert [url for url in asked if not url.startswith(own)] == []


@pytest.mark.parametrize(("appearance", "paper"), [("light", "rgb(252, 251, 248)"), ("dark", "rgb(23, 22, 20)")])
def test_the_theme_follows_the_visitor(visitor, appearance: str, paper: str):
    page = visitor(appearance=appearance)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", paper)
