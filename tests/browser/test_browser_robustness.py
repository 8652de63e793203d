"""Robustness in a browser: measuring shows its progress and ends by itself, and a slider changes the answer."""

import numpy as np
from playwright.sync_api import expect

from core.corruptions import CORRUPTIONS
from core.home import StudioHome
from core.robustness import Measured, load_part
from core.robustness.measuring import _keep
from core.runs import RunStore
from tests.browser.conftest import PATIENCE

expect.set_options(timeout=PATIENCE)


def test_what_is_missing_is_measured_in_sight_and_a_slider_answers_at_once(studio, visitor):
    home = StudioHome(studio.home)
    run = RunStore(home).get("classic")
    part = load_part(home, run, "test")
    read = {each.name: np.tile(part.labels, (6, 1)) for each in CORRUPTIONS if each.name != "noise"}
    _keep(home, run, Measured("classic", "test", part.places, part.labels, part.labels, read))
    page = visitor("Robustness?run=classic&split=test")
    expect(page.get_by_text("10 of 11 corruptions so far")).to_be_visible()
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_text("10 of 11 corruptions so far")).to_be_hidden()
    expect(page.get_by_role("button", name="Measure", exact=True)).to_be_hidden()
    expect(page.get_by_text("Noise of 60 grey levels:")).to_be_visible()
    expect(page.get_by_text("Nothing is done to it yet.")).to_be_visible()
    page.get_by_role("button", name="Try").first.click()  # noise: the others are made up without a mistake
    expect(page.get_by_text("Noise of 60 grey levels.", exact=True)).to_be_visible()
    page.get_by_role("slider", name="Rotation").press("ArrowRight")
    expect(page.get_by_text("Rotated by 1 degree, noise of 60 grey levels.")).to_be_visible()
    page.wait_for_url("**rotate=1*")
