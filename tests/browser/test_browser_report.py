"""The report that is handed over, in a browser without a network: every chart drawn, nothing asked for, clean pages."""

from pathlib import Path

import pytest

from core.data import load_split
from core.handover import Form, handed_over
from core.home import SHIPPED, StudioHome
from core.runs import RunStore
from core.story import KINDS, Told, facts_of, plan_for
from tests.browser.conftest import PATIENCE


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = StudioHome(tmp_path_factory.mktemp("report"))
    store, mnist = RunStore(home), SHIPPED / "mnist.npz"
    told = Told(plan_for("Classic & <b>more</b>", "classic", "quick"), home, store.get("classic"), store.get("quick"))
    facts = facts_of(told, load_split(mnist, "test"), load_split(mnist, "train").labels)
    path = home.root / "report.html"
    path.write_bytes(handed_over(told, facts, Form.HTML))
    return path


def test_every_chart_is_drawn_and_printed_without_a_network(browser, report: Path):
    context = browser.new_context(viewport={"width": 1366, "height": 900}, offline=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    charts = page.locator(".chart")
    assert charts.count() == 6
    for number in range(charts.count()):
        # What a chart shows, not just its frame: a bar, a line or a heatmap's picture.
        charts.nth(number).locator(".trace, .hm, .js-line").first.wait_for(state="attached")
    assert page.locator("section").count() == len(KINDS)
    assert all(page.locator("img").evaluate_all("images => images.map(image => image.naturalWidth > 0)"))
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 900})
        # The charts follow the window.
        page.wait_for_function(
            "most => [...document.querySelectorAll('.main-svg')].every(c => c.clientWidth <= most)", arg=width
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1366, "height": 900})
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.count(b"/Type /Page\n") == 1 + len(KINDS)  # a title, and each screen on a page of its own
    assert asked == [report.as_uri()]
    assert said == []
    context.close()
