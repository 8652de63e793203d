"""The small file through which a page steers a run that trains in another process: `control.json`.

Owns the commands and their file. The worker reads it between batches; whoever wrote last is obeyed.
"""

import enum
from pathlib import Path

from core.files import read_json_object, write_json
from core.run import CONTROL


class Command(enum.StrEnum):
    """What a run that trains is asked to do."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"


def send(folder: Path, command: Command) -> None:
    """Asks the run in `folder`."""
    write_json(folder / CONTROL, {"command": command})


def read(folder: Path) -> Command:
    """What the run in `folder` is asked; RUN where nothing, or nothing that can be read, was said."""
    try:
        return Command(str(read_json_object(folder / CONTROL).get("command")))
    except (OSError, ValueError):
        return Command.RUN
