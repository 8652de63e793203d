"""Whether confidence means what it says: loss, reliability, calibration errors, temperature.

Calibration here is that of the top prediction: of the answers given with 90 % confidence, nine in ten should be right.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.evaluation.arrays import SMALLEST, some_probabilities
from core.evaluation.intervals import wilson_interval

ECE_BINS: Final = 15


@dataclass(frozen=True, slots=True)
class Reliability:
    """Confidence against accuracy in equal-width bins, each without its lower edge and with its upper one.

    Attributes:
        edges: (bins + 1,) from 0 to 1.
        counts: (bins,) int64, the answers in each bin.
        confidence: (bins,) float64, their mean confidence; NaN in an empty bin, here and below.
        accuracy: (bins,) float64, the share of them that is right.
        low, high: (bins,) float64, its 95 % Wilson interval.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def n(self) -> int:
        """All answers."""
        return int(self.counts.sum())

    @property
    def ece(self) -> float:
        """The expected calibration error (Naeini et al. 2015; Guo et al. 2017): the mean gap between confidence and
        accuracy, each bin weighing as many answers as it holds. In [0, 1]."""
        return float(np.nansum(self._gaps() * self.counts) / self.n)

    @property
    def mce(self) -> float:
        """The maximum calibration error (the same sources): the widest gap of a bin, however few answers it holds."""
        return float(np.nanmax(self._gaps()))

    def _gaps(self) -> NDArray[np.float64]:
        return np.abs(self.accuracy - self.confidence)


@dataclass(frozen=True, slots=True)
class TemperatureEffect:
    """What dividing the logits by a temperature does to the trust in the same answers.

    Attributes:
        temperature: 1 changes nothing; above 1 the answers become less certain.
        before, after: reliability without and with it.
        loss_before, loss_after: the mean log loss in nats.
    """

    temperature: float
    before: Reliability
    after: Reliability
    loss_before: float
    loss_after: float


def log_loss(probabilities: ArrayLike, y_true: ArrayLike) -> float:
    """The mean negative log-likelihood of the true labels, in nats.

    Raises:
        DataError: these are no probabilities (n, 10) with their labels (n,), or there are none.
    """
    rows, labels = some_probabilities(probabilities, y_true)
    chosen = rows[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(chosen, SMALLEST)).mean())


def reliability(probabilities: ArrayLike, y_true: ArrayLike, bins: int = ECE_BINS) -> Reliability:
    """The reliability of the top prediction.

    Raises:
        DataError: as `log_loss`.
    """
    rows, labels = some_probabilities(probabilities, y_true)
    confidence = rows.max(axis=1).astype(np.float64)
    right = rows.argmax(axis=1) == labels
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(bin_of, minlength=bins)
    correct = np.bincount(bin_of[right], minlength=bins)
    intervals = [
        wilson_interval(int(some), int(all_)) if all_ else (math.nan, math.nan)
        for some, all_ in zip(correct, counts, strict=True)
    ]
    return Reliability(
        edges=np.linspace(0, 1, bins + 1),
        counts=counts,
        confidence=_mean(np.bincount(bin_of, weights=confidence, minlength=bins), counts),
        accuracy=_mean(correct, counts),
        low=np.array([low for low, _ in intervals]),
        high=np.array([high for _, high in intervals]),
    )


def expected_calibration_error(probabilities: ArrayLike, y_true: ArrayLike, bins: int = ECE_BINS) -> float:
    """The expected calibration error of the top prediction, in [0, 1]; see `Reliability.ece`. Raises as `log_loss`."""
    return reliability(probabilities, y_true, bins).ece


def apply_temperature(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float32]:
    """Softmax probabilities as they would be with the logits divided by `temperature` (above 0)."""
    if temperature == 1.0:
        return probabilities.astype(np.float32, copy=False)
    # Softmax of logits / T is softmax ** (1 / T), renormalised.
    scaled = probabilities.astype(np.float64) ** (1 / temperature)
    return (scaled / scaled.sum(axis=1, keepdims=True)).astype(np.float32)


def fit_temperature(probabilities: NDArray[np.floating], y_true: ArrayLike) -> float:
    """The temperature in [0.25, 4] with the lowest log loss (Guo et al. 2017); 1.0 when there is nothing to fit on."""
    if len(probabilities) == 0:
        return 1.0
    from scipy.optimize import minimize_scalar  # used once per run, in the training process

    def loss(log_temperature: float) -> float:
        return log_loss(apply_temperature(probabilities, math.exp(log_temperature)), y_true)

    found = minimize_scalar(loss, bounds=(math.log(0.25), math.log(4)), method="bounded")
    return round(math.exp(found.x), 4)


def temperature_effect(raw: NDArray[np.floating], y_true: ArrayLike, temperature: float) -> TemperatureEffect:
    """Reliability and loss with and without the temperature.

    Args:
        raw: (n, 10), as the model gives them.

    Raises:
        DataError: as `log_loss`.
    """
    before, _ = some_probabilities(raw, y_true)
    after = apply_temperature(before, temperature)
    return TemperatureEffect(
        temperature=temperature,
        before=reliability(before, y_true),
        after=reliability(after, y_true),
        loss_before=log_loss(before, y_true),
        loss_after=log_loss(after, y_true),
    )


def _mean(sums: NDArray, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """`sums / counts`, NaN where there is nothing."""
    return np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
