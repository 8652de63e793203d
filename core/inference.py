"""Answers of one run's network: pictures in, digits with their certainty out, through ONNX Runtime.

Owns the `Classifier`, its `Prediction`, and the cache that the pages and the API share. How a picture becomes an image
is `preprocessing`'s, which run is asked is `runs`'. TensorFlow is not needed here, and never imported.
"""

import copy
import functools
import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core import hardware
from core.errors import RunDamagedError
from core.evaluation import apply_temperature
from core.home import StudioHome
from core.network import OnnxNetwork
from core.run import EVALUATION, ONNX_MODEL, Run, Stamp, require_model, stamp_of
from core.thresholds import kept_threshold

if TYPE_CHECKING:  # brings OpenCV, which the first use takes, not the start
    from core.preprocessing import Preprocessed

# Cores for one call: the second saves a quarter of the network's time, and many calls at once are no slower for it.
THREADS: Final = 2

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one digit.

    Attributes:
        digit: 0 to 9; None when nothing is drawn.
        confidence: the digit's probability, the run's temperature included; None when nothing is drawn.
        probabilities: (10,) float32 with sum 1; None when nothing is drawn.
        warnings: what may make the answer wrong, as `preprocessing` names it; `not_a_digit` for what looks like none.
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
    """One run's network, ready to answer about pictures. Any number of threads may ask at the same time.

    Attributes:
        run_id, name: of the run.
        network: what it asks.
        temperature: what the logits are divided by; fitted on validation, 1 changes nothing.
        threshold: below this confidence a prediction abstains; None is never. What the run brings along, or what was
            kept for it in a studio's home.
        parameters: of the network.
        test_accuracy: share of the test split that is right; None when it was not evaluated.
    """

    def __init__(self, run: Run, network: OnnxNetwork) -> None:
        evaluation = run.evaluation() or {}
        test = evaluation.get("test")
        self.network = network
        self.run_id = run.run_id
        self.name = run.name
        self.parameters = int(_number(run, evaluation, "parameters", 0, low=0))
        self.temperature: float = _number(run, evaluation, "temperature", 1.0, low=1e-3)
        self.threshold: float | None = _number(run, evaluation, "threshold", None, low=0, high=1)
        self.test_accuracy: float | None = _number(
            run, test if isinstance(test, dict) else {}, "accuracy", None, low=0, high=1
        )

    @classmethod
    def load(cls, run: Run, *, home: StudioHome | None = None, threads: int = 1) -> "Classifier":
        """The classifier of a finished run.

        Args:
            home: whose threshold for the run applies; without one, what the run brings along.

        Raises:
            RunStateError: the run has no model yet.
            RunDamagedError: its model or its evaluation cannot be used.
        """
        require_model(run)
        _keep_to_one_thread()
        classifier = cls(run, OnnxNetwork(run.path / ONNX_MODEL, threads=threads))
        return classifier if home is None else classifier.in_home(home)

    def in_home(self, home: StudioHome) -> "Classifier":
        """This classifier with the threshold that is kept for its run in `home`, over the same network."""
        kept = kept_threshold(home, self.run_id, self.temperature)
        return self if kept is None else self.with_threshold(float(kept.value))

    def with_threshold(self, threshold: float | None) -> "Classifier":
        """This classifier with another threshold, over the same network."""
        other = copy.copy(self)
        other.threshold = threshold
        return other

    def probabilities(self, images: NDArray[Any]) -> NDArray[np.float32]:
        """The ten probabilities of each image, (n, 10), the temperature applied.

        Args:
            images: (n, 28, 28) or (n, 28, 28, 1), ink high; float in [0, 1], or uint8.
        """
        return self.calibrated(self.network.probabilities(images))

    def calibrated(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network's own probabilities (n, 10) with the temperature applied."""
        return apply_temperature(raw, self.temperature)

    def classify(self, picture: NDArray[Any]) -> Prediction:
        """The digit in a picture of one digit, (height, width[, 1 | 3 | 4]), uint8 or float in [0, 1]."""
        from core.preprocessing import preprocess

        return self._predictions([preprocess(picture)])[0]

    def classify_each(self, picture: NDArray[Any]) -> list[Prediction]:
        """Every digit in a picture of several, in reading order; empty when nothing is drawn.

        Digits that touch are parted; where that stays doubtful, they have the warning `several_digits`.
        """
        from core import wholeness
        from core.parting import parted
        from core.preprocessing import find_groups
        from core.rows import rows

        found = parted(find_groups(picture), self.probabilities, wholeness.shipped())
        in_rows = rows([digit.box for digit in found if digit.box is not None])
        return self._predictions([found[place] for row in in_rows for place in row])

    def _predictions(self, digits: "list[Preprocessed]") -> list[Prediction]:
        if not digits:
            return []
        from core import novelty

        images = np.stack([digit.image for digit in digits])
        known = novelty.shipped()
        unlike = np.zeros(len(images), bool) if known is None else known.unlike_digits(images)
        rows = zip(digits, self.probabilities(images), unlike.tolist(), strict=True)
        return [self._prediction(digit, row, unlike=other) for digit, row, other in rows]

    def _prediction(self, digit: "Preprocessed", probabilities: NDArray[np.float32], *, unlike: bool) -> Prediction:
        if digit.blank:
            return Prediction(None, None, None, digit.warnings, False, None, digit)
        warnings = (*digit.warnings, "not_a_digit") if unlike else digit.warnings
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        abstained = self.threshold is not None and confidence < self.threshold
        return Prediction(best, confidence, probabilities, warnings, abstained, digit.box, digit)


class ClassifierCache:
    """The classifiers that were asked last, loaded once, and loaded anew when their files change. Thread-safe.

    A threshold that is kept, changed or taken away applies from the next `get` on; the network stays loaded for it.
    """

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._loaded: OrderedDict[tuple[Path, Stamp], Classifier] = OrderedDict()

    def get(self, home: StudioHome, run: Run) -> Classifier:
        """The run's classifier with the threshold that applies now.

        Raises:
            RunStateError, RunDamagedError: as `Classifier.load`.
        """
        return self._load(run).in_home(home)

    def _load(self, run: Run) -> Classifier:
        key = (run.path, stamp_of(run.path, (ONNX_MODEL, EVALUATION)))
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = Classifier.load(run, threads=min(THREADS, hardware.cores()))
            self._loaded.move_to_end(key)
            while len(self._loaded) > self._size:
                self._loaded.popitem(last=False)
            return self._loaded[key]


@functools.cache
def shared_classifiers() -> ClassifierCache:
    """The one cache of this process, so that the pages and the API hold each model once."""
    return ClassifierCache()


@functools.cache
def _keep_to_one_thread() -> None:
    """Callers ask from several threads at a time; more threads within one small picture are in the way.

    OpenBLAS has a further one turn on a core for a tenth of a second after each product that it shared with it. This
    holds for the whole process from then on: what multiplies large arrays in it, as the indexes of nearest images do in
    the background, leaves the other cores to those who wait for a page.
    """
    import cv2
    from threadpoolctl import threadpool_limits

    cv2.setNumThreads(1)
    threadpool_limits(1, user_api="blas")


def _number(
    run: Run, values: dict[str, Any], name: str, default: float | None, *, low: float, high: float = math.inf
) -> Any:
    """`values[name]` as a float, `default` when it is absent or null; RunDamagedError when it cannot be."""
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RunDamagedError(f"evaluation.json of the run {run.run_id} has an impossible {name}: {value!r}.")
    return float(value)
