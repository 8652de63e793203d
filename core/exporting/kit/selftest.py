"""Proves that the model in this folder answers here as it did in Digit Studio: `python selftest.py`.

Needs NumPy and the one package that runs the model; `requirements.txt` names it. Exit status 0 when every probability
of every image agrees, 1 when one does not.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
# float32 images (n, 28, 28, 1) in [0, 1], ink high, to probabilities (n, 10) without temperature.
Network = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def describe(folder: Path = HERE) -> dict[str, Any]:
    """What `model.json` says."""
    description: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return description


def load_network(folder: Path = HERE) -> Network:
    """The model of an exported folder."""
    description = describe(folder)
    loaders = {"keras": _keras, "onnx": _onnx, "litert": _litert, "savedmodel": _savedmodel}
    return loaders[description["format"]](folder / description["file"])


def apply_temperature(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Softmax probabilities as they would be with the logits divided by `temperature`."""
    scaled = probabilities.astype(np.float64) ** (1 / temperature)
    return (scaled / scaled.sum(axis=1, keepdims=True)).astype(np.float32)


def largest_difference(folder: Path = HERE) -> tuple[float, int]:
    """The largest difference in probability from what was expected, and the number of images compared."""
    description = describe(folder)
    with np.load(folder / "selftest.npz", allow_pickle=False) as arrays:
        images, expected = arrays["images"], arrays["probabilities"]
    network = load_network(folder)
    inputs = images[..., None].astype(np.float32) / 255
    # Both one by one and all at once: a model may be bound to a number of images.
    together = network(inputs)
    singly = np.concatenate([network(inputs[index : index + 1]) for index in range(len(inputs))])
    answers = [apply_temperature(found, description["temperature"]) for found in (together, singly)]
    return max(float(np.abs(found - expected).max()) for found in answers), len(images)


def _keras(path: Path) -> Network:
    import keras

    model = keras.saving.load_model(path, compile=False)
    return lambda images: np.asarray(model.predict(images, verbose=0))


def _onnx(path: Path) -> Network:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before it is loaded: else it tells its makers of this machine
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(["probabilities"], {name: images})[0]


def _litert(path: Path) -> Network:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError:  # TensorFlow brings the same interpreter
        import tensorflow as tf

        Interpreter = tf.lite.Interpreter

    interpreter = Interpreter(str(path))
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]

    def network(images: NDArray[np.float32]) -> NDArray[np.float32]:
        interpreter.resize_tensor_input(source, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(source, images)
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return network


def _savedmodel(path: Path) -> Network:
    import tensorflow as tf

    model = tf.saved_model.load(path)
    return lambda images: model.serve(tf.constant(images)).numpy()


def main() -> int:
    description = describe()
    allowed = description["selftest"]["tolerance"]
    difference, count = largest_difference()
    passed = difference <= allowed  # false for NaN as well
    verdict = "agrees" if passed else "DOES NOT AGREE"
    sys.stdout.write(
        f"{description['format']} model of {description['run']['run_id']} {verdict}: "
        f"{count} images, largest difference in probability {difference:.1e} ({allowed:g} is allowed)\n"
    )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
