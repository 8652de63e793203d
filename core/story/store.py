"""The stories that were saved, each with a frozen copy of the runs that it tells of.

Owns `stories/<story id>/` in the studio's home: `story.json`, and in `frozen/<number>/` a small home of its own with
the runs as they were when the story was saved, their thresholds, and what was said of the test images. So nothing that
happens to a run later, its deletion included, changes what is on stage. A save writes a new frozen copy, then names it
in `story.json`: a kill leaves the story as it was or as it was to be, and a first save that was killed leaves a folder
without a name, which the next save of any story tidies away. Stories that were deleted wait in `.deleted-<story id>`.
"""

import contextlib
import os
import re
import secrets
import shutil
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import filelock

from core import disk
from core.errors import RunError, StoryError, StudioError
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.marks import MNIST_TEST
from core.metrics import METRICS
from core.model_card import FILE as CARD
from core.notes import FILE as NOTES
from core.run import CONFIG, ENVIRONMENT, EVALUATION, ONNX_MODEL, PREDICTIONS, Run, read_run, require_model
from core.runs import RunStore
from core.status import FILE as STATUS
from core.story.story import STORY_ID, Story

MOST: Final = 100  # stories; each holds a few megabytes
MOST_BYTES: Final = 2_000_000_000  # that all of them take, those that can be brought back among them
MOST_DELETED: Final = 20  # stories that can be brought back
FILE: Final = "story.json"
KEPT: Final = (CONFIG, STATUS, NOTES, METRICS, ONNX_MODEL, PREDICTIONS, EVALUATION, ENVIRONMENT, CARD)
_DELETED: Final = ".deleted-"
_DRAFT: Final = ".draft-"
_LOCK: Final = ".saving.lock"
_DAMAGE: Final = (OSError, ValueError, KeyError, TypeError, OverflowError, StudioError)  # what damaged files raise


@dataclass(frozen=True, slots=True)
class Told:
    """A story with the runs that it tells of.

    Attributes:
        home: whose thresholds and marks apply: that of the frozen copy.
        versus: the run compared with; None for none.
        saved_at: Unix time in seconds; None for a story that was not saved, whose runs are not frozen.
    """

    story: Story
    home: StudioHome
    run: Run
    versus: Run | None
    saved_at: float | None = None


class Stories:
    """The saved stories of a studio's home, and how one is told."""

    def __init__(self, home: StudioHome) -> None:
        self.home = home

    def ids(self) -> list[str]:
        """Of every saved story, the one saved last first."""
        found = [path.parent for path in self.home.stories.glob(f"*/{FILE}") if STORY_ID.fullmatch(path.parent.name)]
        with contextlib.suppress(FileNotFoundError):  # deleted while we look
            found.sort(key=lambda folder: -(folder / FILE).stat().st_mtime_ns)
        return [folder.name for folder in found]

    def get(self, story_id: str) -> Told:
        """A saved story with its frozen runs.

        Raises:
            StoryError: there is none of that id, or its folder was damaged.
        """
        folder = self._folder(story_id)
        try:
            said = read_json_object(folder / FILE)
            while True:
                try:
                    return self._told(folder, said)
                except _DAMAGE:
                    before, said = said, read_json_object(folder / FILE)
                    if said == before:
                        raise
                    # Saved anew while it was read: its frozen copy of before is gone.
        except FileNotFoundError:
            raise StoryError(f"there is no story {story_id!r} here; it may have been deleted.") from None
        except _DAMAGE as error:
            raise StoryError(f"the story {story_id!r} cannot be told, its files are damaged: {error}") from error

    def save(self, story: Story, story_id: str | None = None) -> str:
        """Freezes the story's runs as they are now and keeps it; returns its id.

        A run that is gone by now stays as it was frozen before.

        Args:
            story_id: of the story that this one takes the place of; None for a new one.

        Raises:
            ReadOnlyError: this studio is read-only.
            StoryError: there are 100 already, they take too much of the disk, or the story to replace is unknown.
            RunNotFoundError, RunStateError, RunDamagedError: a run that it tells of is gone or has no model.
            StudioError: it cannot be written.
        """
        self.home.check_writable("saved")
        before = None if story_id is None else self.get(story_id)
        if story_id is None:
            if len(self.ids()) >= MOST:
                raise StoryError(f"{MOST} stories are kept here already; delete one first.")
            story_id = _new_id(story.name)
        sources = [self._source(name, before) for name in _runs_of(story)]
        folder = self.home.stories / story_id
        try:
            self.home.stories.mkdir(parents=True, exist_ok=True)
            # Of two at the same time, one would tidy away what the other has frozen and not named yet.
            with filelock.FileLock(self.home.stories / _LOCK):
                self._tidy()
                self._check_room(sources)
                number = self._freeze(folder, sources)
                shipped = [run.run_id for _, run in sources if run.shipped]
                whole = {"story": story.to_json(), "frozen": number, "shipped": shipped, "saved_at": time.time()}
                write_json(folder / FILE, whole)
                for other in (folder / "frozen").iterdir():
                    if other.name != str(number):
                        shutil.rmtree(other, ignore_errors=True)
        except OSError as error:
            raise StudioError(f"the story cannot be saved: {error.strerror}.") from error
        return story_id

    def delete(self, story_id: str) -> None:
        """Takes a story away; `restore` brings it back until twenty more are deleted or their room is needed.

        Raises:
            StoryError: there is none of that id.
            StudioError: the disk refuses.
        """
        self.home.check_writable("deleted")
        folder = self._folder(story_id)
        if not folder.is_dir():
            raise StoryError(f"there is no story {story_id!r} here; it may have been deleted.")
        try:
            os.utime(folder, ns=(time.time_ns(),) * 2)  # of those deleted, the first one goes first
            folder.rename(folder.with_name(_DELETED + story_id))
            for gone in self._deleted()[MOST_DELETED:]:
                shutil.rmtree(gone, ignore_errors=True)
        except OSError as error:
            raise StudioError(f"the story cannot be deleted: {error.strerror}.") from error

    def restore(self, story_id: str) -> None:
        """Brings back a story that was deleted.

        Raises:
            StoryError: there is none of that id, or it is gone for good.
        """
        self.home.check_writable("brought back")
        folder = self._folder(story_id)
        try:
            folder.with_name(_DELETED + story_id).rename(folder)
        except OSError as error:
            raise StoryError(f"the story {story_id!r} cannot be brought back any more.") from error

    def _told(self, folder: Path, said: dict[str, Any]) -> Told:
        """What `story.json` says, with the runs of its frozen copy."""
        story = Story.from_json(said["story"])
        frozen = StudioHome(folder / "frozen" / f"{int(said['frozen'])}", self.home.shipped)
        shipped = said.get("shipped", [])
        runs = [read_run(frozen.runs / name, shipped=name in shipped) for name in _runs_of(story)]
        return Told(story, frozen, runs[0], runs[1] if len(runs) > 1 else None, float(said["saved_at"]))

    def _deleted(self) -> list[Path]:
        """The folders of stories that can be brought back, the one deleted last first."""
        times: dict[Path, int] = {}
        for folder in self.home.stories.glob(f"{_DELETED}*"):
            with contextlib.suppress(FileNotFoundError):  # brought back while we look
                times[folder] = folder.stat().st_mtime_ns
        return sorted(times, key=lambda folder: -times[folder])

    def _tidy(self) -> None:
        """Removes what kills left of first saves; only while the lock is held, so that none is under way."""
        for folder in self.home.stories.iterdir():
            if STORY_ID.fullmatch(folder.name) and folder.is_dir() and not (folder / FILE).exists():
                # What is not of a save stays: somebody put it there.
                with contextlib.suppress(FileNotFoundError):  # deleted while we look
                    if all(each.name == "frozen" or each.name.startswith(".story-") for each in folder.iterdir()):
                        shutil.rmtree(folder, ignore_errors=True)

    def _check_room(self, sources: list[tuple[StudioHome, Run]]) -> None:
        """Whether stories may take what these runs take; deleted ones make room, the one deleted first first.

        Raises:
            StoryError: they may not.
        """
        needed = sum(path.stat().st_size for _, run in sources for name in KEPT if (path := run.path / name).exists())
        deleted = self._deleted()
        while (taken := disk.folder_bytes(self.home.stories)) + needed > MOST_BYTES:
            if not deleted:
                raise StoryError(
                    f"stories take {disk.said(taken)} of the {disk.said(MOST_BYTES)} that they may, and this one takes "
                    f"{disk.said(needed)}; delete one first."
                )
            shutil.rmtree(deleted.pop(), ignore_errors=True)

    def _source(self, run_id: str, before: Told | None) -> tuple[StudioHome, Run]:
        """Where a run is to be frozen from: the store, or where it is gone the frozen copy that there is."""
        store = RunStore(self.home)
        try:
            run = store.get(run_id)
            require_model(run)
            return self.home, run
        except RunError:
            known = [] if before is None else [run for run in (before.run, before.versus) if run is not None]
            for run in known:
                if before is not None and run.run_id == run_id:
                    return before.home, run
            raise

    def _freeze(self, folder: Path, sources: list[tuple[StudioHome, Run]]) -> int:
        """Copies the runs and what belongs to them under a new number; returns that."""
        frozen = folder / "frozen"
        frozen.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(each.name) for each in frozen.iterdir() if each.name.isdigit()), default=0)
        draft = frozen / f"{_DRAFT}{secrets.token_hex(4)}"
        try:
            into = StudioHome(draft)
            for home, run in sources:
                (into.runs / run.run_id).mkdir(parents=True)
                for name in KEPT:
                    _copy(run.path / name, into.runs / run.run_id / name)
                _copy(home.thresholds / f"{run.run_id}.json", into.thresholds / f"{run.run_id}.json")
            _copy(sources[0][0].marks / f"{MNIST_TEST}.json", into.marks / f"{MNIST_TEST}.json")
            draft.rename(frozen / str(number))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return number

    def _folder(self, story_id: str) -> Path:
        if not STORY_ID.fullmatch(story_id):
            raise StoryError(f"no story is called {story_id[:48]!r}; a link ends in its id, as it was saved.")
        return self.home.stories / story_id


def _copy(source: Path, target: Path) -> None:
    """A copy of a file, if there is one."""
    with contextlib.suppress(FileNotFoundError):
        data = source.read_bytes()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _runs_of(story: Story) -> list[str]:
    return [story.run_id, *([] if story.versus is None else [story.versus])]


def _new_id(name: str) -> str:
    """A part of the name that can stand in a link, and what makes it different from all others."""
    letters: Any = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:32].strip("-") or "story"
    return f"{slug}-{secrets.token_hex(3)}"
