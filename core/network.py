"""The network of a run as ONNX Runtime computes it: images in, probabilities and activations out.

Owns the session and the form of `model.onnx`: input float32 (n, 28, 28, 1) in [0, 1], first output `probabilities`
(n, 10), then the activations by layer name. Temperature, thresholds and pictures are `inference`'s. TensorFlow is not
needed here, and never imported.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.errors import RunDamagedError

if TYPE_CHECKING:  # 0.2 s and 50 MB that the first model takes, not the start of the server
    import onnxruntime

OUTPUT: Final = "probabilities"
# Images per call of the runtime. Its memory grows with the largest call and is kept: 32 images of a network with 56
# filters are 6 MB per activation. Larger calls are no faster: their activations leave the processor's cache.
BATCH: Final = 32


class OnnxNetwork:
    """One `model.onnx`. Any number of threads may ask at the same time.

    Args:
        threads: processor cores that one call may use.

    Raises:
        RunDamagedError: the file is missing, cut, or not a digit network.
    """

    def __init__(self, path: Path, *, threads: int = 1, classes: int = CLASSES) -> None:
        self._session = _session(path, threads, classes)
        self._classes = classes
        self._input: str = self._session.get_inputs()[0].name
        self._outputs: list[str] = [output.name for output in self._session.get_outputs()]

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers whose activations the file gives, in the network's order."""
        return tuple(name for name in self._outputs if name != OUTPUT)

    def probabilities(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """What the network says of each image, (n, 10), no temperature applied.

        Args:
            images: (n, 28, 28) or (n, 28, 28, 1), ink high; float in [0, 1], or uint8.
        """
        batches = self._run([OUTPUT], images)
        return np.concatenate([np.empty((0, self._classes), np.float32), *(batch[0] for batch in batches)])

    def activations(self, images: NDArray[Any], names: Sequence[str] | None = None) -> dict[str, NDArray[np.float32]]:
        """What layers answer to at least one image, by layer name, the image axis first.

        Args:
            names: of `layer_names`; all of them by default.
        """
        wanted = list(self.layer_names if names is None else names)
        unknown = [name for name in wanted if name not in self.layer_names]
        if unknown or not len(images):
            raise ValueError(f"no activations of {unknown} for {len(images)} images; there are {self.layer_names}")
        batches = self._run(wanted, images) if wanted else []
        return {name: np.concatenate([batch[index] for batch in batches]) for index, name in enumerate(wanted)}

    def all_of(self, images: NDArray[Any]) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
        """`probabilities` and all `activations` of at least one image, computed once."""
        batches = self._run(self._outputs, images)
        found = {name: np.concatenate([batch[place] for batch in batches]) for place, name in enumerate(self._outputs)}
        return found.pop(OUTPUT), found

    def _run(self, names: list[str], images: NDArray[Any]) -> list[list[NDArray[np.float32]]]:
        """The named outputs of each batch of images."""
        prepared = _prepared(images)
        batches = (prepared[start : start + BATCH] for start in range(0, len(prepared), BATCH))
        return [self._session.run(names, {self._input: batch}) for batch in batches]


def _session(path: Path, threads: int, classes: int) -> "onnxruntime.InferenceSession":
    # Before it is loaded: told afterwards, it has sent a first event to its makers and written an id of this machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # Waiting threads sleep: spinning, they would take the cores that pages and other calls need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what goes wrong is raised; the runtime's own lines name the machine's paths
    where = f"{path.name} of the run {path.parent.name}"
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has a dozen exceptions without a common base of its own
        raise RunDamagedError(f"{where} cannot be loaded; it is missing, cut, or no ONNX file.") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or inputs[0].shape[1:] != [28, 28, 1] or inputs[0].type != "tensor(float)":
        raise RunDamagedError(f"{where} does not take float images of 28 x 28 x 1.")
    if outputs[0].name != OUTPUT or outputs[0].shape[1:] != [classes]:
        raise RunDamagedError(f"the first output of {where} is not `{OUTPUT}` (n, {classes}).")
    return session


def _prepared(images: NDArray[Any]) -> NDArray[np.float32]:
    """The images as the network takes them: (n, 28, 28, 1) float32 in [0, 1]."""
    if images.shape[1:] not in ((28, 28), (28, 28, 1)):
        raise ValueError(f"images must have the shape (n, 28, 28), not {images.shape}")
    if images.dtype == np.uint8:
        images = images / np.float32(255)
    return np.ascontiguousarray(images.reshape(-1, 28, 28, 1), dtype=np.float32)
