"""Whose turn it is: the order of the runs that wait.

Owns that order. A run waits behind those that were queued before it, unless somebody moved it: its place then stands in
its `control.json`. Pages and workers read the same files, so what is seen is what happens.
"""

import math
import time
from collections.abc import Iterable

from core import control
from core.run import Run
from core.status import RunState


def place(run: Run) -> float:
    """Where a run stands; the smallest is next. The Unix time when it was queued, unless it was moved since."""
    moved_to = control.read(run.path).place
    return run.status.queued_at if moved_to is None else moved_to


def in_order(runs: Iterable[Run]) -> list[Run]:
    """Those of the runs that wait, the next one first."""
    return sorted((run for run in runs if run.status.state is RunState.QUEUED), key=_key)


def is_next(run: Run, runs: Iterable[Run]) -> bool:
    """Whether none of the runs that wait stands before `run`."""
    return all(_key(run) <= _key(other) for other in in_order(runs))


def move(run: Run, waiting: list[Run], *, before: Run | None) -> None:
    """Puts a run directly before another one, or behind all that wait. What others see is the old order or the new.

    Args:
        waiting: in order.
        before: need not wait any more: a run that has begun stood before all that wait.

    Raises:
        OSError: it cannot be written.
    """
    others = [other for other in waiting if other.run_id != run.run_id]
    if before is None:
        last = place(others[-1]) if others else 0.0
        control.put(run.path, max(time.time(), math.nextafter(last, math.inf)))
        return
    ahead = [other for other in others if _key(other) < _key(before)]
    if ahead and _middle(ahead[-1], before) is None:
        _spread(ahead)
    middle = _middle(ahead[-1], before) if ahead else None
    control.put(run.path, place(before) - 1 if middle is None else middle)


def _key(run: Run) -> tuple[float, str]:
    return place(run), run.run_id


def _middle(one: Run, other: Run) -> float | None:
    """The place between two; None when no number is left there, after a dozen moves into the same gap."""
    low, high = place(one), place(other)
    middle = (low + high) / 2
    return middle if low < middle < high else None


def _spread(ahead: list[Run]) -> None:
    """Makes room between runs and behind them. From the first to the last, each to a place before where the first one
    was: whenever this is cut short, none has overtaken another."""
    first = place(ahead[0])
    for number, run in enumerate(ahead):
        control.put(run.path, first - len(ahead) + number)
