"""The classifier over the shipped model: right, calibrated, the same from every side, honest about damage."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from onnx import TensorProto, helper

from core import architecture
from core.errors import RunDamagedError, RunStateError
from core.home import StudioHome
from core.inference import Classifier, ClassifierCache
from core.network import BATCH
from core.runs import RunStore
from core.status import RunState, RunStatus
from tests.digits import copy_of_classic, digits, run_python


def load(home: StudioHome, **evaluation: Any) -> Classifier:
    """The classifier of a copy of `classic` with a changed evaluation.json."""
    copy_of_classic(home, **evaluation)
    return Classifier.load(RunStore(home).get("copy-of-classic"))


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Classifier.load(RunStore(StudioHome(root=tmp_path_factory.mktemp("home"))).get("classic"))


def test_reads_test_digits(classic: Classifier) -> None:
    images, labels = digits()
    right = classic.probabilities(images).argmax(axis=1) == labels
    assert right.mean() >= 0.98


def test_reads_drawings_of_them(classic: Classifier) -> None:
    images, labels = digits()
    right = [classic.classify(255 - image).digit == label for image, label in zip(images[:100], labels, strict=False)]
    assert np.mean(right) >= 0.97


def test_says_what_the_run_is(classic: Classifier, store: RunStore) -> None:
    run = store.get("classic")
    evaluation = run.evaluation()
    assert evaluation is not None
    assert (classic.run_id, classic.name) == ("classic", run.name)
    assert classic.parameters == evaluation["parameters"] == architecture.count_parameters(run.config)
    assert classic.test_accuracy == evaluation["test"]["accuracy"]


def test_a_prediction_is_complete(classic: Classifier) -> None:
    image, label = digits()[0][0], digits()[1][0]
    prediction = classic.classify(image)
    assert prediction.digit == label
    assert prediction.probabilities is not None
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.confidence == prediction.probabilities.max()
    assert not prediction.abstained
    order = np.argsort(prediction.probabilities)
    assert prediction.runner_up == (order[-2], prediction.probabilities[order[-2]])
    assert prediction.box is not None


@pytest.mark.parametrize("shade", [0, 255])
def test_nothing_drawn_is_no_digit(classic: Classifier, shade: int) -> None:
    prediction = classic.classify(np.full((280, 280), shade, np.uint8))
    assert (prediction.digit, prediction.confidence, prediction.probabilities) == (None, None, None)
    assert prediction.runner_up is None
    assert prediction.box is None
    assert "blank" in prediction.warnings
    assert classic.classify_each(np.full((280, 280), shade, np.uint8)) == []


def test_reads_several_digits_in_order(classic: Classifier) -> None:
    images, labels = digits()
    row = 255 - np.hstack([np.pad(images[index], 6) for index in (0, 1, 2)])
    predictions = classic.classify_each(row)
    assert [prediction.digit for prediction in predictions] == list(labels[:3])
    lefts = [prediction.box[0] for prediction in predictions if prediction.box]
    assert lefts == sorted(lefts)
    assert len(lefts) == 3


def test_many_images_are_answered_as_one_by_one(classic: Classifier) -> None:
    images = np.concatenate([digits()[0]] * 2)[: 2 * BATCH + 3]
    together = classic.probabilities(images)
    alone = np.concatenate([classic.probabilities(image[np.newaxis]) for image in images[:: BATCH // 2]])
    assert_allclose(together[:: BATCH // 2], alone, atol=1e-6)


def test_bytes_and_floats_are_the_same_image(classic: Classifier) -> None:
    images = digits()[0][:10]
    as_floats = (images / 255).astype(np.float32)
    assert_array_equal(classic.probabilities(images), classic.probabilities(as_floats))
    assert_array_equal(classic.probabilities(images), classic.probabilities(as_floats[..., np.newaxis]))


def test_no_images_are_no_answers(classic: Classifier) -> None:
    assert classic.probabilities(np.empty((0, 28, 28), np.float32)).shape == (0, 10)


@pytest.mark.parametrize("shape", [(28, 28), (1, 27, 28), (1, 28, 28, 3), (784,)])
def test_refuses_other_shapes(classic: Classifier, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(n, 28, 28\)"):
        classic.probabilities(np.zeros(shape, np.float32))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_temperature_divides_the_logits(home: StudioHome, temperature: float) -> None:
    classifier = load(home, temperature=temperature)
    images = digits()[0][:50]
    logits = np.log(np.maximum(classifier.network.probabilities(images).astype(np.float64), 1e-45))
    expected = np.exp(logits / temperature)
    expected /= expected.sum(axis=1, keepdims=True)
    assert_allclose(classifier.probabilities(images), expected, atol=1e-6)


def test_abstains_below_the_threshold_and_keeps_the_digit(home: StudioHome) -> None:
    classifier = load(home, threshold=1.0, temperature=3.0)
    prediction = classifier.classify(digits()[0][0])
    assert prediction.abstained
    assert prediction.digit == digits()[1][0]


def test_activations_are_the_layers_of_the_network(classic: Classifier, store: RunStore) -> None:
    images = digits()[0][: BATCH + 2]
    layers = {layer.name: layer.output_shape for layer in architecture.layers(store.get("classic").config)}
    activations = classic.network.activations(images)
    assert list(activations) == [name for name in layers if name in activations]
    assert {"act1", "act2", "dense"} <= activations.keys()
    for name, values in activations.items():
        assert values.shape == (len(images), *layers[name])


def test_threads_get_the_same_answers(classic: Classifier) -> None:
    images = digits()[0][:40]
    expected = classic.probabilities(images)
    answers: list[np.ndarray] = []

    def ask() -> None:
        answers.extend(classic.probabilities(images) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40
    for answer in answers:
        assert_array_equal(answer, expected)


def test_a_run_without_a_model_says_so(home: StudioHome) -> None:
    folder = copy_of_classic(home)
    (folder / "model.onnx").unlink()
    with pytest.raises(RunStateError, match="copy-of-classic"):
        Classifier.load(RunStore(home).get("copy-of-classic"))


def test_a_run_that_is_not_finished_says_so(home: StudioHome) -> None:
    folder = copy_of_classic(home)
    RunStatus.read(folder).write(folder, state=RunState.INTERRUPTED)
    with pytest.raises(RunStateError, match="copy-of-classic"):
        Classifier.load(RunStore(home).get("copy-of-classic"))


@pytest.mark.parametrize("kept", [0, 10, 5_000, -100])
def test_a_cut_model_is_damaged(home: StudioHome, kept: int) -> None:
    model = copy_of_classic(home) / "model.onnx"
    model.write_bytes(model.read_bytes()[:kept])
    with pytest.raises(RunDamagedError, match="copy-of-classic") as caught:
        Classifier.load(RunStore(home).get("copy-of-classic"))
    assert str(home.root) not in str(caught.value)


@pytest.mark.parametrize(
    ("input_shape", "output"),
    [((3, 3, 1), "probabilities"), ((28, 28, 1), "other"), ((28, 28, 1), "probabilities")],
)
def test_another_network_is_damaged(home: StudioHome, input_shape: tuple[int, ...], output: str) -> None:
    taken = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *input_shape])
    given = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", *input_shape])
    graph = helper.make_graph([helper.make_node("Relu", ["image"], [output])], "other", [taken], [given])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, copy_of_classic(home) / "model.onnx")
    with pytest.raises(RunDamagedError, match="copy-of-classic"):
        Classifier.load(RunStore(home).get("copy-of-classic"))


@pytest.mark.parametrize(
    "evaluation",
    [{"temperature": 0}, {"temperature": -1.0}, {"temperature": "warm"}, {"threshold": 2}, {"parameters": True}],
)
def test_an_impossible_evaluation_is_damaged(home: StudioHome, evaluation: dict[str, object]) -> None:
    (name,) = evaluation
    with pytest.raises(RunDamagedError, match=name):
        load(home, **evaluation)


def test_nan_as_temperature_is_damaged(home: StudioHome) -> None:
    path = copy_of_classic(home) / "evaluation.json"
    path.write_text('{"temperature": NaN, "parameters": 1}', encoding="utf-8")
    with pytest.raises(RunDamagedError, match=r"evaluation\.json"):
        Classifier.load(RunStore(home).get("copy-of-classic"))


def test_the_cache_loads_once_and_anew_when_files_change(home: StudioHome) -> None:
    folder, cache, store = copy_of_classic(home, temperature=1.0), ClassifierCache(), RunStore(home)
    first = cache.get(home, store.get("copy-of-classic"))
    assert cache.get(home, store.get("copy-of-classic")) is first
    (folder / "evaluation.json").write_text('{"parameters": 7, "temperature": 2.0}', encoding="utf-8")
    second = cache.get(home, store.get("copy-of-classic"))
    assert (second.temperature, second.parameters) == (2.0, 7)


def test_the_cache_forgets_the_run_that_was_asked_longest_ago(home: StudioHome) -> None:
    for name in ("run-a", "run-b", "run-c"):
        copy_of_classic(home, name)
    cache, store = ClassifierCache(size=2), RunStore(home)
    a, b = cache.get(home, store.get("run-a")), cache.get(home, store.get("run-b"))
    assert cache.get(home, store.get("run-a")) is a
    cache.get(home, store.get("run-c"))
    assert cache.get(home, store.get("run-a")) is a
    assert cache.get(home, store.get("run-b")) is not b


def test_importing_needs_no_tensorflow(home: StudioHome) -> None:
    code = (
        "import sys; import core.inference, core.api, core.evaluation, core.runs; "
        "print(sorted({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)))"
    )
    assert run_python("-c", code, home=home).stdout == "[]\n"


def test_linear_algebra_leaves_the_other_cores_to_other_callers(home: StudioHome) -> None:
    code = (
        "import numpy as np; from threadpoolctl import threadpool_info\n"
        "from core.home import StudioHome; from core.inference import Classifier; from core.runs import RunStore\n"
        "classifier = Classifier.load(RunStore(StudioHome.from_environment()).get('classic'))\n"
        "classifier.classify(np.full((280, 280), 255, np.uint8))\n"
        "print({pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas'})"
    )
    done = run_python("-c", code, home=home)
    assert done.stdout == "{1}\n", done.stderr


def test_the_runtime_tells_its_makers_nothing(
    home: StudioHome, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "user"))
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    (tmp_path / "user").mkdir()
    path = store.get("classic").path / "model.onnx"
    done = run_python(
        "-c", f"from pathlib import Path; from core.network import *; OnnxNetwork(Path({str(path)!r}))", home=home
    )
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "user").rglob("*")) == []  # where it talks to them, it leaves an id of the session here
