"""The words of each screen: its title, one sentence, the number that is the message, and notes for who has none.

Owns the sentences that the *Present* page, the HTML report and the slides share. They are plain text: names from
outside stand in them as they are.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.comparison import verdict
from core.evaluation import Share, percent
from core.story.facts import Facts
from core.story.story import KINDS, Kind, Story

PEOPLE: Final = 0.002  # of such digits are misread by people, as estimated by Simard, LeCun and Denker (1993)


@dataclass(frozen=True, slots=True)
class Words:
    """What a screen says.

    Attributes:
        topic: what it is about, a few words.
        title: the one idea, a short sentence.
        number: the number that is the message; empty where there is none.
        text: what the number means, a sentence or two.
        source: the split and the interval that the figures have; empty where none are shown.
        notes: what could be said; the presenter's own notes take their place.
    """

    topic: str
    title: str
    number: str
    text: str
    source: str
    notes: str


def words_of(story: Story, facts: Facts, *, on_paper: bool = False) -> dict[Kind, Words]:
    """The words of every screen that the story shows, in its order.

    Args:
        on_paper: for a file, where nobody can write on the screen for it: an answer is shown there instead.
    """
    makers = _MAKERS | {Kind.LIVE: _sample} if on_paper else _MAKERS
    topics = KINDS | {Kind.LIVE: "Its answers"} if on_paper else KINDS
    made = {kind: makers[kind](story, facts) for kind in (screen.kind for screen in story.shown)}
    notes = {screen.kind: screen.note for screen in story.screens}
    return {
        kind: Words(topics[kind], words.title, words.number, words.text, words.source, notes[kind] or words.notes)
        for kind, words in made.items()
    }


def next_steps(story: Story, facts: Facts) -> tuple[str, ...]:
    """What comes next, one line each: the presenter's, or what the figures suggest."""
    own = tuple(line.strip() for line in story.next_steps.splitlines() if line.strip())
    if own:
        return own
    steps = []
    if facts.pairs:
        pair = facts.pairs[0][0]
        steps.append(f"More {pair.true}s that look like {_a(pair.pred)}: it confuses no digits more often.")
    if facts.card.measured is not None:
        weakest = facts.card.weakest[0]
        steps.append(f"Its weakest set is {weakest.name}, {weakest.share.text} right: collect and read more of it.")
    if facts.reliance is not None and facts.reliance.effect.coverage.count < facts.reliance.effect.coverage.n:
        steps.append("Let people read what it is unsure of, and keep their answers to teach it.")
    steps.append("Try it on your own forms before relying on it: the figures here are of MNIST.")
    return tuple(steps)


def _task(story: Story, facts: Facts) -> Words:
    return _words(
        "A picture of one handwritten digit goes in, the digit comes out.",
        text="People wrote these; each shape below was to be read as the digit of its column.",
        source="MNIST's test split: 10,000 images by people who wrote none of the training images",
        notes="Every column holds the same digit. Let people find the ones they would hesitate at.",
    )


def _accuracy(story: Story, facts: Facts) -> Words:
    test = facts.test
    wrong = test.n - test.count
    every = round(test.n / wrong) if wrong else 0
    count = f"{wrong:,} of {test.n:,} images are read wrongly" + (f", one in {every:,}." if wrong else ".")
    unseen = facts.learning is not None  # of a model that came as a file nobody knows
    return _words(
        f"{facts.name} reads {test.text} of {'unseen digits' if unseen else 'the test images'}.",
        number=test.text,
        text=f"{count} People misread about {round(PEOPLE * test.n):,} of as many."
        + ("" if unseen else " Whether it was trained on some of them is not known."),
        source=f"MNIST's test split; {_interval(facts.test)}; people: Simard, LeCun and Denker 1993",
        notes=("The test images were not used for any choice. " if unseen else "")
        + "The interval says how far another 10,000 might differ.",
    )


def _learning(story: Story, facts: Facts) -> Words:
    learning = facts.learning
    if learning is None:
        return _words("How it was trained is not known.", text="This model came as a file.", notes="")
    epochs = len(learning.accuracy)
    time = "" if learning.seconds is None else f", in {_duration(learning.seconds)}"
    last = learning.val_accuracy[-1]
    held = f" After the last one it read {percent(last)} of the validation images." if last == last else ""
    return _words(
        f"It saw every training image {epochs:,} times{time}." if epochs > 1 else f"It saw every image once{time}.",
        text=f"Each pass corrects the network a little.{held}",
        source=f"Training {'' if np.isnan(learning.val_accuracy).all() else 'and validation '}images of MNIST",
        notes="Falling loss is learning. Validation images are held back: they show whether it learned or memorised.",
    )


def _confusions(story: Story, facts: Facts) -> Words:
    if not facts.pairs:
        return _words("It confuses no digits.", source="MNIST's test split", text="Every image was read rightly.")
    pairs = [pair for pair, _ in facts.pairs]
    named = ", ".join(f"{pair.true} as {pair.pred} ({pair.count})" for pair in pairs)
    wrong = facts.test.n - facts.test.count
    last = pairs[-1].count
    wrong_as_often = int((facts.matrix == last).sum() - (facts.matrix.diagonal() == last).sum())
    worst = "The worst pair" if len(pairs) == 1 else f"The {_COUNTS[len(pairs)]} worst pairs"
    if wrong_as_often > sum(pair.count == last for pair in pairs):  # more of them than there is room for
        worst = f"{_COUNTS[len(pairs)].capitalize()} of the worst pairs"
    return _words(
        _most_often([(pair.true, pair.pred) for pair in pairs if pair.count == pairs[0].count], pairs[0].count),
        text=f"{worst}: {named}; together {sum(pair.count for pair in pairs)} of {wrong:,} misread images.",
        source="MNIST's test split; rows are what a digit is, columns what it was read as",
        notes="The diagonal is what was read rightly; everything beside it is a confusion.",
    )


def _mistakes(story: Story, facts: Facts) -> Words:
    wrong = facts.test.n - facts.test.count
    if not facts.mistakes:
        return _words("It made no mistake here.", source="MNIST's test split", text="Every image was read rightly.")
    misread = sum(one.read != one.true for one in facts.mistakes)  # what is pinned may be read rightly by this run
    shown = _some(misread, wrong) if misread == len(facts.mistakes) else f"{misread} of those shown are among them"
    return _words(
        f"It reads {wrong:,} of {facts.test.n:,} images wrongly; {shown}.",
        text="What each is labelled as, and what it was read as.",
        source="MNIST's test split" + ("; chosen by the presenter" if story.pins else "; its most confident mistakes"),
        notes="Ask the room to read them before saying what the label is.",
    )


def _reliance(story: Story, facts: Facts) -> Words:
    reliance = facts.reliance
    threshold = None if reliance is None else reliance.effect.threshold
    if reliance is None or threshold is None:
        return _words(
            f"It answers everything, and {facts.test.text} of that is right.",
            number=facts.test.text,
            text="No threshold was chosen for it: there were no validation images to choose one on."
            if reliance is None
            else "No threshold is needed: with every answer given, enough validation images are read rightly.",
            source=f"MNIST's test split; {_interval(facts.test)}",
        )
    effect = reliance.effect
    chosen_by = "kept for this run" if reliance.kept else "chosen on validation images"
    if not effect.coverage.count:
        return _words(
            "With its threshold it answers nothing by itself.",
            text=f"No answer reaches a confidence of {100 * threshold:.10g}\N{NO-BREAK SPACE}%.",
            source=f"MNIST's test split; the threshold was {chosen_by}",
        )
    return _words(
        f"It answers {effect.coverage.text} by itself; of those {effect.accuracy.text} are right.",
        number=effect.accuracy.text,
        text=(
            f"Below a confidence of {100 * threshold:.10g}\N{NO-BREAK SPACE}% it says I don't know: "
            f"{effect.coverage.n - effect.coverage.count:,} of {effect.coverage.n:,} go to a person, "
            f"{effect.wrong_left:,} of {effect.wrong_left + effect.wrong_avoided:,} wrong answers remain."
        ),
        source=f"MNIST's test split; {_interval(effect.accuracy)}, of what is answered {effect.coverage.bounds}; "
        f"the threshold was {chosen_by}",
        notes="Every point of the curve is a threshold: the more goes to people, the fewer wrong answers remain.",
    )


def _change(story: Story, facts: Facts) -> Words:
    change = facts.change
    assert change is not None  # the screen is shown only where there is a run to compare with
    low, high = math.floor(change.net[0]), math.ceil(change.net[1])
    return _words(
        f"{facts.name} fixed {change.fixed:,} images and broke {change.broken:,}.",
        number=_signed(change.fixed - change.broken),
        text=f"The difference in right answers, 95\N{NO-BREAK SPACE}% interval {_signed(low)} to {_signed(high)}. "
        f"{change.versus} read {change.before.text} rightly, {facts.name} {change.after.text}. "
        + verdict(change.versus, facts.name, change.fixed, change.broken),
        source="MNIST's test split, the same images for both; Newcombe's interval, McNemar's exact test",
        notes="Fixed: wrong before, right now. Broken: the other way round.",
    )


def _live(story: Story, facts: Facts) -> Words:
    return _words(
        "Write a digit.",
        text="The answer comes as the pen lifts; the bars are its probabilities.",
        notes="Let somebody from the audience write, also badly. Below the threshold it says I don't know.",
    )


def _sample(story: Story, facts: Facts) -> Words:
    return _words(
        "An answer is ten probabilities.",
        text=f"It reads this image as {_a(facts.sample.read)}, and says how sure it is.",
        source=f"Image {facts.sample.place:,} of MNIST's test split",
        notes="The longest bar is the answer, its length the confidence.",
    )


def _next(story: Story, facts: Facts) -> Words:
    return _words("What comes next", text="", notes="")


_COUNTS: Final = ("no", "one", "two", "three")
_MAKERS: Final = {
    Kind.TASK: _task,
    Kind.ACCURACY: _accuracy,
    Kind.LEARNING: _learning,
    Kind.CONFUSIONS: _confusions,
    Kind.MISTAKES: _mistakes,
    Kind.RELIANCE: _reliance,
    Kind.CHANGE: _change,
    Kind.LIVE: _live,
    Kind.NEXT: _next,
}


def _words(title: str, *, number: str = "", text: str = "", source: str = "", notes: str = "") -> Words:
    return Words("", title, number, text, source, notes)


def _interval(share: Share) -> str:
    return f"95\N{NO-BREAK SPACE}% interval {share.bounds}"


def _most_often(tied: list[tuple[int, int]], count: int) -> str:
    """Which confusions are the most frequent: one, two, or more that none stands out of."""
    if len(tied) > 2:
        times = "once" if count == 1 else f"{count:,} times"
        return f"No pair of digits stands out: the most frequent ones come {times} each."
    first, *second = (f"{_a(true)} for {_a(read)}" for true, read in tied)
    return f"It takes {first} most often" + (f", and {second[0]} as often." if second else ".")


def _signed(number: int) -> str:
    return f"{number:+,}".replace("-", "\N{MINUS SIGN}") if number else "0"


def _some(shown: int, all_of_them: int) -> str:
    return "these are all of them" if shown == all_of_them else "this is one" if shown == 1 else f"these are {shown}"


def _a(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{max(2, seconds):.0f} seconds"
