"""What a model is for, how good it is and on what, where it fails and how it was made: `read_card(run)`.

Owns `card.json` of a shipped run folder, which holds what was measured beside MNIST's test split: accuracy on other
people's handwriting, under corruptions, and with other seeds. A run without that file has a card too, of its own
figures alone. Measuring is `tools/model_cards.py`'s business.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from numpy.typing import ArrayLike

from core.config import DISTORTIONS, PRESET_PURPOSE
from core.errors import RunDamagedError
from core.evaluation import Share, confused_pairs
from core.files import read_json_object, write_json
from core.run import Run

FILE: Final = "card.json"

Confusion = tuple[int, int, int]  # true digit, digit read, how often


@dataclass(frozen=True, slots=True)
class SetFigures:
    """How a model read one set of digits.

    Attributes:
        name: of the set.
        about: what it is, in one sentence.
        share: the right answers, of all.
        confused: what it confused most.
    """

    name: str
    about: str
    share: Share
    confused: tuple[Confusion, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedFigures:
    """One training of the same settings with another seed."""

    seed: int
    test: Share
    validation: Share
    train_seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What `card.json` holds.

    Attributes:
        run_id: of the training whose model was measured, so that a card cannot outlive its model.
        sets: accuracy by set, MNIST's test split left out.
        seeds: every training of these settings, the shipped one among them.
    """

    run_id: str
    date: str
    sets: tuple[SetFigures, ...]
    seeds: tuple[SeedFigures, ...]

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        """Raises ValueError, KeyError or TypeError for what is no card."""
        sets = tuple(
            SetFigures(
                str(each["name"]),
                str(each["about"]),
                _share(each["share"]),
                tuple((int(true), int(read), int(count)) for true, read, count in each["confused"]),
            )
            for each in said["sets"]
        )
        seeds = tuple(
            SeedFigures(
                int(each["seed"]), _share(each["test"]), _share(each["validation"]), float(each["train_seconds"])
            )
            for each in said["seeds"]
        )
        return cls(str(said["run_id"]), str(said["date"]), sets, seeds)

    def write(self, folder: Path) -> None:
        """Writes the file. Raises OSError."""
        write_json(folder / FILE, asdict(self))


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model's card.

    Attributes:
        name: what people call it; text from outside.
        purpose: what it is for, in one sentence.
        parameters: of the network.
        test: the right answers on MNIST's test split.
        confused: what it confuses most there.
        made: how it was made: what and how, one line each.
        measured: what was measured besides; None for a run that nothing else was measured of.
    """

    name: str
    purpose: str
    parameters: int
    test: Share
    confused: tuple[Confusion, ...]
    made: tuple[tuple[str, str], ...]
    measured: Measured | None

    @property
    def sets(self) -> tuple[SetFigures, ...]:
        """Accuracy by set, MNIST's test split first."""
        own = SetFigures(
            "MNIST test", "The 10,000 images that the studio makes no choice on.", self.test, self.confused
        )
        return (own, *(self.measured.sets if self.measured else ()))

    @property
    def weakest(self) -> tuple[SetFigures, ...]:
        """The three sets with the lowest accuracy, the lowest first."""
        return tuple(sorted(self.sets, key=lambda each: each.share.value or 0.0)[:3])

    @property
    def mean_of_seeds(self) -> Share | None:
        """The test images that all seeds together read rightly; None for less than two seeds."""
        seeds = self.measured.seeds if self.measured else ()
        if len(seeds) < 2:
            return None
        return Share(sum(each.test.count for each in seeds), sum(each.test.n for each in seeds))


def read_card(run: Run) -> ModelCard | None:
    """The card of a run; None while it has no evaluation.

    Raises:
        RunDamagedError: its evaluation or its card cannot be read.
    """
    evaluation = run.evaluation()
    if evaluation is None or "test" not in evaluation:
        return None
    test = evaluation["test"]
    return ModelCard(
        run.name,
        _purpose(run),
        int(evaluation["parameters"]),
        Share(int(test["correct"]), int(test["n"])),
        most_confused(test["confusion_matrix"]),
        _made(run, evaluation),
        _measured(run, evaluation),
    )


def most_confused(matrix: ArrayLike) -> tuple[Confusion, ...]:
    """The three pairs of digits that a confusion matrix holds most of."""
    return tuple((pair.true, pair.pred, pair.count) for pair in confused_pairs(matrix)[:3])


def _purpose(run: Run) -> str:
    if run.imported is not None:
        return "Imported from a file."
    return PRESET_PURPOSE[run.preset] if run.preset else "Trained in this studio."


def _made(run: Run, evaluation: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """How the model came to be, as pairs of what and how."""
    if run.imported is not None:
        return (("Origin", "Imported from a file; how it was trained is not known here."),)
    config = run.config
    varied = [name for name in DISTORTIONS if getattr(config, name)]
    drawn = f", {config.pen_styles:.0%} of each batch drawn by code" if config.pen_styles else ""
    seconds = evaluation.get("train_seconds")
    return (
        ("Data", f"MNIST, {config.training_images:,} images; {config.validation_size:,} held back for validation"),
        ("Augmentation", (", ".join(varied) or "none") + drawn),
        (
            "Training",
            f"{config.epochs} epochs in batches of {config.batch_size}, {config.optimizer}, {config.schedule}",
        ),
        ("Time", f"{seconds / 60:.1f} minutes in {evaluation.get('precision', 'float32')}" if seconds else "not known"),
        ("Seed", f"{config.seed}, fixed beforehand" if run.shipped else str(config.seed)),
        ("Date", datetime.fromtimestamp(run.created_at, UTC).strftime("%d %B %Y")),
    )


def _measured(run: Run, evaluation: dict[str, Any]) -> Measured | None:
    try:
        measured = Measured.from_json(read_json_object(run.path / FILE))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunDamagedError(f"{run.run_id}: {FILE} cannot be read: {error}.") from error
    return measured if measured.run_id == evaluation.get("run_id") else None


def _share(said: dict[str, Any]) -> Share:
    count, n = int(said["count"]), int(said["n"])
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    return Share(count, n)
