"""A run's answers to a data set: what the network says, kept until the model changes; figures as scikit-learn's."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics

from core.datasets import DataSet, DataSetStore, Plan, answers, kept_answers, submission_csv, summary, write_submission
from core.errors import DataError, RunDamagedError
from core.evaluation import apply_temperature
from core.home import StudioHome
from core.inference import Classifier
from core.run import Run
from core.runs import RunStore
from tests.digits import copy_of_classic, digits
from tests.own_sets import given, npz

AS_THEY_ARE = Plan("none")


@pytest.fixture
def sets(home: StudioHome) -> DataSetStore:
    return DataSetStore(home)


@pytest.fixture
def kept(sets: DataSetStore) -> DataSet:
    return sets.keep(given("d.npz", npz(x=digits()[0], y=digits()[1])), AS_THEY_ARE)


@pytest.fixture
def run(home: StudioHome, store: RunStore) -> Run:
    copy_of_classic(home, "mine", temperature=1.5)
    return store.get("mine")


@pytest.fixture
def classifier(run: Run) -> Classifier:
    return Classifier.load(run)


def test_answers_are_the_networks_and_kept(kept: DataSet, run: Run, classifier: Classifier, sets: DataSetStore) -> None:
    assert kept_answers(kept, run) is None
    reports: list[tuple[int, int]] = []
    found = answers(kept, run, classifier, lambda done, total: reports.append((done, total)))
    assert np.array_equal(found, classifier.network.probabilities(digits()[0]))
    assert reports[-1] == (200, 200)
    again = answers(kept, run, classifier, lambda done, total: pytest.fail("it was asked again"))
    assert np.array_equal(found, again)
    assert np.array_equal(found, kept_answers(kept, run))
    assert sets.get(kept.dataset_id).size_bytes > kept.size_bytes + 200 * 40


def test_another_model_is_asked_again(kept: DataSet, run: Run, classifier: Classifier, home: StudioHome) -> None:
    found = answers(kept, run, classifier)
    path = run.path / "model.onnx"
    content = path.read_bytes()
    path.write_bytes(content)  # copied anew: the same model
    assert np.array_equal(kept_answers(kept, run), found)
    path.write_bytes(content + b"\0")
    assert kept_answers(kept, run) is None
    answers(kept, run, classifier)
    assert len(list((kept.path / "predictions").iterdir())) == 1
    shutil.rmtree(run.path)
    with pytest.raises(RunDamagedError, match=r"model\.onnx of the run mine cannot be read"):
        kept_answers(kept, run)


def test_kept_answers_that_were_edited_are_made_anew(kept: DataSet, run: Run, classifier: Classifier) -> None:
    found = answers(kept, run, classifier)
    (path,) = (kept.path / "predictions").iterdir()
    for content in (b"", path.read_bytes()[:-1], b"x" * 99):
        path.write_bytes(content)
        assert kept_answers(kept, run) is None
    np.save(path, found[:5])
    assert kept_answers(kept, run) is None
    np.save(path, np.full_like(found, np.nan))
    assert np.array_equal(answers(kept, run, classifier), found)


def test_a_set_deleted_meanwhile(kept: DataSet, run: Run, classifier: Classifier, sets: DataSetStore) -> None:
    with pytest.raises(DataError, match="was deleted meanwhile"):
        answers(kept, run, classifier, lambda done, total: sets.delete(kept.dataset_id))
    assert list(sets.folder.iterdir()) == []
    with pytest.raises(DataError, match="cannot be read"):
        answers(kept, run, classifier)


def test_figures_are_those_of_scikit_learn(kept: DataSet, run: Run, classifier: Classifier) -> None:
    found = answers(kept, run, classifier)
    figures = summary(kept, found, classifier.temperature)
    truth, scaled = digits()[1], apply_temperature(found, classifier.temperature)
    assert (figures["split"], figures["n"], figures["missing_classes"]) == ("d", 200, [])
    assert figures["accuracy"] == sklearn.metrics.accuracy_score(truth, scaled.argmax(axis=1))
    sums_to_1 = scaled.astype(np.float64) / scaled.astype(np.float64).sum(axis=1, keepdims=True)
    assert figures["loss"] == pytest.approx(sklearn.metrics.log_loss(truth, sums_to_1), rel=1e-4)
    expected = sklearn.metrics.confusion_matrix(truth, scaled.argmax(axis=1), labels=range(10))
    assert figures["confusion_matrix"] == expected.tolist()


def test_one_digit_alone(sets: DataSetStore, run: Run, classifier: Classifier) -> None:
    sevens = digits()[1] == 7
    only = sets.keep(given("sevens.npz", npz(x=digits()[0][sevens], y=digits()[1][sevens])), AS_THEY_ARE)
    figures = summary(only, answers(only, run, classifier), classifier.temperature)
    assert figures["missing_classes"] == [0, 1, 2, 3, 4, 5, 6, 8, 9]
    assert np.array(figures["confusion_matrix"]).sum(axis=1).tolist() == [0] * 7 + [int(sevens.sum()), 0, 0]


def test_without_labels_there_are_predictions_only(sets: DataSetStore, run: Run, classifier: Classifier) -> None:
    unlabelled = sets.keep(given("d.npz", npz(x=digits()[0])), AS_THEY_ARE)
    found = answers(unlabelled, run, classifier)
    assert found.shape == (200, 10)
    with pytest.raises(DataError, match="d has no labels"):
        summary(unlabelled, found, 1.0)


def test_a_submission_numbers_the_images_from_1(tmp_path: Path) -> None:
    assert submission_csv(np.array([7, 2, 0], np.uint8)) == "ImageId,Label\n1,7\n2,2\n3,0\n"
    write_submission(tmp_path / "s.csv", [7])
    assert (tmp_path / "s.csv").read_bytes() == b"ImageId,Label\n1,7\n"
    with pytest.raises(DataError, match="cannot be written: No such file or directory"):
        write_submission(tmp_path / "absent" / "s.csv", [7])
