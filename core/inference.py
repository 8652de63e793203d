"""Answers of one run's network: pictures in, digits with their certainty out, through ONNX Runtime.

Owns the `Classifier`, its `Prediction`, and the cache that the pages and the API share. How a picture becomes an image
is `preprocessing`'s, which run is asked is `runs`'. TensorFlow is not needed here, and never imported.
"""

import functools
import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import RunDamagedError, RunStateError

if TYPE_CHECKING:  # they bring ONNX Runtime and OpenCV: 0.4 s and 80 MB that the first use takes, not the start
    import onnxruntime

    from core.preprocessing import Preprocessed
    from core.runs import Run

CLASSES: Final = 10
# Images per call of the runtime. Its memory grows with the largest call and is kept: 128 images of a network with 56
# filters are 22 MB per activation.
BATCH: Final = 128
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one digit.

    Attributes:
        digit: 0 to 9; None when nothing is drawn.
        confidence: the digit's probability, the run's temperature included; None when nothing is drawn.
        probabilities: (10,) float32 with sum 1; None when nothing is drawn.
        warnings: what may make the answer wrong, as `preprocessing` names it.
        abstained: the confidence is below the run's threshold, so the answer is *I don't know*.
        box: x, y, width, height of the ink in pixels of the upright picture; None when nothing is drawn.
        preprocessed: the image that the network saw, and the stages on the way to it.
    """

    digit: int | None
    confidence: float | None
    probabilities: NDArray[np.float32] | None
    warnings: tuple[str, ...]
    abstained: bool
    box: Box | None
    preprocessed: "Preprocessed"

    @property
    def runner_up(self) -> tuple[int, float] | None:
        """The second most probable digit and its probability; None when nothing is drawn."""
        if self.probabilities is None:
            return None
        second = int(np.argsort(self.probabilities)[-2])
        return second, float(self.probabilities[second])


class Classifier:
    """One run's `model.onnx`, ready to answer. Any number of threads may ask at the same time.

    Attributes:
        run_id, name: of the run.
        temperature: what the logits are divided by; fitted on validation, 1 changes nothing.
        threshold: below this confidence a prediction abstains; None is never.
        parameters: of the network.
        test_accuracy: share of the test split that is right; None when it was not evaluated.
    """

    def __init__(self, run: "Run", session: "onnxruntime.InferenceSession") -> None:
        evaluation = run.evaluation() or {}
        test = evaluation.get("test")
        self._session = session
        self._input: str = session.get_inputs()[0].name
        self._outputs: list[str] = [output.name for output in session.get_outputs()]
        self.run_id = run.run_id
        self.name = run.name
        self.parameters = int(_number(run, evaluation, "parameters", 0, low=0))
        self.temperature: float = _number(run, evaluation, "temperature", 1.0, low=1e-3)
        self.threshold: float | None = _number(run, evaluation, "threshold", None, low=0, high=1)
        self.test_accuracy: float | None = _number(
            run, test if isinstance(test, dict) else {}, "accuracy", None, low=0, high=1
        )

    @classmethod
    def load(cls, run: "Run", *, threads: int = 1) -> "Classifier":
        """The classifier of a finished run.

        Raises:
            RunStateError: the run has no model yet.
            RunDamagedError: its model or its evaluation cannot be used.
        """
        if not run.has_model:
            raise RunStateError(f"the run {run.run_id} has no model yet; wait until it has finished.")
        return cls(run, _session(run.path / "model.onnx", run.run_id, threads))

    def raw_probabilities(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """As `probabilities`, without the temperature: what the network itself says."""
        batches = self._run(["probabilities"], images)
        return np.concatenate([np.empty((0, CLASSES), np.float32), *(batch[0] for batch in batches)])

    def probabilities(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """The ten probabilities of each image, (n, 10), the temperature applied.

        Args:
            images: (n, 28, 28) or (n, 28, 28, 1), ink high; float in [0, 1], or uint8.
        """
        raw = self.raw_probabilities(images)
        if self.temperature == 1.0:
            return raw
        # Softmax of logits / T is softmax ** (1 / T), renormalised.
        softened = raw.astype(np.float64) ** (1 / self.temperature)
        return (softened / softened.sum(axis=1, keepdims=True)).astype(np.float32)

    def activations(self, images: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """What each layer answers, by layer name in the network's order, the image axis first."""
        names = [name for name in self._outputs if name != "probabilities"]
        batches = list(self._run(names, images)) if names else []
        return {name: np.concatenate([batch[index] for batch in batches]) for index, name in enumerate(names)}

    def classify(self, picture: NDArray[Any]) -> Prediction:
        """The digit in a picture of one digit, (height, width[, 1 | 3 | 4]), uint8 or float in [0, 1]."""
        from core.preprocessing import preprocess

        return self._predictions([preprocess(picture)])[0]

    def classify_each(self, picture: NDArray[Any]) -> list[Prediction]:
        """Every digit in a picture of several, in reading order; empty when nothing is drawn."""
        from core.preprocessing import split_digits

        return self._predictions(split_digits(picture))

    def _predictions(self, digits: "list[Preprocessed]") -> list[Prediction]:
        if not digits:
            return []
        table = self.probabilities(np.stack([digit.image for digit in digits]))
        return [self._prediction(digit, row) for digit, row in zip(digits, table, strict=True)]

    def _prediction(self, digit: "Preprocessed", probabilities: NDArray[np.float32]) -> Prediction:
        if digit.blank:
            return Prediction(None, None, None, digit.warnings, False, None, digit)
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        abstained = self.threshold is not None and confidence < self.threshold
        return Prediction(best, confidence, probabilities, digit.warnings, abstained, digit.box, digit)

    def _run(self, names: list[str], images: NDArray[Any]) -> list[list[NDArray[np.float32]]]:
        """The named outputs of each batch of images. At least one batch, unless there are no images."""
        prepared = _prepared(images)
        batches = (prepared[start : start + BATCH] for start in range(0, len(prepared), BATCH))
        return [self._session.run(names, {self._input: batch}) for batch in batches]


class ClassifierCache:
    """The classifiers that were asked last, loaded once, and loaded anew when their files change. Thread-safe."""

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._loaded: OrderedDict[tuple[object, ...], Classifier] = OrderedDict()

    def get(self, run: "Run") -> Classifier:
        """The run's classifier.

        Raises:
            RunStateError, RunDamagedError: as `Classifier.load`.
        """
        key = (run.path, *(_stamp(run.path / name) for name in ("model.onnx", "evaluation.json")))
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = Classifier.load(run)
            self._loaded.move_to_end(key)
            while len(self._loaded) > self._size:
                self._loaded.popitem(last=False)
            return self._loaded[key]


@functools.cache
def shared_classifiers() -> ClassifierCache:
    """The one cache of this process, so that the pages and the API hold each model once."""
    return ClassifierCache()


def _session(path: Path, run_id: str, threads: int) -> "onnxruntime.InferenceSession":
    import cv2
    import onnxruntime

    # Callers ask from several threads at a time; more threads within one small picture or image are in the way.
    cv2.setNumThreads(1)
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # what goes wrong is raised; the runtime's own lines name the machine's paths
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has a dozen exceptions without a common base of its own
        raise RunDamagedError(f"model.onnx of the run {run_id} cannot be loaded; it is cut or no ONNX file.") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or inputs[0].shape[1:] != [28, 28, 1] or inputs[0].type != "tensor(float)":
        raise RunDamagedError(f"model.onnx of the run {run_id} does not take float images of 28 x 28 x 1.")
    if outputs[0].name != "probabilities" or outputs[0].shape[1:] != [CLASSES]:
        raise RunDamagedError(f"the first output of model.onnx of the run {run_id} is not `probabilities` (n, 10).")
    return session


def _number(
    run: "Run", values: dict[str, Any], name: str, default: float | None, *, low: float, high: float = math.inf
) -> Any:
    """`values[name]` as a float, `default` when it is absent or null; RunDamagedError when it cannot be."""
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RunDamagedError(f"evaluation.json of the run {run.run_id} has an impossible {name}: {value!r}.")
    return float(value)


def _prepared(images: NDArray[Any]) -> NDArray[np.float32]:
    """The images as the network takes them: (n, 28, 28, 1) float32 in [0, 1]."""
    if images.shape[1:] not in ((28, 28), (28, 28, 1)):
        raise ValueError(f"images must have the shape (n, 28, 28), not {images.shape}")
    if images.dtype == np.uint8:
        images = images / np.float32(255)
    return np.ascontiguousarray(images.reshape(-1, 28, 28, 1), dtype=np.float32)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when the file does; None when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size
