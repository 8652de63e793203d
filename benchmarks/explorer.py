"""How quick *Confusion Matrix* and *Misclassifications* are with 10,000 images, in Chromium.

    python -m benchmarks.explorer [--quick]

The shipped classic network's answers to the whole test split. Times are taken in the page (`benchmarks.clock`), from
the press of the mouse: to the other images, their order or their number; and in the close look to both saliency maps
of the next image, none of which was looked at before.
"""

import argparse
import json
from typing import TYPE_CHECKING, Final

from benchmarks import clock, machine, studio
from benchmarks.clock import Taken

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

LINK: Final = "run=classic&split=test"
FIRST_DIGIT: Final = "document.querySelector('[data-testid=stMain] img[alt^=\"Test digit\"]')?.alt"
MAPS: Final = "[...document.querySelectorAll('[role=dialog] img[alt^=\"The image coloured\"]')].map(map => map.src)"
BOTH_ANEW: Final = MAPS + ".filter(src => !{before}.includes(src)).length === 2"
CELLS: Final = ("a 4, read as 4:", "a 7, read as 7:", "a 5, read as 5:", "a 9, read as 9:")
SORTINGS: Final = ("Closest call", "Largest loss", "True class", "Most confident")


def press(page: "Page", target: "Locator", condition: str) -> Taken:
    """Presses what is there, and waits for what the page then shows."""
    clock.arm(page, condition)
    target.click()
    taken = clock.read(page)
    page.wait_for_timeout(300)
    return taken


def another(page: "Page", value: str) -> str:
    """The condition that this expression has become another one; waits until it is one at all."""
    page.wait_for_function(value)
    return f"![undefined, {json.dumps(page.evaluate(value))}].includes({value})"


def cells(browser: "Browser", url: str, times: int) -> list[Taken]:
    """Cells of the matrix clicked in turn: the images of the next one."""
    page = studio.open_page(browser, f"{url}/Confusion_Matrix?{LINK}")
    chart = page.get_by_test_id("stVegaLiteChart").first
    taken = []
    for turn in range(times):
        cell = chart.locator(f'path[aria-label^="{CELLS[turn % len(CELLS)]}"]').first
        taken.append(press(page, cell, another(page, FIRST_DIGIT)))
    page.context.close()
    return taken


def lists(browser: "Browser", url: str, times: int) -> dict[str, list[Taken]]:
    """The list of all images: another page of it, and another order."""
    page = studio.open_page(browser, f"{url}/Misclassifications?{LINK}&show=all")
    following = page.get_by_role("button", name="Next page")
    pages = [press(page, following, another(page, FIRST_DIGIT)) for _ in range(times)]
    orders = []
    for turn in range(times):
        page.get_by_role("combobox", name="Sorted by").click()
        option = page.get_by_role("option", name=SORTINGS[turn % len(SORTINGS)], exact=True)
        orders.append(press(page, option, another(page, FIRST_DIGIT)))
    page.context.close()
    return {"all images: the next page": pages, "all images: another order": orders}


def close_looks(browser: "Browser", url: str, times: int) -> list[Taken]:
    """The close look, stepped through: both maps of the next image, its neighbours found beforehand once."""
    page = studio.open_page(browser, f"{url}/Misclassifications?{LINK}&show=all&image=0")
    page.locator("[role=dialog] img[alt^='Training image']").first.wait_for(timeout=180_000)
    page.wait_for_timeout(2_000)
    taken = []
    for _ in range(times):
        before = json.dumps(page.evaluate(MAPS))
        following = page.get_by_role("dialog").get_by_role("button", name="Next")
        taken.append(press(page, following, BOTH_ANEW.format(before=before)))
    page.context.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few of everything: does it work")
    times = 3 if parser.parse_args().quick else 30
    print(machine.described(), flush=True)
    with studio.browser() as browser, studio.home() as home, studio.server(home) as url, machine.load() as load:
        found = {"matrix: another cell": cells(browser, url, times), **lists(browser, url, times)}
        found["close look: the next image, both maps"] = close_looks(browser, url, times)
    print(f"### The explorers with 10,000 images; {load}\n\n{clock.table(found)}")


if __name__ == "__main__":
    main()
