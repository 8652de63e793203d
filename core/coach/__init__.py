"""The coach: what a run's records say about its settings, each hint with the numbers behind it.

Owns which hints are given, and in which order. A rule is silent unless the records show what it claims: too few steps
or epochs, or swings such as chance makes, give no hint. The thresholds were set on recorded trainings, which the tests
hold. `history` reads the records, `rate` and `fit` hold the rules, `advice` what a hint is.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from core.coach import fit, rate
from core.coach.advice import Hint
from core.coach.history import History
from core.config import TrainingConfig

__all__ = ["MOST_HINTS", "Hint", "hints"]

MOST_HINTS: Final = 3
_Rule = Callable[[History], Hint | None]
# Where the learning rate is wrong, everything else follows from that: these speak alone.
_ALONE: Final[tuple[_Rule, ...]] = (rate.too_high, rate.too_low)
# Of each row, the first that has something to say.
_ROWS: Final[tuple[tuple[_Rule, ...], ...]] = (
    (rate.unstable,),
    (fit.overfitting, fit.underfitting, fit.improving, fit.plateau),
)


def hints(
    config: TrainingConfig,
    steps: Iterable[Mapping[str, Any]],
    epochs: Iterable[Mapping[str, Any]],
    *,
    ended: bool = False,
    diverged: bool = False,
) -> list[Hint]:
    """What the records of a run show, the most important first; at most `MOST_HINTS`, and often none.

    Args:
        config: the settings the run was started with.
        steps, epochs: the records, as `Run.steps` and `Run.epochs` give them.
        ended: no more records will come: the run is finished, was stopped, or failed.
        diverged: the run failed because its loss became NaN or infinite, which is in no record.
    """
    history = History.read(config, steps, epochs, ended=ended, diverged=diverged)
    alone = _first(_ALONE, history)
    rows = [alone] if alone is not None else [_first(row, history) for row in _ROWS]
    return [hint for hint in rows if hint is not None][:MOST_HINTS]


def _first(rules: Iterable[_Rule], history: History) -> Hint | None:
    """What the first rule says that has something to say."""
    return next((hint for rule in rules if (hint := rule(history)) is not None), None)
