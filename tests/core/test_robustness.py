"""Robustness: which images, what is measured and kept, what it comes to, and where a digit tips over."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core import data
from core.corruptions import BY_NAME, CORRUPTIONS, corrupt
from core.errors import RunStateError, StudioError
from core.evaluation import wilson_interval
from core.home import StudioHome
from core.inference import Classifier
from core.network import OnnxNetwork
from core.robustness import (
    COUNT,
    STRENGTHS,
    Measured,
    Part,
    compared,
    csv_table,
    curve,
    kept_measurement,
    load_part,
    mean_accuracy,
    measure,
    part_places,
    record,
    tipping_points,
    weakest,
)
from core.robustness.measuring import _keep, measurement_stamp
from core.run import Run
from core.runs import RunStore
from tests.core.commands.test_threshold import Command
from tests.digits import copy_of_classic, digits

N = 30


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.get("classic")


@pytest.fixture
def network(run: Run) -> OnnxNetwork:
    return Classifier.load(run).network


@pytest.fixture
def part() -> Part:
    images, labels = digits()
    return Part("test", np.arange(N), images[:N], labels[:N])


class Cut(Exception):
    """Ends a measurement in its middle."""


def made_up(*wrong: tuple[str, int, int], run_id: str = "classic", first: int = 0) -> Measured:
    """100 images of a 7, at `first` and after, of which some are read as a 1 where a corruption has a level."""
    labels = np.full(100, 7, np.uint8)
    read = {each.name: np.tile(labels, (6, 1)) for each in CORRUPTIONS}
    for name, level, count in wrong:
        read[name][level, :count] = 1
    return Measured(run_id, "test", np.arange(first, first + 100), labels, labels, read)


def test_every_run_is_asked_about_the_same_images_of_its_own_validation(run: Run) -> None:
    labels = data.load_split(StudioHome.from_environment().mnist, "train").labels
    places = part_places(run, "validation", labels)
    assert len(places) == COUNT == len(set(places))
    assert places.min() >= 55_000
    assert np.array_equal(places, part_places(run, "validation", labels))
    larger = replace(run, config=replace(run.config, validation_size=6_000))
    shared = set(places) & set(part_places(larger, "validation", labels))
    assert len(shared) > 780  # of 833 that six thousand leave room for
    few = replace(run, config=replace(run.config, validation_size=300))
    assert part_places(few, "validation", labels).tolist() == list(range(59_700, 60_000))
    everything = replace(run, config=replace(run.config, validation_size=0))
    with pytest.raises(RunStateError, match="no validation split"):
        part_places(everything, "validation", labels)
    assert len(part_places(everything, "test", labels[:10_000])) == COUNT


def test_a_measurement_says_what_the_network_reads(
    home: StudioHome, run: Run, network: OnnxNetwork, part: Part
) -> None:
    told: list[tuple[int, int]] = []
    found = measure(home, run, network, part, lambda done, total: told.append((done, total)))
    assert found.whole
    assert told == [(N * step, N * 66) for step in range(1, 67)]
    turned = corrupt(part.images, {"rotate": STRENGTHS[4]}, seeds=part.places)
    assert found.read["rotate"][4].tolist() == network.probabilities(turned).argmax(axis=1).tolist()
    assert found.undisturbed.tolist() == network.probabilities(part.images).argmax(axis=1).tolist()
    assert (found.run_id, found.split, found.n) == ("classic", "test", N)
    kept = kept_measurement(home, run, "test")
    assert kept is not None
    assert record(kept) == record(found)
    assert kept_measurement(home, run, "validation") is None


def test_what_is_kept_is_not_measured_again_and_what_was_cut_off_goes_on(
    home: StudioHome, run: Run, network: OnnxNetwork, part: Part
) -> None:
    def cut(done: int, total: int) -> None:
        if done > 20 * N:
            raise Cut

    with pytest.raises(Cut):
        measure(home, run, network, part, cut)
    half = kept_measurement(home, run, "test")
    assert half is not None
    assert list(half.read) == [each.name for each in CORRUPTIONS[:3]]
    assert not half.whole
    told: list[int] = []
    found = measure(home, run, network, part, lambda done, total: told.append(done))
    assert told[0] == 19 * N
    assert np.array_equal(found.read["shift"], half.read["shift"])
    stamp = measurement_stamp(home, run, "test")
    again = measure(home, run, network, part, lambda done, total: pytest.fail("it was measured before"))
    assert record(again) == record(found)
    assert measurement_stamp(home, run, "test") == stamp


def spoil(path: Path, how: str) -> None:
    """Makes a kept measurement one that may not be believed."""
    if how in ("cut", "empty", "text"):
        path.write_bytes({"cut": path.read_bytes()[:-200], "empty": b"", "text": b"no zip"}[how])
        return
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays |= {
        "key": {"key": np.array("another network")},
        "labels": {"labels": np.full(N, 12, np.uint8)},
        "shape": {"rotate": arrays["rotate"][:, :3]},
        "kind": {"rotate": arrays["rotate"].astype(np.int64)},
        "name": {"fog": arrays["rotate"]},
        "places": {"places": arrays["places"] + 10_000},
    }[how]
    np.savez(path, **arrays)


@pytest.mark.parametrize("how", ["cut", "empty", "text", "key", "labels", "shape", "kind", "name", "places"])
def test_what_is_damaged_or_of_something_else_counts_as_none(home: StudioHome, run: Run, part: Part, how: str) -> None:
    whole = Measured("classic", "test", part.places, part.labels, part.labels, {"rotate": np.tile(part.labels, (6, 1))})
    _keep(home, run, whole)
    assert kept_measurement(home, run, "test") is not None
    spoil(home.root / "caches" / "robustness" / "classic-test.npz", how)
    assert kept_measurement(home, run, "test") is None


def test_another_network_under_the_same_id_is_measured_anew(home: StudioHome, store: RunStore, part: Part) -> None:
    copy_of_classic(home, "mine")
    run = store.get("mine")
    _keep(home, run, Measured("mine", "test", part.places, part.labels, part.labels, {}))
    assert kept_measurement(home, run, "test") is not None
    with (run.path / "model.onnx").open("ab") as stream:
        stream.write(b"\0")
    assert kept_measurement(home, run, "test") is None


def test_a_folder_that_cannot_be_written_is_said(home: StudioHome, run: Run, network: OnnxNetwork, part: Part) -> None:
    (home.root / "caches").write_bytes(b"")
    few = Part("test", part.places[:2], part.images[:2], part.labels[:2])
    with pytest.raises(StudioError, match="cannot be kept"):
        measure(home, run, network, few)


def test_curves_means_and_the_weakest_conditions() -> None:
    found = made_up(("rotate", 2, 9), ("rotate", 5, 40), ("noise", 2, 20), ("blur", 2, 9))
    points = curve(found, BY_NAME["rotate"])
    assert [point.amount for point in points] == [0, 10, 20, 30, 40, 50, 60]
    assert [point.share.count for point in points] == [100, 100, 100, 91, 100, 100, 60]
    assert (points[3].share.low, points[3].share.high) == wilson_interval(91, 100)
    first, second, third, *others = weakest(found)
    assert [first.corruption.name, second.corruption.name, third.corruption.name] == ["noise", "rotate", "blur"]
    assert second.corruption.said(second.amount) == "rotated by 30 degrees"
    assert second.pair is not None
    assert (second.pair.true, second.pair.pred, second.pair.count) == (7, 1, 9)
    assert all(each.pair is None and each.share.value == 1 for each in others)
    mean = mean_accuracy(found, BY_NAME["rotate"])
    assert mean is not None
    assert mean.value == pytest.approx(1 - 49 / 600)
    rights: NDArray[np.float64] = (found.read["rotate"] == 7).mean(axis=0)
    assert mean.high - mean.value == pytest.approx(1.96 * rights.std(ddof=1) / 10, rel=1e-3)
    overall = mean_accuracy(found)
    assert overall is not None
    assert overall.value == pytest.approx(1 - 78 / 6_600)


def test_a_confusion_is_the_most_frequent_only_where_no_other_is_as_frequent() -> None:
    found = made_up(("rotate", 2, 2))
    assert weakest(found)[0].confusion == "most often 7 read as 1"
    found.read["rotate"][2, 1] = 2
    assert weakest(found)[0].confusion == "such as 7 read as 1"
    found.read["rotate"][2, 2] = 2
    assert weakest(found)[0].confusion == "most often 7 read as 2"
    assert weakest(found)[1].confusion == ""


def test_a_measurement_under_way_has_no_more_than_is_done() -> None:
    found = replace(made_up(), read={"shift": made_up().read["shift"]})
    assert len(curve(found, BY_NAME["shift"])) == 7
    assert len(curve(found, BY_NAME["blur"])) == 1
    assert mean_accuracy(found, BY_NAME["blur"]) is None
    assert mean_accuracy(replace(found, read={})) is None
    assert [each.corruption.name for each in weakest(found)] == ["shift"]


def test_two_runs_are_compared_on_the_images_they_share() -> None:
    first = made_up(*(("rotate", level, 40) for level in range(6)), ("blur", 0, 1))
    second = made_up(*(("rotate", level, 10) for level in range(6)), run_id="other", first=20)
    found = compared(first, second)
    assert found is not None
    assert found.n == 80
    gains = {each.corruption.name: each for each in found.each}
    # Of the 80, the first gets 20 wrong, and the second the 10 that it gets wrong at all.
    assert gains["rotate"].gain.value == pytest.approx((20 - 10) / 80)
    assert gains["blur"].gain.value == 0
    assert not gains["blur"].sure
    assert not gains["noise"].sure
    assert compared(first, made_up(first=500)) is None
    clear = compared(first, made_up(run_id="other"))
    assert clear is not None
    rotation = next(each for each in clear.each if each.corruption.name == "rotate")
    assert rotation.sure
    assert rotation.gain.value == pytest.approx(0.4)
    assert clear.overall.value == pytest.approx((0.4 + 1 / 600) / 11)


def test_the_table_has_every_condition() -> None:
    found = made_up(("rotate", 2, 9))
    rows = list(csv.DictReader(io.StringIO(csv_table([found, replace(found, run_id="other")]))))
    assert len(rows) == 2 * 67
    assert rows[0] | {"n": "100", "corruption": "none", "accuracy": "1.000000"} == rows[0]
    row = next(row for row in rows if (row["corruption"], row["amount"]) == ("rotate", "30"))
    assert (row["run_id"], row["unit"], row["correct"], row["most_often"], row["read_as"], row["times"]) == (
        *("classic", "degrees", "91", "7"),
        *("1", "9"),
    )
    assert float(row["accuracy_low"]) == pytest.approx(wilson_interval(91, 100)[0], abs=1e-6)


def test_a_digit_tips_over_where_it_is_read_as_another_first() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255

    def ask(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """An upright bar is a 1, and a 0 when it leans or when its ink is below 200 anywhere."""
        upright = images[:, 5, 12:16].mean(axis=1) >= 200
        return np.eye(10)[np.where(upright, 1, 0)]

    tips = tipping_points(ask, image, 1, seed=3)
    assert tips is not None
    by_name = {tip.corruption.name: tip for tip in tips}
    assert len(by_name) == 11
    amount = by_name["rotate"].amount
    assert by_name["rotate"].read == 0
    for degrees, digit in ((amount, 1), (amount + 1, 0)):
        turned = corrupt(image[np.newaxis], {"rotate": degrees / 60}, seeds=3)
        assert ask(turned).argmax() == digit
    assert (by_name["thick"].amount, by_name["thick"].read) == (3, None)
    assert tipping_points(ask, image, 7, seed=3) is None


def test_the_command_measures_what_is_missing_and_says_all(
    home: StudioHome, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    part = load_part(home, run, "test")
    read = {each.name: np.tile(part.labels, (6, 1)) for each in CORRUPTIONS if each.name != "rotate"}
    _keep(home, run, Measured("classic", "test", part.places, part.labels, part.labels, read))
    command = Command(home, capsys)
    found = command.json("robustness", "classic", "--split", "test")
    assert (found["run_id"], found["split"], found["n"]) == ("classic", "test", COUNT)
    assert [each["name"] for each in found["corruptions"]] == [each.name for each in CORRUPTIONS]
    rotation = found["corruptions"][1]
    assert [each["amount"] for each in rotation["conditions"]] == [10, 20, 30, 40, 50, 60]
    assert 0.5 < rotation["mean_accuracy"] < 0.97 < found["mean_accuracy"] < found["undisturbed"]["accuracy"] == 1
    weakest = found["weakest"][0]
    assert (weakest["name"], weakest["accuracy"]) == ("rotate", rotation["conditions"][2]["accuracy"])
    assert command.json("robustness", "classic", "--split", "test") == found
    said, _ = command("robustness", "classic", "--split", "test")
    assert f"{100 * found['mean_accuracy']:.2f} % right on average" in said
    pair = weakest["most_often"]
    named = f"rotated by 30 degrees: {100 * weakest['accuracy']:.1f} %, most often {pair['true']} read as "
    assert f"The weakest at half strength:\n  {named}{pair['read_as']}\n" in said
    command("robustness", "nobody", status=2)
    command("robustness", "classic", "--split", "train", status=2)
