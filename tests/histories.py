"""Recorded trainings, for the tests of everything that reads curves.

`core/coach/histories/*.json` are real trainings on MNIST, their numbers rounded to four digits: the settings that are
not the defaults, and the columns of `metrics.jsonl` without the times.
"""

import json
from pathlib import Path
from typing import Any, Final

from core.config import TrainingConfig

_FOLDER: Final = Path(__file__).parent / "core" / "coach" / "histories"
NAMES: Final = sorted(path.stem for path in _FOLDER.glob("*.json"))

Records = list[dict[str, Any]]


def recorded(name: str) -> tuple[TrainingConfig, Records, Records]:
    """The settings, step records and epoch records of one training."""
    values = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return TrainingConfig.from_dict(values["settings"]), _records("step", values), _records("epoch", values)


def _records(kind: str, values: dict[str, Any]) -> Records:
    columns = values[f"{kind}s"]
    rows = zip(*columns.values(), strict=True)
    return [{"kind": kind, "time": float(at), **dict(zip(columns, row, strict=True))} for at, row in enumerate(rows)]
