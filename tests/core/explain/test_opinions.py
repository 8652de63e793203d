"""What other runs say of an image: from their stored predictions, calibrated, and quick for many runs."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from core.evaluation import apply_temperature
from core.explain.opinions import Opinion, Opinions
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.pairing import Judged
from core.run import Run
from core.runs import RunStore

LABELS: dict[Judged, np.ndarray] = {"test": np.zeros(10_000, np.uint8), "validation": np.zeros(60_000, np.uint8)}
HARD = 947  # of the test images, one that the shipped classic is not sure of


def a_run(home: StudioHome, run_id: str, *, shift: int = 0, temperature: float = 1.0) -> Run:
    """A finished run whose answers are those of the shipped classic, each digit moved on by `shift`."""
    folder = home.runs / run_id
    folder.mkdir()
    shipped = home.pretrained / "classic"
    for name in ("config.json", "status.json"):
        shutil.copy(shipped / name, folder)
    (folder / "model.onnx").write_bytes(b"not read here")
    with np.load(shipped / "predictions.npz") as arrays:
        moved = {name: np.roll(arrays[name], shift, axis=1) for name in ("validation", "test")}
        np.savez(folder / "predictions.npz", **moved, validation_indices=arrays["validation_indices"])
    write_json(folder / "evaluation.json", {"temperature": temperature})
    return RunStore(home).get(run_id)


def said(opinions: Opinions, place: int = 0, split: Judged = "test", **options: object) -> dict[str, Opinion]:
    found = opinions.of(split, place, LABELS[split], seconds=60, **options)  # type: ignore[arg-type]
    assert found.pending == 0
    return {opinion.run_id: opinion for opinion in found.opinions}


@pytest.fixture
def home(home: StudioHome, classic_alone: Path) -> StudioHome:
    return StudioHome(home.root, classic_alone)


@pytest.fixture
def opinions(home: StudioHome) -> Opinions:
    return Opinions(RunStore(home))


def test_every_run_says_what_it_stored(home: StudioHome, opinions: Opinions) -> None:
    a_run(home, "same")
    a_run(home, "moved", shift=3)
    stored = RunStore(home).get("classic").predictions()
    assert stored is not None
    for split, place, row in (("test", HARD, HARD), ("test", 9_999, 9_999), ("validation", 55_007, 7)):
        expected = stored[split][row]
        found = said(opinions, place, split)
        assert found.keys() == {"same", "moved", "classic"}
        assert found["same"].digit == expected.argmax()
        assert found["moved"].digit == (expected.argmax() + 3) % 10
        assert found["moved"].confidence == pytest.approx(expected.max(), abs=1e-5)
        assert found["same"].name == RunStore(home).get("same").name


def test_each_with_its_own_temperature(home: StudioHome, opinions: Opinions) -> None:
    a_run(home, "cool", temperature=0.5)
    a_run(home, "warm", temperature=3.0)
    stored = RunStore(home).get("warm").predictions()
    assert stored is not None
    found = said(opinions, HARD)
    for run_id, temperature in (("cool", 0.5), ("warm", 3.0)):
        expected = apply_temperature(stored["test"][HARD : HARD + 1], temperature).max()
        assert found[run_id].confidence == pytest.approx(expected, abs=1e-5)
    assert found["cool"].confidence > found["warm"].confidence


def test_the_run_that_is_looked_at_is_not_asked(home: StudioHome, opinions: Opinions) -> None:
    a_run(home, "other")
    assert said(opinions, besides="classic").keys() == {"other"}


def test_a_run_that_validated_on_other_images_is_left_out(home: StudioHome, opinions: Opinions) -> None:
    folder = a_run(home, "others").path
    with np.load(folder / "predictions.npz") as arrays:
        np.savez(folder / "predictions.npz", **{**arrays, "validation_indices": arrays["validation_indices"] - 5_000})
    assert said(opinions, 50_010, "validation").keys() == {"others"}
    assert said(opinions, 55_010, "validation").keys() == {"classic"}
    assert said(opinions, 3, "validation") == {}


def test_a_run_without_validation_speaks_of_the_test_split_alone(home: StudioHome, opinions: Opinions) -> None:
    folder = a_run(home, "whole").path
    with np.load(folder / "predictions.npz") as arrays:
        none = {"validation": np.empty((0, 10), np.float32), "validation_indices": np.empty(0, np.int64)}
        np.savez(folder / "predictions.npz", test=arrays["test"], **none)
    assert "whole" not in said(opinions, 55_010, "validation")
    assert "whole" in said(opinions)


@pytest.mark.parametrize("name", ["predictions.npz", "evaluation.json"])
def test_what_cannot_be_read_is_left_out(home: StudioHome, opinions: Opinions, name: str) -> None:
    for run_id, content in (("cut", b"{"), ("missing", None)):
        path = a_run(home, run_id).path / name
        path.unlink()
        if content:
            path.write_bytes(content)
    assert said(opinions).keys() == {"classic"}


def test_a_run_under_way_is_left_out(home: StudioHome, opinions: Opinions) -> None:
    folder = a_run(home, "early").path
    write_json(folder / "status.json", {**read_json_object(folder / "status.json"), "state": "failed"})
    assert said(opinions).keys() == {"classic"}


def test_changed_and_deleted_runs_are_noticed(home: StudioHome, opinions: Opinions) -> None:
    folder = a_run(home, "mine").path
    before = said(opinions, HARD)["mine"]
    write_json(folder / "evaluation.json", {"temperature": 4.0})
    os.utime(folder / "evaluation.json", (time.time() + 5, time.time() + 5))
    assert said(opinions, HARD)["mine"].confidence < before.confidence
    shutil.rmtree(folder)
    assert said(opinions).keys() == {"classic"}
    assert not [key for key in opinions._known if key[0] == folder]


def test_many_runs_come_bit_by_bit(home: StudioHome, opinions: Opinions) -> None:
    for number in range(3):
        a_run(home, f"run-{number}")
    counts = []
    for _ in range(4):
        found = opinions.of("test", 0, LABELS["test"], seconds=0)
        counts.append((len(found.opinions), found.pending))
    assert counts == [(1, 3), (2, 2), (3, 1), (4, 0)]
    assert opinions.of("test", 1, LABELS["test"], seconds=0).pending == 0


def test_equal_validation_images_are_held_once(home: StudioHome, opinions: Opinions) -> None:
    for number in range(3):
        a_run(home, f"run-{number}")
    said(opinions, 55_000, "validation")
    held = [short.places for _, short in opinions._known.values() if short is not None]
    assert len(held) == 4
    assert all(places is held[0] for places in held)


def test_an_image_that_is_not_there_is_refused(opinions: Opinions) -> None:
    for place in (-1, 10_000):
        with pytest.raises(ValueError, match=str(place)):
            opinions.of("test", place, LABELS["test"])
