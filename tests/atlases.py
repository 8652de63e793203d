"""What runs see in all test images, made up for tests of pages: quick, and with a known answer to every question."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import filelock
import numpy as np

from core.explain.atlas import Part, Seen, key_of, write_seen, write_tsne
from core.explain.projection import principal
from core.explain.strongest import COUNT, Strongest
from core.home import StudioHome
from core.runs import RunStore
from tests import shipped

MAPS = {"act1": 32, "pool1": 32, "act2": 64, "pool2": 64, "dense": 128}


@functools.cache
def made_up() -> Seen:
    """The test images as ten groups by what the shipped classic reads; map 5 answers most to images 50 to 57."""
    rng = np.random.default_rng(7)
    vectors = np.eye(10, 128)[shipped.read()] + rng.normal(scale=0.05, size=(10_000, 128))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    answers = np.linspace(9, 2, COUNT, dtype=np.float32)
    strongest = {
        name: Strongest(
            (np.arange(COUNT) + 10 * np.arange(maps)[:, np.newaxis]).astype(np.int32), np.tile(answers, (maps, 1))
        )
        for name, maps in MAPS.items()
    }
    confidence = shipped.probabilities().max(axis=1).astype(np.float32)
    read = shipped.read().astype(np.uint8)
    return Seen("dense", vectors.astype(np.float16), read, confidence, principal(vectors), strongest)


def write_made_up(home: StudioHome, run_id: str = "classic") -> Seen:
    """Keeps it for a run, so that 10,000 images need not go through its network."""
    home.inside.mkdir(parents=True, exist_ok=True)
    write_seen(home, run_id, key_of(RunStore(home).get(run_id)), made_up())
    return made_up()


@contextmanager
def surveying_waits(home: StudioHome, part: Part = "seen", run_id: str = "classic") -> Iterator[None]:
    """Somebody else makes that part of a run's atlas meanwhile, and is done at the end."""
    home.inside.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(home.inside / f".{part}.lock"):
        yield
        if part == "seen":
            write_made_up(home, run_id)
        else:
            write_tsne(home, run_id, key_of(RunStore(home).get(run_id)), np.zeros((10_000, 2), np.float32))
