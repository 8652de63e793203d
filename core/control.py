"""The small file through which a page steers a run that trains or waits in another process: `control.json`.

Owns what may be asked, and the file. The worker reads it between two calls of several steps, and while it waits.
Whoever writes holds the lock of `jobs`: each change is read, changed and written back.
"""

import enum
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.config import TrainingConfig
from core.files import read_json_object, write_json
from core.run import CONTROL
from core.status import MOST


class Command(enum.StrEnum):
    """What a run that trains is asked to do."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Orders:
    """What stands in `control.json`.

    Attributes:
        learning_rate: the schedule's highest value from now on; None leaves it as it was configured.
        place: where the run stands in the queue (see `turns`), as a Unix time in seconds; None is when it was queued.
    """

    command: Command = Command.RUN
    learning_rate: float | None = None
    place: float | None = None


def read(folder: Path) -> Orders:
    """What the run in `folder` is asked; to run as configured where nothing, or nothing that makes sense, was said."""
    try:
        said = read_json_object(folder / CONTROL)
        wanted = Command(str(said.get("command")))
    except (OSError, ValueError):
        return Orders()
    return Orders(wanted, _between(said.get("learning_rate"), 0, 10), _between(said.get("place"), -MOST, MOST))


def command(folder: Path, wanted: Command) -> None:
    """Asks the run in `folder` to stop, pause or go on. Once it was asked to stop, it stops."""
    if read(folder).command is not Command.STOP:
        _change(folder, command=wanted)


def change_learning_rate(folder: Path, config: TrainingConfig, rate: float) -> None:
    """Asks the run in `folder`, which trains as `config` says, to go on with another learning rate.

    Raises:
        ConfigError: the rate is not allowed.
    """
    _change(folder, learning_rate=config.with_text({"learning_rate": repr(rate)}).learning_rate)


def put(folder: Path, place: float) -> None:
    """Gives the run in `folder` another place in the queue."""
    _change(folder, place=place)


def forget(folder: Path) -> None:
    """Takes back what was asked, but for the learning rate: the run begins again, at the end of the queue."""
    _change(folder, command=Command.RUN, place=None)


def _change(folder: Path, **changes: Any) -> None:
    write_json(folder / CONTROL, asdict(replace(read(folder), **changes)))


def _between(value: Any, low: float, high: float) -> float | None:
    """`value` if it is a number above `low` and not above `high`."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and low < value <= high
    return float(value) if known else None
