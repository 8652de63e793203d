"""Whether there is room for one more run, where runs may take only so much of the disk.

Owns what a training or an import takes at its height, and the lock that keeps two from being given the same room. What
runs take now is `disk`'s business.
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import filelock

from core.architecture import count_parameters
from core.config import TrainingConfig

if TYPE_CHECKING:  # a store asks here before it makes a run
    from core.runs import RunStore

_WEIGHT: Final = 4  # bytes of a parameter
# Of each parameter at the height of a training: the best weights while they are replaced (2), two checkpoints with an
# optimiser's two moments and an average (2 x 4), and at the end the model in two forms (2).
_COPIES: Final = 12
_IMPORT_COPIES: Final = 3  # the upload, the model in two forms
_REST: Final = 4_000_000  # probabilities of all validation and test images, figures, the log


def training_peak(config: TrainingConfig) -> int:
    """About how many bytes a run of these settings takes at its height; finished, it takes a third of that or less."""
    return _COPIES * _WEIGHT * count_parameters(config) + _REST


def import_peak(parameters: int) -> int:
    """About how many bytes an import of a network with so many parameters takes at its height."""
    return _IMPORT_COPIES * _WEIGHT * parameters + _REST


@contextlib.contextmanager
def reserving(store: "RunStore", needed: int, *, going_on: str = "") -> Iterator[None]:
    """Held while a folder of about `needed` bytes is begun; no lock where runs may take what they like.

    Args:
        going_on: a run that is there already and needs this much altogether.

    Raises:
        DiskLimitError: there is no such room, counting what runs under way or waiting will still take.
    """
    if store.home.runs_limit is None:
        yield
        return
    with filelock.FileLock(store.home.begin_lock):
        usage = store.disk.usage()
        others = (run for run in store.runs() if not run.status.state.ended and run.run_id != going_on)
        pledged = sum(max(0, training_peak(run.config) - usage.runs.get(run.run_id, 0)) for run in others)
        usage.check_room(max(0, needed - usage.runs.get(going_on, 0)), pledged)
        yield
