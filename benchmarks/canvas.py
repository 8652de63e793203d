"""The real canvas in Chromium: how soon the answer comes, whether it is the command's, and how long *why* takes.

    python -m benchmarks.canvas [--data FOLDER] [--digits 200] [--times 30] [--quick]

The shipped classic network. Three parts: from the pen's lifting to the new answer, in turns with the barest page that
Streamlit can draw around the same canvas, which only counts its ink; from the press of a tab to the reasons behind it,
for a drawing that was not looked at before; and, where FOLDER holds `pen_strokes.json.gz` (see `handwriting`), as many
of its digits drawn with the mouse, each answer beside that of `python -m core predict` for the same strokes.
"""

import argparse
import gzip
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from benchmarks import clock, machine, studio
from benchmarks.clock import Taken
from core.home import HOME_VARIABLE, StudioHome

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Strokes = list[list[tuple[float, float]]]

SIDE: Final = 280
BRUSH: Final = 18  # the page's first
WAITS: Final = 200  # milliseconds for which the canvas package keeps every change to itself
LONGER_SIDE: Final = 190  # pixels of a digit on the canvas
STEP: Final = 14  # pixels from one position of the mouse to the next
BARE_PAGE: Final = f"""import streamlit as st
from streamlit_drawable_canvas import st_canvas
turn = st.session_state.setdefault("turn", 0)
def clear():
    st.session_state["turn"] += 1
st.title("Bare")
result = st_canvas(stroke_width={BRUSH}, background_color="#FFFFFF", height={SIDE}, width={SIDE},
                   return_image_data=True, key=f"canvas-{{turn}}")
st.button("Clear", on_click=clear)
picture = result.image_data
st.text("Nothing" if picture is None else f"Ink {{(picture[..., 0] < 128).sum()}}")
"""
ANSWER: Final = "document.querySelector('[data-testid=stMetricValue]')?.innerText.trim()"
ECHO: Final = "document.querySelector('[data-testid=stText]')?.innerText.trim()"
PICTURES: Final = "[...document.querySelectorAll('[data-testid=stMain] img')].filter(img => img.alt.startsWith('{}'))"
REASONS: Final = {
    "For and against": ("The digit coloured by what", 2),
    "Why not": ("The digit with the places", 1),
    "Layers": ("Layer", 5),
    "Look-alikes": ("Training image", 8),
}


def a_seven(turn: int) -> Strokes:
    """One stroke, each turn a little different."""
    lean = 3 * (turn % 10)
    return [[(70 + lean, 60), (195 + lean, 62), (110 + 2 * lean, 232)]]


def draw(page: "Page", strokes: Strokes, *, lift: bool = True) -> None:
    """Draws with the mouse; without `lift` the pen stays down at the end of the last stroke."""
    canvas = page.locator("canvas").last
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box is not None
    for number, stroke in enumerate(strokes, start=1):
        points = [(box["x"] + x, box["y"] + y) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for before, point in itertools.pairwise(points):
            page.mouse.move(*point, steps=max(1, round(math.dist(before, point) / STEP)))
        if lift or number < len(strokes):
            page.mouse.up()


def clear(page: "Page", shown: str, empty: str) -> None:
    """Empties the canvas, and waits until the page says so and is quiet."""
    page.get_by_role("button", name="Clear", exact=True).click()
    page.wait_for_function(f"{shown} === {json.dumps(empty)}")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(100)


def lifts(page: "Page", shown: str, empty: str, turn: int) -> Taken:
    """One drawing of one stroke: from the pen's lifting to what the page says of it."""
    draw(page, a_seven(turn), lift=False)
    page.wait_for_timeout(250)
    clock.arm(page, f"![undefined, {json.dumps(empty)}].includes({shown})", since="pointerup")
    page.mouse.up()
    taken = clock.read(page)
    clear(page, shown, empty)
    return taken


def answers(browser: "Browser", url: str, peer: str, times: int) -> dict[str, list[Taken]]:
    """Draw and predict, and the bare page, in turns; the first of each is not counted."""
    ours, bare = studio.open_page(browser, f"{url}/Draw_and_Predict"), studio.open_page(browser, peer)
    found: dict[str, list[Taken]] = {"Draw and predict: the answer": [], "a bare page: the ink counted": []}
    for turn in range(times + 1):
        taken = (lifts(ours, ANSWER, "–", turn), lifts(bare, ECHO, "Nothing", turn))
        for name, each in zip(found, taken, strict=True):
            found[name] += [each] if turn else []
    ours.context.close()
    bare.context.close()
    return found


def reasons(browser: "Browser", url: str, times: int) -> dict[str, list[Taken]]:
    """Each tab pressed for a new drawing; the index of training images is there already."""
    page = studio.open_page(browser, f"{url}/Draw_and_Predict")
    draw(page, a_seven(0))
    page.wait_for_function(f"{ANSWER} === '7'")
    page.get_by_role("tab", name="Look-alikes").click()
    page.locator("img[alt^='Training image']").first.wait_for(timeout=180_000)
    found: dict[str, list[Taken]] = {f"why: {tab}": [] for tab in REASONS}
    for turn in range(times):
        for tab, (alt, count) in REASONS.items():
            page.get_by_role("tab", name="Steps", exact=True).click()
            clear(page, ANSWER, "–")
            draw(page, [[(x + turn, y + len(tab)) for x, y in stroke] for stroke in a_seven(turn)])
            page.wait_for_function(f"{ANSWER} === '7'")
            page.wait_for_timeout(500)
            clock.arm(page, f"{PICTURES.format(alt)}.length >= {count}")
            page.get_by_role("tab", name=tab, exact=True).click()
            found[f"why: {tab}"].append(clock.read(page))
    page.context.close()
    return found


def on_the_canvas(strokes: list[list[list[float]]]) -> Strokes:
    """Recorded strokes, y up, in the middle of the canvas."""
    points = np.concatenate([np.asarray(stroke, float) for stroke in strokes if stroke])
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = LONGER_SIDE / max(float(extent.max()), 1.0)
    margin = (SIDE - extent * scale) / 2
    placed = [(np.asarray(stroke, float).reshape(-1, 2) - low) * scale for stroke in strokes if stroke]
    return [
        [(float(margin[0] + x), float(SIDE - margin[1] - y)) for x, y in stroke] for stroke in placed if len(stroke)
    ]


def drawn_by_code(strokes: Strokes) -> bytes:
    """The same strokes as a PNG, with a round brush of the page's width."""
    canvas = np.full((SIDE, SIDE), 255, np.uint8)
    for stroke in strokes:
        points = np.round(np.array(stroke) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [points], False, 0, BRUSH, cv2.LINE_AA, shift=4)
    return cv2.imencode(".png", canvas)[1].tobytes()


def predicted(pictures: list[bytes], home: StudioHome) -> list[str]:
    """What `python -m core predict` says of each, with the model that the page asks."""
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(pictures):
            (Path(folder) / f"{number:04}.png").write_bytes(data)
        command = [sys.executable, "-m", "core", "predict", folder, "--model", "active", "--json"]
        where = os.environ | {HOME_VARIABLE: str(home.root)}
        lines = subprocess.run(command, cwd=studio.ROOT, env=where, capture_output=True, text=True, check=True).stdout
    return [str(json.loads(line)["digit"]) for line in lines.splitlines()]


def read_on_the_page(page: "Page", strokes: Strokes) -> str:
    """What the page says of strokes once it has said the same twice: on a busy machine the last stroke comes late."""
    draw(page, strokes)
    said = ["", said_now(page)]
    while said[-1] != said[-2]:
        said.append(said_now(page))
    clear(page, ANSWER, "–")
    return said[-1]


def said_now(page: "Page") -> str:
    """The page's answer once it is quiet."""
    page.wait_for_timeout(2 * WAITS)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function(f"![undefined, '–'].includes({ANSWER})")
    return str(page.evaluate(ANSWER))


def replay(browser: "Browser", url: str, home: StudioHome, folder: Path, count: int) -> str:
    """Recorded digits drawn with the mouse: how many answers are the command's, and how many are right."""
    with gzip.open(folder / "pen_strokes.json.gz", "rt") as stream:
        written = json.load(stream)
    chosen = written[:: max(1, len(written) // count)][:count]
    strokes = [on_the_canvas(digit["strokes"]) for digit in chosen]
    wanted = predicted([drawn_by_code(each) for each in strokes], home)
    page = studio.open_page(browser, f"{url}/Draw_and_Predict")
    said = [read_on_the_page(page, each) for each in strokes]
    page.context.close()
    labels = [str(digit["label"]) for digit in chosen]
    same = sum(ours == theirs for ours, theirs in zip(said, wanted, strict=True))
    rows = [
        ("the canvas answers as the command does", f"{same} of {len(said)}"),
        ("right on the canvas", sum(ours == label for ours, label in zip(said, labels, strict=True))),
        ("right by the command", sum(theirs == label for theirs, label in zip(wanted, labels, strict=True))),
    ]
    others = [
        f"a {label}: {ours} on the canvas, {theirs} by the command"
        for label, ours, theirs in zip(labels, said, wanted, strict=True)
        if ours != theirs
    ]
    return machine.table(("pen strokes", "n"), rows) + ("\n" + "; ".join(others) + ".\n" if others else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="a folder with pen_strokes.json.gz")
    parser.add_argument("--digits", type=int, default=200, help="how many of them are drawn")
    parser.add_argument("--times", type=int, default=30, help="measurements of each time; 0 for none")
    parser.add_argument("--quick", action="store_true", help="few of everything: does it work")
    given = parser.parse_args()
    times, digits = (3, 5) if given.quick else (given.times, given.digits)
    print(machine.described(), flush=True)
    with studio.browser() as browser, studio.home() as home, studio.server(home) as url, machine.load() as load:
        if times:
            print(_times(browser, url, home, times), flush=True)
        if given.data is not None:
            print(replay(browser, url, home, given.data, digits), flush=True)
    print(f"Meanwhile: {load}.")


def _times(browser: "Browser", url: str, home: StudioHome, times: int) -> str:
    with studio.bare(BARE_PAGE, home.root) as peer:
        found = answers(browser, url, peer, times)
    ours, bare = (np.median([each.shown for each in taken]) for taken in found.values())
    note = (
        f"Pen up to answer: {ours / bare:.2f} times the bare page. In both the canvas package waits {WAITS} ms after "
        f"the last change before it tells the server: {WAITS / bare:.0%} of the bare page's time.\n"
    )
    return f"{clock.table({**found, **reasons(browser, url, times)})}\n{note}"


if __name__ == "__main__":
    main()
