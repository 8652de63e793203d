"""What visitors do, in the words of the pages."""

import itertools
import math
import re
from typing import Literal

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE

expect.set_options(timeout=PATIENCE)

# Asked again and again: whether nothing has changed since it was asked last that could move what is to be hit.
RESTS = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const main = document.querySelector('[data-testid="stMain"]');
    const places = [...main.querySelectorAll('img, canvas, svg')].map(each => each.getBoundingClientRect().top);
    const now = [main.scrollTop, main.scrollHeight, ...places].join(), before = window.placesBefore;
    window.placesBefore = now;
    const loaded = [...document.images].every(image => image.complete);
    return now === before && loaded && app.dataset.testScriptState === 'notRunning';
}"""


def come_to_rest(page: Page) -> None:
    """Waits until the page lies still, pictures and all: before a place on it is hit that was measured."""
    page.wait_for_function(RESTS, polling=500)


def set_number(page: Page, label: str, value: float) -> None:
    """Types a number into a field of the form."""
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(str(value))
    field.press("Enter")
    expect(field).to_have_value(str(value))


def start_training(page: Page, *, epochs: int, subset: int, name: str, clicks: int = 1) -> None:
    """The classic preset with a few images only, under a name."""
    page.get_by_role("radio", name="classic").click()
    set_number(page, "Epochs", epochs)
    data = page.get_by_role("tab", name="Data", exact=True)
    if not data.is_visible():
        page.get_by_text("More settings", exact=True).click()
    data.click()
    set_number(page, "Subset", subset)
    field = page.get_by_role("textbox", name="Name")
    field.fill(name)
    field.press("Enter")
    page.get_by_role("button", name="Start").click(click_count=clicks)


def shown_run(page: Page):
    """The field that names the run on the page."""
    return page.get_by_role("combobox", name=re.compile("Run"))


def progress(page: Page):
    """The bar of the run on the page, and what the run is doing."""
    return page.get_by_test_id("stProgress")


def await_epoch(page: Page, number: int, *, of: int) -> None:
    """Waits until the run on the page is in this epoch or a later one."""
    later = "|".join(map(str, range(number, of + 1)))
    expect(progress(page)).to_contain_text(re.compile(rf"Epoch ({later}) of {of}\b"))


def await_finish(page: Page) -> None:
    """Waits until the run on the page is exported and evaluated, which takes long where others use the machine."""
    expect(progress(page)).to_contain_text("Finished", timeout=3 * PATIENCE)


def waiting(page: Page):
    """The lines of the queue, in order."""
    return page.get_by_test_id("stText").filter(has_text=re.compile(r"^\d+\. "))


def curve(page: Page, which: int = 0):
    """The training curve of the first chart (loss) or the second (accuracy)."""
    return page.get_by_test_id("stVegaLiteChart").nth(which).locator(".mark-line path")


def draw_three(page: Page) -> None:
    """Draws a 3 on the canvas with the mouse: two open arcs, one above the other."""
    upper = [(140 + 50 * math.cos(a), 92 + 42 * math.sin(a)) for a in _angles(-150, 90, 20)]
    lower = [(138 + 58 * math.cos(a), 186 + 52 * math.sin(a)) for a in _angles(-90, 160, 22)]
    draw_strokes(page, [upper + lower])


def draw_strokes(page: Page, strokes: list[list[tuple[float, float]]], *, step: float = 8) -> None:
    """Draws on the canvas with the mouse; strokes are points (x, y) from its upper left corner.

    Args:
        step: pixels from one position of the mouse to the next, at most.
    """
    for points in on_page(page, strokes):
        page.mouse.move(*points[0])
        page.mouse.down()
        for before, point in itertools.pairwise(points):
            page.mouse.move(*point, steps=max(1, round(math.dist(before, point) / step)))
        page.mouse.up()


def draw_with(page: Page, tool: Literal["finger", "pen"], strokes: list[list[tuple[float, float]]]) -> None:
    """The same with a finger or a pen, as the browser is told of them."""
    devices = page.context.new_cdp_session(page)

    def tell(turn: int, x: float, y: float) -> None:
        if tool == "finger":
            kind, touches = ("touchStart", "touchMove", "touchEnd")[turn], [] if turn == 2 else [{"x": x, "y": y}]
            devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
        else:
            kind = ("mousePressed", "mouseMoved", "mouseReleased")[turn]
            pressed = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
            devices.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **pressed})

    for points in on_page(page, strokes):
        tell(0, *points[0])
        for point in points[1:]:
            tell(1, *point)
        tell(2, *points[-1])


def on_page(page: Page, strokes: list[list[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
    """Strokes on the canvas in pixels of the page, once it is in sight."""
    canvas = page.locator("canvas").last
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    return [[(box["x"] + x, box["y"] + y) for x, y in stroke] for stroke in strokes]


def answer(page: Page):
    """The large digit."""
    return page.get_by_test_id("stMetric").filter(has_text="Digit").get_by_test_id("stMetricValue")


def _angles(start: float, end: float, count: int) -> list[float]:
    return [math.radians(start + (end - start) * index / count) for index in range(count + 1)]
