"""The screens of a story on stage: one idea each, its words and its one chart. The canvas is `present_live`'s."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.evaluation import Share
from core.look import Palette
from core.story import Example, Facts, Kind, Told, Words
from core.story.telling import PEOPLE, next_steps
from ui import present_live, stage_charts, stage_digits, state, words
from ui.charts import Spec
from ui.stage_charts import Amount
from ui.stage_digits import Row
from ui.stage_type import LEADING, Line, height, lines, lines_of

TITLE: Final = 2.4  # units of type
TEXT: Final = 1.3
NUMBER: Final = 6.0
STEPS: Final = ((1.7, 1.2), (1.3, 0.6), (1.0, 0.3))  # size and gap of what comes next, the largest that fits
ROOM: Final = 24  # units of type that a screen has below its title, about
BUTTON: Final = 1.2  # more than a line of text


@dataclass(frozen=True, slots=True)
class Stage:
    """A screen to be shown.

    Attributes:
        said: its words.
    """

    told: Told
    facts: Facts
    said: Words
    palette: Palette

    @property
    def alt(self) -> str:
        """All of its words."""
        parts = (self.said.title, self.said.number, self.said.text)
        return " ".join(dict.fromkeys(part for part in parts if part))


def show(kind: Kind, stage: Stage, *, of: str) -> None:
    """One screen.

    Args:
        of: which of how many it is.
    """
    st.subheader(f":gray[{stage.said.topic} · {of}]", anchor=False)
    _SCREENS[kind](stage)


def chart(spec: Spec, *, key: str, alt: str) -> None:
    """A chart of the stage."""
    st.vega_lite_chart(spec, theme=None, key=f"stage_{key}", alt=alt)


def source(text: str) -> None:
    """Where the figures come from; the same room without."""
    st.caption(words.plain(text) or "\N{NO-BREAK SPACE}")


def _headline(stage: Stage, *, text: str = "") -> float:
    """The title, and below it a quiet sentence; returns the units of type that they take."""
    said, palette = stage.said, stage.palette
    title = [Line(said.title, TITLE, palette.ink, serif=True, phone=1.7)]
    taken = lines_of(said.title, TITLE, serif=True) * TITLE * LEADING
    if text:
        title.append(Line(text, TEXT, palette.quiet, phone=1.15))
        taken += 0.3 + lines_of(text, TEXT) * TEXT * LEADING
    chart(lines(title, palette), key="title", alt=f"{said.title} {text}".strip())
    return taken


def _beside(
    stage: Stage,
    taken: float,
    spec: Callable[[str], Spec],
    *,
    alt: str,
    columns: tuple[int, int],
    phone: str = "340",
) -> None:
    """The number with what it means on the left, a chart on the right.

    Args:
        spec: makes the chart in a height, an expression.
        phone: that height on a phone.
    """
    text_side, chart_side = st.columns(columns, gap="large")
    with text_side:
        _number(stage, taken)
    with chart_side:
        chart(spec(height(taken, phone=phone)), key="chart", alt=alt)
    source(stage.said.source)


def _alone(stage: Stage) -> None:
    """A screen that has no chart to show: the number, if there is one, with its words."""
    _number(stage, _headline(stage))
    source(stage.said.source)


def _number(stage: Stage, taken: float) -> None:
    """The number with what it means, in the middle of the height that is left."""
    said, palette = stage.said, stage.palette
    texts = [Line(said.number, NUMBER, palette.accent, serif=True, phone=4.4)] if said.number else []
    texts.append(Line(said.text, TEXT, palette.ink, phone=1.15))
    alt = f"{said.number} {said.text}".strip()
    chart(lines(texts, palette, gap=0.6, fill=height(taken)), key="number", alt=alt)


def _task(stage: Stage) -> None:
    taken = _headline(stage, text=stage.said.text)
    spec = stage_digits.task(stage.facts.samples, palette=stage.palette, tall=height(taken, phone="0.6 * width + 34"))
    chart(spec, key="chart", alt="Six handwritten images of each digit from 0 to 9, a column each.")
    source(stage.said.source)


def _accuracy(stage: Stage) -> None:
    facts, palette = stage.facts, stage.palette
    n = facts.test.n
    bars = [_wrong(facts.name, facts.test, palette.accent)]
    if facts.change is not None:
        bars.append(_wrong(facts.change.versus, facts.change.before, palette.quiet))
    bars.append(Amount("People, as estimated", round(PEOPLE * n), palette.quiet))
    said = ", ".join(f"{bar.name} {bar.count:,}" for bar in bars)

    def spec(tall: str) -> Spec:
        title = f"Misread, of {n:,} images, with 95\N{NO-BREAK SPACE}% intervals"
        return stage_charts.amounts(bars, title=title, palette=palette, tall=tall)

    _beside(stage, _headline(stage), spec, alt=f"Misread images of {n:,} as bars: {said}.", columns=(1, 1))


def _learning(stage: Stage) -> None:
    history, palette = stage.facts.learning, stage.palette
    if history is None:
        _alone(stage)
        return
    taken = _headline(stage, text=stage.said.text)

    @st.fragment
    def curves() -> None:
        tall = height(taken + BUTTON)
        spec = stage_charts.learning(history, turn=state.replays(), palette=palette, tall=tall)
        chart(spec, key=f"learning_{state.replays()}", alt=f"The share that is misread, epoch by epoch. {stage.alt}")
        with st.container(horizontal=True, vertical_alignment="center"):
            source(stage.said.source)
            st.button("Replay", type="tertiary", icon=":material/replay:", key="stage_replay", on_click=state.replay)

    curves()


def _confusions(stage: Stage) -> None:
    facts, palette = stage.facts, stage.palette
    taken = _headline(stage, text=stage.said.text)
    matrix_side, pairs_side = st.columns([10, 11], gap="large")
    with matrix_side:
        spec = stage_charts.confusions(facts.matrix, palette=palette, tall=height(taken, phone="width"))
        chart(spec, key="chart", alt=f"Confusion matrix, rows true, columns read. {stage.said.text}")
    with pairs_side:
        if facts.pairs:
            rows = [_pair(pair.true, pair.pred, pair.count, examples, palette) for pair, examples in facts.pairs]
            alt = "; ".join(row.heading for row in rows)
            phone = f"{len(rows)} * (width / 6 + 5 * u)"
            spec = stage_digits.rows(rows, palette=palette, tall=height(taken, phone=phone))
            chart(spec, key="pairs", alt=f"The worst pairs with their images: {alt}.")
    source(stage.said.source)


def _mistakes(stage: Stage) -> None:
    given, palette = stage.facts.mistakes, stage.palette
    if not given:
        _alone(stage)
        return
    taken = _headline(stage, text=stage.said.text)
    tall = height(taken, phone=f"{len(given)} * 9.4 * u")
    spec = stage_digits.examples(given, palette=palette, tall=tall)
    why = "; ".join(f"{each.outcome}: {each.reason}" for each in given)
    chart(spec, key="chart", alt=f"Misread images: {why}")
    source(stage.said.source)


def _reliance(stage: Stage) -> None:
    given, palette = stage.facts.reliance, stage.palette
    if given is None:
        _alone(stage)
        return

    def spec(tall: str) -> Spec:
        return stage_charts.reliance(given.curve, given.effect, palette=palette, tall=tall)

    alt = f"What share of the answers is wrong, by how many are given. {stage.said.text}"
    _beside(stage, _headline(stage), spec, alt=alt, columns=(4, 5))


def _change(stage: Stage) -> None:
    change, palette = stage.facts.change, stage.palette
    assert change is not None  # the screen is shown only where there is a run to compare with
    taken = _headline(stage)
    rows = [
        Row(f"{kind} {words.images(count)}", colour, examples, _taken(examples))
        for kind, count, colour, examples in (
            ("Fixed", change.fixed, palette.accent, change.fixed_examples),
            ("Broke", change.broken, palette.wrong, change.broken_examples),
        )
    ]
    said = "; ".join(f"{row.heading}, such as {stage_digits.said_of(row.examples)}" for row in rows)

    def spec(tall: str) -> Spec:
        return stage_digits.rows(rows, palette=palette, tall=tall)

    _beside(stage, taken, spec, alt=f"{said}.", columns=(4, 7), phone="2 * (width / 6 + 5 * u)")


def _live(stage: Stage) -> None:
    taken = _headline(stage, text=stage.said.text)
    present_live.show(stage.told, stage.facts, palette=stage.palette, tall=height(taken, phone="220"))
    source(stage.said.source)


def _next(stage: Stage) -> None:
    palette = stage.palette
    steps = next_steps(stage.told.story, stage.facts)
    taken = _headline(stage)
    size, gap = next((each for each in STEPS if _room_of(steps, *each) <= ROOM), STEPS[-1])
    texts = [Line(step, size, palette.ink, phone=1.2) for step in steps]
    chart(lines(texts, palette, gap=gap, fill=height(taken)), key="chart", alt=" ".join(steps))
    source("")


def _room_of(steps: tuple[str, ...], size: float, gap: float) -> float:
    """The units of type that lines of text take."""
    return sum(lines_of(step, size) * size * LEADING + gap for step in steps)


def _wrong(name: str, test: Share, colour: str) -> Amount:
    """A bar of what is read wrongly."""
    return Amount(name, test.n - test.count, colour, (test.n * (1 - test.high), test.n * (1 - test.low)))


def _pair(true: int, pred: int, count: int, examples: tuple[Example, ...], palette: Palette) -> Row:
    return Row(f"{true} read as {pred}: {words.images(count)}", palette.wrong, examples, _sure(examples))


def _sure(examples: tuple[Example, ...]) -> tuple[str, ...]:
    return tuple(words.percent(each.confidence, 0) for each in examples)


def _taken(examples: tuple[Example, ...]) -> tuple[str, ...]:
    """What each is, and where it is misread what for."""
    return tuple(f"{each.true}" if each.true == each.read else f"{each.true} as {each.read}" for each in examples)


_SCREENS: Final[dict[Kind, Callable[[Stage], None]]] = {
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
