"""Indexes of training images for page tests: small ones, or none while somebody else makes them."""

from collections.abc import Iterator
from contextlib import contextmanager

import filelock
import numpy as np

from core.data import load_split
from core.explain.embedding import Embedder
from core.explain.index import key_of, write_index
from core.home import SHIPPED, StudioHome
from core.run import Run
from ui import resources


def write_small_index(home: StudioHome, run: Run) -> None:
    """An index of forty training images, so that none is made while pages are tested."""
    split = load_split(SHIPPED / "mnist.npz", "train")
    places = np.arange(40)
    embedder = Embedder(resources.classifier(run).network, run.layers)
    home.neighbours.mkdir(parents=True, exist_ok=True)
    vectors = embedder.vectors(split.images[places])
    write_index(home.neighbours, run.run_id, key_of(run), embedder.layer, places, split.labels[places], vectors)


@contextmanager
def indexing_waits(home: StudioHome) -> Iterator[None]:
    """Somebody else makes an index meanwhile."""
    home.neighbours.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(home.neighbours / ".lock"):
        yield
