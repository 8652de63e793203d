"""What was given, recognised by its content: a table, an IDX pair, an `.npz` or pictures.

Owns the order in which forms are tried, and what a zip or a folder of several files stands for.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import numpy as np

from core.datasets.archive import ZIP, members
from core.datasets.blocks import Opened
from core.datasets.given import Given, check_sizes
from core.datasets.idx import looks_like_idx, open_idx
from core.datasets.kaggle import columns_in, open_table
from core.datasets.npz import open_npz
from core.datasets.pictures import is_called_picture, looks_like_picture, open_pictures
from core.errors import DataError

_PROBED = 64  # files of many whose content says what all of them are
_FORMS = "a Kaggle CSV, an IDX pair, an .npz, or a zip with one folder of pictures per digit"


@contextmanager
def opening(givens: Iterable[Given]) -> Iterator[Opened]:
    """The data set in these files, to be read as long as the block lasts.

    Raises:
        DataError: they are none, damaged, hostile or too large.
    """
    with ExitStack() as stack:
        files = list(givens)
        check_sizes(files)
        if len(files) == 1 and files[0].head(4).startswith(ZIP):
            whole = files[0]
            files = members(whole, stack)
            if files and all(file.name.endswith(".npy") for file in files):
                yield open_npz(files, whole)
                return
            if not files:
                raise DataError(f"{whole.name} holds no files; give {_FORMS}.")
            yield replace(_open(files, stack), files=((whole.name, whole.size),))
            return
        yield _open(files, stack)


def _open(files: list[Given], stack: ExitStack) -> Opened:
    kinds = _kinds(files)
    if "picture" in kinds or all(is_called_picture(file.name) for file in files):
        return open_pictures(files)
    for kind, reader in (("idx", _open_idx), ("table", _open_table), ("zip", _open_zip)):
        found = kinds.get(kind)
        if found:
            return reader(found, stack)
    name = files[0].name if len(files) == 1 else files[0].top or ", ".join(file.name for file in files[:3])
    raise DataError(f"{name} is no data set that can be read; give {_FORMS}.")


def _kinds(files: list[Given]) -> dict[str, list[Given]]:
    """The files by what their content is; of very many only some, evenly chosen."""
    probed = files
    if len(files) > _PROBED:
        probed = [files[place] for place in np.linspace(0, len(files) - 1, _PROBED).astype(int)]
    kinds: dict[str, list[Given]] = {}
    for file in probed:
        try:
            plain = file.unpacked()
            head = plain.head()
        except DataError:
            if len(files) == 1:
                raise
            continue  # one of many pictures that is damaged is skipped when its turn comes
        if looks_like_picture(head):
            kind = "picture"
        elif looks_like_idx(head):
            kind = "idx"
        elif head.startswith(ZIP):
            kind = "zip"
        elif columns_in(head) > 1:
            kind = "table"
        else:
            kind = "other"
        kinds.setdefault(kind, []).append(plain)
    return kinds


def _open_idx(files: list[Given], _: ExitStack) -> Opened:
    return open_idx(files)


def _open_table(files: list[Given], _: ExitStack) -> Opened:
    wide = [file for file in files if columns_in(file.head()) > 100]  # beside a sample_submission.csv, say
    if len(wide) > 1:
        names = " and ".join(file.name for file in wide[:3])
        raise DataError(f"there are several tables, {names}; give one of them at a time.")
    return open_table((wide or files)[0])


def _open_zip(files: list[Given], stack: ExitStack) -> Opened:
    """An .npz within a folder or beside other files; zips within zips are not opened."""
    if len(files) > 1 or not files[0].name.endswith(".npz"):
        raise DataError(f"{files[0].name} is a zip among other files; give it alone, unpacked from what it stands in.")
    return open_npz(members(files[0], stack), files[0])
