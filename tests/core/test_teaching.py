"""Teaching a model with a visitor's digits: the lesson in the run folder, the mixed batches, and one real training."""

import functools
import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import numpy as np
import pytest

from core import teaching
from core.checkpoints import Checkpoints
from core.config import TrainingConfig, preset
from core.data import load_split
from core.errors import RunDamagedError, RunStateError, TrainingError
from core.files import read_json_object, write_json
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.jobs import Jobs
from core.lesson import Lesson, Taught, read_lesson
from core.preprocessing import preprocess, read_picture
from core.run import CONFIG, KERAS_MODEL, Run
from core.runs import RunStore
from core.status import RunState
from tests.digits import copy_of_classic, digits, encoded
from tests.trainings import jobs_in, until_ended

OWNER = "0123456789abcdef" * 2
# What no model has been told: the ink of a digit in a pattern of its own.
STRIPES = np.zeros((28, 28), np.uint8)
STRIPES[8:20:3, 8:20] = 255


def lesson(count: int = 5, **changes) -> Lesson:
    images, labels = digits()
    return replace(Lesson.of(OWNER, images[:count], labels[:count], seed=1), **changes)


@pytest.mark.parametrize(("count", "shown", "held"), [(3, 3, 0), (19, 19, 0), (20, 16, 4), (101, 81, 20)])
def test_from_twenty_digits_on_a_fifth_is_held_out(count: int, shown: int, held: int) -> None:
    found = lesson(count)
    assert found.facts == Taught(OWNER, shown, held)
    both = np.concatenate([found.images, found.held_images])
    assert {image.tobytes() for image in both} == {image.tobytes() for image in digits()[0][:count]}
    assert np.array_equal(lesson(count).held_images, found.held_images)


def test_images_of_the_test_split_are_known_though_saved_anew_and_what_others_wrote_is_not() -> None:
    known = load_split(SHIPPED / "mnist.npz", "test").images[:2_000]
    shown = known[::50]
    as_jpeg = [read_picture(encoded(255 - image.repeat(5, 0).repeat(5, 1), "JPEG")) for image in shown]
    again = np.array([np.round(255 * preprocess(picture).image) for picture in as_jpeg]).astype(np.uint8)
    assert teaching.are_test_images(shown, known).all()
    assert teaching.are_test_images(again, known).mean() > 0.9
    others = load_split(SHIPPED / "mnist.npz", "train").images[:500]
    assert not teaching.are_test_images(others, known).any()
    assert teaching.are_test_images(others[:0], known).shape == (0,)


def test_a_share_of_each_batch_is_the_lesson_s_and_varied() -> None:
    own, rng = lesson(images=STRIPES[None], labels=np.array([9], np.uint8)), np.random.default_rng(0)
    counts, seen = [], set()
    for _ in range(200):
        images, labels = np.zeros((32, 28, 28), np.uint8), np.zeros(32, np.uint8)
        own.mix_in(images, labels, TrainingConfig(), rng)
        inked = images.any(axis=(1, 2))
        assert np.array_equal(inked, labels == 9)
        counts.append(int(inked.sum()))
        seen |= {image.tobytes() for image in images[inked]}
    assert set(counts) == {3, 4}
    assert abs(np.mean(counts) / 32 - own.share) < 0.005
    assert len(seen) == sum(counts)


def test_a_batch_of_one_is_the_lesson_s_now_and_then() -> None:
    rng, own = np.random.default_rng(0), lesson(images=STRIPES[None], labels=np.array([9], np.uint8))
    taken = 0
    for _ in range(300):
        labels = np.zeros(1, np.uint8)
        own.mix_in(np.zeros((1, 28, 28), np.uint8), labels, TrainingConfig(), rng)
        taken += int(labels[0] == 9)
    assert 10 <= taken <= 60


def test_the_run_folder_holds_the_lesson(store: RunStore, home: StudioHome) -> None:
    parent = store.get("classic")
    run = store.create(teaching.settings(parent), parent=parent, lesson=lesson(25))
    again = RunStore(home).get(run.run_id)
    assert again.taught == Taught(OWNER, 20, 5)
    found = read_lesson(again.path, again.taught)
    assert np.array_equal(found.images, lesson(25).images)
    assert np.array_equal(found.held_labels, lesson(25).held_labels)
    assert found.share == lesson().share


def test_a_run_without_a_lesson_says_nothing_of_one(store: RunStore) -> None:
    run = store.create(preset("quick"))
    assert run.taught is None
    assert "taught" not in read_json_object(run.path / CONFIG)
    assert set(read_json_object(run.path / CONFIG)["settings"]) == set(asdict(preset("quick")))


@pytest.mark.parametrize("said", [3, [], {}, {"owner": 1, "digits": 1, "held_out": 0}, {"owner": "a", "digits": -1}])
def test_what_the_configuration_says_may_be_nonsense(store: RunStore, home: StudioHome, said: object) -> None:
    run = store.create(preset("quick"))
    write_json(run.path / CONFIG, read_json_object(run.path / CONFIG) | {"taught": said})
    with pytest.raises(RunDamagedError, match=r"config\.json cannot be read"):
        RunStore(home).get(run.run_id)


@pytest.mark.parametrize("damage", ["gone", "cut", "another"])
def test_a_lesson_that_cannot_be_read_is_one_sentence(store: RunStore, damage: str) -> None:
    parent = store.get("classic")
    run = store.create(teaching.settings(parent), parent=parent, lesson=lesson())
    assert run.taught is not None
    path = run.path / "lesson.npz"
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    else:
        lesson(4).write(run.path)
    with pytest.raises(TrainingError, match=r"lesson\.npz cannot be read .*the digits that this run is taught with"):
        read_lesson(run.path, run.taught)


def test_the_settings_are_the_parent_s_but_short_and_careful(store: RunStore) -> None:
    parent = store.get("classic")
    config = teaching.settings(parent)
    assert config.learning_rate < parent.config.learning_rate
    assert (config.epochs, config.subset, config.schedule) == (teaching.EPOCHS, teaching.MNIST_IMAGES, "cosine")
    same = ("filters", "dense_units", "seed", "validation_size", "stratified", "batch_size", "rotation")
    assert all(getattr(config, name) == getattr(parent.config, name) for name in same)
    small = replace(parent, config=replace(parent.config, subset=500))
    assert teaching.settings(small).subset == 500


def test_what_cannot_be_taught_says_why(store: RunStore, home: StudioHome) -> None:
    classic = store.get("classic")
    assert teaching.reason_against(classic, 3) == ""
    assert "at least 3 digits first; there is 1" in teaching.reason_against(classic, 1)
    folder = copy_of_classic(home)
    (folder / KERAS_MODEL).unlink()
    assert "model.keras is missing" in teaching.reason_against(store.get(folder.name), 9)
    with pytest.raises(RunDamagedError, match=r"model\.keras is missing"):
        teaching.settings(store.get(folder.name))
    network = {"imported": True, "network": [asdict(layer) for layer in classic.layers]}
    write_json(folder / CONFIG, read_json_object(folder / CONFIG) | network)
    assert "came as a file" in teaching.reason_against(store.get(folder.name), 9)
    with pytest.raises(RunStateError, match="was imported"):
        teaching.settings(store.get(folder.name))


def test_the_effect_counts_what_changed() -> None:
    effect = teaching.Effect(np.array([7, 7, 1, 2], np.uint8), np.array([1, 7, 1, 3]), np.array([7, 7, 7, 3]))
    assert (effect.right_before.count, effect.right_after.count, effect.fixed, effect.broken) == (2, 2, 1, 1)


@pytest.mark.parametrize(
    ("name", "expected"), [("A", "A, taught"), ("A, taught", "A, taught"), ("n" * 80, "n" * 71 + "…, taught")]
)
def test_the_name(name: str, expected: str) -> None:
    assert teaching.name_after(name) == expected
    assert len(expected) <= 80


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    home = StudioHome(root=tmp_path_factory.mktemp("taught"))
    home.runs.mkdir(parents=True)
    with jobs_in(home) as jobs:
        yield jobs


@functools.cache
def odd() -> Lesson:
    """Stripes are a 4, says their visitor."""
    return Lesson.of(OWNER, np.repeat(STRIPES[None], 3, axis=0), np.full(3, 4, np.uint8), seed=1)


@pytest.fixture(scope="module")
def taught(jobs: Jobs) -> Run:
    """The shipped classic taught that stripes are a 4, by fewer images than otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teaching, "EPOCHS", 2)
        patch.setattr(teaching, "MNIST_IMAGES", 4_000)
        return until_ended(jobs, jobs.teach("classic", odd()))


def test_a_taught_model_has_learned_its_lesson_and_not_forgotten_mnist(jobs: Jobs, taught: Run) -> None:
    assert taught.status.state is RunState.FINISHED, taught.status.message
    before, after = (Classifier.load(run) for run in (jobs.store.get("classic"), taught))
    assert before.probabilities(STRIPES[None])[0, 4] < 0.5 < after.probabilities(STRIPES[None])[0, 4]
    evaluation = taught.evaluation()
    assert evaluation is not None
    assert evaluation["test"]["accuracy"] > 0.985
    assert evaluation["validation"]["n"] == 5_000


def test_it_is_an_ordinary_run(taught: Run) -> None:
    assert taught.continued_from is not None
    assert (taught.continued_from.run_id, taught.name) == ("classic", "Classic, taught")
    assert [epoch["epoch"] for epoch in taught.epochs()] == [1, 2]
    assert taught.steps()
    assert Checkpoints(taught.path).latest() is None
    assert json.loads((taught.path / CONFIG).read_text())["taught"] == {"owner": OWNER, "digits": 3, "held_out": 0}


def test_a_run_whose_lesson_is_gone_fails_and_says_so(jobs: Jobs) -> None:
    run = jobs.teach("classic", odd())
    (run.path / "lesson.npz").unlink()
    ended = until_ended(jobs, run)
    assert ended.status.state is RunState.FAILED
    assert "lesson.npz" in ended.status.message
