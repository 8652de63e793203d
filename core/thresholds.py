"""The *I don't know* threshold that was chosen for a run, kept from one visit to the next.

Owns `thresholds/<run id>.json` in the studio's home: for shipped runs, whose folders stay as they are, and for own ones
alike. Which threshold to choose is `evaluation`'s, that answers below it abstain `inference`'s. Without a file a run
has the threshold that its `evaluation.json` brings along, as a rule none.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeGuard, get_args

from core.errors import ConfigError, StudioError
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.run import Run

Rule = Literal["accuracy", "coverage", "hand"]
MAX_SOURCE_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold and where it comes from.

    Attributes:
        value: below this confidence the answer is *I don't know*; in [0, 1], 0 answers everything.
        rule: whether an accuracy or a coverage was aimed at, or the value set by hand.
        target: the share aimed at, in (0, 1]; None by hand.
        source: the images it was chosen on: `validation`, or the id of the twin run whose validation it was.
    """

    value: float
    rule: Rule = "hand"
    target: float | None = None
    source: str = "validation"

    def __post_init__(self) -> None:
        if not _is_share(self.value):
            raise ConfigError(f"a threshold of {self.value!r} cannot be; it is a confidence from 0 to 1.")
        if self.rule not in get_args(Rule) or (self.target is None) != (self.rule == "hand"):
            raise ConfigError(f"a threshold by {self.rule!r} with the target {self.target!r} cannot be.")
        if self.target is not None and not (_is_share(self.target) and self.target > 0):
            raise ConfigError(f"a target of {self.target!r} cannot be; it is a share above 0 and up to 1.")
        if not isinstance(self.source, str) or len(self.source) > MAX_SOURCE_LENGTH:
            raise ConfigError("the source of a threshold is `validation` or the id of a run.")


def keep_threshold(home: StudioHome, run: Run, threshold: Threshold | None) -> None:
    """Lets the run abstain below this threshold from now on, everywhere; None takes the kept one away.

    Raises:
        RunDamagedError: the run's evaluation cannot be read.
        ReadOnlyError: nothing may be kept.
        StudioError: the threshold cannot be written.
    """
    home.check_writable("kept")
    path = _path(home, run.run_id)
    try:
        if threshold is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, asdict(threshold) | {"temperature": _temperature(run.evaluation())})
    except OSError as error:
        raise StudioError(f"the threshold of {run.run_id} cannot be kept: {error.strerror}.") from error


def read_threshold(home: StudioHome, run: Run) -> Threshold | None:
    """The threshold that was kept for the run; None when there is none, or none that can be used.

    Raises:
        RunDamagedError: the run's evaluation cannot be read.
    """
    return kept_threshold(home, run.run_id, _temperature(run.evaluation()))


def kept_threshold(home: StudioHome, run_id: str, temperature: float) -> Threshold | None:
    """As `read_threshold`, for someone who knows the run's temperature already: one small file is read.

    A file that was cut or edited into something else counts as none. So does one that was kept for another temperature:
    it belongs to other weights, those of a shipped model before it was replaced.
    """
    try:
        values = read_json_object(_path(home, run_id))
        if values.pop("temperature", None) != temperature:
            return None
        return Threshold(**values)
    except (OSError, ValueError, TypeError, ConfigError):
        return None


def threshold_of(home: StudioHome, run: Run) -> float | None:
    """Below which confidence the run's answers abstain: as kept here, else as the run brings along; None is never.

    Raises:
        RunDamagedError: the run's evaluation cannot be read.
    """
    evaluation = run.evaluation() or {}
    kept = kept_threshold(home, run.run_id, _temperature(evaluation))
    brought = evaluation.get("threshold")
    return kept.value if kept is not None else brought if _is_share(brought) else None


def _path(home: StudioHome, run_id: str) -> Path:
    return home.thresholds / f"{run_id}.json"


def _temperature(evaluation: dict[str, Any] | None) -> float:
    found = (evaluation or {}).get("temperature", 1.0)
    return float(found) if isinstance(found, int | float) else 1.0


def _is_share(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
