"""What the coach says: a `Hint`, and how its suggestion is chosen so that it always makes a valid configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.config import TrainingConfig
from core.errors import ConfigError

# Where each update rule usually learns handwritten digits well; SGD here has momentum.
USUAL_RATE: Final = {"adam": 1e-3, "adamw": 1e-3, "rmsprop": 1e-3, "sgd": 0.05}


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that the records show.

    Attributes:
        name: the rule, such as `overfitting`.
        text: what it means and what may help; one sentence.
        evidence: the numbers it rests on; one sentence.
        changes: settings that make a valid `TrainingConfig` together with the run's others; empty when there is
            nothing to change.
    """

    name: str
    text: str
    evidence: str
    changes: Mapping[str, Any] = field(default_factory=dict)


def advise(
    config: TrainingConfig, name: str, finding: str, evidence: str, *options: tuple[str, Mapping[str, Any]]
) -> Hint:
    """A hint with the first option that changes something and is allowed; without a suggestion when there is none.

    Args:
        finding: the beginning of the text, without a full stop.
        options: each the end of the text, and the settings it means.
    """
    for advice, settings in options:
        changes = {key: value for key, value in settings.items() if getattr(config, key) != value}
        if changes and _allowed(config, changes):
            return Hint(name, f"{finding}; {advice}.", evidence, changes)
    return Hint(name, f"{finding}.", evidence)


def rounded_rate(rate: float) -> float:
    """A learning rate with one digit: 0.00033 becomes 0.0003."""
    return float(f"{rate:.0e}")


def number(value: float) -> str:
    """A loss in words: 0.0312, 2.31."""
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f}" if value < 1 else f"{value:,.2f}"


def percent(share: float) -> str:
    """An accuracy in words: 98.7 %."""
    return f"{100 * share:.1f} %"


def _allowed(config: TrainingConfig, changes: Mapping[str, Any]) -> bool:
    try:
        replace(config, **changes)
    except ConfigError:
        return False
    return True
