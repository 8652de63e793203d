"""What a list of runs says of each: its result on the test split, how it learned, and in what it departs from its
preset.

Owns the reading of these few figures from many run folders, and remembers them as long as the files stay the same, so
that a list of a thousand runs is quick. Which runs there are is `runs`' business.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import architecture
from core.comparison import differing_settings
from core.config import PRESETS, TrainingConfig
from core.errors import RunDamagedError
from core.files import read_json_lines
from core.metrics import METRICS
from core.pairing import Judged
from core.run import CONFIG, EVALUATION, Run, Stamp, stamp_of
from core.runs import RunStore


@dataclass(frozen=True, slots=True)
class Figures:
    """Some figures of one run.

    Attributes:
        test, validation: the parts of `evaluation.json` about these splits; None where there is none.
        problem: why the evaluation cannot be read; empty when it can, or is not there yet.
        parameters: of the network.
        train_seconds: from the first to the last training step; None while unknown.
        val_accuracies: after each epoch so far; empty without validation.
        departures: the settings that differ from the preset that the run began with, or else from the defaults.
    """

    test: dict[str, Any] | None
    validation: dict[str, Any] | None
    problem: str
    parameters: int
    train_seconds: float | None
    val_accuracies: tuple[float, ...]
    departures: tuple[tuple[str, Any], ...]

    def of(self, split: Judged) -> dict[str, Any] | None:
        """The part of `evaluation.json` about this split."""
        return self.test if split == "test" else self.validation


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    run: Run
    figures: Figures


class Ledger:
    """The figures of every run of a store."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self._known: dict[Path, tuple[Stamp, Figures]] = {}

    def entries(self) -> list[Entry]:
        """Every readable run with its figures: pinned ones first, then newest first, the shipped ones last."""
        runs = self.store.runs()
        known = {run.path: self._look_up(run) for run in runs}
        self._known = known  # what was deleted is forgotten
        entries = [Entry(run, known[run.path][1]) for run in runs]
        return sorted(entries, key=lambda entry: not entry.run.notes.pinned)

    def _look_up(self, run: Run) -> tuple[Stamp, Figures]:
        stamp = stamp_of(run.path, (CONFIG, EVALUATION, METRICS))
        found = self._known.get(run.path)
        return found if found is not None and found[0] == stamp else (stamp, _figures(run))


def _figures(run: Run) -> Figures:
    problem, evaluation = "", {}
    try:
        evaluation = run.evaluation() or {}
    except RunDamagedError as error:
        problem = str(error)
    return Figures(
        test=evaluation.get("test"),
        validation=evaluation.get("validation"),
        problem=problem,
        parameters=round(_number(evaluation.get("parameters")) or architecture.count_parameters(run.config)),
        train_seconds=_number(evaluation.get("train_seconds")),
        val_accuracies=_val_accuracies(run.path),
        departures=_departures(run),
    )


def _departures(run: Run) -> tuple[tuple[str, Any], ...]:
    if run.imported is not None:
        return ()  # the settings of a network that came as a file say nothing about it
    start = PRESETS.get(run.preset or "", TrainingConfig())
    return tuple((name, values[1]) for name, values in differing_settings((start, run.config)))


def _val_accuracies(folder: Path) -> tuple[float, ...]:
    # Only epochs with validation hold the word; the step records, forty times as many, are not even parsed.
    records = read_json_lines(folder / METRICS, holding='"val_accuracy"')
    found = (_number(record["val_accuracy"]) for record in records if record.get("val_accuracy") is not None)
    return tuple(value for value in found if value is not None)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
