"""Where things live: the shipped files beside the code, and the one folder that everything written goes to.

Owns paths and nothing else. Paths are handed on from here as values; no other module reads the environment for them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import StudioError

SHIPPED = Path(__file__).resolve().parent.parent / "artifacts"
NOVELTY = SHIPPED / "novelty.npz"  # what tells letters and scribbles from digits
WHOLENESS = SHIPPED / "wholeness.onnx"  # what tells one whole digit from parts and from digits that touch
HOME_VARIABLE = "DIGIT_STUDIO_HOME"


@dataclass(frozen=True, slots=True)
class StudioHome:
    """The two roots of the studio's files.

    Attributes:
        root: the folder that is written to (runs, the active model); unknown files in it are ignored.
        shipped: the folder of the committed files (`mnist.npz`, `novelty.npz`, `wholeness.onnx`, `pretrained/`); never
            written to.
    """

    root: Path
    shipped: Path = SHIPPED

    @classmethod
    def from_environment(cls) -> "StudioHome":
        """The home that `DIGIT_STUDIO_HOME` names, or `artifacts/` beside the code. Made when absent.

        Raises:
            StudioError: it cannot be made.
        """
        named = os.environ.get(HOME_VARIABLE, "").strip()
        home = cls(root=Path(named).expanduser().resolve() if named else SHIPPED)
        try:
            home.runs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudioError(f"{HOME_VARIABLE}: {home.root} cannot be used: {error.strerror}.") from error
        return home

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
    def training_lock(self) -> Path:
        """Held by the one worker that is training."""
        return self.root / "runs" / ".training.lock"

    @property
    def resume_lock(self) -> Path:
        """Held while a run is steered, moved in the queue or back into it, deleted or noted."""
        return self.root / "runs" / ".resume.lock"

    @property
    def training_images(self) -> Path:
        """MNIST's training images unpacked; a cache, made again when it is gone."""
        return self.root / "caches" / "x_train.npy"

    @property
    def neighbours(self) -> Path:
        """What is known of training images that look alike; a cache, made again when it is gone."""
        return self.root / "caches" / "neighbours"

    @property
    def robustness(self) -> Path:
        """What runs read in corrupted digits, one file per run and split; a cache, made again when it is gone."""
        return self.root / "caches" / "robustness"
