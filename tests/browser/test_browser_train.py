"""Training as visitors see it: live, after a reload, in a second tab, in a queue, steered, and after a crash."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.acts import (
    await_epoch,
    await_finish,
    curve,
    progress,
    set_number,
    shown_run,
    start_training,
    waiting,
)
from tests.browser.conftest import PATIENCE, Studio

ENDLESS = 500  # epochs


def named(studio: Studio, name: str) -> Path:
    """The folder of the run that was started under this name."""
    return next(run for run in studio.runs if json.loads((run / "config.json").read_text())["name"] == name)


def status(run: Path) -> dict[str, Any]:
    return json.loads((run / "status.json").read_text())


def learning_rates(run: Path) -> list[float]:
    """The learning rate of every step that was written down."""
    records = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return [record["learning_rate"] for record in records if record["kind"] == "step"]


def test_a_training_is_drawn_survives_a_reload_and_ends(visitor, studio):
    page = visitor("Train")
    start_training(page, epochs=2, subset=8_000, name="Live")
    await_epoch(page, 1, of=2)
    path = curve(page).nth(1)
    expect(path).to_have_attribute("d", re.compile("L"))  # two points make a line
    drawn = path.get_attribute("d")
    svgs = "[...document.querySelectorAll('[data-testid=stVegaLiteChart] svg')]"
    marked = page.evaluate(f"{svgs}.map(svg => svg.kept = true).length")
    page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=stVegaLiteChart] .mark-line path')]"
        ".some(path => (path.getAttribute('d') || '').length > before + 20)",
        arg=len(drawn),
    )
    kept = page.evaluate(f"{svgs}.filter(svg => svg.kept).length")
    assert kept == marked >= 2, "charts were replaced instead of updated: they blink"

    page.reload()
    expect(shown_run(page)).to_have_value("Live")
    expect(curve(page).nth(1)).to_have_attribute("d", re.compile("L"))
    await_finish(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("wrong of 10,000")
    run = named(studio, "Live")
    assert json.loads((run / "evaluation.json").read_text())["test"]["accuracy"] > 0.9


def test_three_in_a_queue_seen_and_steered_from_any_tab(visitor, studio):
    """One journey, since a training takes long to begin: each next step is done to what the last one left."""
    first = visitor("Train")
    start_training(first, epochs=ENDLESS, subset=2_000, name="Shared")
    await_epoch(first, 2, of=ENDLESS)
    second = visitor("Train")
    expect(shown_run(second)).to_have_value("Shared")
    expect(curve(second).nth(1)).to_have_attribute("d", re.compile("L"))

    before = len(studio.runs)
    start_training(first, epochs=ENDLESS, subset=2_000, name="Withdrawn", clicks=2)  # a double click starts one run
    start_training(second, epochs=ENDLESS, subset=2_000, name="Steered")
    for page in (first, second):
        expect(waiting(page)).to_have_text(["1. Withdrawn", "2. Steered"])
    assert len(studio.runs) == before + 2
    first.get_by_role("button", name="Take out of the queue").click()
    for page in (first, second):
        expect(waiting(page)).to_have_text(["1. Steered"])

    third = visitor()
    expect(third.get_by_text("Training now: Shared")).to_be_visible()
    third.get_by_role("link", name="Watch it").click()
    _stop_and_keep_the_best(third)
    (studio.home / "active.json").unlink()

    await_epoch(second, 1, of=ENDLESS)
    set_number(second, "Epochs", 3)
    _pause_and_change_the_rate(second, named(studio, "Steered"))
    _crash_and_resume(second, named(studio, "Steered"))
    expect(second.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_value("3")
    second.get_by_role("button", name="Discard").click()
    expect(second.get_by_text("Discarded: Steered")).to_be_visible()


def _stop_and_keep_the_best(page: Page) -> None:
    """Ends the run on the page and makes it the model that predicts."""
    page.get_by_role("button", name="Stop and keep the best").click()
    await_finish(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("wrong of 10,000")
    page.get_by_role("button", name="Make active").click()
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Shared")


def _pause_and_change_the_rate(page: Page, run: Path) -> None:
    """The run halts, takes another learning rate meanwhile, and goes on with it."""
    page.get_by_role("button", name="Pause").click()
    expect(progress(page)).to_contain_text("Paused")
    paused = status(run)
    page.get_by_test_id("stPopover").filter(has_text="Learning rate").get_by_role("button").click()
    set_number(page, "Learning rate from now on", 0.001)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("learning rate")
    assert status(run)["step"] == paused["step"]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Go on").click()
    await_epoch(page, paused["epoch"] + 2, of=ENDLESS)
    rates = learning_rates(run)
    assert rates[-1] <= 0.001 < rates[0]


def _crash_and_resume(page: Page, run: Path) -> None:
    """The training process dies without a word; the run goes on from its last checkpoint, its history unbroken."""
    killed = status(run)
    os.kill(killed["pid"], signal.SIGKILL)
    expect(progress(page)).to_contain_text("Interrupted")
    before = learning_rates(run)
    page.get_by_role("button", name="Resume").click()
    await_epoch(page, killed["epoch"], of=ENDLESS)
    assert status(run)["pid"] != killed["pid"]
    assert learning_rates(run)[:10] == before[:10]


def test_impossible_settings_are_refused_before_anything_starts(visitor, studio):
    before = studio.runs
    page = visitor("Train")
    set_number(page, "Epochs", 0)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Epochs must be from 1 to 1,000, not 0.")
    expect(page.get_by_role("button", name="Start")).to_be_disabled()
    set_number(page, "Epochs", 1)
    expect(page.get_by_role("button", name="Start")).to_be_enabled(timeout=PATIENCE)
    expect(alert).to_have_count(0)
    assert studio.runs == before
