"""Drawing with a real mouse on the real canvas, and files in the real field."""

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, expect

from core.home import StudioHome
from tests.browser.acts import answer, draw_strokes, draw_three, draw_with
from tests.browser.tracing import strokes_of
from tests.digits import digits, encoded, label, picture, row_of, run_python

STEM = [(190, 50), (130, 235)]
ROOF = [(70, 52), (190, 50)]
SEVEN = [(70, 60), (200, 60), (120, 230)]
TRACED = 20
BAR = [(80, 150), (190, 140)]
INK = """() => {
    const roots = [...document.querySelectorAll("*")].map(each => each.shadowRoot).filter(Boolean);
    const canvas = roots.map(root => root.querySelector("canvas.dc-canvas.lower-canvas")).find(Boolean);
    if (!canvas) return -1;
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let place = 0; place < data.length; place += 4) count += data[place] < 128;
    return count;
}"""


def ink(page: Page) -> int:
    """How many pixels of the canvas are dark."""
    return int(page.evaluate(INK))


def expect_ink(page: Page, count: int) -> None:
    """Waits until so many pixels of the canvas are dark."""
    page.wait_for_function(f"({INK})() === {count}")


def await_answer(page: Page, text: str) -> None:
    """Waits for the large digit, and looks at it with every frame: `expect` takes ever longer from look to look."""
    page.wait_for_function(f"document.querySelector('[data-testid=stMetricValue]')?.innerText.trim() === '{text}'")


def button(page: Page, name: str):
    return page.get_by_test_id("stButton").get_by_role("button", name=name)


def test_a_three_drawn_with_the_mouse_is_read(visitor):
    page = visitor("Draw_and_Predict")
    draw_three(page)
    expect(answer(page)).to_have_text("3")
    expect(page.get_by_text(re.compile(r"confidence"))).to_be_visible()
    assert page.get_by_test_id("stImage").count() >= 4
    button(page, "Clear").click()
    expect(answer(page)).to_have_text("–")
    expect_ink(page, 0)
    button(page, "Undo").click()
    expect(answer(page)).to_have_text("3")


def test_strokes_are_taken_back_by_button_and_by_keyboard(visitor):
    page = visitor("Draw_and_Predict")
    draw_strokes(page, [STEM])
    expect(answer(page)).to_have_text("1")
    alone = ink(page)
    draw_strokes(page, [ROOF])
    expect(answer(page)).to_have_text("7")
    button(page, "Undo").click()
    expect(answer(page)).to_have_text("1")
    expect_ink(page, alone)
    draw_strokes(page, [ROOF])
    expect(answer(page)).to_have_text("7")
    button(page, "Undo").click()
    page.keyboard.press("Control+z")  # both before the canvas tells of the first
    expect(answer(page)).to_have_text("–")
    expect_ink(page, 0)


def test_the_drawing_outlives_tabs_pages_brushes_and_the_theme(visitor):
    page = visitor("Draw_and_Predict")
    draw_three(page)
    expect(answer(page)).to_have_text("3")
    drawn = ink(page)
    page.get_by_role("tab", name="Examples").click()
    page.get_by_role("button", name="7", exact=True).click()
    expect(answer(page)).to_have_text("7")
    page.get_by_role("tab", name="Draw", exact=True).click()
    expect(answer(page)).to_have_text("3")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Digit Studio")).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Draw and Predict").click()
    expect(answer(page)).to_have_text("3")
    expect_ink(page, drawn)
    page.emulate_media(color_scheme="dark")
    page.get_by_role("slider").press("ArrowRight")
    expect(page.get_by_test_id("stSlider")).to_contain_text("19")
    expect(answer(page)).to_have_text("3")
    assert ink(page) == drawn


def test_a_finger_and_a_pen_draw_too(visitor):
    page = visitor("Draw_and_Predict", width=390, height=844)
    points = [(70 + 10 * number, 60) for number in range(14)] + [(200 - 6 * n, 60 + 13 * n) for n in range(1, 14)]
    draw_with(page, "finger", [points])
    expect(answer(page)).to_have_text("7")
    button(page, "Clear").click()
    expect(answer(page)).to_have_text("–")
    draw_with(page, "pen", [points])
    expect(answer(page)).to_have_text("7")


def test_why_not_another_digit(visitor):
    page = visitor("Draw_and_Predict")
    draw_strokes(page, [SEVEN])
    expect(answer(page)).to_have_text("7")
    page.get_by_role("tab", name="Why not").click()
    page.get_by_role("radio", name="2", exact=True).click()
    expect(page.get_by_test_id("stImage").get_by_text("Where more ink would help 2 (blue)")).to_be_visible()
    draw_strokes(page, [BAR])
    expect(page.get_by_test_id("stImage").get_by_text("Where more ink would help 2 (blue)")).to_be_visible()


def test_many_files_and_their_table(visitor, tmp_path: Path):
    names = {"a.png": picture(0), "b.png": b"no picture", "c.png": row_of([1, 2, 3])}
    for name, data in names.items():
        (tmp_path / name).write_bytes(data)
    page = visitor("Draw_and_Predict")
    page.get_by_role("tab", name="Upload").click()
    page.locator("input[type=file]").set_input_files([tmp_path / name for name in names])
    expect(page.get_by_text("2 of 3 files read, 1 could not be")).to_be_visible()
    expect(answer(page)).to_have_text(str(label(0)))
    with page.expect_download() as coming:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name="Download as CSV").click()
    rows = list(csv.DictReader(io.StringIO(coming.value.path().read_text("utf-8"))))
    assert [(row["file"], row["digit"]) for row in rows[:2]] == [("a.png", str(label(0))), ("b.png", "")]
    assert rows[2]["digits"] == "".join(str(label(index)) for index in (1, 2, 3))


def test_several_digits_have_their_boxes(visitor, tmp_path: Path):
    (tmp_path / "postcode.png").write_bytes(row_of([0, 1, 2, 3]))
    page = visitor("Draw_and_Predict", width=390, height=844)
    page.get_by_role("tab", name="Upload").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "postcode.png")
    expect(answer(page)).to_have_text("".join(str(label(index)) for index in range(4)))
    expect(page.get_by_alt_text(re.compile("with a box around each digit"))).to_be_visible()
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


def drawn_by_code(strokes: list[list[tuple[float, float]]]) -> np.ndarray:
    """The same strokes on a white canvas, with a round brush of the width that the page begins with."""
    canvas = np.full((280, 280), 255, np.uint8)
    for stroke in strokes:
        points = np.round(np.array(stroke) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 0, 18, cv2.LINE_AA, shift=4)
    return canvas


def test_traced_digits_are_read_as_the_command_reads_the_same_strokes(studio, visitor, tmp_path: Path):
    """Twenty digits of MNIST, traced with a pen of one width, each on an empty canvas."""
    images, _ = digits()
    traced = [strokes_of(image) for image in images[:TRACED]]
    (tmp_path / "strokes").mkdir()
    for number, strokes in enumerate(traced):
        (tmp_path / "strokes" / f"{number:02}.png").write_bytes(encoded(drawn_by_code(strokes)))
    command = ("-m", "core", "predict", str(tmp_path / "strokes"), "--json")  # the model that the page asks
    home = StudioHome(studio.home)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(run_python, *command, home=home)
        page = visitor("Draw_and_Predict")
        wanted = [json.loads(line)["digit"] for line in done.result().stdout.splitlines()]
    for strokes, digit in zip(traced, wanted, strict=True):
        draw_strokes(page, strokes, step=40)
        await_answer(page, str(digit))
        button(page, "Clear").click()
        await_answer(page, "–")
