"""Training as a visitor sees it: live, after a reload, in a second tab, and stopped early."""

import json
import re

from playwright.sync_api import expect

from tests.browser.acts import curve, set_number, shown_run, start_training
from tests.browser.conftest import PATIENCE

FINISHED = re.compile("Finished")


def test_a_training_is_drawn_survives_a_reload_and_ends(visitor, studio):
    page = visitor("Train")
    start_training(page, epochs=2, subset=8_000, name="Live")
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"Epoch 1 of 2"))
    path = curve(page).nth(1)
    expect(path).to_have_attribute("d", re.compile("L"))  # two points make a line
    drawn = path.get_attribute("d")
    page.evaluate("document.querySelectorAll('[data-testid=stVegaLiteChart] svg').forEach(svg => svg.kept = true)")
    page.wait_for_function(
        "before => [...document.querySelectorAll('[data-testid=stVegaLiteChart] .mark-line path')]"
        ".some(path => (path.getAttribute('d') || '').length > before + 20)",
        arg=len(drawn),
    )
    kept = page.evaluate("[...document.querySelectorAll('[data-testid=stVegaLiteChart] svg')].map(svg => svg.kept)")
    assert kept == [True, True], "the charts were replaced instead of updated: they blink"

    page.reload()
    expect(shown_run(page)).to_have_value("Live")
    expect(curve(page).nth(1)).to_have_attribute("d", re.compile("L"))
    expect(page.get_by_test_id("stProgress")).to_contain_text(FINISHED)
    expect(page.get_by_test_id("stMain")).to_contain_text(re.compile(r"wrong of 10,000"))
    run = studio.runs[-1]
    assert json.loads((run / "config.json").read_text())["name"] == "Live"
    assert json.loads((run / "evaluation.json").read_text())["test"]["accuracy"] > 0.9


def test_a_second_tab_shows_the_same_run_and_can_stop_it(visitor, studio):
    first = visitor("Train")
    start_training(first, epochs=500, subset=2_000, name="Shared")
    expect(first.get_by_test_id("stProgress")).to_contain_text(re.compile(r"Epoch [2-9] of 500"))
    second = visitor("Train")
    expect(shown_run(second)).to_have_value("Shared")
    expect(curve(second).nth(1)).to_have_attribute("d", re.compile("L"))

    home = visitor()
    expect(home.get_by_text("Training now: Shared")).to_be_visible()

    # Another form's input is not lost while the run is redrawn.
    set_number(second, "Epochs", 3)
    second.get_by_role("button", name="Stop and keep the best").click()
    for page in (second, first):
        expect(page.get_by_test_id("stProgress")).to_contain_text(FINISHED)
        expect(page.get_by_test_id("stMain")).to_contain_text(re.compile("wrong of 10,000"))
    expect(second.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_value("3")

    first.get_by_role("button", name="Make active").click()
    expect(first.get_by_test_id("stSidebar")).to_contain_text("Shared")
    (studio.home / "active.json").unlink()


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


def test_a_double_click_on_start_starts_one_run(visitor, studio):
    before = len(studio.runs)
    page = visitor("Train")
    start_training(page, epochs=500, subset=2_000, name="Twice", clicks=2)
    expect(shown_run(page)).to_have_value("Twice")
    page.get_by_role("button", name=re.compile("Stop and keep the best|Take out of the queue")).click()
    expect(page.get_by_test_id("stProgress")).to_contain_text(re.compile("Finished|Interrupted"))
    assert len(studio.runs) == before + 1


def test_pause_go_on_and_a_new_learning_rate(visitor, studio):
    page = visitor("Train")
    start_training(page, epochs=500, subset=2_000, name="Steered")
    progress = page.get_by_test_id("stProgress")
    expect(progress).to_contain_text(re.compile(r"Epoch [0-9]+ of 500"))
    page.get_by_role("button", name="Pause").click()
    expect(progress).to_contain_text("Paused")
    steps = json.loads((studio.runs[-1] / "status.json").read_text())["step"]
    page.get_by_test_id("stPopover").filter(has_text="Learning rate").get_by_role("button").click()
    set_number(page, "Learning rate from now on", 0.001)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("learning rate")
    assert json.loads((studio.runs[-1] / "status.json").read_text())["step"] == steps
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Go on").click()
    expect(progress).to_contain_text(re.compile(r"Epoch [0-9]+ of 500"))
    page.get_by_role("button", name="Stop and keep the best").click()
    expect(progress).to_contain_text(FINISHED)
    lines = (studio.runs[-1] / "metrics.jsonl").read_text().splitlines()
    rates = [record["learning_rate"] for record in map(json.loads, lines) if record["kind"] == "step"]
    assert rates[-1] <= 0.001 < rates[0]
