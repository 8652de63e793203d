"""Where things live, and whether they may be changed: the shipped files beside the code, and the one folder that
everything written goes to.

Owns paths, the two modes of a public studio (read-only, a limit on what runs take), and nothing else. They are handed
on from here as values; no other module reads the environment for them.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core import switches
from core.errors import ReadOnlyError, StudioError

SHIPPED = Path(__file__).resolve().parent.parent / "artifacts"
NOVELTY = SHIPPED / "novelty.npz"  # what tells letters and scribbles from digits
WHOLENESS = SHIPPED / "wholeness.onnx"  # what tells one whole digit from parts and from digits that touch
HOME_VARIABLE = "DIGIT_STUDIO_HOME"
READ_ONLY_VARIABLE = "DIGIT_STUDIO_READ_ONLY"
LIMIT_VARIABLE = "DIGIT_STUDIO_RUNS_LIMIT"


@dataclass(frozen=True, slots=True)
class StudioHome:
    """The two roots of the studio's files.

    Attributes:
        root: the folder that is written to (runs, the active model); unknown files in it are ignored.
        shipped: the folder of the committed files (`mnist.npz`, `novelty.npz`, `wholeness.onnx`, `pretrained/`); never
            written to.
        read_only: nothing may be kept or changed; every way to do so asks `check_writable` first. Caches, which make
            looking quicker and can be made again, are written all the same where the disk allows it.
        runs_limit: bytes that runs may take altogether, those in the trash included; None for as much as there is.
    """

    root: Path
    shipped: Path = SHIPPED
    read_only: bool = False
    runs_limit: int | None = None

    @classmethod
    def from_environment(cls) -> "StudioHome":
        """The home that `DIGIT_STUDIO_HOME` names, or `artifacts/` beside the code. Made when absent, unless read-only.

        Raises:
            ConfigError: one of the two modes is set to something that cannot be read.
            StudioError: the home cannot be made.
        """
        named = os.environ.get(HOME_VARIABLE, "").strip()
        home = cls(
            root=Path(named).expanduser().resolve() if named else SHIPPED,
            read_only=switches.is_on(READ_ONLY_VARIABLE, os.environ.get(READ_ONLY_VARIABLE, "")),
            runs_limit=switches.size(LIMIT_VARIABLE, os.environ.get(LIMIT_VARIABLE, "")),
        )
        if home.read_only:
            return home
        try:
            home.runs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudioError(f"{HOME_VARIABLE}: {home.root} cannot be used: {error.strerror}.") from error
        return home

    def check_writable(self, deed: str) -> None:
        """Lets a deed go on that keeps or changes something; the one place that read-only studios refuse it.

        Args:
            deed: what is refused, as it follows *nothing can be*: `trained`, `imported`.

        Raises:
            ReadOnlyError: this studio is read-only.
        """
        if self.read_only:
            raise ReadOnlyError(
                f"This studio is read-only, so nothing can be {deed}. Whoever runs it can start it without "
                f"{READ_ONLY_VARIABLE}."
            )

    @property
    def runs(self) -> Path:
        """One folder per run that a user made."""
        return self.root / "runs"

    @property
    def pretrained(self) -> Path:
        """One committed run folder per shipped preset."""
        return self.shipped / "pretrained"

    @property
    def mnist(self) -> Path:
        """The whole of MNIST in Keras' file format."""
        return self.shipped / "mnist.npz"

    @property
    def active_file(self) -> Path:
        """Names the run that predicts on the pages and in the API."""
        return self.root / "active.json"

    @property
    def thresholds(self) -> Path:
        """One file per run with the threshold that was chosen for it."""
        return self.root / "thresholds"

    @property
    def marks(self) -> Path:
        """One file per data set with what people said about its images."""
        return self.root / "marks"

    @property
    def datasets(self) -> Path:
        """One folder per data set that a user brought in."""
        return self.root / "datasets"

    @property
    def my_digits(self) -> Path:
        """One folder per visitor with the digits they labelled by hand."""
        return self.root / "my_digits"

    @property
    def stories(self) -> Path:
        """One folder per story that was saved for presenting, with frozen copies of its runs."""
        return self.root / "stories"

    @property
    def visitors(self) -> Path:
        """One empty file per visitor who closed the guidance of the first visit."""
        return self.root / "visitors"

    @property
    def training_lock(self) -> Path:
        """Held by the one worker that is training."""
        return self.root / "runs" / ".training.lock"

    @property
    def resume_lock(self) -> Path:
        """Held while a run is steered, moved in the queue or back into it, deleted or noted."""
        return self.root / "runs" / ".resume.lock"

    @property
    def begin_lock(self) -> Path:
        """Held while a run is begun, where runs may take only so much of the disk: room is not given twice."""
        return self.root / "runs" / ".begin.lock"

    @property
    def caches(self) -> Path:
        """What can be made again; in the system's temporary folder where the home cannot be written."""
        kept = self.root / "caches"
        there = next(path for path in (kept, *kept.parents) if os.path.exists(path))
        if not os.path.isdir(there) or os.access(there, os.W_OK | os.X_OK):
            return kept
        return _passing_caches(self.root) or kept

    @property
    def training_images(self) -> Path:
        """MNIST's training images unpacked; a cache, made again when it is gone."""
        return self.caches / "x_train.npy"

    @property
    def neighbours(self) -> Path:
        """What is known of training images that look alike; a cache, made again when it is gone."""
        return self.caches / "neighbours"

    @property
    def inside(self) -> Path:
        """What networks see in the test images, two files per run; a cache, made again when it is gone."""
        return self.caches / "inside"

    @property
    def robustness(self) -> Path:
        """What runs read in corrupted digits, one file per run and split; a cache, made again when it is gone."""
        return self.caches / "robustness"


def _passing_caches(root: Path) -> Path | None:
    """A folder for the caches of a home that cannot be written, the same for all processes of this user.

    None where somebody else has made a folder of that name, who could put into it what they like.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    name = hashlib.sha256(str(root).encode()).hexdigest()[:16]
    try:
        folder = Path(tempfile.gettempdir()) / f"digit-studio-{user}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(status.st_mode) and getattr(status, "st_uid", user) == user
    return folder if own else None
