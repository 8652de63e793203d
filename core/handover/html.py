"""A story as one HTML file: interactive charts, digits and words, without a network. Prints a screen a page.

Owns `report.html` beside it, and what stands in each of its sections. Everything that is text from outside is escaped,
and the page forbids itself to fetch anything.
"""

import base64
import html
import json
import string
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Literal

import plotly.graph_objects as go
import plotly.offline

from core.handover import charts
from core.look import Palette, theme_palette
from core.pictures import digit_png, sheet_png
from core.story import Example, Facts, Kind, Story, Words, words_of
from core.story.telling import next_steps

TEMPLATE: Final = Path(__file__).with_name("report.html")
FIGURES: Final = (
    "Unless another set is named, all figures are of MNIST's test split: 10,000 images that the studio makes no choice "
    "on."
)
NARROW: Final = 560  # pixels, of charts that are about as wide as high

Size = Literal["", "small", "wide"]  # of a digit; the classes of the page's figures


def report(story: Story, facts: Facts) -> bytes:
    """The page, UTF-8; about five megabytes, nearly all of it plotly's program."""
    palette = theme_palette()
    page = _Page(story, facts, palette)
    sections = "\n".join(page.section(kind, words) for kind, words in words_of(story, facts, on_paper=True).items())
    colours = {name: getattr(palette, name) for name in ("ink", "paper", "accent", "wrong", "quiet", "line")}
    return (
        string.Template(TEMPLATE.read_text(encoding="utf-8"))
        .substitute(
            colours,
            name=html.escape(story.name),
            about=_about(facts),
            made=time.strftime("Made with Digit Studio on %d %B %Y. ", time.gmtime()) + FIGURES,
            plotly=plotly.offline.get_plotlyjs().replace("</script", "<\\/script"),
            sections=sections,
            charts=page.charts_json(),
        )
        .encode()
    )


class _Page:
    """The sections of one page, and the charts that they have places for."""

    def __init__(self, story: Story, facts: Facts, palette: Palette) -> None:
        self._story, self._facts, self._palette = story, facts, palette
        self._charts: dict[str, dict[str, Any]] = {}
        self._bodies: dict[Kind, Callable[[], str]] = {
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

    def section(self, kind: Kind, words: Words) -> str:
        """One screen."""
        number = f'<p class="number">{html.escape(words.number)}</p>' if words.number else ""
        text = f"<p>{html.escape(words.text)}</p>" if words.text else ""
        source = f'<p class="source">{html.escape(words.source)}</p>' if words.source else ""
        topic = f'<p class="topic">{html.escape(words.topic)}</p>' if words.topic != words.title else ""
        heading = f"{topic}<h2>{html.escape(words.title)}</h2>"
        return f'<section id="{kind}">{heading}{number}{text}{self._bodies[kind]()}{source}</section>'

    def charts_json(self) -> str:
        """Every chart by the id of its place, as a script can hold it."""
        text = json.dumps(self._charts, allow_nan=False)
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

    def _task(self) -> str:
        rows, columns, _, _ = self._facts.samples.shape
        alt = f"{rows * columns} handwritten digits, the zeros in the first column, the nines in the last."
        return f'<figure class="sheet">{_image(sheet_png(self._facts.samples), alt)}</figure>'

    def _accuracy(self) -> str:
        return self._chart("wrong", charts.wrong_bars(self._facts, self._palette), "Wrong answers, beside people's.")

    def _learning(self) -> str:
        learning = self._facts.learning
        if learning is None:
            return ""
        figure = charts.learning_curves(learning, self._palette)
        return self._chart("learning", figure, "Accuracy by epoch on training and validation images.")

    def _confusions(self) -> str:
        figure = charts.confusion_heatmap(self._facts.matrix, self._palette)
        chart = self._chart("matrix", figure, "The confusion matrix.", most=NARROW)
        pairs = "".join(
            f"<h3>{pair.true} read as {pair.pred}: {pair.count}</h3>{_gallery(examples, size='small')}"
            for pair, examples in self._facts.pairs
        )
        return f'<div class="beside">{chart}<div>{pairs}</div></div>'

    def _mistakes(self) -> str:
        return _gallery(self._facts.mistakes, size="wide")

    def _reliance(self) -> str:
        reliance = self._facts.reliance
        if reliance is None:
            return ""
        figure = charts.reliance_curve(reliance, self._palette)
        return self._chart("reliance", figure, "Wrong answers against the share of images that is answered.")

    def _change(self) -> str:
        change = self._facts.change
        assert change is not None  # the screen is shown only where there is a run to compare with
        chart = self._chart("flips", charts.flip_bars(change, self._palette), "Images fixed and broken.")
        galleries = "".join(
            f"<div><h3>{title}</h3>{_gallery(examples, 'small')}</div>"
            for title, examples in (("Fixed", change.fixed_examples), ("Broken", change.broken_examples))
            if examples
        )
        return f'{chart}<div class="halves">{galleries}</div>'

    def _sample(self) -> str:
        sample = self._facts.sample
        figure = charts.probability_bars(sample, self._palette)
        chart = self._chart("sample", figure, "The ten probabilities of the answer.", most=NARROW)
        return f'<div class="split">{_figure(sample, "wide")}{chart}</div>'

    def _next(self) -> str:
        steps = "".join(f"<li>{html.escape(step)}</li>" for step in next_steps(self._story, self._facts))
        return f"<ul>{steps}</ul><h3>The model on other digits</h3>{_sets(self._facts)}"

    def _chart(self, name: str, figure: go.Figure, alt: str, *, most: int = 940) -> str:
        place = f"chart-{name}"
        self._charts[place] = json.loads(figure.to_json())
        self._charts[place]["layout"]["meta"] = {"most": most}
        narrow = " narrow" if most == NARROW else ""
        return f'<div class="chart{narrow}" id="{place}" role="img" aria-label="{html.escape(alt)}"></div>'


def _about(facts: Facts) -> str:
    card = facts.card
    return (
        f"<b>{html.escape(facts.name)}</b>: {html.escape(card.purpose)} {card.parameters:,} parameters; "
        f"{html.escape(facts.test.text)} of MNIST's test split read rightly."
    )


def _sets(facts: Facts) -> str:
    """Accuracy by set, as the model's card has it."""
    rows = "".join(
        f"<tr><td>{html.escape(each.name)}</td><td>{each.share.text}</td>"
        f"<td>{100 * each.share.low:.2f}–{100 * each.share.high:.2f}</td><td>{each.share.n:,}</td></tr>"
        for each in facts.card.sets
    )
    head = "<tr><th>Read</th><th>Right</th><th>95 % interval</th><th>Digits</th></tr>"
    return f'<div class="scroll"><table>{head}{rows}</table></div>'


def _gallery(examples: Iterable[Example], size: Size = "") -> str:
    figures = "".join(_figure(example, size) for example in examples)
    return f'<div class="digits">{figures}</div>'


def _figure(example: Example, size: Size = "") -> str:
    """A digit with what it is and what it was read as; the reason besides where there is room for it."""
    alt = f"Test image {example.place}: {example.outcome}."
    caption = f"<b>{example.outcome}</b>"
    if size == "wide":
        caption += f"<br>{html.escape(example.reason)}"
    picture = _image(digit_png(example.image), alt)
    return f'<figure class="{size}">{picture}<figcaption>{caption}</figcaption></figure>'


def _image(png: bytes, alt: str) -> str:
    return f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'
