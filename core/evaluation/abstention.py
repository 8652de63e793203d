"""When to say *I don't know*: what a threshold on the confidence wins and costs, and which one to choose.

An answer below the threshold is withheld; one at the threshold is given. A threshold is chosen on validation and its
effect stated on test. Coverage is the share of the images that is answered, risk the share of the answers that is wrong
(El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import ConfigError
from core.evaluation.arrays import some_probabilities
from core.evaluation.intervals import Share

# Counts are compared with shares such as 0.999, which no float holds exactly.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Risk and coverage at every threshold that makes a difference, the highest threshold first.

    Answers of equal confidence are given or withheld together, so there are as many points as distinct confidences.

    Attributes:
        thresholds: (m,) float64, falling: the lowest confidence that is answered.
        coverage: (m,) float64, rising to 1.
        risk: (m,) float64, the share of what is answered that is wrong.
        n: the images.
        aurc: the area under the curve (Geifman et al. 2019): the mean risk at coverage 1/n, 2/n, ... 1; within equal
            confidences that of a random order. Lower is better.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    n: int
    aurc: float

    def thinned(self, most: int = 400) -> "RiskCoverage":
        """At most so many points of the curve, spread evenly over the coverage, both ends kept; for drawing."""
        if len(self.coverage) <= most:
            return self
        wanted = np.linspace(self.coverage[0], 1, most)
        rows = np.unique(np.searchsorted(self.coverage, wanted - _ROUNDING))
        return RiskCoverage(self.thresholds[rows], self.coverage[rows], self.risk[rows], self.n, self.aurc)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a threshold does to the answers to a split.

    Attributes:
        threshold: None answers everything.
        coverage: the images answered, of all.
        accuracy: the right answers, of those given.
        wrong_left: wrong answers that are given all the same.
        wrong_avoided: wrong answers that are withheld.
        right_lost: right answers that are withheld too.
    """

    threshold: float | None
    coverage: Share
    accuracy: Share
    wrong_left: int
    wrong_avoided: int
    right_lost: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A threshold chosen by what it is to bring about.

    Attributes:
        rule: what was asked for: an accuracy of what is answered, or a coverage.
        target: the share asked for, in (0, 1].
        threshold: None when everything can be answered.
        reached: whether the target is; if not, the threshold is the one that comes closest.
        effect: on the images that it was chosen on.
    """

    rule: Literal["accuracy", "coverage"]
    target: float
    threshold: float | None
    reached: bool
    effect: Effect

    @property
    def words(self) -> str:
        """What was found, in a sentence or two."""
        effect = self.effect
        answered = f"{effect.coverage.text} of the {effect.coverage.n:,} images are answered"
        right = f"{effect.accuracy.text} of them rightly"
        if not self.reached:
            best = "to answer everything" if self.threshold is None else f"the threshold {self.threshold_text}"
            aim = f"{100 * self.target:g}\N{NO-BREAK SPACE}%"
            return f"No threshold reaches {aim}. The best is {best}: then {answered}, {right}."
        if self.threshold is None:
            return f"No threshold is needed: all {effect.coverage.n:,} images are answered, {right}."
        return (
            f"Below {self.threshold_text} the answer is I don't know: {answered}, {right}; {effect.wrong_left:,} wrong "
            f"answers remain of {effect.wrong_left + effect.wrong_avoided:,}, and {effect.right_lost:,} right ones are "
            "lost."
        )

    @property
    def threshold_text(self) -> str:
        """The threshold with as many digits as it has."""
        return "none" if self.threshold is None else f"{self.threshold:.12g}"


def risk_coverage(probabilities: ArrayLike, y_true: ArrayLike) -> RiskCoverage:
    """The risk-coverage curve of abstaining by confidence.

    Raises:
        DataError: these are no probabilities (n, 10) with their labels (n,), or there are none.
    """
    steps = _Steps.of(probabilities, y_true)
    n = int(steps.answered[-1])
    given = np.arange(1, n + 1)
    wrong = np.interp(given, np.append(0, steps.answered), np.append(0, steps.answered - steps.right))
    return RiskCoverage(
        thresholds=steps.confidence,
        coverage=steps.answered / n,
        risk=1 - steps.accuracy,
        n=n,
        aurc=float((wrong / given).mean()),
    )


def threshold_for_accuracy(probabilities: ArrayLike, y_true: ArrayLike, target: float) -> Choice:
    """The threshold that answers most while at least `target` of the answers are right.

    Where none does, the one under which the largest share is right. Of two equal ones the one that answers more.

    Args:
        probabilities, y_true: of the validation images.
        target: in (0, 1].

    Raises:
        ConfigError: the target is no such share.
        DataError: as `risk_coverage`.
    """
    _check_target(target, "an accuracy")
    steps = _Steps.of(probabilities, y_true)
    enough = np.flatnonzero(steps.accuracy >= target - _ROUNDING)
    reached = bool(enough.size)
    best = enough if reached else np.flatnonzero(steps.accuracy == steps.accuracy.max())
    threshold = steps.threshold(int(best[-1]))
    return Choice("accuracy", target, threshold, reached, effect_of(probabilities, y_true, threshold))


def threshold_for_coverage(probabilities: ArrayLike, y_true: ArrayLike, target: float) -> Choice:
    """The highest threshold under which at least `target` of the images are answered.

    Equal confidences are answered together, so more may be.

    Args and raises: as `threshold_for_accuracy`.
    """
    _check_target(target, "a coverage")
    steps = _Steps.of(probabilities, y_true)
    first = int(np.argmax(steps.answered >= (target - _ROUNDING) * steps.answered[-1]))
    threshold = steps.threshold(first)
    return Choice("coverage", target, threshold, True, effect_of(probabilities, y_true, threshold))


def effect_of(probabilities: ArrayLike, y_true: ArrayLike, threshold: float | None) -> Effect:
    """What a threshold does to these answers.

    Raises:
        DataError: as `risk_coverage`.
    """
    rows, labels = some_probabilities(probabilities, y_true)
    right = rows.argmax(axis=1) == labels
    given = rows.max(axis=1).astype(np.float64) >= (-np.inf if threshold is None else threshold)
    answered, right_given = int(given.sum()), int((given & right).sum())
    wrong, right_all = int((~right).sum()), int(right.sum())
    return Effect(
        threshold=threshold,
        coverage=Share(answered, len(labels)),
        accuracy=Share(right_given, answered),
        wrong_left=answered - right_given,
        wrong_avoided=wrong - (answered - right_given),
        right_lost=right_all - right_given,
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """How much is answered and right when the threshold falls from one distinct confidence to the next; (m,) each."""

    confidence: NDArray[np.float64]
    answered: NDArray[np.int64]
    right: NDArray[np.int64]

    @classmethod
    def of(cls, probabilities: ArrayLike, y_true: ArrayLike) -> "_Steps":
        rows, labels = some_probabilities(probabilities, y_true)
        confidence = rows.max(axis=1).astype(np.float64)
        order = np.argsort(-confidence, kind="stable")
        falling = confidence[order]
        last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
        return cls(falling[last], last + 1, (rows.argmax(axis=1) == labels)[order].cumsum()[last])

    @property
    def accuracy(self) -> NDArray[np.float64]:
        return self.right / self.answered

    def threshold(self, step: int) -> float | None:
        """The threshold that answers up to this step and no further; None where that is everything."""
        if step == len(self.confidence) - 1:
            return None
        return _plain_number(float(self.confidence[step + 1]), float(self.confidence[step]))


def _plain_number(low: float, high: float) -> float:
    """A number with few digits near the middle of two confidences, so that neither is hit by rounding."""
    margin = (high - low) / 4
    for digits in range(1, 13):
        number = round((low + high) / 2, digits)
        if low + margin <= number <= high - margin:
            return number
    return high


def _check_target(target: float, what: str) -> None:
    if not 0 < target <= 1:
        raise ConfigError(f"{what} of {target:g} cannot be aimed at; it is a share above 0 and up to 1.")
