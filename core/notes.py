"""What people say about a run: the name they gave it later, a note, and whether it is pinned.

Owns `notes.json` in a run folder. Training never touches it, so a run can be renamed while it trains. Who may change
it, and when, is `shelf`'s business.
"""

import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from core.errors import ConfigError
from core.files import read_json_object, write_json

FILE: Final = "notes.json"
MAX_NOTE_LENGTH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Notes:
    """The content of `notes.json`.

    Attributes:
        name: takes the place of the name in `config.json`; empty leaves that.
        note: several lines of plain text.
        pinned: whether the run is listed before the others.
    """

    name: str = ""
    note: str = ""
    pinned: bool = False

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What the file says. A file that is missing, or was cut or edited into something else, says nothing: the run
        itself is whole without it."""
        try:
            values = read_json_object(folder / FILE)
        except (OSError, ValueError):
            return cls()
        name, note = values.get("name"), values.get("note")
        return cls(
            name=name if isinstance(name, str) else "",
            note=note if isinstance(note, str) and len(note) <= MAX_NOTE_LENGTH else "",
            pinned=values.get("pinned") is True,
        )

    def write(self, folder: Path) -> None:
        """Replaces the file. Raises OSError."""
        write_json(folder / FILE, asdict(self))


NOTHING: Final = Notes()


def check_note(note: str) -> str:
    """A note without surrounding blanks, its line ends as newlines.

    Raises:
        ConfigError: it is longer than 2,000 characters or holds control characters.
    """
    note = note.replace("\r\n", "\n").strip()
    if len(note) > MAX_NOTE_LENGTH:
        raise ConfigError(f"a note may have {MAX_NOTE_LENGTH:,} characters; this one has {len(note):,}.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in note if character not in "\n\t"):
        raise ConfigError("a note may not hold control characters.")
    return note
