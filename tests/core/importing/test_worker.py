"""Weights from outside: they must be whole, finite and what the description promised; then the network is the same."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from core.errors import ModelFileError
from core.importing.archive import read_archive
from core.importing.config import read_network
from core.importing.model import write_upload
from core.importing.worker import load
from core.onnx_export import check_parity, export_onnx
from tests.digits import digits
from tests.model_files import FLATTEN, IMAGE, keras_file, layer, sequential, weights

pytestmark = pytest.mark.keras

GOOD = {"layers/dense/vars/0": np.ones((784, 10), np.float32), "layers/dense/vars/1": np.zeros(10, np.float32)}


def loaded(path: Path, data: bytes) -> Any:
    """The network of a `.keras` file on the way that an import goes."""
    archive = read_archive(data)
    network = read_network(archive.config)
    write_upload(path / "upload.keras", archive, network)
    return load(path / "upload.keras", network.parameters)


def every_layer() -> Any:
    """A network of every kind of layer that is allowed, its weights far from their initial ones."""
    import keras
    from keras import layers

    image = keras.Input((28, 28, 1))
    values = layers.Rescaling(2.0, offset=-0.5)(image)
    values = layers.Conv2D(6, 3, padding="same", kernel_regularizer="l2", name="probabilities")(values)
    values = left = layers.ReLU(max_value=4.0, negative_slope=0.1)(layers.BatchNormalization()(values))
    values = layers.SeparableConv2D(6, 3, padding="same", depth_multiplier=2, activation="gelu")(values)
    values = layers.Average()([layers.Add()([left, values]), layers.Maximum()([left, values])])
    right = layers.DepthwiseConv2D(5, padding="same", activation="swish")(values)
    values = layers.Concatenate()([values, layers.Multiply()([left, right])])
    values = layers.PReLU(shared_axes=[1, 2])(values)
    values = layers.SpatialDropout2D(0.2, seed=3)(layers.AveragePooling2D(2)(values))
    values = layers.ZeroPadding2D(((1, 0), (2, 1)))(layers.GaussianNoise(0.1)(values))
    values = layers.LayerNormalization()(layers.Conv2D(8, 3, strides=2, use_bias=False)(values))
    values = layers.GaussianDropout(0.1)(layers.ELU(alpha=0.5)(values))
    pooled = layers.GlobalMaxPooling2D()(values), layers.GlobalAveragePooling2D()(values)
    flat = layers.Flatten()(layers.Reshape((4, -1))(layers.MaxPooling2D(2, strides=1, padding="same")(values)))
    values = layers.Dropout(0.5)(layers.LeakyReLU()(layers.Concatenate()([*pooled, flat])))
    values = layers.Activation("tanh")(layers.Dense(12, activation="mish")(values))
    model = keras.Model(image, layers.Softmax()(layers.Dense(10)(values)))
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.uniform(0, 0.02, weight.shape).astype("f4") for weight in model.get_weights()])
    return model


def saved(model: Any, folder: Path) -> bytes:
    model.save(folder / "visitor.keras")
    return (folder / "visitor.keras").read_bytes()


def test_every_allowed_layer_answers_as_it_did(tmp_path: Path) -> None:
    model = every_layer()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    images = digits()[0][:20, ..., None].astype(np.float32) / 255
    model.fit(images, digits()[1][:20], verbose=0)  # an optimiser with its moments in the file
    imported = loaded(tmp_path, saved(model, tmp_path))
    expected = model.predict(images, verbose=0)
    assert np.ptp(expected, axis=0).max() > 0.01  # it tells the images apart
    assert np.abs(imported.predict(images, verbose=0) - expected).max() < 1e-6
    assert not imported.compiled
    export_onnx(imported, tmp_path / "model.onnx")
    assert check_parity(imported, tmp_path / "model.onnx", digits()[0][:20]) < 1e-5


def test_parameters_are_counted_as_keras_counts_them(tmp_path: Path) -> None:
    model = every_layer()
    network = read_network(read_archive(saved(model, tmp_path)).config)
    assert network.parameters == model.count_params()
    for node, theirs in zip(network.nodes, model.layers[1:], strict=True):
        assert node.layer.kind == type(theirs).__name__
        assert node.layer.output_shape == theirs.output.shape[1:], node.layer.name
        assert node.layer.parameters == theirs.count_params(), node.layer.name


def test_mixed_precision_comes_in_as_float32(tmp_path: Path) -> None:
    import keras

    image = keras.Input((28, 28, 1))
    values = keras.layers.Flatten(dtype="mixed_bfloat16")(image)
    model = keras.Model(image, keras.layers.Dense(10, activation="softmax", dtype="mixed_bfloat16")(values))
    assert {layer.compute_dtype for layer in loaded(tmp_path, saved(model, tmp_path)).layers} == {"float32"}


def linked() -> bytes:
    stream = io.BytesIO(weights(GOOD))
    with h5py.File(stream, "a") as file:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "x")
    return stream.getvalue()


def outside() -> bytes:
    stream = io.BytesIO(weights(GOOD))
    with h5py.File(stream, "a") as file:
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", (784, 10), "f4", external=[("/etc/passwd", 0, 31_360)])
    return stream.getvalue()


def endless() -> bytes:
    stream = io.BytesIO(weights(GOOD))
    with h5py.File(stream, "a") as file:
        file.create_dataset("layers/dense/vars/9", (100_000, 1_000_000), "f4", chunks=(100, 100), compression="gzip")
    return stream.getvalue()


def looped() -> bytes:
    stream = io.BytesIO(weights(GOOD))
    with h5py.File(stream, "a") as file:
        file["layers/dense/again"] = file["layers"]
        del file["layers/dense/vars/1"]
    return stream.getvalue()


HOSTILE = {
    "NaN": (weights(GOOD | {"layers/dense/vars/1": np.full(10, np.nan, np.float32)}), "NaN or infinite"),
    "infinity": (weights(GOOD | {"layers/dense/vars/1": np.full(10, np.inf, np.float32)}), "NaN or infinite"),
    "another shape": (weights(GOOD | {"layers/dense/vars/0": np.ones((784, 11), np.float32)}), "do not belong"),
    "none": (weights({}), "do not belong"),
    "cut": (weights(GOOD)[:20_000], "damaged"),
    "text": (weights(GOOD | {"layers/dense/vars/1": "text"}), "no weights"),
    "a link to another file": (linked(), "links to something else"),
    "data in another file": (outside(), "no weights"),
    "more than there can be": (endless(), "holds more than 20,010,000 numbers"),
    "groups in a loop": (looped(), "do not belong"),
    "no HDF5 after its first bytes": (b"\x89HDF\r\n\x1a\n" + bytes(4_000), "damaged"),
}


@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_weights_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        loaded(tmp_path, keras_file(model_weights_h5=content))


def test_good_weights_made_by_hand_are_not(tmp_path: Path) -> None:
    assert loaded(tmp_path, keras_file(model_weights_h5=weights(GOOD))).count_params() == 7_850


def test_what_counts_wrongly_is_refused(tmp_path: Path) -> None:
    archive = read_archive(keras_file(model_weights_h5=weights(GOOD)))
    write_upload(tmp_path / "upload.keras", archive, read_network(archive.config))
    with pytest.raises(ModelFileError, match="which its description does not say"):
        load(tmp_path / "upload.keras", 7_849)


def test_the_upload_that_keras_gets_holds_our_description(tmp_path: Path) -> None:
    dense = layer("Dense", "dense", units=10, activation="softmax")
    archive = read_archive(keras_file(sequential(IMAGE, FLATTEN, dense | {"build_config": {"input_shape": [1e12]}})))
    write_upload(tmp_path / "upload.keras", archive, read_network(archive.config))
    with zipfile.ZipFile(tmp_path / "upload.keras") as upload:
        assert "build_config" not in upload.read("config.json").decode()
        assert json.loads(upload.read("metadata.json")) == {"keras_version": "3.15.1"}
