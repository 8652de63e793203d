"""Pictures of Home, Inside the model and every screen of Present for docs/pictures: wide, on a laptop, on a phone.

    python tools/pictures.py [home] [inside] [present]

Starts a server with a home of its own, looks at the pages in Chromium in light and dark, and puts the screens of a page
onto one sheet for each width and appearance. Overwrites the sheets that are there.
"""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.home import StudioHome  # noqa: E402
from core.story import Stories, plan_for  # noqa: E402

OUT = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SIZES = {1920: (1080, 0.34), 1366: (768, 0.45), 390: (844, 0.75)}  # width: height, how much smaller on the sheet
GAP = 12


def pages(home: Path) -> dict[str, list[str]]:
    """The addresses of the pages to look at, the story of a shipped model among them."""
    story = plan_for("How well are our forms read?", "strong", "classic")
    story_id = Stories(StudioHome(home)).save(story)
    screens = [f"Present?story={story_id}&screen={number}" for number in range(1, len(story.shown) + 1)]
    return {
        "home": [""],
        "inside": ["Inside_the_Model?run=strong&digit=8"],
        "present": [*screens, f"Present?story={story_id}"],
    }


def look(browser: Browser, url: str, width: int, appearance: Any, *, whole: bool) -> Image.Image:
    """One page as it looks when everything on it has arrived."""
    context = browser.new_context(viewport={"width": width, "height": SIZES[width][0]}, color_scheme=appearance)
    page = context.new_page()
    page.goto(url)
    page.get_by_test_id("stMain").get_by_role("heading").first.wait_for(timeout=60_000)
    page.wait_for_timeout(10_000)  # the curves of Present are replayed for six seconds
    page.get_by_test_id("stProgress").wait_for(state="detached", timeout=300_000)  # work in the background is done
    if whole:  # the page scrolls inside the window: a window as high as the page shows all of it
        height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": min(int(height), 6_000)})
        page.wait_for_timeout(3_000)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    return picture


def sheet(pictures: list[Image.Image], scale: float) -> Image.Image:
    """Pictures in rows, each as much smaller."""
    small = [each.resize((round(each.width * scale), round(each.height * scale))) for each in pictures]
    columns = min(len(small), 5 if small[0].width < 400 else 3)
    rows = [small[start : start + columns] for start in range(0, len(small), columns)]
    width = columns * (small[0].width + GAP) - GAP
    heights = [max(each.height for each in row) for row in rows]
    made = Image.new("RGB", (width, sum(heights) + GAP * (len(rows) - 1)), "#888888")
    for number, row in enumerate(rows):
        top = sum(heights[:number]) + GAP * number
        for column, each in enumerate(row):
            made.paste(each, (column * (small[0].width + GAP), top))
    return made


def main(wanted: list[str]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        addresses = pages(Path(folder))
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DIGIT_STUDIO_HOME": folder})
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
                for name in wanted or list(addresses):
                    for width in SIZES:
                        for appearance in ("light", "dark"):
                            urls = [f"http://127.0.0.1:{port}/{each}" for each in addresses[name]]
                            _picture(browser, name, urls, width, appearance)
        finally:
            server.terminate()
            server.wait()


def _picture(browser: Browser, name: str, urls: list[str], width: int, appearance: str) -> None:
    looked = [look(browser, url, width, appearance, whole=name != "present") for url in urls]
    path = OUT / f"{name}_{width}_{appearance}.jpg"
    sheet(looked, SIZES[width][1]).save(path, quality=82)
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    sys.stdout.flush()


def _wait(url: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main(sys.argv[1:])
