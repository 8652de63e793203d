"""A story as slides: native charts and tables, the digits as pictures, and what to say in the notes pane.

Owns what stands on which slide: a title, then one slide a screen. How it is drawn is `deck`'s and `slide_charts`'.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from pptx.enum.text import PP_ALIGN

from core.evaluation import Share, percent
from core.handover import slide_charts
from core.handover.deck import FULL, LEFT, SERIF, Deck, Slide, rgb
from core.look import mixed, readable_on, theme_palette
from core.pictures import digit_png, sheet_png
from core.story import KINDS, Example, Facts, Kind, Story, Words, words_of
from core.story.telling import PEOPLE, next_steps

BODY: Final = 2.75  # inches: where charts and pictures begin
FOOT: Final = 6.75  # and where they end
LONG: Final = 34  # characters of a name that goes into a chart
LONG_TITLE: Final = 90  # characters
MOST_EXAMPLES: Final = 6  # on one slide
ONE_LINE: Final = 100  # characters of a reason


def slides(story: Story, facts: Facts) -> bytes:
    """The deck as a .pptx file."""
    return _Slides(story, facts).data()


class _Slides:
    """One deck under way."""

    def __init__(self, story: Story, facts: Facts) -> None:
        self._story, self._facts = story, facts
        self._palette = theme_palette()
        self._deck = Deck(self._palette, title=story.name)
        self._makers: dict[Kind, Callable[[Slide], None]] = {
            Kind.TASK: self._task,
            Kind.ACCURACY: self._accuracy,
            Kind.LEARNING: self._learning,
            Kind.CONFUSIONS: self._confusions,
            Kind.MISTAKES: self._mistakes,
            Kind.RELIANCE: self._reliance,
            Kind.CHANGE: self._change,
            Kind.LIVE: self._sample,
            Kind.NEXT: self._next,
        }

    def data(self) -> bytes:
        self._title()
        for kind, words in words_of(self._story, self._facts, on_paper=True).items():
            self._screen(kind, words)
        return self._deck.data()

    def _title(self) -> None:
        facts, name = self._facts, self._story.name
        size = 44 if len(name) <= 50 else 32
        slide = self._deck.add(name, notes="", size=size, box=(LEFT, 1.2, FULL, 1.5))
        about = f"{_short(facts.name)}: {facts.card.purpose} {facts.test.text} of MNIST's test split read rightly."
        slide.text([about], (LEFT, 2.9, FULL, 0.8), size=20, colour=self._palette.quiet)
        slide.picture(sheet_png(facts.samples[:2]), (LEFT, 4.2, 11.0, 2.2), "Twenty handwritten digits.")
        made = time.strftime("Made with Digit Studio on %d %B %Y", time.gmtime())
        slide.text([made], (LEFT, 6.95, FULL, 0.3), size=12, colour=self._palette.quiet)

    def _screen(self, kind: Kind, words: Words) -> None:
        """Topic, title, text and source, the same places on every slide; then what is its own."""
        size = 30 if len(words.title) <= 52 else 24 if len(words.title) <= LONG_TITLE else 18
        slide = self._deck.add(words.title, notes=words.notes, size=size)
        if words.topic != words.title:
            slide.text([words.topic], (LEFT, 0.3, FULL, 0.3), size=13, colour=self._palette.quiet)
        if words.text:
            slide.text([words.text], (LEFT, 1.62, FULL, 0.9), size=18 if len(words.text) <= 180 else 15)
        if words.source:
            slide.text([words.source], (LEFT, 6.98, FULL, 0.3), size=12, colour=self._palette.quiet)
        self._makers[kind](slide)

    def _task(self, slide: Slide) -> None:
        alt = "Forty handwritten digits, the zeros in the first column, the nines in the last."
        slide.picture(sheet_png(self._facts.samples[:4]), (LEFT, 2.2, 11.25, 4.5), alt)

    def _accuracy(self, slide: Slide) -> None:
        facts, n = self._facts, self._facts.test.n
        bars = [(_with_ends(facts.name, facts.test), n - facts.test.count, self._palette.accent)]
        if facts.change is not None:
            before = facts.change.before
            bars.append((_with_ends(facts.change.versus, before), n - before.count, self._palette.quiet))
        bars.append(("People, as estimated", round(PEOPLE * n), self._palette.quiet))
        size = 66 if facts.test.count < n else 54  # 100.00 % is longer
        slide.text([facts.test.text], (LEFT, BODY - 0.2, 4.2, 1.2), size=size, colour=self._palette.accent, font=SERIF)
        box = (LEFT + 4.3, BODY, FULL - 4.3, 1.0 + 0.85 * len(bars))
        alt = "Wrong answers: " + ", ".join(f"{name} {wrong:,}" for name, wrong, _ in bars) + "."
        title = f"Wrong of {n:,} images, in brackets the 95 % interval"
        slide_charts.lying_bars(slide, box, bars, self._palette, title=title, alt=alt)

    def _learning(self, slide: Slide) -> None:
        learning = self._facts.learning
        if learning is None:
            return
        slide_charts.learning_lines(slide, (LEFT, 2.3, FULL, FOOT - 2.3), learning, self._palette)

    def _confusions(self, slide: Slide) -> None:
        """The matrix as a table, in the colours that it has on the pages; the worst pairs beside it."""
        matrix, palette = self._facts.matrix, self._palette
        rows = [["", *map(str, range(10))]]
        rows += [[str(true), *(f"{count:,}" if count else "" for count in matrix[true])] for true in range(10)]
        alt = "The confusion matrix: rows are true digits, columns what was read."
        side = FOOT - 2.3
        table = slide.table(rows, (LEFT, 2.3, 7.2, side), widths=[0.6, *[1] * 10], size=13, alt=alt)
        most = max(1, int((matrix - np.diag(matrix.diagonal())).max()))
        for true, read in np.argwhere(matrix > 0):
            share = 0.15 + 0.85 * matrix[true, read] / most
            fill = palette.line if true == read else mixed(palette.paper, palette.wrong, share)
            cell = table.cell(int(true) + 1, int(read) + 1)
            cell.fill.solid()
            cell.fill.fore_color.rgb = rgb(fill)
            cell.text_frame.paragraphs[0].runs[0].font.color.rgb = rgb(readable_on(fill, palette.ink, palette.paper))
        for row in range(11):
            for column in range(11):
                table.cell(row, column).text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        for number, (pair, examples) in enumerate(self._facts.pairs):
            top = 2.3 + number * 1.52
            slide.text([f"{pair.true} read as {pair.pred}: {pair.count}"], (8.4, top, 4.2, 0.3), size=14)
            for place, example in enumerate(examples[:4]):
                slide.picture(digit_png(example.image), (8.4 + 1.05 * place, top + 0.35, 0.95, 0.95), _alt(example))

    def _mistakes(self, slide: Slide) -> None:
        """The digits in a row, and a table with what was read and why; more than six go on to another slide."""
        given = self._facts.mistakes
        for first in range(0, len(given), MOST_EXAMPLES):
            if first:
                slide = self._deck.add(f"{KINDS[Kind.MISTAKES]}, continued", notes="")
            self._six(slide, given[first : first + MOST_EXAMPLES])

    def _six(self, slide: Slide, shown: Sequence[Example]) -> None:
        self._row(slide, shown, 2.2, 1.35)
        rows = [["Label", "Read as", "Why", "Image"]]
        rows += [[str(one.true), str(one.read), one.reason, str(one.place)] for one in shown]
        box = (LEFT, 4.1, FULL, 0.36 * len(rows))
        size = 13 if all(len(one.reason) <= ONE_LINE for one in shown) else 11
        slide.table(rows, box, widths=[0.7, 0.8, 7.5, 0.8], size=size, alt="The same images, with their reasons.")

    def _reliance(self, slide: Slide) -> None:
        reliance = self._facts.reliance
        if reliance is not None:
            slide_charts.risk_line(slide, (LEFT, BODY, FULL, FOOT - BODY), reliance, self._palette)

    def _change(self, slide: Slide) -> None:
        change = self._facts.change
        assert change is not None  # the screen is shown only where there is a run to compare with
        bars = [("Fixed", change.fixed, self._palette.accent), ("Broken", change.broken, self._palette.wrong)]
        alt = f"{change.fixed:,} images fixed, {change.broken:,} broken."
        slide_charts.lying_bars(slide, (LEFT, BODY, 4.6, 2.6), bars, self._palette, title="Images", alt=alt)
        for number, (title, examples) in enumerate(
            (("Fixed", change.fixed_examples), ("Broken", change.broken_examples))
        ):
            top = BODY - 0.1 + 2.0 * number
            if examples:
                slide.text([title], (5.7, top, 3.0, 0.3), size=14)
                self._row(slide, examples, top + 0.35, 1.1, left=5.7)

    def _sample(self, slide: Slide) -> None:
        sample = self._facts.sample
        slide.picture(digit_png(sample.image), (LEFT, BODY, 2.6, 2.6), _alt(sample))
        read = f"{sample.read}, with {percent(sample.confidence, 1)}"
        slide.text([read], (LEFT, BODY + 2.75, 3.6, 0.5), size=22, colour=self._palette.accent, font=SERIF)
        colours = [self._palette.accent if digit == sample.read else self._palette.quiet for digit in range(10)]
        bars = [(str(digit), float(sample.probabilities[digit]), colours[digit]) for digit in range(10)]
        box = (LEFT + 4.0, 2.2, FULL - 4.0, FOOT - 2.2)
        alt, form = "The ten probabilities.", '[>=0.0005]0.0%;;""'
        slide_charts.lying_bars(slide, box, bars, self._palette, title="", alt=alt, form=form)

    def _next(self, slide: Slide) -> None:
        steps = next_steps(self._story, self._facts)
        size = 20 if sum(map(len, steps)) <= 420 and len(steps) <= 6 else 15 if len(steps) <= 12 else 11
        slide.text([f"\N{BULLET} {step}" for step in steps], (LEFT, 1.6, 5.4, 5.0), size=size)
        sets = self._facts.card.sets
        rows = [["Read", "Right", "95 % interval", "Digits"]]
        rows += [
            [one.name, one.share.text, f"{100 * one.share.low:.2f}–{100 * one.share.high:.2f}", f"{one.share.n:,}"]
            for one in sets
        ]
        box = (6.5, 1.6, FULL - 5.8, min(5.0, 0.38 * len(rows)))
        slide.table(rows, box, widths=[3.6, 1.2, 1.7, 1], size=13, alt="Accuracy by set of digits.")

    def _row(self, slide: Slide, examples: Iterable[Example], top: float, side: float, *, left: float = LEFT) -> None:
        """Digits beside each other, each with its label and what was read."""
        for number, example in enumerate(examples):
            at = left + number * (side + 0.12)
            slide.picture(digit_png(example.image), (at, top, side, side), _alt(example))
            slide.text(
                [example.outcome], (at, top + side + 0.04, side + 0.1, 0.25), size=12, colour=self._palette.quiet
            )


def _alt(example: Example) -> str:
    return f"Test image {example.place}: {example.outcome}."


def _with_ends(name: str, test: Share) -> str:
    """A name with the interval of how many images are read wrongly."""
    return f"{_short(name)} ({test.n * (1 - test.high):,.0f} to {test.n * (1 - test.low):,.0f})"


def _short(name: str) -> str:
    return name if len(name) <= LONG else name[: LONG - 1] + "\N{HORIZONTAL ELLIPSIS}"
