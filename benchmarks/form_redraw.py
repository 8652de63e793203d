"""How long a change of the form on *Train* takes to show while a run is training, in Chromium.

    python -m benchmarks.form_redraw [--changes 30] [--idle]

A `classic` training runs, a visitor has *Train* open, and changes the form again and again: filters stepped with the
button, filters typed, and the preset, in turn. From the press of the mouse to the new total of the layer table in the
page. The peer is the least that Streamlit can do, beside the same training: a page of one number field and one text
that repeats it.
"""

import argparse
import contextlib
import json
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from benchmarks import clock, machine, studio
from core.config import PRESETS
from core.jobs import Jobs
from core.runs import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOTAL: Final = "[data-testid=stTable] tbody tr:last-child"  # of the layer table
ECHO: Final = "[data-testid=stText]"
BARE_PAGE: Final = """import streamlit as st
st.title("Bare")
number = st.number_input("Filters", value=32, step=8)
st.text(f"Total {number}")
"""
WAYS: Final = ("filters stepped", "filters typed", "preset")


def change(page: "Page", way: str, turn: int) -> None:
    """One change of the form, there on even turns and back on odd ones."""
    if way == "preset":
        page.get_by_role("radio", name=("compact", "classic")[turn % 2], exact=True).click()
        return
    field = page.get_by_role("spinbutton", name="Filters", exact=True)
    if way == "filters typed":
        field.fill(("40", "24")[turn % 2])
        page.get_by_role("heading").first.click()  # what is typed counts when the field is left
    else:
        step = ("stNumberInputStepUp", "stNumberInputStepDown")[turn % 2]
        page.get_by_test_id("stNumberInput").filter(has=field).get_by_test_id(step).click()


def measure(page: "Page", ways: Sequence[str], changes: int, watched: str) -> dict[str, list[float]]:
    """Milliseconds from each press to the changed text, by the way of changing."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(changes):
        way = ways[turn // 2 % len(ways)]
        before = json.dumps(page.locator(watched).first.inner_text())
        text = f"document.querySelector({json.dumps(watched)})?.innerText"
        clock.arm(page, f"![undefined, {before}].includes({text})")
        change(page, way, turn)
        taken[way].append(clock.read(page).shown)
        page.wait_for_timeout(300 + turn % 7 * 90)  # never in step with what the page does by itself
    return taken


def row(name: str, taken: Sequence[float]) -> tuple[str, ...]:
    """One row of the table."""
    ninetieth = sorted(taken)[min(len(taken) - 1, round(0.9 * len(taken)))]
    return name, str(len(taken)), machine.number(statistics.median(taken)), machine.number(ninetieth)


def compare(browser: "Browser", url: str, peer: str, *, changes: int, training: bool) -> list[tuple[str, ...]]:
    """The rows of both pages."""
    page = studio.open_page(browser, f"{url}/Train")
    if training:
        page.get_by_test_id("stProgress").filter(has_text="images/s").wait_for()
    taken = measure(page, WAYS, changes, TOTAL)
    page.context.close()
    bare = measure(studio.open_page(browser, peer), WAYS[:1], changes, ECHO)
    rows = [row("*Train*", [each for times in taken.values() for each in times])]
    rows += [row(f"*Train*, {way}", times) for way, times in taken.items() if times]
    return [*rows, row("a bare page", bare[WAYS[0]])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--changes", type=int, default=30)
    parser.add_argument("--idle", action="store_true", help="without a training")
    arguments = parser.parse_args()
    print(machine.described(), flush=True)
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(studio.home())
        url = stack.enter_context(studio.server(home))
        peer = stack.enter_context(studio.bare(BARE_PAGE, home.root))
        jobs = Jobs(RunStore(home))
        stack.callback(jobs.shutdown)
        if not arguments.idle:
            jobs.submit(replace(PRESETS["classic"], epochs=900), name="Beside the form", preset="classic")
        browser = stack.enter_context(studio.browser())
        with machine.load() as load:
            rows = compare(browser, url, peer, changes=arguments.changes, training=not arguments.idle)
    print(f"### A change of the form{'' if arguments.idle else ' beside a training'}; {load}\n")
    print(machine.table(("ms to be shown", "n", "median", "90th percentile"), rows))


if __name__ == "__main__":
    main()
