"""One run folder: its files, what they say, and which of them can be believed.

Owns the names and the meaning of a run folder's files (section *Where things are kept* of the README). Which runs there
are is `runs`' business, who trains one `jobs`', and what is written while it trains `worker`'s.
"""

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeGuard

from numpy.typing import NDArray

from core.architecture import CLASSES, Layer, layers, layers_from_json
from core.config import PRESETS, TrainingConfig
from core.errors import ConfigError, RunDamagedError, RunNotFoundError, RunStateError
from core.files import read_arrays, read_json_object
from core.lesson import Taught
from core.metrics import METRICS, history_of, is_number
from core.notes import FILE as NOTES
from core.notes import NOTHING, Notes
from core.status import FILE as STATUS
from core.status import MOST, RunState, RunStatus

CONFIG: Final = "config.json"
KERAS_MODEL: Final = "model.keras"
ONNX_MODEL: Final = "model.onnx"
PREDICTIONS: Final = "predictions.npz"
EVALUATION: Final = "evaluation.json"
ENVIRONMENT: Final = "environment.json"
CONTROL: Final = "control.json"
INITIAL_MODEL: Final = "initial.keras"  # what a run that continues another one starts from; goes when the run is done
LOG: Final = "worker.log"
MAX_NAME_LENGTH: Final = 80
RUN_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Origin:
    """The run whose weights another one began with; it may be gone.

    Attributes:
        name: what it was called then; text from outside.
    """

    run_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run folder, as it was when it was read.

    Attributes:
        name: what people call it; text from outside, to be shown as text only.
        preset: the preset it began with, if any.
        shipped: whether it is one of the committed models, which are never changed.
        notes: what people said about it later; text from outside as well.
        imported: the layers of a network that came as a file; None for one that was trained here. The settings of such
            a run say nothing about its network or its training, only which images validated it.
        continued_from: where its first weights come from; None for random ones.
        taught: with which digits of a visitor's own it was trained besides; None for none.
    """

    run_id: str
    name: str
    path: Path
    config: TrainingConfig
    preset: str | None
    created_at: float
    status: RunStatus
    shipped: bool
    notes: Notes = NOTHING
    imported: tuple[Layer, ...] | None = field(default=None, hash=False)
    continued_from: Origin | None = None
    taught: Taught | None = None

    @property
    def layers(self) -> list[Layer]:
        """The network's layers after the input."""
        return layers(self.config) if self.imported is None else list(self.imported)

    @property
    def has_model(self) -> bool:
        """Whether the run is finished and can predict."""
        return self.status.state is RunState.FINISHED and (self.path / ONNX_MODEL).is_file()

    def evaluation(self) -> dict[str, Any] | None:
        """The content of `evaluation.json`; None while there is none. What it says of a split is whole.

        Raises:
            RunDamagedError: the file is no JSON object, or a split's figures are not what `summarise` writes.
        """
        try:
            values = read_json_object(self.path / EVALUATION)
            for split in ("validation", "test"):
                _check_summary(split, values.get(split))
            return values
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunDamagedError(f"{self.run_id}: {EVALUATION} cannot be read: {error}.") from error

    def steps(self) -> list[dict[str, Any]]:
        """The step records of `metrics.jsonl`, in order."""
        return history_of(self.path / METRICS).steps()

    def epochs(self) -> list[dict[str, Any]]:
        """The epoch records of `metrics.jsonl`, in order."""
        return history_of(self.path / METRICS).epochs()

    def predictions(self) -> dict[str, NDArray] | None:
        """The arrays of `predictions.npz`: `validation` and `test` probabilities (n, 10) float32, temperature not
        applied, and `validation_indices` into the training split; None while there are none.

        Raises:
            RunDamagedError: the file is damaged.
        """
        try:
            arrays = read_arrays(self.path / PREDICTIONS, ("validation", "test", "validation_indices"))
            _check_predictions(**arrays)
            return arrays
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunDamagedError(f"{self.run_id}: {PREDICTIONS} cannot be read: {error}.") from error


def _check_summary(split: str, summary: Any) -> None:
    """Raises ValueError unless `summary` is absent or what `evaluation.summarise` makes."""
    if summary is None:
        return
    if not isinstance(summary, dict):
        raise ValueError(f"{split} is no object")
    for name in ("n", "correct", "accuracy", "accuracy_low", "accuracy_high", "loss", "ece"):
        if not is_number(summary.get(name)):
            raise ValueError(f"{name} of {split} is no number")
    matrix = summary.get("confusion_matrix")
    if not (_is_row(matrix) and all(_is_row(row) and all(is_number(count) for count in row) for row in matrix)):
        raise ValueError(f"confusion_matrix of {split} is not 10 x 10")


def _is_row(values: Any) -> TypeGuard[list[Any]]:
    return isinstance(values, list) and len(values) == CLASSES


def _check_predictions(validation: NDArray, test: NDArray, validation_indices: NDArray) -> None:
    """Raises ValueError unless the arrays have the forms that `Run.predictions` states."""
    for array in (validation, test):
        if array.dtype.kind != "f" or array.shape[1:] != (CLASSES,):
            raise ValueError(f"probabilities are {array.dtype} {array.shape}, not float (n, {CLASSES})")
    if validation_indices.dtype.kind not in "iu" or validation_indices.shape != (len(validation),):
        raise ValueError("the validation indices do not belong to the validation probabilities")


@dataclass(frozen=True, slots=True)
class DamagedRun:
    """A run folder that cannot be read, with the reason."""

    run_id: str
    path: Path
    reason: str


def require_model(run: Run) -> None:
    """Raises RunStateError unless the run can predict."""
    if not run.has_model:
        raise RunStateError(f"{run.run_id} is {run.status.state}: it has no finished model to predict with.")


Stamp = tuple[tuple[int, ...], ...]


def stamp_of(path: Path, names: Iterable[str] = (CONFIG, STATUS, NOTES)) -> Stamp:
    """Changes when one of these files changes, by default those that `read_run` reads; () is a missing one."""
    return tuple([_file_stamp(f"{path}/{name}") for name in names])


def _file_stamp(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)  # a thousand runs have their stamps compared at every redraw: no Path is made for it
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def read_run(path: Path, *, shipped: bool) -> Run:
    """The run in a folder.

    Raises:
        RunNotFoundError: there is no such folder.
        RunDamagedError: a file that every run has is missing or unreadable.
    """
    try:
        values = read_json_object(path / CONFIG)
        config = TrainingConfig.from_dict(values["settings"])
        name, preset, created_at = values["name"], values.get("preset"), values["created_at"]
        imported = layers_from_json(values["network"]) if values.get("imported") is True else None
        origin, taught = _origin(values.get("continued_from")), Taught.from_json(values.get("taught"))
        if not isinstance(name, str) or len(name) > MAX_NAME_LENGTH:
            raise ValueError("the name is no text, or too long")
        if not is_number(created_at) or not 0 <= created_at <= MOST:
            raise ValueError(f"created_at is {created_at!r}")
    except FileNotFoundError:
        if not path.is_dir():
            raise RunNotFoundError(f"there is no run {path.name!r}.") from None
        raise RunDamagedError(f"{path.name}: {CONFIG} is missing.") from None
    except (OSError, ValueError, KeyError, TypeError, ConfigError) as error:
        raise RunDamagedError(f"{path.name}: {CONFIG} cannot be read: {error}.") from error
    try:
        status = RunStatus.read(path)
    except RunDamagedError as error:
        raise RunDamagedError(f"{path.name}: {error}") from error
    preset = preset if isinstance(preset, str) and preset in PRESETS else None
    notes = NOTHING if shipped else Notes.read(path)
    if 0 < len(notes.name) <= MAX_NAME_LENGTH:
        name = notes.name
    return Run(path.name, name, path, config, preset, created_at, status, shipped, notes, imported, origin, taught)


def _origin(said: Any) -> Origin | None:
    """What `config.json` says about the run that was continued; ValueError where that is neither nothing nor a run."""
    if said is None:
        return None
    run_id, name = said["run_id"], said["name"]
    if not all(isinstance(text, str) and len(text) <= MAX_NAME_LENGTH for text in (run_id, name)):
        raise ValueError("continued_from names no run")
    return Origin(run_id, name)


def check_name(name: str) -> str:
    """A run's name without surrounding blanks.

    Raises:
        ConfigError: it is longer than 80 characters or holds control characters.
    """
    name = name.strip()
    if len(name) > MAX_NAME_LENGTH:
        raise ConfigError(f"a name may have {MAX_NAME_LENGTH} characters; this one has {len(name):,}.")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise ConfigError("a name may not hold line breaks or control characters.")
    return name
