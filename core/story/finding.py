"""How the figures of a story are found: once, from the stored answers of its runs.

Owns which examples are chosen, and the threshold of a run for which nobody chose one. What the figures are is `facts`'.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core import comparison
from core.data import Split
from core.errors import RunStateError
from core.evaluation import (
    ConfusedPair,
    Share,
    chosen,
    confused_pairs,
    confusion_matrix,
    effect_of,
    per_image,
    percent,
    risk_coverage,
    threshold_for_accuracy,
)
from core.marks import MNIST_TEST, Verdict, read_marks
from core.model_card import read_card
from core.pairing import Answers, read_answers
from core.run import Run
from core.story.facts import Change, Example, Facts, Learning, Reliance
from core.story.store import Told
from core.story.story import MOST_PINS
from core.thresholds import threshold_of

AIM: Final = 0.999  # of the answers given are to be right, where nobody chose a threshold
SAMPLES: Final = 6  # test images of each digit that show the task
EXAMPLES: Final = 6  # of a kind, where the presenter pinned none
WORST: Final = 3  # pairs of digits
DOUBT: Final = 0.85  # about the confidence of the answer that is shown as a sample


def facts_of(told: Told, test: Split, training_labels: NDArray[np.uint8]) -> Facts:
    """The figures of a story.

    Args:
        test: MNIST's test split.
        training_labels: of all of MNIST's training images, (60000,).

    Raises:
        RunStateError: a run has no stored answers, or was never evaluated.
        RunDamagedError: what is stored cannot be read.
    """
    run, story = told.run, told.story
    card = read_card(run)
    if card is None:
        raise RunStateError(f"{run.name} was never evaluated on the test split; a story needs its figures.")
    answers = read_answers(run, "test", test.labels)
    read = answers.probabilities.argmax(axis=1)
    matrix = confusion_matrix(test.labels, read)
    marks = read_marks(told.home, MNIST_TEST)
    doubted = {place: mark.note for place, mark in marks.items() if mark.verdict is Verdict.WRONG}
    showing = _Showing(answers, test, {pin.place: pin.reason for pin in story.pins if pin.reason}, doubted)
    pinned = [pin.place for pin in story.pins]
    confidence = answers.probabilities.max(axis=1)
    doubtful = int(np.argmin(np.where(read == test.labels, np.abs(confidence - DOUBT), np.inf)))
    worst = chosen(per_image(answers.probabilities, test.labels), which="wrong")
    return Facts(
        name=run.name,
        card=card,
        samples=_samples(test),
        test=card.test,
        matrix=matrix,
        pairs=tuple((pair, showing.of_pair(pair, read)) for pair in confused_pairs(matrix)[:WORST]),
        learning=_learning(run),
        mistakes=showing.examples((pinned or worst[:EXAMPLES].tolist())[:MOST_PINS]),
        reliance=_reliance(told, answers, training_labels),
        change=None if told.versus is None else _change(run.name, told.versus, answers, test, showing),
        answers=answers,
        sample=showing.examples([doubtful])[0],
    )


@dataclass(frozen=True, slots=True)
class _Showing:
    """Makes examples of test images.

    Attributes:
        reasons: the presenter's words, by place.
        doubted: what was said of images whose label was marked wrong, by place.
    """

    answers: Answers
    test: Split
    reasons: dict[int, str]
    doubted: dict[int, str]

    def examples(self, places: Iterable[int]) -> tuple[Example, ...]:
        return tuple(self._example(int(place)) for place in places)

    def of_pair(self, pair: ConfusedPair, read: NDArray[np.integer]) -> tuple[Example, ...]:
        """The most confident ones of a pair."""
        places = np.flatnonzero((self.test.labels == pair.true) & (read == pair.pred))
        order = np.argsort(-self.answers.probabilities[places, pair.pred], kind="stable")
        return self.examples(places[order][:EXAMPLES])

    def _example(self, place: int) -> Example:
        row, true = self.answers.probabilities[place], int(self.test.labels[place])
        read = int(row.argmax())
        reason = self.reasons.get(place) or self._why(place, row, true, read)
        return Example(place, self.test.images[place], true, read, row, reason)

    def _why(self, place: int, row: NDArray[np.float32], true: int, read: int) -> str:
        """What the answer itself says about it."""
        if place in self.doubted:
            return self.doubted[place] or "Its label was marked as wrong."
        if read == true:
            return f"Read rightly, with {percent(float(row[read]), 1)}."
        second = int(np.argsort(row)[-2])
        if second == true and row[true] >= 0.01:
            return f"{percent(float(row[read]), 1)} for {read}; its {true} came second, {percent(float(row[true]), 1)}."
        return f"Sure of {read}, {percent(float(row[read]), 1)}: the image looks like one, or the label is wrong."


def _samples(test: Split) -> NDArray[np.uint8]:
    """The first test images of each digit, in columns 0 to 9."""
    columns = [test.images[np.flatnonzero(test.labels == digit)[:SAMPLES]] for digit in range(10)]
    return np.stack(columns, axis=1)


def _learning(run: Run) -> Learning | None:
    epochs = run.epochs()
    if not epochs:
        return None

    def series(name: str) -> NDArray[np.float64]:
        return np.array([_number(each.get(name)) for each in epochs])

    seconds = (run.evaluation() or {}).get("train_seconds")
    return Learning(
        series("accuracy"),
        series("val_accuracy"),
        series("loss"),
        series("val_loss"),
        float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None,
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _reliance(told: Told, answers: Answers, training_labels: NDArray[np.uint8]) -> Reliance | None:
    """The effect of the threshold that was kept for the run, or else of the one that validation chooses."""
    threshold, kept = threshold_of(told.home, told.run), True
    if not threshold:  # 0 answers everything, as none does
        try:
            validation = read_answers(told.run, "validation", training_labels)
        except RunStateError:
            return None
        threshold = threshold_for_accuracy(validation.probabilities, validation.labels, AIM).threshold
        kept = False
    effect = effect_of(answers.probabilities, answers.labels, threshold)
    return Reliance(effect, risk_coverage(answers.probabilities, answers.labels).thinned(), kept)


def _change(name: str, versus: Run, answers: Answers, test: Split, showing: _Showing) -> Change:
    other = read_answers(versus, "test", test.labels)
    flips = comparison.flips(test.labels, other.probabilities, answers.probabilities)
    right = int((other.probabilities.argmax(axis=1) == test.labels).sum())
    fixed, broken = len(flips.fixed), len(flips.broken)
    return Change(
        versus=versus.name if versus.name != name else f"{versus.name} ({versus.run_id})",
        before=Share(right, len(test)),
        after=Share(right + fixed - broken, len(test)),
        fixed=fixed,
        broken=broken,
        fixed_examples=showing.examples(flips.fixed[:EXAMPLES]),
        broken_examples=showing.examples(flips.broken[:EXAMPLES]),
        p_value=comparison.mcnemar(fixed, broken),
        net=comparison.net_interval(right - broken, fixed, broken, len(test)),
    )
