"""Every run of a studio: `RunStore` finds them, makes new ones, and knows which one is active.

Owns run ids and the active run. What is inside a run folder is `run`'s business.
"""

import os
import secrets
import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path

from core import room
from core.config import PRESETS, TrainingConfig
from core.config import preset as require_preset
from core.disk import Disk
from core.errors import AmbiguousRunError, RunDamagedError, RunError, RunNotFoundError
from core.files import read_json_object, replacing, write_json
from core.home import StudioHome
from core.lesson import Lesson
from core.run import (
    CONFIG,
    INITIAL_MODEL,
    KERAS_MODEL,
    RUN_ID,
    DamagedRun,
    Origin,
    Run,
    Stamp,
    check_name,
    read_run,
    require_model,
    stamp_of,
)
from core.status import RunState, RunStatus, this_process


class RunStore:
    """The runs under a studio's home, and the shipped ones."""

    def __init__(self, home: StudioHome) -> None:
        self.home = home
        self.disk = Disk(home)
        self._read: dict[Path, tuple[Stamp, Run]] = {}  # what was read, as long as its files stay the same

    def runs(self) -> list[Run]:
        """Every readable run, newest first, the shipped ones last."""
        runs = [entry for entry in self._entries() if isinstance(entry, Run)]
        return sorted(runs, key=lambda run: (run.shipped, -run.created_at))

    def damaged(self) -> list[DamagedRun]:
        """Every run folder that cannot be read."""
        return [entry for entry in self._entries() if isinstance(entry, DamagedRun)]

    def get(self, run_id: str) -> Run:
        """The run of exactly this id.

        Raises:
            RunNotFoundError: there is none.
            RunDamagedError: its folder cannot be read.
        """
        # Shipped ones first: a copy of one among the own runs does not take its place.
        for folder, shipped in ((self.home.pretrained, True), (self.home.runs, False)):
            if _holds(folder, run_id):
                return self._run(folder / run_id, shipped=shipped)
        raise RunNotFoundError(f"there is no run {_shorten(run_id)!r}.")

    def resolve(self, text: str) -> Run:
        """The run that `text` means: an exact id, `active`, a preset's name, or the unique prefix of an id.

        Raises:
            RunNotFoundError, AmbiguousRunError, RunDamagedError: as their names say.
        """
        ids = self._ids()
        if text in ids:
            return self.get(text)
        if text == "active":
            return self.active()
        if text in PRESETS:
            raise RunNotFoundError(f"the preset {text!r} has no shipped model; train one with `train --preset {text}`.")
        matches = sorted(run_id for run_id in ids if text and run_id.startswith(text))
        if len(matches) > 1:
            raise AmbiguousRunError(
                f"{_shorten(text)!r} could be any of {', '.join(matches[:5])}; give more of the id."
            )
        if not matches:
            raise RunNotFoundError(f"there is no run {_shorten(text)!r}; `runs` lists them all.")
        return self.get(matches[0])

    def active(self) -> Run:
        """The run that predicts: the one made active, else the shipped `strong`, else the shipped `classic`.

        A choice whose run is gone or damaged counts as none.

        Raises:
            RunNotFoundError: no run can predict.
        """
        for run_id in (self._chosen(), "strong", "classic"):
            if run_id is None:
                continue
            try:
                run = self.get(run_id)
            except (RunNotFoundError, RunDamagedError):
                continue
            if run.has_model:
                return run
        raise RunNotFoundError("no model is active; train one, or make a finished run active.")

    def activate(self, run_id: str) -> Run:
        """Makes a finished run the one that predicts.

        Raises:
            RunNotFoundError, RunDamagedError: as for `get`.
            RunStateError: the run has no model yet.
            ReadOnlyError: nothing may be changed.
        """
        self.home.check_writable("made active")
        run = self.get(run_id)
        require_model(run)
        write_json(self.home.active_file, {"run_id": run.run_id})
        return run

    def create(
        self,
        config: TrainingConfig,
        *,
        name: str = "",
        preset: str | None = None,
        parent: Run | None = None,
        lesson: Lesson | None = None,
    ) -> Run:
        """A new run folder in the state *queued*, answered for by this process until a worker takes it.

        Args:
            parent: a finished run whose weights the training starts from; copied, so that it may be deleted meanwhile.
            lesson: digits of a visitor's own that are mixed among MNIST's.

        Raises:
            ConfigError: the name is too long or holds control characters, or there is no such preset.
            RunError: the folder cannot be written, or the weights of `parent` not be read.
            ReadOnlyError: nothing may be trained.
            DiskLimitError: runs would take more than they may.
        """
        self.home.check_writable("trained")
        name = check_name(name)
        if preset is not None:
            require_preset(preset)
        with room.reserving(self, room.training_peak(config)):
            return self._create(config, name=name, preset=preset, parent=parent, lesson=lesson)

    def _create(
        self, config: TrainingConfig, *, name: str, preset: str | None, parent: Run | None, lesson: Lesson | None
    ) -> Run:
        created_at = time.time()
        run_id = self.new_id(preset or "custom", created_at)
        values = {"name": name or run_id, "preset": preset, "created_at": created_at, "settings": config.to_dict()}
        if parent is not None:
            values["continued_from"] = asdict(Origin(parent.run_id, parent.name))
        if lesson is not None:
            values["taught"] = lesson.facts.to_json()
        status = RunStatus(
            state=RunState.QUEUED,
            queued_at=created_at,
            updated_at=created_at,
            epochs=config.epochs,
            steps=config.epochs * config.steps_per_epoch,
            **this_process(),
        )
        # Written under a hidden name first: a folder that is listed is complete.
        draft = self.home.runs / f".{run_id}"
        try:
            draft.mkdir(parents=True)
            if parent is not None:
                with replacing(draft / INITIAL_MODEL) as path:
                    shutil.copyfile(parent.path / KERAS_MODEL, path)
            if lesson is not None:
                lesson.write(draft)
            write_json(draft / CONFIG, values)
            status.write(draft)
            draft.rename(self.home.runs / run_id)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise RunError(f"a new run cannot be written: {error.strerror}.") from error
        return self.get(run_id)

    def new_id(self, kind: str, created_at: float) -> str:
        """An id that no run has: `20261122-183012-classic-4f2a`, in UTC."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(created_at))
        while True:
            run_id = f"{stamp}-{kind}-{secrets.token_hex(2)}"
            if not any((self.home.runs / name).exists() for name in (run_id, f".{run_id}")):
                return run_id

    def _entries(self) -> list[Run | DamagedRun]:
        shipped = _folders(self.home.pretrained)
        taken = {path.name for path in shipped}
        own = [(path, False) for path in reversed(_folders(self.home.runs))]
        entries: list[Run | DamagedRun] = []
        for path, is_shipped in own + [(path, True) for path in shipped]:
            try:
                if not is_shipped and path.name in taken:
                    raise RunDamagedError(f"{path.name}: a shipped run goes by this name; rename the folder.")
                entries.append(self._run(path, shipped=is_shipped))
            except RunDamagedError as error:
                entries.append(DamagedRun(path.name, path, _shorten(str(error), 300)))
            except RunNotFoundError:  # deleted since it was listed
                continue
        return entries

    def _run(self, path: Path, *, shipped: bool) -> Run:
        stamp = stamp_of(path)
        known = self._read.get(path)
        if known is None or known[0] != stamp:
            known = (stamp, read_run(path, shipped=shipped))
            self._read[path] = known
        run = known[1]
        seen = run.status.as_seen()
        return run if seen is run.status else replace(run, status=seen)

    def _ids(self) -> set[str]:
        return {path.name for folder in (self.home.runs, self.home.pretrained) for path in _folders(folder)}

    def _chosen(self) -> str | None:
        try:
            chosen = read_json_object(self.home.active_file).get("run_id")
        except (OSError, ValueError):
            return None
        return chosen if isinstance(chosen, str) else None


def _folders(parent: Path) -> list[Path]:
    """The run folders in `parent`, by name, as `_holds` knows them; quicker for many than to ask for each."""
    try:
        with os.scandir(parent) as found:
            folders = [entry.name for entry in found if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [parent / name for name in sorted(folders) if RUN_ID.fullmatch(name)]


def _holds(parent: Path, run_id: str) -> bool:
    """Whether `parent` holds a run folder of that name: no other kind of name, and no link to somewhere else."""
    path = parent / run_id
    return bool(RUN_ID.fullmatch(run_id)) and path.is_dir() and not path.is_symlink()


def _shorten(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[:most] + "…"
