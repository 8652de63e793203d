"""Feature maps: the right layers in the right order, and what they hold."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.explain.features import LayerMaps, feature_maps
from core.inference import Classifier
from core.run import Run
from tests.digits import digits


def test_every_layer_of_the_file_in_the_order_of_the_network(classic: Classifier, classic_run: Run) -> None:
    image = digits()[0][0]
    maps = feature_maps(classic.network, classic_run.layers, image)
    shown = {layer.name: layer for layer in classic_run.layers}
    assert [one.name for one in maps] == [name for name in shown if name in classic.network.layer_names]
    for one in maps:
        assert one.values.shape == shown[one.name].output_shape
        assert one.kind == shown[one.name].kind
        assert (one.low, one.high) == (one.values.min(), one.values.max())
        assert_array_equal(one.values, classic.network.activations(image[np.newaxis])[one.name][0])


def test_a_pooled_map_is_the_maximum_of_the_map_before(classic: Classifier, classic_run: Run) -> None:
    maps = {one.name: one.values for one in feature_maps(classic.network, classic_run.layers, digits()[0][4])}
    assert_array_equal(maps["pool1"], maps["act1"].reshape(14, 2, 14, 2, -1).max(axis=(1, 3)))


def test_the_strongest_channels_come_first() -> None:
    values = np.zeros((2, 2, 4), np.float32)
    values[..., 1] = 5  # the same everywhere: it tells nothing
    values[0, 0, 2], values[1, 1, 3] = 1, -2
    assert LayerMaps("a", "Activation", values, -2, 5).strongest(2) == [3, 2]
    units = np.array([0, -3, 2], np.float32)
    assert LayerMaps("b", "Dense", units, -3, 2).strongest(5) == [1, 2, 0]


def test_single_layers_and_no_others(classic: Classifier) -> None:
    images, network = digits()[0][:3], classic.network
    assert list(network.activations(images, ["dense", "act1"])) == ["dense", "act1"]
    assert_array_equal(network.activations(images, ["dense"])["dense"], network.activations(images)["dense"])
    assert network.activations(images, []) == {}
    with pytest.raises(ValueError, match="probabilities"):
        network.activations(images, ["probabilities"])
    with pytest.raises(ValueError, match="0 images"):
        network.activations(images[:0])
