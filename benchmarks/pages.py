"""How quick the pages are, in Chromium: the first point after Start, watching, and every page with 1,000 runs.

    python -m benchmarks.pages [--quick] [--runs 1000]

Each part has a server and a home of its own. Times are taken in the page (`benchmarks.clock`), from the press of the
mouse. *Shown* is when what was asked for can be seen, *settled* when Streamlit is done with the page as well.
"""

import argparse
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from benchmarks import clock, machine, studio
from benchmarks.clock import Taken
from core.config import PRESETS
from core.home import SHIPPED, StudioHome
from core.jobs import Jobs
from core.run import CONFIG
from core.runs import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROW: Final = 36  # pixels of a line of the table
LINES: Final = 10  # of the table that are ticked in turn
POINT: Final = "!!document.querySelector('[data-testid=stVegaLiteChart] .role-mark.mark-symbol path')"
HEADING: Final = "[...document.querySelectorAll('h1, h2, h3')].some(heading => heading.innerText.trim() === {name})"
OTHER_TITLE: Final = "![undefined, '', {before}].includes(document.querySelector('h1')?.innerText)"
FIRST_LINE: Final = "document.querySelector('[data-testid=stDataFrame] canvas tbody tr')?.innerText !== {before}"


def first_points(browser: "Browser", tries: int) -> Iterator[tuple[float, float]]:
    """Seconds from Start to the first figures in the run's history, and to the first line on the page's curve.

    The form is left as it comes; each try has a server just started.
    """
    for _ in range(tries):
        with studio.home() as home, studio.server(home) as url:
            page = studio.open_page(browser, f"{url}/Train")
            start = page.get_by_role("button", name="Start", exact=True)
            start.wait_for()
            clock.arm(page, POINT)
            start.click()
            taken = clock.read(page)
            run = next(run for run in RunStore(home).runs() if not run.shipped)
            yield run.steps()[0]["time"] - taken.pressed, taken.shown / 1_000
            page.context.close()


def watched(browser: "Browser", rounds: int, images: int) -> Iterator[tuple[float, float]]:
    """Images per second of a classic training with nobody looking, and with a visitor on *Train*, in turns."""
    config = replace(PRESETS["classic"], subset=images, epochs=1)
    with studio.home() as home, studio.server(home) as url:
        jobs = Jobs(RunStore(home))
        for _ in range(rounds):
            rates = []
            for looking in (False, True):
                page = studio.open_page(browser, f"{url}/Train") if looking else None
                run = jobs.submit(config)
                jobs.wait(run.run_id)
                rates.append(float((run.evaluation() or {})["images_per_second"]))
                if page is not None:
                    page.context.close()
            yield rates[0], rates[1]


def fill(home: StudioHome, count: int) -> list[str]:
    """Puts copies of the shipped classic run into a home; their names, in the order of the table (newest first)."""
    model = SHIPPED / "pretrained" / "classic"
    whole = home.root / "model"
    shutil.copytree(model, whole)
    config = json.loads((model / CONFIG).read_text(encoding="utf-8"))
    names = [f"Run {number:04d}" for number in range(count)]
    for number, name in enumerate(names):
        folder = home.runs / f"20250101-{number:06d}-classic-{number % 65_536:04x}"
        folder.mkdir()
        for path in whole.iterdir():
            if path.is_file() and path.name != CONFIG:
                os.link(path, folder / path.name)  # what a run folder holds is replaced, never written into
        config["settings"] |= {"dropout": number % 10 / 20, "batch_size": 32 * (1 + number % 8)}
        config |= {"name": name, "created_at": 1.735e9 + 3_600 * number}
        (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    return names[::-1]


def redraws(page: "Page", names: list[str], times: int) -> dict[str, list[Taken]]:
    """Lines of the *Runs* table ticked, a second one ticked beside them, and unticked again; then the table sorted."""
    taken: dict[str, list[Taken]] = {"tick a line": [], "tick a second": [], "untick both": [], "sort by a column": []}
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()

    def press(what: str, condition: str, *, x: float, y: float) -> None:
        clock.arm(page, condition)
        table.click(position={"x": x, "y": y})
        taken[what].append(clock.read(page))
        page.wait_for_timeout(300)

    for turn in range(times):
        lines = turn % LINES, (turn + 1) % LINES
        one, other = (ROW * (line + 1) + ROW / 2 for line in lines)
        name = HEADING.format(name=json.dumps(names[lines[0]]))
        beside = HEADING.format(name="'Beside each other'")
        press("tick a line", name, x=16, y=one)
        press("tick a second", beside, x=16, y=other)
        press("untick both", f"!({beside})", x=16, y=other)
        press("untick both", f"!({name})", x=16, y=one)
    for turn in range(times):
        before = page.evaluate("document.querySelector('[data-testid=stDataFrame] canvas tbody tr').innerText")
        press("sort by a column", FIRST_LINE.format(before=json.dumps(before)), x=(100, 330)[turn % 2], y=ROW / 2)
    return taken


def visits(page: "Page", times: int) -> dict[str, list[Taken]]:
    """Every page in turn, by its link in the sidebar."""
    links = page.get_by_test_id("stSidebarNavLink")
    taken: dict[str, list[Taken]] = {}
    for turn in range(times * links.count()):
        link = links.nth((turn + 1) % links.count())
        before = json.dumps(page.evaluate("document.querySelector('h1').innerText"))
        clock.arm(page, OTHER_TITLE.format(before=before))
        link.click()
        taken.setdefault(link.inner_text().strip(), []).append(clock.read(page))
        page.wait_for_timeout(500)
    return taken


def about_start(browser: "Browser", *, tries: int, rounds: int, images: int) -> Iterator[str]:
    """The tables of the first point and of watching."""
    with machine.load() as load:
        points = list(first_points(browser, tries))
    rows = [
        ("Start to the first figures on record", *machine.spread([one for one, _ in points], _seconds)),
        ("Start to the first line on the curve", *machine.spread([other for _, other in points], _seconds)),
    ]
    yield f"### The first point, {tries} tries; {load}\n\n" + machine.table(("s", "median", "least", "most"), rows)
    with machine.load() as load:
        rates = list(watched(browser, rounds, images))
    rows = [
        ("nobody looks", *machine.spread([one for one, _ in rates])),
        ("a visitor watches, in a browser on the same machine", *machine.spread([other for _, other in rates])),
        ("ratio", *machine.spread([other / one for one, other in rates], machine.ratio)),
    ]
    yield f"### Watching a training; {load}\n\n" + machine.table(("images/s", "median", "least", "most"), rows)


def about_many_runs(browser: "Browser", *, runs: int, times: int) -> Iterator[str]:
    """The tables of the pages with so many runs in the store."""
    with studio.home() as home:
        names = fill(home, runs)
        with studio.server(home) as url, machine.load() as load:
            page = studio.open_page(browser, f"{url}/Runs")
            found = redraws(page, names, times)
            pages = visits(page, max(2, times // 3))
            page.context.close()
    yield f"### Runs with {runs:,} runs; {load}\n\n{clock.table(found)}"
    yield f"### Every page with {runs:,} runs, from a click in the sidebar\n\n{clock.table(pages)}"


def _seconds(value: float) -> str:
    return f"{value:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few of everything: does it work")
    parser.add_argument("--runs", type=int, help="1,000 by default, 100 in a quick try")
    arguments = parser.parse_args()
    quick = arguments.quick
    runs = arguments.runs or (100 if quick else 1_000)
    print(machine.described(), flush=True)
    with studio.browser() as browser:
        start = about_start(
            browser, tries=1 if quick else 5, rounds=1 if quick else 3, images=1_280 if quick else 27_500
        )
        many = about_many_runs(browser, runs=runs, times=2 if quick else 30)
        for parts in (start, many):
            for part in parts:
                print(part, flush=True)


if __name__ == "__main__":
    main()
