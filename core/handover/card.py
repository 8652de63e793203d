"""A run's model card as a Markdown file: what it is for, figures with intervals by set, limits, how it was made."""

import re
from typing import Final

from core.model_card import ModelCard
from core.story import Facts

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")


def card_markdown(facts: Facts) -> str:
    """The card, in the sections of Mitchell et al. (2019), *Model cards for model reporting*."""
    card = facts.card
    return "\n".join(
        [
            f"# {escaped(facts.name)}",
            "",
            f"{escaped(card.purpose)} {card.parameters:,} parameters.",
            "",
            "## Intended use",
            "",
            "One handwritten digit, 0 to 9, in a 28 x 28 image with the ink high, as the studio's preprocessing makes",
            "it. Letters and scribbles get a digit too: the network knows nothing else.",
            "",
            "## Figures",
            "",
            *_sets(card),
            "",
            *_reliance(facts),
            "## Limits",
            "",
            *(f"- {each.name}: {each.share.text} of {each.share.n:,} right" for each in card.weakest),
            *_confused(card),
            "",
            "## How it was made",
            "",
            *(f"- {what}: {escaped(how)}" for what, how in card.made),
            "",
        ]
    )


def _sets(card: ModelCard) -> list[str]:
    lines = ["| read | right | 95 % interval | digits |", "|---|--:|--:|--:|"]
    for each in card.sets:
        interval = f"{100 * each.share.low:.2f} to {100 * each.share.high:.2f}"
        lines.append(f"| {escaped(each.name)} | {each.share.text} | {interval} | {each.share.n:,} |")
    return lines


def _confused(card: ModelCard) -> list[str]:
    """The most frequent confusions, however many come equally often."""
    pairs = (f"{true} read as {read} ({count:,})" for true, read, count in card.confused)
    return ["- Most frequent confusions: " + ", ".join(pairs)] if card.confused else []


def _reliance(facts: Facts) -> list[str]:
    if facts.reliance is None or facts.reliance.effect.threshold is None:
        return []
    effect = facts.reliance.effect
    return [
        f"With the threshold {effect.threshold:.10g} it answers {effect.coverage.text} of MNIST's test split "
        f"by itself, {effect.accuracy.text} of that rightly (95 % interval {effect.accuracy.bounds}).",
        "",
    ]


def escaped(text: str) -> str:
    """Text from outside as Markdown shows it: on one line, as it was written."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
