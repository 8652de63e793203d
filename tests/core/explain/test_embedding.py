"""The vector that a network's last layer reads: the right layer, the right length."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core.architecture import Layer, layers
from core.config import PRESETS, TrainingConfig
from core.explain.embedding import MOST_NUMBERS, Embedder, last_hidden_layer
from core.inference import Classifier
from core.network import OUTPUT
from core.run import Run
from tests.digits import digits


def chain(*parts: tuple[str, int]) -> list[Layer]:
    """Layers by name and multiply-adds."""
    return [Layer(name, "Any", (1,), 0, multiplied) for name, multiplied in parts]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (PRESETS["classic"], "dense"),
        (PRESETS["quick"], "dense"),
        (PRESETS["compact"], "global_average"),
        (PRESETS["strong"], "global_average"),
        (TrainingConfig(dense_units=0), "pool2"),
        (TrainingConfig(dense_units=0, pool_first=True), "act2"),
    ],
)
def test_the_layer_before_the_softmax_of_our_networks(config: TrainingConfig, expected: str) -> None:
    table = layers(config)
    shown = {"Activation", "Dense", "MaxPooling2D", "GlobalAveragePooling2D"}  # as `onnx_export` has them
    available = [layer.name for layer in table if layer.kind in shown and layer.name != OUTPUT]
    assert last_hidden_layer(table, available) == expected


@pytest.mark.parametrize(
    ("table", "available", "expected"),
    [
        # Logits, then a softmax of its own: the logits are no embedding.
        (chain(("a", 9), ("hidden", 9), ("logits", 9), (OUTPUT, 0)), ["a", "hidden", "logits"], "hidden"),
        # A convolution to ten channels, averaged: what it reads counts.
        (chain(("pool", 0), ("conv", 9), ("average", 0), (OUTPUT, 0)), ["pool", "average"], "pool"),
        # Logistic regression has no hidden layer.
        (chain(("flatten", 0), (OUTPUT, 9)), [], None),
        (chain(("flatten", 0), ("logits", 9), (OUTPUT, 0)), ["logits"], None),
        ([], ["a"], None),
    ],
)
def test_the_layer_before_the_last_weights_of_others(
    table: list[Layer], available: list[str], expected: str | None
) -> None:
    assert last_hidden_layer(table, available) == expected


def test_the_answer_is_a_linear_function_of_the_layer(classic: Classifier, classic_run: Run) -> None:
    layer = Embedder(classic.network, classic_run.layers).layer
    assert layer is not None
    images = digits()[0]
    inputs = classic.network.activations(images, [layer])[layer].astype(np.float64)
    inputs = np.hstack([inputs, np.ones((len(images), 1))])
    logits = np.log(classic.network.probabilities(images).astype(np.float64))
    logits -= logits[:, :1]
    weights, *_ = np.linalg.lstsq(inputs, logits, rcond=None)
    assert np.linalg.matrix_rank(inputs) < 150  # 200 images decide: fewer would fit anything
    assert_allclose(inputs @ weights, logits, atol=1e-3)


def test_vectors_have_the_length_1(classic: Classifier, classic_run: Run) -> None:
    embedder = Embedder(classic.network, classic_run.layers)
    images = digits()[0][:50]
    vectors = embedder.vectors(images)
    assert vectors.shape == (50, 128)
    assert vectors.dtype == np.float32
    assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert_allclose(embedder.vectors(images[7:8])[0], vectors[7], atol=1e-5)


def test_long_vectors_keep_their_angles(classic: Classifier) -> None:
    images = digits()[0]
    short = Embedder(classic.network, chain(("pool2", 0), (OUTPUT, 1))).vectors(images)
    assert short.shape == (200, MOST_NUMBERS)
    exact = classic.network.activations(images, ["pool2"])["pool2"].reshape(200, -1)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert np.abs(short @ short.T - exact @ exact.T).mean() < 0.05


def test_without_a_hidden_layer_the_pixels_are_compared(classic: Classifier) -> None:
    embedder = Embedder(classic.network, chain((OUTPUT, 1)))
    assert embedder.layer is None
    as_bytes = digits()[0][:5]
    assert_allclose(embedder.vectors(as_bytes), embedder.vectors(as_bytes / np.float32(255)), atol=1e-5)


def test_a_silent_layer_gives_zeros_and_no_warning(classic: Classifier) -> None:
    vectors = Embedder(classic.network, chain((OUTPUT, 1))).vectors(np.zeros((2, 28, 28), np.float32))
    assert_array_equal(vectors, 0)
