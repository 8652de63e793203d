"""Indexes of training images for tests of pages: small ones, or none while somebody else makes them."""

from collections.abc import Iterator
from contextlib import contextmanager

import filelock
import numpy as np

from core.data import load_split
from core.explain.embedding import Embedder
from core.explain.index import key_of, write_index
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.runs import RunStore


def write_small_index(home: StudioHome, run_id: str = "classic") -> None:
    """An index of forty training images for a run, so that none of 55,000 is made while pages are tested."""
    run = RunStore(home).get(run_id)
    split = load_split(SHIPPED / "mnist.npz", "train")
    places = np.arange(40)
    embedder = Embedder(Classifier.load(run).network, run.layers)
    home.neighbours.mkdir(parents=True, exist_ok=True)
    vectors = embedder.vectors(split.images[places])
    write_index(home.neighbours, run.run_id, key_of(run), embedder.layer, places, split.labels[places], vectors)


@contextmanager
def indexing_waits(home: StudioHome) -> Iterator[None]:
    """Somebody else makes an index meanwhile."""
    home.neighbours.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(home.neighbours / ".lock"):
        yield
