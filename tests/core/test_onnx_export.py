"""model.onnx answers as Keras does, layer by layer."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.testing import assert_allclose

from core import architecture
from core.config import PRESETS, TrainingConfig
from core.errors import TrainingError
from core.model import build_model
from core.network import OnnxNetwork
from core.onnx_export import TOLERANCE, check_parity, export_onnx
from tests.digits import digits

pytestmark = pytest.mark.keras

CONFIGS = {
    **PRESETS,
    "no dense layer, gelu": TrainingConfig(dense_units=0, activation="gelu", filters=4, blocks=1, kernel_size=4),
    "global average, silu": TrainingConfig(
        head="global_average", activation="silu", filters=4, dense_units=5, batch_norm=True, pool_first=True
    ),
    "tanh": TrainingConfig(activation="tanh", filters=4, blocks=4),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_export_answers_as_keras_and_shows_its_layers(config: TrainingConfig, tmp_path: Path) -> None:
    import keras

    keras.utils.set_random_seed(1)
    model, path = build_model(config), tmp_path / "model.onnx"
    export_onnx(model, path)
    images = digits()[0]
    assert check_parity(model, path, images) <= TOLERANCE

    network = OnnxNetwork(path)
    outputs = [output.name for output in onnx.load(path).graph.output]
    shown = [
        row.name
        for row in architecture.layers(config)
        if row.kind in ("Activation", "MaxPooling2D", "GlobalAveragePooling2D", "Dense")
    ]
    assert outputs == ["probabilities", *(name for name in shown if name != "probabilities")]
    activations = network.activations(images[:3])
    assert list(activations) == outputs[1:]
    wide = keras.Model(model.input, [model.get_layer(name).output for name in outputs[1:]])
    expected = wide.predict(images[:3, ..., None].astype(np.float32) / 255, verbose=0)
    for (name, values), wanted in zip(activations.items(), expected, strict=True):
        assert_allclose(values, wanted, atol=1e-4, err_msg=name)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.onnx"]


def test_another_model_is_noticed(tmp_path: Path) -> None:
    config = TrainingConfig(filters=4)
    export_onnx(build_model(config), tmp_path / "model.onnx")
    with pytest.raises(TrainingError, match=r"differs from Keras by .*; 0\.0001 is allowed"):
        check_parity(build_model(config), tmp_path / "model.onnx", digits()[0])


def test_a_model_that_answers_nan_is_noticed(tmp_path: Path) -> None:
    model = build_model(TrainingConfig(filters=4))
    export_onnx(model, tmp_path / "model.onnx")
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    with pytest.raises(TrainingError, match="differs from Keras by nan"):
        check_parity(model, tmp_path / "model.onnx", digits()[0])
