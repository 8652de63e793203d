"""Numbers about predictions: pure functions on arrays, without files, models or pages.

Owns what can be said of the answers to labelled images: `confusion` counts them, `images` looks at each, `calibration`
and `abstention` ask how far they can be trusted, `suspects` which labels may be wrong, `summary` puts the figures of a
split together. Two runs beside each other are `comparison`'s, stored answers `pairing`'s.

Probabilities are (n, 10) float rows that sum to 1, the run's temperature applied unless a name says `raw`; labels are
(n,) integers in 0..9. Everything else is refused with a DataError. NumPy is all that is needed here.
"""

from core.architecture import CLASSES
from core.evaluation.abstention import (
    Choice,
    Effect,
    RiskCoverage,
    effect_of,
    risk_coverage,
    threshold_for_accuracy,
    threshold_for_coverage,
)
from core.evaluation.arrays import SMALLEST, label_array, probability_array
from core.evaluation.calibration import (
    ECE_BINS,
    Reliability,
    TemperatureEffect,
    apply_temperature,
    expected_calibration_error,
    fit_temperature,
    log_loss,
    reliability,
    temperature_effect,
)
from core.evaluation.confusion import (
    ClassFigures,
    ConfusedPair,
    confused_pairs,
    confusion_matrix,
    matrix_difference,
    normalised,
    per_class,
)
from core.evaluation.images import ORDERS, Order, PerImage, Which, chosen, per_image
from core.evaluation.intervals import Share, percent, wilson_interval
from core.evaluation.summary import Corrected, SplitFigures, beside, split_figures, summarise
from core.evaluation.suspects import LISTED, Suspect, class_thresholds, suspect_labels

__all__ = [
    "CLASSES",
    "ECE_BINS",
    "LISTED",
    "ORDERS",
    "SMALLEST",
    "Choice",
    "ClassFigures",
    "ConfusedPair",
    "Corrected",
    "Effect",
    "Order",
    "PerImage",
    "Reliability",
    "RiskCoverage",
    "Share",
    "SplitFigures",
    "Suspect",
    "TemperatureEffect",
    "Which",
    "apply_temperature",
    "beside",
    "chosen",
    "class_thresholds",
    "confused_pairs",
    "confusion_matrix",
    "effect_of",
    "expected_calibration_error",
    "fit_temperature",
    "label_array",
    "log_loss",
    "matrix_difference",
    "normalised",
    "per_class",
    "per_image",
    "percent",
    "probability_array",
    "reliability",
    "risk_coverage",
    "split_figures",
    "summarise",
    "suspect_labels",
    "temperature_effect",
    "threshold_for_accuracy",
    "threshold_for_coverage",
    "wilson_interval",
]
