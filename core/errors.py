"""The one tree of exceptions that Digit Studio raises on purpose.

StudioError
├── ConfigError          a training setting is unknown or out of its range
├── DataError            a data file (MNIST, an own set) is missing, damaged or of the wrong form
├── PictureError         bytes that are not a picture we can read; `code` says which kind
├── RunError             something about one run
│   ├── RunNotFoundError     no run of that name
│   ├── AmbiguousRunError    a prefix that several runs share
│   ├── RunDamagedError      the run's folder is incomplete or was edited
│   └── RunStateError        the run is not in a state that allows this
├── TrainingError        a training that started and could not finish
├── ExportError          a finished run that could not be brought into another format
├── ModelFileError       a model file from outside that is refused
├── ReadOnlyError        the studio keeps and changes nothing
├── DiskLimitError       runs would take more of the disk than they may
├── StoryError           a story that cannot be told as it is: unknown, damaged, or with something impossible in it
└── SandboxError         a process for one piece of work refused it or was ended; `log` has its last lines

Every message names the offending value, the rule it breaks and the way out; it is fit to be shown to a visitor as
plain text.
"""


class StudioError(Exception):
    """Base of every exception that Digit Studio raises on purpose."""


class ConfigError(StudioError):
    """A training setting is unknown, of the wrong type or out of its range."""


class DataError(StudioError):
    """A data file is missing, damaged or not of the form that was asked for."""


class PictureError(StudioError):
    """Bytes that cannot be read as one picture.

    Attributes:
        code: `"empty"`, `"not_an_image"` (wrong type), `"damaged"` (truncated or broken) or `"too_large"`.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class RunError(StudioError):
    """Something is wrong with one run."""


class RunNotFoundError(RunError):
    """No run goes by that id, preset or prefix."""


class AmbiguousRunError(RunError):
    """Several runs share that prefix."""


class RunDamagedError(RunError):
    """The run's folder is incomplete, unreadable or was edited into something impossible."""


class RunStateError(RunError):
    """The run is not in a state that allows what was asked (resume a finished run, stop a run that never started)."""


class TrainingError(StudioError):
    """A training started and could not finish."""


class ExportError(StudioError):
    """A finished run could not be brought into another format."""


class ModelFileError(StudioError):
    """A model file from outside is refused: damaged, unsafe, too large, or no digit network."""


class StoryError(StudioError):
    """A story is unknown, damaged, or says something that cannot be shown."""


class ReadOnlyError(StudioError):
    """The studio was started to be looked at and drawn in: nothing is kept, trained or changed."""


class DiskLimitError(StudioError):
    """What is to be made would take runs over the room that they may have on the disk."""


class SandboxError(StudioError):
    """A process for one piece of work refused it, ran into a limit, or failed without a word fit for a visitor.

    Attributes:
        log: the last lines that it wrote, for whoever runs the server.
    """

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log
