"""What a story is: a run, its screens in order with the presenter's notes, and examples chosen beforehand.

Owns the form of `story.json` and what may stand in it; everything in it but the ids comes from outside.
"""

import enum
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from core.errors import StoryError
from core.notes import check_note
from core.run import RUN_ID, check_name

STORY_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
MOST_PINS: Final = 12
MOST_NEXT: Final = 600  # characters of what comes next
MOST_REASON: Final = 160
TEST_IMAGES: Final = 10_000


class Kind(enum.StrEnum):
    """What a screen is about; the order is the one in which a story is told unless its presenter says otherwise."""

    TASK = "task"
    ACCURACY = "accuracy"
    LEARNING = "learning"
    CONFUSIONS = "confusions"
    MISTAKES = "mistakes"
    RELIANCE = "reliance"
    CHANGE = "change"
    LIVE = "live"
    NEXT = "next"


KINDS: Final[dict[Kind, str]] = {
    Kind.TASK: "The task",
    Kind.ACCURACY: "How good it is",
    Kind.LEARNING: "How it learned",
    Kind.CONFUSIONS: "Where it errs",
    Kind.MISTAKES: "What its mistakes look like",
    Kind.RELIANCE: "When to rely on it",
    Kind.CHANGE: "What changed",
    Kind.LIVE: "Try it live",
    Kind.NEXT: "What comes next",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen of a story.

    Attributes:
        note: what the presenter wants to say there; several lines, text from outside.
    """

    kind: Kind
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """A misread image that the presenter wants to show.

    Attributes:
        place: in the test split, 0 to 9,999.
        reason: why it was misread, in the presenter's words; text from outside, empty for the studio's own words.
    """

    place: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What a presenter chose.

    Attributes:
        name: what people call it; text from outside.
        run_id: the run that it is about.
        versus: the run that it is compared with; None for none, and then the screen on what changed stays away.
        screens: those shown, in order; no kind twice.
        pins: the misread images shown; none for the studio's choice.
        next_steps: what comes next, one line each; text from outside, empty for the studio's own words.
    """

    name: str
    run_id: str
    versus: str | None = None
    screens: tuple[Screen, ...] = tuple(Screen(kind) for kind in KINDS)
    pins: tuple[Pin, ...] = ()
    next_steps: str = ""

    def __post_init__(self) -> None:
        """Raises StoryError, or ConfigError of a text that is too long."""
        if not check_name(self.name):
            raise StoryError("a story needs a name, so that it can be found again.")
        for run_id in (self.run_id, *([] if self.versus is None else [self.versus])):
            if not RUN_ID.fullmatch(run_id):
                raise StoryError(f"{run_id[:40]!r} is no run id.")
        if self.versus == self.run_id:
            raise StoryError("a run cannot be compared with itself; choose another one, or none.")
        kinds = [screen.kind for screen in self.screens]
        if not kinds or len(set(kinds)) < len(kinds):
            raise StoryError("a story has at least one screen, and each of them once.")
        if not self.shown:
            raise StoryError("the screen on what changed is shown only with a run to compare with; show another, too.")
        if len(self.pins) > MOST_PINS or len({pin.place for pin in self.pins}) < len(self.pins):
            raise StoryError(f"up to {MOST_PINS} different images can be pinned; these are {len(self.pins)}.")
        if any(pin.place not in range(TEST_IMAGES) for pin in self.pins):
            raise StoryError(f"a pinned image is one of the test split, 0 to {TEST_IMAGES - 1:,}.")
        texts = [("what comes next", self.next_steps, MOST_NEXT)]
        texts += [("the reason of a pinned image", pin.reason, MOST_REASON) for pin in self.pins]
        for what, text, most in texts:
            if len(text) > most:
                raise StoryError(f"{what} may have {most} characters; this has {len(text):,}.")
        for text in (self.next_steps, *(pin.reason for pin in self.pins), *(screen.note for screen in self.screens)):
            check_note(text)

    @property
    def shown(self) -> tuple[Screen, ...]:
        """The screens that have something to show."""
        return tuple(screen for screen in self.screens if screen.kind is not Kind.CHANGE or self.versus is not None)

    def with_note(self, kind: Kind, note: str) -> Self:
        """The story with another note on one of its screens."""
        screens = tuple(replace(screen, note=note) if screen.kind is kind else screen for screen in self.screens)
        return replace(self, screens=screens)

    def to_json(self) -> dict[str, Any]:
        """What `story.json` holds."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        """Raises StudioError, ValueError, KeyError or TypeError for what is no story."""
        versus = said["versus"]
        return cls(
            str(said["name"]),
            str(said["run_id"]),
            None if versus is None else str(versus),
            tuple(Screen(Kind(each["kind"]), str(each["note"])) for each in said["screens"]),
            tuple(Pin(int(each["place"]), str(each["reason"])) for each in said["pins"]),
            str(said["next_steps"]),
        )


def plan_for(name: str, run_id: str, versus: str | None, kinds: Iterable[Kind] = KINDS) -> Story:
    """A story of these screens as the studio would tell it. Raises as `Story`."""
    return Story(name, run_id, versus, tuple(Screen(kind) for kind in kinds))
