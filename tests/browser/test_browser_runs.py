"""Runs with a real mouse: lines ticked, deleted and brought back, two compared, one of their flips opened."""

import json
import re
import shutil
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.home import SHIPPED
from tests.browser.conftest import PATIENCE

FIRST = "20200101-000000-classic-aaaa"
SECOND = "20200102-000000-classic-bbbb"
ROW = 36  # pixels


@pytest.fixture
def two_runs(studio) -> Iterator[None]:
    """Two runs of the studio's home that differ in a setting and in three test answers; gone after the test."""
    folders = []
    for run_id, name, dropout in ((FIRST, "First", 0.5), (SECOND, "Second", 0.2)):
        folder = studio.home / "runs" / run_id
        folders.append(folder)
        shutil.copytree(SHIPPED / "pretrained" / "classic", folder)
        config = json.loads((folder / "config.json").read_text())
        config["settings"]["dropout"] = dropout
        config |= {"name": name, "created_at": config["created_at"] + 100 * len(folders)}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "notes.json").write_text('{"pinned": true}')  # so that they are the first lines of the table
    with np.load(folders[1] / "predictions.npz") as found:
        arrays = dict(found)
    labels = np.load(SHIPPED / "mnist.npz")["y_test"]
    wrong = np.flatnonzero(arrays["test"].argmax(axis=1) != labels)[:3]
    arrays["test"][wrong] = np.eye(10, dtype=np.float32)[labels[wrong]]
    np.savez(folders[1] / "predictions.npz", **arrays)
    yield
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(studio.home / "runs" / ".trash", ignore_errors=True)


def tick(page: Page, line: int) -> None:
    """Ticks a line of the table, counted from 0, at its left edge. The cells are painted, not elements."""
    frame = page.get_by_test_id("stDataFrame").first
    frame.locator("canvas").first.wait_for()
    frame.click(position={"x": 16, "y": ROW * (line + 1) + ROW // 2})


def test_a_run_is_deleted_and_comes_back(visitor, studio, two_runs):
    page = visitor("Runs")
    tick(page, 0)
    expect(page).to_have_url(re.compile(f"run={SECOND}"))
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text("Deleted: Second")).to_be_visible()
    assert not (studio.home / "runs" / SECOND).exists()
    expect(page).not_to_have_url(re.compile("run="))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    assert (studio.home / "runs" / SECOND / "model.onnx").is_file()


def test_two_runs_are_compared_and_a_flip_is_opened(visitor, two_runs):
    page = visitor("Runs")
    tick(page, 0)
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    tick(page, 1)
    expect(page.get_by_role("heading", name="Beside each other")).to_be_visible()
    page.get_by_role("radio", name="Test", exact=True).click()
    expect(page.get_by_role("heading", name="B fixed 3 images and broke 0")).to_be_visible()
    expect(page.get_by_test_id("stTable")).to_contain_text(re.compile(r"Dropout\s*0.5\s*0.2"))
    opener = page.get_by_role("button", name=re.compile(r"^Open \d+$")).first
    place = (opener.text_content() or "").removeprefix("Open ")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile(r"A reads \d, wrong"))
    expect(dialog).to_contain_text(re.compile(r"B reads \d, right"))
    expect(page).to_have_url(re.compile(f"image={place}"))

    # The link alone shows somebody else the same.
    other = visitor("Runs" + page.url.partition("/Runs")[2])
    expect(other.get_by_role("dialog")).to_contain_text(re.compile(r"A reads \d, wrong"))
    other.keyboard.press("Escape")
    expect(other.get_by_role("dialog")).to_have_count(0)
    expect(other).not_to_have_url(re.compile("image="))
    expect(other.get_by_role("heading", name="B fixed 3 images and broke 0")).to_be_visible()


def test_a_run_is_named_without_losing_its_tick(visitor, studio, two_runs):
    page = visitor(f"Runs?run={FIRST}")
    page.get_by_role("button", name="Name and note").click()
    field = page.get_by_role("textbox", name="Name", exact=True)
    expect(field).to_have_value("First")
    field.fill("**Best** so far")
    page.get_by_role("textbox", name="Note").fill("Two\nlines")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="**Best** so far")).to_be_visible()
    expect(field).to_have_count(0)
    assert json.loads((studio.home / "runs" / FIRST / "notes.json").read_text())["name"] == "**Best** so far"
    expect(page).to_have_url(re.compile(f"run={FIRST}"))


def test_a_model_goes_out_and_comes_back_in(visitor, studio, two_runs, tmp_path):
    page = visitor("Runs", width=390, height=844)
    tick(page, 0)
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text("Keras 3 file").click()
    page.get_by_role("button", name="Prepare the zip").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(r"^Download, \d.* MB$")).click()
    assert download.value.suggested_filename == f"{SECOND}-keras.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extract("model.keras", tmp_path)
        assert json.loads(archive.read("model.json"))["run"]["run_id"] == SECOND
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Import a model").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "model.keras")
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_have_value("model")
    name.fill("Back **again**")
    name.press("Enter")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("^Checking"))).to_be_visible()
    page.reload()  # it goes on, and is found again
    expect(page.get_by_test_id("stToast")).to_contain_text("Back **again** was imported", timeout=2 * PATIENCE)
    expect(page.get_by_role("heading", name="Back **again**")).to_be_visible()
    run = next(path for path in studio.runs if "-imported-" in path.name)
    expect(page).to_have_url(re.compile(f"run={run.name}$"))
    accuracies = [json.loads((studio.home / "runs" / SECOND / "evaluation.json").read_text())["test"]["accuracy"]]
    accuracies.append(json.loads((run / "evaluation.json").read_text())["test"]["accuracy"])
    assert accuracies[0] == accuracies[1]
    shutil.rmtree(run)
