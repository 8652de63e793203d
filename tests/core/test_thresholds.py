"""A threshold that is kept applies everywhere at once: in the cache, on the command line, over REST; and is gone when
it is taken away."""

import json
import threading
from pathlib import Path

import pytest

from core.errors import ConfigError, StudioError
from core.home import StudioHome
from core.inference import Classifier, ClassifierCache
from core.run import Run
from core.runs import RunStore
from core.thresholds import Threshold, keep_threshold, read_threshold, threshold_of
from tests.digits import copy_of_classic, digits

CHOSEN = Threshold(0.87, "accuracy", 0.999)
WHOLE = {"value": 0.5, "rule": "hand", "target": None, "source": "validation", "temperature": 1.5}


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.get("classic")


def file_of(home: StudioHome, run: Run) -> Path:
    return home.root / "thresholds" / f"{run.run_id}.json"


@pytest.mark.parametrize(
    "threshold",
    [
        CHOSEN,
        Threshold(0.5, "coverage", 0.9, source="20261122-183012-classic-4f2a"),
        Threshold(0.123456789012),
        Threshold(0.0),
        Threshold(1),
    ],
)
def test_what_was_kept_is_read(home: StudioHome, run: Run, threshold: Threshold) -> None:
    keep_threshold(home, run, threshold)
    assert read_threshold(home, run) == threshold
    assert threshold_of(home, run) == threshold.value


def test_shipped_and_own_runs_alike_and_each_its_own(home: StudioHome, store: RunStore, run: Run) -> None:
    own = store.get(copy_of_classic(home).name)
    keep_threshold(home, own, CHOSEN)
    assert read_threshold(home, run) is None
    keep_threshold(home, run, Threshold(0.4))
    assert (threshold_of(home, own), threshold_of(home, run)) == (0.87, 0.4)
    assert not [path for path in run.path.iterdir() if "threshold" in path.name]


def test_taken_away_it_is_gone(home: StudioHome, run: Run) -> None:
    keep_threshold(home, run, CHOSEN)
    keep_threshold(home, run, None)
    assert read_threshold(home, run) is None
    assert threshold_of(home, run) is None
    assert not file_of(home, run).exists()
    keep_threshold(home, run, None)  # and again


def test_the_kept_one_comes_before_the_one_that_a_run_brings_along(home: StudioHome, store: RunStore) -> None:
    run = store.get(copy_of_classic(home, threshold=0.6).name)
    assert threshold_of(home, run) == 0.6
    assert read_threshold(home, run) is None
    keep_threshold(home, run, Threshold(0.0))
    assert threshold_of(home, run) == 0.0
    keep_threshold(home, run, None)
    assert threshold_of(home, run) == 0.6


def test_one_that_was_kept_for_other_weights_counts_as_none(home: StudioHome, store: RunStore) -> None:
    folder = copy_of_classic(home, temperature=1.5)
    keep_threshold(home, store.get(folder.name), CHOSEN)
    evaluation = json.loads((folder / "evaluation.json").read_text())
    (folder / "evaluation.json").write_text(json.dumps(evaluation | {"temperature": 1.25}))
    assert threshold_of(home, store.get(folder.name)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"value": 0.5}',
        *(
            json.dumps(WHOLE | change)
            for change in (
                {"value": 1.5},
                {"value": -0.1},
                {"value": "0.5"},
                {"value": True},
                {"value": None},
                {"rule": "luck"},
                {"rule": ["hand"]},
                {"rule": "accuracy"},
                {"rule": "accuracy", "target": 0},
                {"target": 0.5},
                {"source": 7},
                {"source": "x" * 1_000},
                {"temperature": None},
                {"more": 1},
            )
        ),
    ],
    ids=repr,
)
def test_a_damaged_file_is_no_threshold(home: StudioHome, store: RunStore, content: bytes | str) -> None:
    run = store.get(copy_of_classic(home, temperature=1.5).name)
    keep_threshold(home, run, CHOSEN)
    file_of(home, run).write_bytes(content.encode() if isinstance(content, str) else content)
    assert read_threshold(home, run) is None
    assert threshold_of(home, run) is None
    file_of(home, run).write_text(json.dumps(WHOLE))  # what the others were made of is none of them
    assert threshold_of(home, run) == 0.5
    file_of(home, run).write_bytes(content.encode() if isinstance(content, str) else content)
    assert Classifier.load(run, home=home).threshold is None
    keep_threshold(home, run, CHOSEN)  # and can be written anew
    assert read_threshold(home, run) == CHOSEN


@pytest.mark.parametrize("value", [1.01, -0.5, float("nan"), "0.5", None, True])
def test_a_threshold_that_cannot_be_is_refused(value) -> None:
    with pytest.raises(ConfigError, match="a confidence from 0 to 1"):
        Threshold(value)


@pytest.mark.parametrize(("rule", "target"), [("accuracy", None), ("hand", 0.5), ("coverage", 0.0), ("coverage", 1.1)])
def test_a_rule_without_its_target_is_refused(rule, target: float | None) -> None:
    with pytest.raises(ConfigError):
        Threshold(0.5, rule, target)


def test_a_home_that_cannot_be_written_says_so(home: StudioHome, run: Run) -> None:
    (home.root / "thresholds").write_text("in the way")
    with pytest.raises(StudioError, match="cannot be kept"):
        keep_threshold(home, run, CHOSEN)
    assert threshold_of(home, run) is None


def test_the_cache_notices_at_once_and_keeps_its_network(home: StudioHome, run: Run) -> None:
    cache = ClassifierCache()
    before = cache.get(home, run)
    assert before.threshold is None
    for threshold in (CHOSEN, Threshold(0.25), Threshold(0.75), None):  # quicker than a file's time changes
        keep_threshold(home, run, threshold)
        after = cache.get(home, run)
        assert after.threshold == (threshold and threshold.value)
        assert after.network is before.network
    assert before.threshold is None


def test_an_answer_below_the_kept_threshold_abstains(home: StudioHome, run: Run) -> None:
    keep_threshold(home, run, Threshold(1.0))
    images, labels = digits()
    prediction = ClassifierCache().get(home, run).classify(images[0])
    assert prediction.digit == labels[0]
    assert prediction.confidence is not None
    assert prediction.abstained == (prediction.confidence < 1.0)
    keep_threshold(home, run, Threshold(0.0))
    assert not ClassifierCache().get(home, run).classify(images[0]).abstained


def test_two_homes_have_thresholds_of_their_own(home: StudioHome, run: Run, tmp_path: Path) -> None:
    other = StudioHome(root=tmp_path / "other")
    keep_threshold(home, run, CHOSEN)
    cache = ClassifierCache()
    assert (cache.get(home, run).threshold, cache.get(other, run).threshold) == (0.87, None)


def test_readers_never_see_half_a_file(home: StudioHome, run: Run) -> None:
    allowed, seen, done = {0.25, 0.75}, set(), threading.Event()
    keep_threshold(home, run, Threshold(0.25))

    def write() -> None:
        for turn in range(100):
            keep_threshold(home, run, Threshold(0.75 if turn % 2 == 0 else 0.25))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        seen.add(threshold_of(home, run))
    writer.join()
    assert seen <= allowed
    assert seen
