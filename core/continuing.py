"""Training that goes on where a finished run ended: a new run from the other one's weights, with a fresh optimiser.

Owns which runs can be continued, with which settings, and what the new run is called. Its folder is made by `runs`, its
weights are taken up by `training`.
"""

import re
from dataclasses import replace
from typing import Final

from core.config import TrainingConfig
from core.errors import RunDamagedError, RunStateError
from core.run import KERAS_MODEL, MAX_NAME_LENGTH, Run

_CONTINUED: Final = re.compile(r"(?P<name>.*), continued(?: (?P<times>[1-9][0-9]{0,3}))?", re.DOTALL)


def reason_against(run: Run) -> str:
    """Why a run cannot be continued, as a sentence; empty when it can."""
    if run.imported is not None:
        return f"{run.run_id} was imported: nothing says how its network was trained, so it cannot be continued."
    if not run.has_model:
        return f"{run.run_id} is {run.status.state}: only a finished run can be continued."
    return ""


def continued(parent: Run, *, epochs: int, learning_rate: float) -> TrainingConfig:
    """The settings of the run that continues `parent`: its own, but for these two.

    The seed and the held-back images stay, since `parent` was trained on all others.

    Args:
        epochs: of the new run alone.

    Raises:
        RunStateError: it cannot be continued.
        RunDamagedError: its weights are gone.
        ConfigError: a value is not allowed.
    """
    if reason := reason_against(parent):
        raise RunStateError(reason)
    if not (parent.path / KERAS_MODEL).is_file():
        raise RunDamagedError(f"{parent.run_id}: {KERAS_MODEL} is missing.")
    return replace(parent.config, epochs=epochs, learning_rate=learning_rate)


def name_after(name: str) -> str:
    """What the run is called that continues one of that name: `A, continued`, and after that `A, continued 2`."""
    before = _CONTINUED.fullmatch(name)
    base = before["name"] if before else name
    suffix = f", continued {int(before['times'] or 1) + 1}" if before else ", continued"
    room = MAX_NAME_LENGTH - len(suffix)
    return (base if len(base) <= room else base[: room - 1] + "…") + suffix
