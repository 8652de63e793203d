"""A stopwatch inside a browser's page: from a visitor's press to what the page then shows.

Owns the script and its meaning. Times are taken in the page itself, so that the way to the benchmark does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks import machine

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Starts at the press itself, before any handler of the page; looks again after every change of the document.
_ARM: Final = """
([condition, patience, since]) => {
    const shown = new Function("return " + condition);
    const idle = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
    window.measured = new Promise((resolve, reject) => {
        const taken = {};
        let start = null;
        const end = (finish, value) => { watch.disconnect(); clearTimeout(limit); finish(value); };
        const press = () => { start = performance.now(); taken.pressed = Date.now(); };
        window.addEventListener(since, press, {capture: true, once: true});
        const look = () => {
            if (start === null) return;
            const now = performance.now() - start;
            if (taken.shown === undefined && shown()) taken.shown = now;
            if (taken.shown !== undefined && idle()) { taken.settled = now; end(resolve, taken); }
        };
        const watch = new MutationObserver(look);
        watch.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
        const limit = setTimeout(() => end(reject, new Error("not shown: " + condition)), patience);
    });
}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """One measurement.

    Attributes:
        pressed: when the mouse went down, Unix time in seconds.
        shown: milliseconds until the page showed what was waited for.
        settled: milliseconds until it showed it and Streamlit was done with the page.
    """

    pressed: float
    shown: float
    settled: float


def arm(page: "Page", condition: str, *, patience: float = 60.0, since: str = "pointerdown") -> None:
    """Gets ready for the next press.

    Args:
        condition: a JavaScript expression that is true once the page shows what is waited for.
        patience: seconds after which `read` raises.
        since: the event of the page that starts the clock.
    """
    page.evaluate(_ARM, [condition, 1_000 * patience, since])


def read(page: "Page") -> Taken:
    """The measurement of the press since `arm`; waits for its end.

    Raises:
        playwright.sync_api.Error: the page did not show it in time.
    """
    taken = page.evaluate("window.measured")
    return Taken(taken["pressed"] / 1_000, taken["shown"], taken["settled"])


def table(found: Mapping[str, Sequence[Taken]]) -> str:
    """The table of such measurements, in milliseconds."""
    rows = []
    for name, taken in found.items():
        shown = machine.spread([each.shown for each in taken])
        settled = machine.spread([each.settled for each in taken])
        rows.append((name, len(taken), *shown, *settled))
    columns = ("ms", "n", "shown, median", "least", "most", "settled, median", "least", "most")
    return machine.table(columns, rows)
