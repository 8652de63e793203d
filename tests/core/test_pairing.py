"""Stored answers are put to the right images, and two runs are compared on the images that both have answered."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.data import load_split
from core.errors import RunDamagedError, RunStateError
from core.evaluation import confusion_matrix
from core.home import StudioHome
from core.pairing import Judged, matrix_difference, mixed, paired, read_answers, witnesses
from core.run import Run
from core.runs import RunStore
from tests.digits import copy_of_classic

Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def labels() -> dict[Judged, np.ndarray]:
    mnist = StudioHome.from_environment().mnist
    return {"test": load_split(mnist, "test").labels, "validation": load_split(mnist, "train").labels}


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.get(copy_of_classic(store.home).name)


def rewritten(run: Run, **arrays: np.ndarray) -> None:
    """The run's predictions with some arrays replaced."""
    predictions = run.predictions()
    assert predictions is not None
    np.savez(run.path / "predictions.npz", **{**predictions, **arrays})


@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_answers_give_the_confusion_matrix_of_the_evaluation(run: Run, labels, split: Judged) -> None:
    answers = read_answers(run, split, labels[split])
    evaluation = run.evaluation()
    assert evaluation is not None
    matrix = confusion_matrix(answers.labels, answers.probabilities.argmax(axis=1))
    assert matrix.tolist() == evaluation[split]["confusion_matrix"]
    assert_allclose(answers.probabilities.sum(axis=1), 1, atol=1e-5)
    assert len(answers.places) == evaluation[split]["n"]


def test_validation_images_are_places_in_the_training_split(run: Run, labels) -> None:
    answers = read_answers(run, "validation", labels["validation"])
    assert_array_equal(answers.places, np.arange(55_000, 60_000))
    assert_array_equal(answers.labels, labels["validation"][55_000:])


def test_the_temperature_is_applied(store: RunStore, labels) -> None:
    cool = store.get(copy_of_classic(store.home, "cool", temperature=1.0).name)
    warm = store.get(copy_of_classic(store.home, "warm", temperature=3.0).name)
    first, second = (read_answers(run, "test", labels["test"]).probabilities.max(axis=1) for run in (cool, warm))
    assert (second <= first + 1e-6).all()
    assert second.mean() < first.mean() - 0.01


def test_answers_as_the_model_gives_them(run: Run, labels) -> None:
    predictions = run.predictions()
    assert predictions is not None
    raw = read_answers(run, "test", labels["test"], calibrated=False)
    assert_array_equal(raw.probabilities, predictions["test"])
    assert np.abs(raw.probabilities - read_answers(run, "test", labels["test"]).probabilities).max() > 0.1


def test_two_runs_meet_on_the_images_that_both_have_answered(store: RunStore, labels) -> None:
    first, second = (store.get(copy_of_classic(store.home, name).name) for name in ("first", "second"))
    predictions = second.predictions()
    assert predictions is not None
    order = np.random.default_rng(1).permutation(5_000)[:3_000]
    validation, indices = predictions["validation"][order], predictions["validation_indices"][order]
    rewritten(second, validation=validation, validation_indices=indices)
    a, b = paired(*(read_answers(run, "validation", labels["validation"]) for run in (first, second)))
    assert_array_equal(a.places, np.sort(indices))
    assert_array_equal(a.places, b.places)
    assert_array_equal(a.labels, b.labels)
    assert_allclose(a.probabilities, b.probabilities)
    assert not matrix_difference(a, b).any()


def test_the_difference_counts_what_changed(run: Run, labels) -> None:
    answers = read_answers(run, "test", labels["test"])
    worse = read_answers(run, "test", labels["test"])
    right = np.flatnonzero((worse.probabilities.argmax(axis=1) == 7) & (worse.labels == 7))[0]
    worse.probabilities[right] = np.eye(10)[1]
    difference = matrix_difference(answers, worse)
    assert (difference[7, 7], difference[7, 1]) == (-1, 1)
    assert np.abs(difference).sum() == 2


def test_a_run_without_answers_says_so(store: RunStore, labels) -> None:
    run = store.create(store.get("classic").config)
    with pytest.raises(RunStateError, match="has no stored answers"):
        read_answers(run, "test", labels["test"])


def test_a_run_trained_on_all_images_has_no_validation(run: Run, labels) -> None:
    rewritten(run, validation=np.empty((0, 10), np.float32), validation_indices=np.empty(0, np.int64))
    with pytest.raises(RunStateError, match="has no validation split"):
        read_answers(run, "validation", labels["validation"])


@pytest.mark.parametrize("bad", [[0, 0], [0, 60_000], [-1, 3]])
def test_validation_images_that_cannot_be_are_refused(run: Run, labels, bad: list[int]) -> None:
    rewritten(run, validation=np.full((2, 10), 0.1, np.float32), validation_indices=np.array(bad))
    with pytest.raises(RunDamagedError, match="not places in the training split"):
        read_answers(run, "validation", labels["validation"])


def test_answers_to_other_images_are_refused(run: Run, labels) -> None:
    rewritten(run, test=np.full((2, 10), 0.1, np.float32))
    with pytest.raises(RunDamagedError, match="not those of the 10,000 test images"):
        read_answers(run, "test", labels["test"])


@pytest.mark.parametrize("temperature", ["warm", 0, -1.0, True, None, 1e9])
def test_a_temperature_that_cannot_be_is_refused(store: RunStore, labels, temperature: object) -> None:
    run = store.get(copy_of_classic(store.home, temperature=temperature).name)
    with pytest.raises(RunDamagedError, match="temperature is"):
        read_answers(run, "test", labels["test"])


def test_mixed_answers_are_the_mean_of_all_who_answered_an_image(store: RunStore, labels) -> None:
    first, second = (store.get(copy_of_classic(store.home, name).name) for name in ("first", "second"))
    half = np.arange(57_500, 62_500)[::-1][2_500:]  # 57,500 to 59,999, backwards
    rewritten(second, validation=np.full((2_500, 10), 0.1, np.float32), validation_indices=half)
    a, b = (read_answers(run, "validation", labels["validation"]) for run in (first, second))
    both = mixed(a, [b])
    assert_array_equal(both.places, a.places)
    assert_array_equal(both.labels, a.labels)
    assert_array_equal(both.probabilities[:2_500], a.probabilities[:2_500])
    assert_allclose(both.probabilities[2_500:], (a.probabilities[2_500:] + 0.1) / 2, atol=1e-7)
    assert both.probabilities.dtype == np.float32
    assert_array_equal(mixed(a, []).probabilities, a.probabilities)


def validated(store: RunStore, name: str, accuracy: float) -> Run:
    """A run that got this share of its validation images right."""
    evaluation = store.get("classic").evaluation()
    assert evaluation is not None
    return store.get(
        copy_of_classic(store.home, name, validation=evaluation["validation"] | {"accuracy": accuracy}).name
    )


def test_runs_that_are_not_much_worse_are_heard(store: RunStore) -> None:
    run, better, worse, bad = (
        validated(store, name, accuracy)
        for name, accuracy in (("run", 0.99), ("better", 0.999), ("worse", 0.9801), ("bad", 0.97))
    )
    assert witnesses(run, [bad, better, run, worse]) == (better, worse)
    assert witnesses(better, [run, worse, bad]) == ()


def test_runs_of_which_nobody_knows_what_they_have_seen_are_not_heard(store: RunStore) -> None:
    run, damaged, cut = (validated(store, name, 0.99) for name in ("run", "damaged", "cut"))
    waiting = store.create(run.config)
    (damaged.path / "evaluation.json").write_text("{")
    (cut.path / "model.onnx").unlink()
    outside = replace(run, run_id="outside", imported=tuple(run.layers))
    on_all = store.get(copy_of_classic(store.home, "on-all", validation=None).name)
    assert witnesses(run, [waiting, damaged, cut, outside, on_all]) == ()
    assert witnesses(on_all, [run]) == ()
