"""Numbers about predictions: pure functions on arrays, without files or models.

Owns accuracy with its interval, loss, the confusion matrix, calibration and temperature. Probabilities are (n, 10)
float rows that sum to 1; labels are (n,) integers in 0..9.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

CLASSES: Final = 10
ECE_BINS: Final = 15
# Probabilities of exactly 0 come from float32 rounding, not from certainty: half the smallest step above 0 near 1.
SMALLEST: Final = 2.0**-25


def wilson_interval(correct: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The 95 % Wilson score interval of a proportion (Wilson 1927), or (0, 1) for no trials.

    Args:
        z: the standard normal quantile of the level wanted; the default is that of 95 %.
    """
    if n == 0:
        return 0.0, 1.0
    share = correct / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.int64]:
    """Counts, (10, 10): rows true, columns predicted, as in scikit-learn."""
    pairs = np.asarray(y_true, dtype=np.int64) * CLASSES + np.asarray(y_pred, dtype=np.int64)
    return np.bincount(pairs, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)


def log_loss(probabilities: NDArray[np.floating], y_true: ArrayLike) -> float:
    """The mean negative log-likelihood of the true labels, in nats."""
    labels = np.asarray(y_true, dtype=np.int64)
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(chosen, SMALLEST)).mean())


def expected_calibration_error(probabilities: NDArray[np.floating], y_true: ArrayLike, bins: int = ECE_BINS) -> float:
    """The expected calibration error of the top prediction over equal-width bins (Guo et al. 2017).

    Each bin holds its upper edge. Returns a value in [0, 1].
    """
    labels = np.asarray(y_true)
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(bin_of, weights=right - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(labels))


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


def summarise(
    probabilities: NDArray[np.floating], y_true: ArrayLike, *, split: str, temperature: float
) -> dict[str, Any]:
    """Everything about one split that `evaluation.json` and `evaluate --json` state.

    Args:
        probabilities: (n, 10) as the model gives them; `temperature` is applied here.
    """
    labels = np.asarray(y_true, dtype=np.int64)
    scaled = apply_temperature(probabilities, temperature)
    matrix = confusion_matrix(labels, scaled.argmax(axis=1))
    correct, n = int(np.trace(matrix)), len(labels)
    low, high = wilson_interval(correct, n)
    return {
        "split": split,
        "n": n,
        "correct": correct,
        "accuracy": correct / n,
        "accuracy_low": low,
        "accuracy_high": high,
        "loss": log_loss(scaled, labels),
        "ece": expected_calibration_error(scaled, labels),
        "ece_before_temperature": expected_calibration_error(probabilities, labels),
        "confusion_matrix": matrix.tolist(),
    }
