"""The figures that the screens of a story show: what is counted, and on which images.

Every number about the model is of MNIST's test split, except the threshold, which validation chooses. How they are
found is `finding`'s, how they read as a sentence `telling`'s.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evaluation import (
    ConfusedPair,
    Effect,
    RiskCoverage,
    Share,
)
from core.model_card import ModelCard
from core.pairing import Answers


@dataclass(frozen=True, slots=True)
class Example:
    """One test image and how it was read.

    Attributes:
        place: in the test split.
        image: (28, 28) uint8, ink high.
        true, read: its label and the answer.
        probabilities: (10,) float32, the run's temperature applied.
        reason: why it was misread, in the presenter's words or the studio's; text from outside.
    """

    place: int
    image: NDArray[np.uint8]
    true: int
    read: int
    probabilities: NDArray[np.float32]
    reason: str

    @property
    def confidence(self) -> float:
        """The probability of the answer."""
        return float(self.probabilities.max())

    @property
    def outcome(self) -> str:
        """What it is and how it was read, in a few words."""
        return f"{self.true} read right" if self.true == self.read else f"{self.true} read as {self.read}"


@dataclass(frozen=True, slots=True)
class Learning:
    """The history of a training, one number an epoch; NaN where there was none.

    Attributes:
        accuracy, val_accuracy, loss, val_loss: (epochs,) float64, on the training and the validation images.
        seconds: of training; None where it is not known.
    """

    accuracy: NDArray[np.float64]
    val_accuracy: NDArray[np.float64]
    loss: NDArray[np.float64]
    val_loss: NDArray[np.float64]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Reliance:
    """What a threshold wins and costs.

    Attributes:
        effect: of the threshold, on the test split.
        curve: of all thresholds, there too, thinned for drawing.
        kept: whether somebody chose the threshold; else validation chose it for `AIM`.
    """

    effect: Effect
    curve: RiskCoverage
    kept: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The run beside the one before it, on the test split.

    Attributes:
        versus: what the other run is called, and which it is where both are called the same; text from outside.
        before, after: the right answers of the other run and of this one.
        fixed, broken: how many images this one alone, and the other one alone, reads rightly.
        fixed_examples, broken_examples: some of them.
        p_value: McNemar's, of so uneven a count by chance.
        net: the 95 % interval of how many more images this run reads rightly, see `comparison.net_interval`.
    """

    versus: str
    before: Share
    after: Share
    fixed: int
    broken: int
    fixed_examples: tuple[Example, ...]
    broken_examples: tuple[Example, ...]
    p_value: float
    net: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the screens of a story show.

    Attributes:
        name: of the run; text from outside.
        card: its model card.
        samples: (6, 10, 28, 28) uint8, ink high: six test images of each digit.
        test: the right answers on the test split.
        matrix: (10, 10) int64, rows true, columns predicted.
        pairs: the three most confused, each with examples.
        learning: None for a run without history, such as an imported one.
        mistakes: those pinned, or else the most confident ones.
        reliance: None where there are no validation images to choose a threshold on and nobody chose one.
        change: None for a story that compares with nothing.
        answers: to every test image.
        sample: an image that is read rightly with some doubt, to show what an answer is.
    """

    name: str
    card: ModelCard
    samples: NDArray[np.uint8]
    test: Share
    matrix: NDArray[np.int64]
    pairs: tuple[tuple[ConfusedPair, tuple[Example, ...]], ...]
    learning: Learning | None
    mistakes: tuple[Example, ...]
    reliance: Reliance | None
    change: Change | None
    answers: Answers
    sample: Example
