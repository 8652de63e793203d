"""Rules about the learning rate: far too high, too low, or a little too high."""

import itertools

from core.coach.advice import USUAL_RATE, Hint, advise, number, percent, rounded_rate
from core.coach.history import History

_GUESSING = 2.27  # ten equal probabilities have a loss of ln 10 = 2.303
_ENOUGH_STEPS = 60
_JUMP = 1.4


def too_high(history: History) -> Hint | None:
    """The loss is infinite, the network never learns anything, or it forgot what it had learnt."""
    name = "learning_rate_too_high"
    if history.diverged:
        found = (
            f"The loss became infinite at a learning rate of {history.rate:g}, with {history.steps:,} steps recorded "
            "before."
        )
        return _slower(history, name, history.rate, "The steps are so large that the training broke down", found)
    if not history.windows:
        return None
    now, usual = history.windows[-1], _usual(history)
    best = max(window.accuracy for window in history.windows)
    if best >= 0.5 and now.accuracy < best / 2:
        found = f"Training accuracy had reached {percent(best)} and has fallen to {percent(now.accuracy)}."
        return _slower(history, name, history.rate, "Steps that are too large made it forget what it knew", found)
    fast = [stretch for stretch in history.stretches if stretch.rate >= 2 * usual]
    # Of the recorded trainings that guessed after so many fast steps only one still learnt, and that was unstable.
    if sum(stretch.steps for stretch in fast) >= _ENOUGH_STEPS and now.loss >= _GUESSING and now.accuracy < 0.2:
        fastest = max(stretch.rate for stretch in fast)
        found = (
            f"After {history.steps:,} steps at a learning rate of up to {fastest:g} the loss is {number(now.loss)} "
            f"and {percent(now.accuracy)} are right; guessing has 2.30 and 10 %."
        )
        return _slower(history, name, fastest, "The steps are too large to learn anything", found)
    return None


def too_low(history: History) -> Hint | None:
    """Little is learnt after a tenth of the training, at less than a fifth of the usual rate."""
    fastest = max((history.rate, *(stretch.rate for stretch in history.stretches)))
    planned = history.config.epochs * history.config.steps_per_epoch
    if not history.windows or not is_low(history, fastest) or history.steps < max(100, min(1_000, planned // 10)):
        return None
    now = history.windows[-1]
    if now.accuracy >= 0.75 or (history.epochs and history.epochs[-1].val_accuracy >= 0.9):
        return None
    found = (
        f"After {history.steps:,} steps at a learning rate of {history.rate:g} only {percent(now.accuracy)} of the "
        f"training images are right and the loss is {number(now.loss)}."
    )
    return faster(history, "The steps are so small that learning hardly moves", found)


def faster(history: History, finding: str, evidence: str) -> Hint:
    """The hint that the learning rate is too low."""
    usual = _usual(history)
    option = (f"a learning rate of {usual:g} is usual with {history.config.optimizer}", {"learning_rate": usual})
    return advise(history.config, "learning_rate_too_low", finding, evidence, option)


def is_low(history: History, rate: float) -> bool:
    """Whether a learning rate is far below the usual one."""
    return 5 * rate < _usual(history)


def unstable(history: History) -> Hint | None:
    """At a constant rate, validation got clearly worse from one epoch to the next at least twice in the last eight."""
    recent = history.epochs[-9:]
    if not history.steady or len(recent) < 6:
        return None
    jumps = [
        (before, after)
        for before, after in itertools.pairwise(recent)
        if after.val_loss > _JUMP * before.val_loss
        and before.val_accuracy - after.val_accuracy > max(0.01, 3 * history.chance_of(before.val_accuracy))
    ]
    if len(jumps) < 2:
        return None
    before, after = jumps[-1]
    found = (
        f"In {len(jumps)} of the last {len(recent) - 1} epochs validation loss rose by more than 40 %, last in epoch "
        f"{after.number} from {number(before.val_loss)} to {number(after.val_loss)}."
    )
    return _slower(history, "unstable", history.rate, "It swings from epoch to epoch instead of settling", found)


def _slower(history: History, name: str, rate: float, finding: str, evidence: str) -> Hint:
    """A hint to lower a rate: to a tenth, and at most the usual one; where it only swings, not below that at once."""
    usual = _usual(history)
    lower = min(rate / 10, usual)
    if name == "unstable":
        lower = max(rate / 10, usual) if rate > 3 * usual else rate / 3
    lower = rounded_rate(lower)
    option = (f"try a learning rate of {lower:g}", {"learning_rate": lower})
    return advise(history.config, name, finding, evidence, option)


def _usual(history: History) -> float:
    return USUAL_RATE[history.config.optimizer]
