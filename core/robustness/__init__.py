"""How well runs read digits that something happened to: measured once, kept, and summed up.

Owns which images are corrupted how far (`part`), the measurement and its file (`measuring`), what it comes to
(`figures`), and how far a single digit goes until it is read as another (`tipping`). What the corruptions do is
`corruptions`'.
"""

from core.robustness.figures import (
    HALF,
    Comparison,
    Condition,
    Difference,
    Mean,
    compared,
    conditions,
    csv_table,
    curve,
    mean_accuracy,
    record,
    weakest,
)
from core.robustness.measuring import STRENGTHS, Measured, kept_measurement, measure, measurement_stamp
from core.robustness.part import COUNT, Part, load_part, part_places
from core.robustness.tipping import Tip, tipping_points

__all__ = [
    "COUNT",
    "HALF",
    "STRENGTHS",
    "Comparison",
    "Condition",
    "Difference",
    "Mean",
    "Measured",
    "Part",
    "Tip",
    "compared",
    "conditions",
    "csv_table",
    "curve",
    "kept_measurement",
    "load_part",
    "mean_accuracy",
    "measure",
    "measurement_stamp",
    "part_places",
    "record",
    "tipping_points",
    "weakest",
]
