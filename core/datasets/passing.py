"""A data set for one command only: brought in, used and gone.

Owns the temporary folder that it lies in meanwhile, and what a path on the command line may stand for.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from core.datasets.dataset import DATA_SET_ID, DataSet
from core.datasets.given import given_paths
from core.datasets.limits import Progress
from core.datasets.looking import look
from core.datasets.store import DataSetStore
from core.home import StudioHome

_SECONDS: Final = 0.5  # between two lines about the progress


@contextlib.contextmanager
def passing_set(
    home: StudioHome, paths: Sequence[str], preprocess: Literal["auto", "none", "full"]
) -> Iterator[DataSet]:
    """The data set in files or a folder, or a kept one by its id, as long as the block lasts.

    Args:
        paths: what a data set may lie in; both files of an IDX pair, or its images with the labels beside them.
        preprocess: how its pictures become images, `auto` as is proposed; a kept set has been through that.

    Raises:
        DataError: there is no data set, or it cannot be brought in so.
    """
    if len(paths) == 1 and not Path(paths[0]).exists() and DATA_SET_ID.fullmatch(paths[0]):
        kept = [each for each in DataSetStore(home).sets() if each.dataset_id == paths[0]]
        if kept:
            yield kept[0]
            return
    givens = given_paths(Path(path) for path in paths)
    plan = look(givens).plan(preprocess)
    with tempfile.TemporaryDirectory(prefix="digit-studio-") as folder:
        store = DataSetStore(StudioHome(root=Path(folder), shipped=home.shipped))
        yield store.keep(givens, plan, progress=progress_line("read"))


def progress_line(verb: str) -> Progress | None:
    """Shows the progress on one line of standard error; None when nobody is looking."""
    if not sys.stderr.isatty():
        return None
    shown = 0.0

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= _SECONDS or done == total:
            shown = now
            sys.stderr.write(f"\r{verb} {done:,} of {total:,} images" + ("\n" if done == total else ""))
            sys.stderr.flush()

    return show
