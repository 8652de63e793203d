"""The small file through which a page steers a run that trains in another process: `control.json`.

Owns what may be asked, and the file. The worker reads it between two calls of several steps.
"""

import enum
from dataclasses import dataclass
from pathlib import Path

from core.config import TrainingConfig
from core.files import read_json_object, write_json
from core.run import CONTROL


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
    """

    command: Command = Command.RUN
    learning_rate: float | None = None


def read(folder: Path) -> Orders:
    """What the run in `folder` is asked; to run as configured where nothing, or nothing that makes sense, was said."""
    try:
        said = read_json_object(folder / CONTROL)
        rate = said.get("learning_rate")
        return Orders(Command(str(said.get("command"))), rate if isinstance(rate, float) and 0 < rate <= 10 else None)
    except (OSError, ValueError):
        return Orders()


def command(folder: Path, wanted: Command) -> None:
    """Asks the run in `folder` to stop, pause or go on. Once it was asked to stop, it stops."""
    orders = read(folder)
    if orders.command is not Command.STOP:
        _write(folder, Orders(wanted, orders.learning_rate))


def change_learning_rate(folder: Path, config: TrainingConfig, rate: float) -> None:
    """Asks the run in `folder`, which trains as `config` says, to go on with another learning rate.

    Raises:
        ConfigError: the rate is not allowed.
    """
    allowed = config.with_text({"learning_rate": repr(rate)}).learning_rate
    _write(folder, Orders(read(folder).command, allowed))


def forget(folder: Path) -> None:
    """Takes back what was asked, but for the learning rate: the run begins again."""
    _write(folder, Orders(Command.RUN, read(folder).learning_rate))


def _write(folder: Path, orders: Orders) -> None:
    write_json(folder / CONTROL, {"command": orders.command, "learning_rate": orders.learning_rate})
