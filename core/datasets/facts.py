"""What is known of one data set: where it came from, how its pictures became images, and what they are.

Owns the content of `dataset.json`, and the sentences that figures about a set have to be read with. The arrays beside
it are `dataset`'s.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from core.architecture import CLASSES
from core.datasets.blocks import Form, Skipped
from core.datasets.limits import MAX_IMAGES
from core.datasets.proposal import Plan
from core.run import MAX_NAME_LENGTH

_UNBALANCED: Final = 0.5  # a digit with this share of the images is said to outweigh the others


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a set and how it came about; the content of `dataset.json`.

    Attributes:
        name: what people call it; text from outside, like every other text here.
        form: what was given.
        files: the names and bytes of what was given, the first hundred.
        plan: how the pictures became images.
        count: the images.
        supports: the images of each digit; None without labels.
        warnings: how often the preprocessing path gave each of its warnings.
        skipped: the first thousand pictures that are not in the set, with the reason.
        skipped_count: all of them.
        ignored: files that were no pictures.
        in_training: images that are in MNIST's training split, on which the shipped models and most others were
            trained; None where that is not known.
        in_test: those in MNIST's test split.
        remarks: sentences on how the files were understood.
        created_at: Unix time in seconds.
    """

    name: str
    form: Form
    files: tuple[tuple[str, int], ...]
    plan: Plan
    count: int
    supports: tuple[int, ...] | None
    warnings: Mapping[str, int]
    skipped: tuple[Skipped, ...]
    skipped_count: int
    ignored: int
    in_training: int | None
    in_test: int | None
    remarks: tuple[str, ...]
    created_at: float

    @property
    def missing_classes(self) -> tuple[int, ...]:
        """The digits without an image; empty for a set without labels."""
        return tuple(digit for digit, support in enumerate(self.supports or ()) if not support)

    def to_json(self) -> dict[str, Any]:
        """As `dataset.json` holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Facts":
        """The facts in `dataset.json`.

        Raises:
            KeyError, TypeError, ValueError: it was cut or edited into something else.
        """
        supports = values["supports"]
        plan = values["plan"]
        if plan["preprocess"] not in ("none", "full"):
            raise ValueError(f"it was preprocessed as {plan['preprocess']!r}")
        facts = cls(
            name=as_stored(values["name"])[:MAX_NAME_LENGTH],
            form=Form(values["form"]),
            files=tuple((as_stored(name), _count(size)) for name, size in values["files"]),
            plan=Plan(plan["preprocess"], plan["inverted"] is True, as_stored(plan["reason"])),
            count=_count(values["count"]),
            supports=None if supports is None else tuple(_count(value) for value in supports),
            warnings={as_stored(name): _count(value) for name, value in values["warnings"].items()},
            skipped=tuple(Skipped(as_stored(each["name"]), as_stored(each["reason"])) for each in values["skipped"]),
            skipped_count=_count(values["skipped_count"]),
            ignored=_count(values["ignored"]),
            in_training=_or_none(values["in_training"]),
            in_test=_or_none(values["in_test"]),
            remarks=tuple(as_stored(each) for each in values["remarks"]),
            created_at=float(values["created_at"]),
        )
        if not 0 < facts.count <= MAX_IMAGES or not 0 <= facts.created_at < 1e11:
            raise ValueError(f"count is {facts.count}, created_at {facts.created_at}")
        if facts.supports is not None and (len(facts.supports) != CLASSES or sum(facts.supports) != facts.count):
            raise ValueError("the images of the ten digits do not add up")
        return facts


def remarks(facts: Facts) -> tuple[str, ...]:
    """What to bear in mind with figures about this set, as sentences; empty when there is nothing."""
    found = []
    if facts.in_training:
        found.append(
            f"{facts.in_training:,} of the {facts.count:,} images are in MNIST's training split: networks that were "
            "trained on them know them, so their accuracy here says little about new digits."
        )
    if facts.in_test:
        found.append(f"{facts.in_test:,} of the {facts.count:,} images are in MNIST's test split.")
    if facts.missing_classes:
        digits = ", ".join(str(digit) for digit in facts.missing_classes)
        found.append(f"It has no images of {digits}; figures for these digits mean nothing.")
    if facts.supports is not None and max(facts.supports) > _UNBALANCED * facts.count and facts.count > 1:
        digit = facts.supports.index(max(facts.supports))
        share = facts.supports[digit] / facts.count
        found.append(f"It is unbalanced: {share:.0%} of the images are a {digit}, and the accuracy is mostly theirs.")
    if facts.skipped_count:
        found.append(f"{facts.skipped_count:,} of the pictures could not be used and are not in it.")
    return tuple(found)


def as_stored(value: Any) -> str:
    """A text that was read; ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _or_none(value: Any) -> int | None:
    return None if value is None else _count(value)
