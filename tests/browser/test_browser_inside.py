"""Inside the model in a browser: a click opens a map, a lasso shows exactly the images inside it, a drawing lands."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from core.explain.atlas import key_of, write_tsne
from core.home import StudioHome
from core.runs import RunStore
from tests.atlases import write_made_up
from tests.browser.acts import come_to_rest, draw_strokes
from tests.browser.conftest import PATIENCE

expect.set_options(timeout=PATIENCE)

SIDE = 20  # images 0 to 399 lie on a grid, one unit apart; all others lie on one point outside it
WHERE = """([x, y]) => {
    const plot = document.querySelector('.js-plotly-plot'), { xaxis, yaxis } = plot._fullLayout;
    const box = plot.getBoundingClientRect();
    return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
}"""


def lay_out(home: StudioHome) -> None:
    """What the network sees in the test images, and a map of them on which every place is known."""
    write_made_up(home)
    points = np.full((10_000, 2), SIDE + 4, np.float32)
    points[: SIDE * SIDE] = [(place % SIDE, place // SIDE) for place in range(SIDE * SIDE)]
    write_tsne(home, "classic", key_of(RunStore(home).get("classic")), points)


def move(page: Page, x: float, y: float, *, steps: int = 1) -> None:
    """To a place on the map, in its own numbers."""
    page.mouse.move(*page.evaluate(WHERE, [x, y]), steps=steps)


def shown(page: Page) -> set[int]:
    """The test images in the gallery beside the map, once it is drawn: its heading comes first."""
    come_to_rest(page)
    classes = page.locator("[class*='st-key-inside_point_']").evaluate_all("all => all.map(each => each.className)")
    return {int(found.group(1)) for each in classes if (found := re.search(r"st-key-inside_point_(\d+)", each))}


def test_a_click_opens_a_map_and_a_lasso_shows_exactly_the_images_inside_it(studio, visitor):
    lay_out(StudioHome(studio.home))
    page = visitor("Inside_the_Model?run=classic&digit=7&way=tsne")
    way = page.locator(".stVegaLiteChart").nth(1)
    expect(way.locator("image").first).to_be_visible()
    come_to_rest(page)
    box = way.bounding_box()
    page.mouse.click(box["x"] + 116 + 20, box["y"] + 3 * 60 + 20)  # the first map of the third layer
    page.wait_for_url(re.compile("layer=act2&map="))
    number = re.search(r"map=(\d+)", page.url).group(1)
    # In the page: the chart's own tooltip, "map 8 of act2", may still stand under the pointer.
    expect(page.get_by_test_id("stMainBlockContainer").get_by_text(f"Map {number} of act2")).to_be_visible()

    expect(page.get_by_text("Nearest to this image")).to_be_visible()
    page.locator(".js-plotly-plot .nsewdrag").first.scroll_into_view_if_needed()
    come_to_rest(page)
    # Two columns of four and of two images, and one more beside them: a shape that no box has.
    outline = [(2.5, 2.5), (2.5, 6.5), (3.5, 6.5), (3.5, 4.5), (4.5, 4.5), (4.5, 3.5), (5.5, 3.5), (5.5, 2.5)]
    inside = {3 + SIDE * y for y in range(3, 7)} | {4 + SIDE * y for y in (3, 4)} | {5 + SIDE * 3}
    move(page, *outline[0])
    page.mouse.down()
    for corner in (*outline[1:], (2.8, 2.5)):
        move(page, *corner, steps=3)
    page.mouse.up()
    expect(page.get_by_role("heading", name="7 images")).to_be_visible()
    assert shown(page) == inside
    page.get_by_role("button", name="Another").click()  # the map is drawn anew for it; what was circled stays
    page.wait_for_url(lambda url: "digit=7&" not in url)
    expect(page.get_by_role("heading", name="7 images")).to_be_visible()
    assert shown(page) == inside
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nearest to this image")).to_be_visible()
    page.get_by_role("radio", name="Clicking").click()
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullLayout?.dragmode === 'pan'")
    come_to_rest(page)
    move(page, 9, 12)
    expect(page.locator(".js-plotly-plot .hovertext")).to_contain_text(f"image {9 + SIDE * 12}:")
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("heading", name="1 image", exact=True)).to_be_visible()
    assert shown(page) == {9 + SIDE * 12}


def test_a_drawing_made_here_goes_through_the_layers_and_lands_on_the_map(studio, visitor):
    lay_out(StudioHome(studio.home))
    page = visitor("Inside_the_Model?run=classic&digit=drawing", width=390)
    expect(page.get_by_text("Draw a digit, or take one")).to_be_visible()
    come_to_rest(page)
    draw_strokes(page, [[(140, 50), (140, 230)]])
    expect(page.get_by_text("Read as 1")).to_be_visible()
    expect(page.get_by_text("Nearest to your digit")).to_be_visible()
    expect(page.locator(".js-plotly-plot .annotation-text", has_text="Your drawing")).to_be_attached()
