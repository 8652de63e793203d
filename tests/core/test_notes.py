"""What people say about a run survives in `notes.json`, and no content of that file harms the run."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from core.notes import FILE, MAX_NOTE_LENGTH, NOTHING, Notes, check_note


def test_what_is_written_is_read(tmp_path: Path) -> None:
    notes = Notes(name="**bold** 😀", note="two\nlines", pinned=True)
    notes.write(tmp_path)
    assert Notes.read(tmp_path) == notes


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    assert Notes.read(tmp_path) == NOTHING


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"name": 1, "note": [], "pinned": "yes"}', "NaN", "\x00"])
def test_a_file_edited_into_something_else_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert Notes.read(tmp_path) == NOTHING


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    Notes.read(tmp_path)


def test_a_note_that_is_too_long_in_the_file_is_left_out(tmp_path: Path) -> None:
    Notes(note="x" * (MAX_NOTE_LENGTH + 1), pinned=True).write(tmp_path)
    assert Notes.read(tmp_path) == Notes(pinned=True)


@pytest.mark.parametrize("note", ["", "one line", "two\nlines\tand a tab", "👩‍🔬 <b>[x](y)</b>", "x" * MAX_NOTE_LENGTH])
def test_notes_that_are_allowed(note: str) -> None:
    assert check_note(f"  {note}\r\n") == note


@pytest.mark.parametrize(
    ("note", "reason"),
    [("x" * 10_000, "this one has 10,000"), ("a\x00b", "control"), ("a\x1b[31mb", "control"), ("\ud800", "control")],
)
def test_notes_that_are_refused(note: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        check_note(note)
