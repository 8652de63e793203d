"""One run folder: its files, what they say, and which of them can be believed.

Owns the names and the meaning of a run folder's files (section *Where things are kept* of the README). Which runs there
are is `runs`' business, who trains one `jobs`', and what is written while it trains `worker`'s.
"""

import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.config import PRESETS, TrainingConfig
from core.errors import ConfigError, RunDamagedError, RunNotFoundError
from core.files import read_json_lines, read_json_object
from core.status import FILE as STATUS
from core.status import RunState, RunStatus

CONFIG: Final = "config.json"
METRICS: Final = "metrics.jsonl"
KERAS_MODEL: Final = "model.keras"
ONNX_MODEL: Final = "model.onnx"
PREDICTIONS: Final = "predictions.npz"
EVALUATION: Final = "evaluation.json"
ENVIRONMENT: Final = "environment.json"
CONTROL: Final = "control.json"
LOG: Final = "worker.log"
MAX_NAME_LENGTH: Final = 80
RUN_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Run:
    """One run folder, as it was when it was read.

    Attributes:
        name: what its maker called it; text from outside, to be shown as text only.
        preset: the preset it began with, if any.
        shipped: whether it is one of the committed models, which are never changed.
    """

    run_id: str
    name: str
    path: Path
    config: TrainingConfig
    preset: str | None
    created_at: float
    status: RunStatus
    shipped: bool

    @property
    def has_model(self) -> bool:
        """Whether the run is finished and can predict."""
        return self.status.state is RunState.FINISHED and (self.path / ONNX_MODEL).is_file()

    def evaluation(self) -> dict[str, Any] | None:
        """The content of `evaluation.json`; None while there is none.

        Raises:
            RunDamagedError: the file is no JSON object.
        """
        try:
            return read_json_object(self.path / EVALUATION)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunDamagedError(f"{self.run_id}: {EVALUATION} cannot be read: {error}.") from error

    def steps(self) -> list[dict[str, Any]]:
        """The step records of `metrics.jsonl`, in order."""
        return self._records("step", ("step", "loss", "accuracy"))

    def epochs(self) -> list[dict[str, Any]]:
        """The epoch records of `metrics.jsonl`, in order."""
        return self._records("epoch", ("epoch", "loss", "accuracy"))

    def predictions(self) -> dict[str, NDArray] | None:
        """The arrays of `predictions.npz`: `validation` and `test` probabilities (n, 10) float32, temperature not
        applied, and `validation_indices` into the training split; None while there are none.

        Raises:
            RunDamagedError: the file is damaged.
        """
        try:
            with np.load(self.path / PREDICTIONS, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise RunDamagedError(f"{self.run_id}: {PREDICTIONS} cannot be read ({type(error).__name__}).") from error

    def _records(self, kind: str, numbers: tuple[str, ...]) -> list[dict[str, Any]]:
        records = read_json_lines(self.path / METRICS)
        return [
            record
            for record in records
            if record.get("kind") == kind and all(isinstance(record.get(name), (int, float)) for name in numbers)
        ]


@dataclass(frozen=True, slots=True)
class DamagedRun:
    """A run folder that cannot be read, with the reason."""

    run_id: str
    path: Path
    reason: str


Stamp = tuple[tuple[int, int], ...]


def stamp_of(path: Path) -> Stamp:
    """Changes when the files that `read_run` reads change; (0, 0) stands for one that is missing."""
    stamp = []
    for name in (CONFIG, STATUS):
        try:
            found = (path / name).stat()
            stamp.append((found.st_mtime_ns, found.st_ino))
        except OSError:
            stamp.append((0, 0))
    return tuple(stamp)


def read_run(path: Path, *, shipped: bool) -> Run:
    """The run in a folder.

    Raises:
        RunNotFoundError: there is no such folder.
        RunDamagedError: a file that every run has is missing or unreadable.
    """
    try:
        values = read_json_object(path / CONFIG)
        config = TrainingConfig.from_dict(values["settings"])
        name, preset, created_at = str(values["name"]), values.get("preset"), float(values["created_at"])
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
    preset = preset if preset in PRESETS else None
    return Run(path.name, name, path, config, preset, created_at, status, shipped)


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
