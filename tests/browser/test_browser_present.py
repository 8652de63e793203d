"""Present in a browser: the whole story is walked by keys, the canvas on stage answers, and a link opens anywhere."""

import re

from playwright.sync_api import Page, expect

from core.story import KINDS
from tests.browser.acts import draw_three
from tests.browser.conftest import PATIENCE

expect.set_options(timeout=PATIENCE)
FITS = "() => { const main = document.querySelector('[data-testid=stMain]'); return main.scrollHeight - innerHeight; }"


def on_screen(page: Page, number: int, topic: str, *, of: int) -> None:
    """Waits until the stage shows this screen, drawn."""
    expect(page.get_by_role("heading", name=f"{topic} · {number} of {of}")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").first.locator("svg text").first).to_be_visible()


def quiet(page: Page) -> None:
    """Waits until the page has said all it has to say, as a person does before the next step."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def test_the_story_is_walked_by_keys_and_the_canvas_answers(visitor):
    page = visitor("Present", width=1366, height=768)
    page.get_by_role("button", name="Start").click()
    topics = list(KINDS.values())
    for number, topic in enumerate(topics, 1):
        on_screen(page, number, topic, of=len(topics))
        expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()
        page.wait_for_function(f"() => ({FITS})() <= 0")  # charts take their room a moment after they are drawn
        if topic == "How good it is":
            page.set_viewport_size({"width": 1366, "height": 660})  # as when a full screen ends
            page.wait_for_function(f"() => ({FITS})() <= 0")
            page.set_viewport_size({"width": 1366, "height": 768})
        if topic == "Try it live":
            draw_three(page)
            answer = page.get_by_test_id("stVegaLiteChart").nth(1)
            expect(answer.get_by_text(re.compile("sure"))).to_be_visible()
            expect(answer.get_by_text("3", exact=True)).to_be_visible()
        if number < len(topics):
            page.keyboard.press("ArrowRight")
    for key, number in (("ArrowLeft", len(topics) - 1), ("Home", 1), ("PageDown", 2), ("End", len(topics))):
        page.keyboard.press(key)
        on_screen(page, number, topics[number - 1], of=len(topics))
    page.keyboard.press("PageUp")  # as a remote control sends it
    on_screen(page, len(topics) - 1, topics[-2], of=len(topics))
    for _ in range(8):  # somebody in a hurry, whose keys overtake the screens
        for key in ("Home", "ArrowRight", "PageDown", "ArrowLeft"):
            page.keyboard.press(key)
            page.wait_for_timeout(40)
    page.keyboard.press("End")
    on_screen(page, len(topics), topics[-1], of=len(topics))
    page.keyboard.press("ArrowLeft")  # as soon as there is something to be seen
    on_screen(page, len(topics) - 1, topics[-2], of=len(topics))
    page.keyboard.press("n")
    expect(page.get_by_text("Let somebody from the audience write", exact=False)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Present", exact=True)).to_be_visible()


def test_a_saved_story_opens_by_its_link_elsewhere_and_can_be_brought_back(studio, visitor):
    page = visitor("Present")
    page.get_by_role("textbox", name="Name").fill("For the committee")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="More")).to_be_enabled()  # there is something to be forgotten
    page.reload()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("For the committee")
    quiet(page)
    page.get_by_role("textbox", name="Name").fill("For the <b>board</b>")
    page.get_by_role("button", name="Save", exact=True).click()  # the name comes with it
    link = page.get_by_test_id("stCode")
    expect(link).to_contain_text("Present?story=for-the-b-board-b-")
    expect(page.get_by_role("combobox", name="Story")).to_have_value("For the <b>board</b>")
    path = link.inner_text().strip().removeprefix(f"{studio.url}/")

    other = visitor(path)
    expect(other.get_by_role("textbox", name="Name")).to_have_value("For the <b>board</b>")
    other.get_by_role("button", name="Start").click()
    on_screen(other, 1, "The task", of=len(KINDS))
    other.wait_for_url(re.compile(r"story=for-the-b-board-b-[0-9a-f]{6}&screen=1"))
    quiet(other)
    other.keyboard.press("Escape")
    quiet(other)
    other.get_by_role("textbox", name="What comes next").fill("Ask for more")
    other.keyboard.press("Tab")
    quiet(other)
    other.get_by_role("button", name="Start").click()  # what is not saved is told all the same
    on_screen(other, 1, "The task", of=len(KINDS))
    quiet(other)
    other.keyboard.press("End")
    expect(other.get_by_text("Ask for more", exact=True)).to_be_visible()
    other.reload()
    expect(other.get_by_text("Ask for more", exact=True)).to_be_visible()

    page.get_by_role("button", name="More").click()
    page.get_by_text("Delete", exact=True).click()
    expect(page.get_by_text("Deleted: For the <b>board</b>")).to_be_visible()
    gone = visitor(f"{path}&screen=2")
    expect(gone.get_by_role("heading", name="This story cannot be told.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("Present?story=for-the-b-board-b-")
