"""What is wrong with a run whose worker was killed: its history, its state, its checkpoint, and the runs beside it.

Owns these checks. How the worker was killed is `harm`'s.
"""

import json
from collections.abc import Iterator

from core.metrics import METRICS
from core.run import Run
from core.runs import RunStore


def problems_of(store: RunStore, run: Run, *, at_least: int, kept: int) -> Iterator[str]:
    """What is wrong with a run that was killed.

    Args:
        at_least: how many epochs were on record before.
        kept: the epoch of its checkpoint, 0 without one.
    """
    found = store.get(run.run_id)
    if found.has_model or found.status.pid is not None:
        yield "it claims a model or a process"
    lines = (run.path / METRICS).read_text(encoding="utf-8").split("\n") if (run.path / METRICS).exists() else []
    if any(not _is_json(line) for line in lines[:-1]):
        yield "a line of its history is no JSON"
    epochs = [record["epoch"] for record in found.epochs()]
    steps = [record["step"] for record in found.steps()]
    if epochs != list(range(1, len(epochs) + 1)) or len(epochs) < at_least:
        yield f"of {at_least} epochs its history has {epochs}"
    if steps != sorted(set(steps)):
        yield "the steps of its history are not in order"
    if len(epochs) - kept not in (0, 1):
        yield f"{len(epochs)} epochs are on record, its checkpoint is that of epoch {kept}"
    if store.damaged():
        yield f"damaged runs: {[run.run_id for run in store.damaged()]}"


def checkpoint_epoch(run: Run) -> int:
    """The epoch of the run's checkpoint; 0 without one."""
    return max((int(path.stem.rpartition("-")[2]) for path in run.path.glob("checkpoint-*.keras")), default=0)


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
