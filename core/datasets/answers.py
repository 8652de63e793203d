"""What a run says of a data set: computed once, kept beside the set, and summed up.

Owns `predictions/` in a set's folder: (n, 10) float32 probabilities, no temperature applied, under the run's id and a
stamp of its model, so that a run that was replaced is asked again. Figures are `evaluation`'s.
"""

import contextlib
import functools
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.architecture import CLASSES
from core.datasets.dataset import PREDICTIONS, DataSet
from core.datasets.limits import Progress
from core.errors import DataError, RunDamagedError
from core.evaluation import summarise
from core.files import replacing
from core.home import StudioHome
from core.inference import Classifier
from core.run import ONNX_MODEL, Run, Stamp, stamp_of

_AT_ONCE = 1_024


def answers(
    dataset: DataSet, run: Run, classifier: Classifier, progress: Progress | None = None
) -> NDArray[np.float32]:
    """The run's ten probabilities for each image, (n, 10), no temperature applied; kept ones when there are any.

    Args:
        classifier: of this run.
        progress: told after every thousand images. What it raises ends the work and leaves nothing.

    Raises:
        DataError: the set is damaged or was deleted, or the answers cannot be kept.
        RunDamagedError: the run's model is gone.
    """
    kept = kept_answers(dataset, run)
    if kept is not None:
        return kept
    path = _path(dataset, run)
    found = ask(dataset, classifier, progress)
    try:
        path.parent.mkdir(parents=path.parent.parent != dataset.path, exist_ok=True)
        with replacing(path) as temporary:
            np.save(temporary, found)
        for old in path.parent.glob(f"{run.run_id}@*.npy"):
            if old != path:
                old.unlink(missing_ok=True)
    except FileNotFoundError:
        raise DataError(f"the data set {dataset.dataset_id} was deleted meanwhile.") from None
    except OSError as error:
        raise DataError(f"the answers cannot be kept beside {dataset.dataset_id}: {error.strerror}.") from error
    return found


def ask(dataset: DataSet, classifier: Classifier, progress: Progress | None = None) -> NDArray[np.float32]:
    """As `answers`, always computed and not kept."""
    found = np.empty((dataset.count, CLASSES), np.float32)
    for start in range(0, dataset.count, _AT_ONCE):
        part = np.array(dataset.images()[start : start + _AT_ONCE])  # mapped anew: what was read is let go
        found[start : start + len(part)] = classifier.network.probabilities(part)
        if progress is not None:
            progress(start + len(part), dataset.count)
    return found


def kept_answers(dataset: DataSet, run: Run) -> NDArray[np.float32] | None:
    """The answers that are kept, (n, 10); None when there are none of this model yet.

    Raises:
        RunDamagedError: the run's model is gone.
    """
    with contextlib.suppress(OSError, ValueError, EOFError):  # a file cut or edited is computed again
        found = np.load(_path(dataset, run), allow_pickle=False)
        if found.shape == (dataset.count, CLASSES) and found.dtype == np.float32 and np.isfinite(found).all():
            return found
    return None


def summary(dataset: DataSet, probabilities: NDArray[np.floating], temperature: float) -> dict[str, Any]:
    """The figures of a run on a labelled set: `evaluation.summarise` with the set's name as the split.

    Args:
        probabilities: (n, 10), no temperature applied.

    Raises:
        DataError: the set has no labels, or is damaged.
    """
    labels = dataset.labels()
    if labels is None:
        raise DataError(
            f"{dataset.name} has no labels, so nothing can be counted as right or wrong; its predictions can be had as "
            "submission.csv."
        )
    figures = summarise(probabilities, labels, split=dataset.name, temperature=temperature)
    return {**figures, "missing_classes": list(dataset.missing_classes)}


def _path(dataset: DataSet, run: Run) -> Path:
    # Neither part is text from outside: ids are matched against a pattern before a run is read.
    return _folder(dataset) / f"{run.run_id}@{_model_hash(run)}.npy"


def _folder(dataset: DataSet) -> Path:
    """Beside the set, or among the caches where nothing can be written there."""
    if os.access(dataset.path, os.W_OK | os.X_OK) or not dataset.path.is_dir():
        return dataset.path / PREDICTIONS
    home = StudioHome(dataset.path.parent.parent)
    return home.caches / "answers" / dataset.dataset_id


def _model_hash(run: Run) -> str:
    return _hash_of(run.path / ONNX_MODEL, stamp_of(run.path, (ONNX_MODEL,)), run.run_id)


@functools.lru_cache(maxsize=256)
def _hash_of(path: Path, stamp: Stamp, run_id: str) -> str:
    """Of the file's content, computed again when its stamp changes: its time alone differs after every copy."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    except OSError as error:
        raise RunDamagedError(f"{path.name} of the run {run_id} cannot be read: {error.strerror}.") from error
