"""All data sets of a home: bringing one in, finding, renaming and deleting them.

Owns `datasets/` in the home. Any number of visitors and processes may use it at the same time: a set appears and goes
in one move of its folder.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.datasets.blocks import Opened
from core.datasets.converting import convert
from core.datasets.dataset import DATA_SET_ID, FACTS, DamagedDataSet, DataSet, folder_size, read_dataset
from core.datasets.draft import DELETED, Draft, drafting
from core.datasets.facts import Facts
from core.datasets.given import Given
from core.datasets.known import count_known
from core.datasets.limits import Progress
from core.datasets.looking import look_at
from core.datasets.opening import opening
from core.datasets.proposal import Plan
from core.errors import ConfigError, DataError
from core.files import write_json
from core.home import StudioHome
from core.run import MAX_NAME_LENGTH, check_name

_SLUG: Final = 24  # characters of the name in the id
_SPLITS: Final = ("train", "training", "validation", "test")  # figures name the split or the set that they are from


class DataSetStore:
    """The data sets of one home. Safe to use from several threads and processes."""

    def __init__(self, home: StudioHome) -> None:
        self.home = home
        self.folder = home.datasets

    def keep(
        self,
        givens: Iterable[Given],
        plan: Plan | None = None,
        *,
        name: str = "",
        progress: Progress | None = None,
    ) -> DataSet:
        """Reads all of a data set and keeps it.

        Args:
            plan: how its pictures become images; the one that is proposed when absent.
            name: what to call it; after its file when empty.
            progress: told after every few images. What it raises ends the work and leaves nothing.

        Raises:
            ConfigError: the name is too long, holds control characters or is that of one of MNIST's splits.
            DataError: what was given is no data set, or damaged, too large or hostile; or it cannot be written.
            ReadOnlyError: nothing may be kept.
        """
        self.home.check_writable("brought in")
        name = _checked(name)
        try:
            with opening(givens) as opened, drafting(self.folder, opened.labelled) as draft:
                plan = plan or look_at(opened).proposal
                _fill(draft, opened, plan, progress or _nothing)
                facts = self._facts(draft, opened, plan, name or _name_of(opened.title))
                write_json(draft.path / FACTS, facts.to_json())
                path = self._move(draft.path, facts)
        except OSError as error:
            reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or type(error).__name__
            raise DataError(f"the data set cannot be kept: {reason}.") from error
        return read_dataset(path)

    def sets(self) -> list[DataSet]:
        """Every readable data set, newest first."""
        found = [each for each in self._entries() if isinstance(each, DataSet)]
        return sorted(found, key=lambda each: (-each.facts.created_at, each.dataset_id))

    def damaged(self) -> list[DamagedDataSet]:
        """Every folder that should hold a data set and cannot be read."""
        return [each for each in self._entries() if isinstance(each, DamagedDataSet)]

    def get(self, dataset_id: str) -> DataSet:
        """The data set of this id.

        Raises:
            DataError: there is none, or it is damaged.
        """
        return read_dataset(self._path(dataset_id))

    def rename(self, dataset_id: str, name: str) -> DataSet:
        """Calls a data set `name` from now on.

        Raises:
            ConfigError: the name is empty, or as for `keep`.
            DataError: there is no such set, it is damaged, or it cannot be written.
            ReadOnlyError: nothing may be changed.
        """
        self.home.check_writable("renamed")
        name = _checked(name)
        if not name:
            raise ConfigError("a data set needs a name; give it at least one character.")
        dataset = self.get(dataset_id)
        try:
            write_json(dataset.path / FACTS, replace(dataset.facts, name=name).to_json())
        except OSError as error:
            raise DataError(f"{dataset_id} cannot be renamed: {error.strerror}.") from error
        return self.get(dataset_id)

    def delete(self, dataset_id: str) -> None:
        """Deletes a data set, a damaged one too, with the predictions beside it. One that is gone already is no matter.

        Raises:
            DataError: no set can be called that, or it cannot be deleted.
            ReadOnlyError: nothing may be deleted.
        """
        self.home.check_writable("deleted")
        path = self._path(dataset_id)
        grave = self.folder / f"{DELETED}{secrets.token_hex(8)}"
        try:
            path.rename(grave)  # from here on nobody finds it half deleted
            shutil.rmtree(grave)
        except FileNotFoundError:
            return
        except OSError as error:
            raise DataError(f"{dataset_id} cannot be deleted: {error.strerror}.") from error

    def _entries(self) -> list[DataSet | DamagedDataSet]:
        try:
            paths = [Path(entry.path) for entry in os.scandir(self.folder) if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return []
        found: list[DataSet | DamagedDataSet] = []
        for path in paths:
            if not DATA_SET_ID.fullmatch(path.name):
                continue
            try:
                found.append(read_dataset(path))
            except DataError as error:
                if path.is_dir():  # it was not deleted just now
                    found.append(DamagedDataSet(path.name, path, str(error), folder_size(path)))
        return found

    def _path(self, dataset_id: str) -> Path:
        if not DATA_SET_ID.fullmatch(dataset_id):
            raise DataError(f"no data set is called {dataset_id[:64]!r}; ids are a-z, 0-9, - and _.")
        return self.folder / dataset_id

    def _facts(self, draft: Draft, opened: Opened, plan: Plan, name: str) -> Facts:
        known = None
        if plan.preprocess == "none":  # what went through the path is no longer MNIST's to the last pixel
            known = count_known(draft.images(), self.home.mnist)
        return Facts(
            name=name,
            form=opened.form,
            files=opened.files[:100],
            plan=plan,
            count=draft.count,
            supports=tuple(draft.supports.tolist()) if draft.labelled else None,
            warnings=dict(draft.warnings),
            skipped=tuple(draft.skipped),
            skipped_count=draft.skipped_count,
            ignored=opened.ignored,
            in_training=None if known is None else known[0],
            in_test=None if known is None else known[1],
            remarks=opened.remarks,
            created_at=time.time(),
        )

    def _move(self, draft: Path, facts: Facts) -> Path:
        """Gives the draft an id that no set has, in the form of a run's: `20261122-183012-postcodes-4f2a`, in UTC."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(facts.created_at))
        slug = re.sub(r"[^a-z0-9]+", "-", facts.name.casefold())[:_SLUG].strip("-") or "set"
        while True:
            path = self.folder / f"{stamp}-{slug}-{secrets.token_hex(2)}"
            if not path.exists():
                draft.rename(path)
                return path


def _fill(draft: Draft, opened: Opened, plan: Plan, progress: Progress) -> None:
    draft.skip(opened.skipped)
    done = 0
    progress(0, opened.count)
    with contextlib.closing(convert(opened, plan)) as parts:  # type: ignore[type-var]
        for part in parts:
            draft.add(part)
            done += len(part.images) + len(part.skipped)
            progress(done, max(done, opened.count))
    draft.close()
    progress(done, done)


def _nothing(done: int, total: int) -> None:
    """Whoever did not ask for progress."""


def _checked(name: str) -> str:
    name = check_name(name)
    if name.casefold() in _SPLITS:
        raise ConfigError(f"{name} is the name of one of MNIST's splits; call the data set something else.")
    return name


def _name_of(title: str) -> str:
    """A name that `_checked` takes, from a file's name."""
    last = stem = title.rpartition("/")[2].strip()
    for suffix in (".gz", ".zip", ".csv", ".npz", "-ubyte", "-idx3", ".idx3", "-images"):
        stem = stem[: -len(suffix)] if stem.casefold().endswith(suffix) else stem
    name = check_name(stem.strip()[:MAX_NAME_LENGTH]) or "Own digits"
    if name.casefold() in _SPLITS:  # Kaggle's test.csv is no test split
        name = last[:MAX_NAME_LENGTH] if last.casefold() not in _SPLITS else f"Own {name}"
    return name
