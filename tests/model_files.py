"""`.keras` files made by hand, whole and hostile, without Keras."""

import io
import json
import zipfile
from typing import Any

import h5py
import numpy as np

METADATA = {"keras_version": "3.15.1", "date_saved": "2026-11-22@20:00:00"}


def layer(kind: str, name: str, **options: Any) -> dict[str, Any]:
    """A layer as Keras writes it, as far as it matters."""
    return {"module": "keras.layers", "class_name": kind, "config": {"name": name, **options}, "registered_name": None}


IMAGE = layer("InputLayer", "input_layer", batch_shape=[None, 28, 28, 1], dtype="float32", sparse=False)
FLATTEN = layer("Flatten", "flatten", data_format="channels_last")
DENSE = layer("Dense", "dense", units=10, activation="softmax", use_bias=True, kernel_regularizer=None)


def sequential(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The `config.json` of a Sequential network."""
    config = {"name": "sequential", "trainable": True, "layers": list(layers), **more}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def graph(*layers: tuple[dict[str, Any], tuple[str, ...]], output: str) -> dict[str, Any]:
    """The `config.json` of a Functional network: layers, each with the names of those whose answers it takes."""
    rows = []
    for row, sources in layers:
        tensors = [
            {"class_name": "__keras_tensor__", "config": {"shape": [], "keras_history": [name, 0, 0]}}
            for name in sources
        ]
        nodes = [{"args": [tensors] if len(tensors) > 1 else tensors, "kwargs": {}}] if tensors else []
        rows.append({**row, "name": row["config"]["name"], "inbound_nodes": nodes})
    config = {"name": "functional", "layers": rows, "output_layers": [[output, 0, 0]]}
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}


def weights(arrays: dict[str, Any] | None = None) -> bytes:
    """The `model.weights.h5` of flatten and dense, or of these arrays."""
    if arrays is None:
        values = np.random.default_rng(1).normal(size=(784, 10)).astype(np.float32) / 28
        arrays = {"layers/dense/vars/0": values, "layers/dense/vars/1": np.zeros(10, np.float32)}
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return stream.getvalue()


def keras_file(config: Any = None, /, *, compression: int = zipfile.ZIP_STORED, **members: Any) -> bytes:
    """A `.keras` file of flatten and dense; `members` replace or add to it by name, with underscores for dots.

    A member of None is left out.
    """
    described = sequential(IMAGE, FLATTEN, DENSE) if config is None else config
    content = {"config_json": described, "metadata_json": METADATA, "model_weights_h5": weights()} | members
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, value in content.items():
            if value is not None:
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                archive.writestr(name.replace("_json", ".json").replace("_weights_h5", ".weights.h5"), data)
    return stream.getvalue()
