"""The process that makes the index of a run: `python -m core.explain.worker <home> <shipped> <run id>`.

Owns the way from MNIST's training images to their vectors. It runs beside the server rather than in it because it
takes every core for some seconds, and memory that would not be given back. `neighbours` starts it.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from core import data, hardware
from core.errors import StudioError
from core.explain.embedding import Embedder
from core.explain.index import key_of, write_index
from core.explain.trials import SIDE
from core.home import StudioHome
from core.network import BATCH, OnnxNetwork
from core.run import ONNX_MODEL, require_model
from core.runs import RunStore
from core.sandbox import answer, limit_this_process

_GIGABYTE: Final = 2**30


def make_index(home: StudioHome, run_id: str) -> dict[str, Any]:
    """Writes the index of a run, and meanwhile how far it is.

    Raises:
        StudioError: the run, its model or MNIST cannot be used, or the index cannot be written.
    """
    run = RunStore(home).get(run_id)
    require_model(run)
    key = key_of(run)
    embedder = Embedder(OnnxNetwork(run.path / ONNX_MODEL), run.layers)
    whole = data.load_split(home.mnist, "train")
    places, _ = data.divide(whole.labels, run.config)
    first = embedder.vectors(np.zeros((1, SIDE, SIDE), np.float32))
    vectors = np.empty((len(places), first.shape[1]), np.float32)

    def embed(start: int) -> None:
        rows = slice(start, start + BATCH)
        vectors[rows] = embedder.vectors(whole.images[places[rows]])

    try:
        # One thread an image batch: a network as small as these gains nothing from two threads within one.
        with ThreadPoolExecutor(hardware.cores()) as pool:
            for done, _ in enumerate(pool.map(embed, range(0, len(places), BATCH)), start=1):
                if done % 20 == 0:
                    write_progress(home.neighbours, run_id, min(1.0, done * BATCH / len(places)))
        write_index(home.neighbours, run_id, key, embedder.layer, places, whole.labels[places], vectors)
    except OSError as error:
        raise StudioError(f"the index of {run_id} cannot be written: {error.strerror}.") from error
    return {"images": len(places)}


def write_progress(folder: Path, run_id: str, fraction: float) -> None:
    """Says how far the index of a run is, 0 to 1."""
    # Always five characters over the old five: whoever reads at that moment never finds an empty file.
    with open(os.open(_progress(folder, run_id), os.O_WRONLY | os.O_CREAT, 0o644), "wb", buffering=0) as stream:
        stream.write(f"{fraction:.3f}".encode("ascii"))


def read_progress(folder: Path, run_id: str) -> float:
    """How far the index of a run is, 0 to 1; 0 when nothing says so."""
    try:
        return min(1.0, max(0.0, float(_progress(folder, run_id).read_text(encoding="ascii"))))
    except (OSError, ValueError):
        return 0.0


def clear_progress(folder: Path, run_id: str) -> None:
    """Says that no index of the run is being made."""
    _progress(folder, run_id).unlink(missing_ok=True)


def _progress(folder: Path, run_id: str) -> Path:
    return folder / f"{run_id}.progress"


def main() -> None:
    root, shipped, run_id = sys.argv[1:]
    limit_this_process(memory=6 * _GIGABYTE, processor_seconds=3_600, file_size=_GIGABYTE)
    answer(lambda: make_index(StudioHome(Path(root), Path(shipped)), run_id))


if __name__ == "__main__":
    main()
