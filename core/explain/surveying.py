"""The process that makes a part of a run's atlas: `python -m core.explain.surveying <home> <shipped> <run id> <part>`.

Owns the way from the test images to what a network sees in them, and from there to a t-SNE map. It runs beside the
server rather than in it because it takes every core for seconds to minutes, and memory that would not be given back.
`surveys` starts it.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core import data, hardware
from core.errors import StudioError
from core.evaluation import apply_temperature
from core.explain.atlas import Part, Seen, key_of, read_seen, write_seen, write_tsne
from core.explain.embedding import Embedder
from core.explain.projection import principal
from core.explain.strongest import MOST_MAPS, Strongest, peaks
from core.explain.worker import write_progress
from core.home import StudioHome
from core.network import BATCH, OnnxNetwork
from core.pairing import temperature_of
from core.run import ONNX_MODEL, Run, require_model
from core.runs import RunStore
from core.sandbox import answer, limit_this_process

PERPLEXITY: Final = 30.0  # scikit-learn's own: about how many neighbours each image is kept close to
STEPS: Final = 500  # of the descent, of which scikit-learn asks for 250; later ones hardly move a point
NUMBERS: Final = 50  # of principal components that the neighbours are found by, as is usual
_GIGABYTE: Final = 2**30
_STEP: Final = re.compile(r"\[t-SNE\] Iteration (\d+):")
_NEIGHBOURS: Final = "[t-SNE] Computed neighbors"
_BEFORE: Final = 0.1  # of the time is gone when the neighbours are found
Tell = Callable[[float], None]


def make(home: StudioHome, run_id: str, part: Part) -> dict[str, Any]:
    """Makes and keeps a part of a run's atlas, and says meanwhile how far it is.

    Raises:
        StudioError: the run, its model or MNIST cannot be used, or the part cannot be written.
    """
    run = RunStore(home).get(run_id)
    require_model(run)
    key = key_of(run)

    def tell(fraction: float) -> None:
        write_progress(home.inside, f"{run_id}-{part}", fraction)

    try:
        if part == "seen":
            write_seen(home, run_id, key, see(run, data.load_split(home.mnist, "test").images, tell))
            return {}
        seen = read_seen(home, run)
        if seen is None:
            raise StudioError("how the network sees the images is not known.")
        write_tsne(home, run_id, key, tsne(seen.vectors, tell))
    except OSError as error:
        raise StudioError(f"it cannot be written: {error.strerror}.") from error
    return {}


def see(run: Run, images: NDArray[np.uint8], tell: Tell) -> Seen:
    """How a run's network sees images (n, 28, 28).

    Raises:
        RunDamagedError: its model or its evaluation cannot be used.
    """
    network = OnnxNetwork(run.path / ONNX_MODEL)
    embedder = Embedder(network, run.layers)
    starts = range(0, len(images), BATCH)
    vectors, raw = [], []
    strongest: dict[str, Strongest] = {}

    def look(start: int) -> tuple[NDArray[np.float32], NDArray[np.float32], dict[str, NDArray[np.float32]]]:
        batch = images[start : start + BATCH]
        answers, found = network.all_of(batch)
        return embedder.vectors_from(batch, found), answers, {name: peaks(values) for name, values in found.items()}

    # One thread an image batch: a network as small as these gains nothing from two threads within one.
    with ThreadPoolExecutor(hardware.cores()) as pool:
        for done, (start, found) in enumerate(zip(starts, pool.map(look, starts), strict=True), start=1):
            vectors.append(found[0].astype(np.float16))
            raw.append(found[1])
            for name, answers in found[2].items():
                if answers.shape[1] <= MOST_MAPS:
                    ranking = strongest.get(name) or Strongest.nothing(answers.shape[1])
                    strongest[name] = ranking.with_more(start, answers)
            if done % 8 == 0:
                tell(done / len(starts))
    probabilities = apply_temperature(np.concatenate(raw), temperature_of(run, run.evaluation() or {}))
    together = np.concatenate(vectors)
    return Seen(
        embedder.layer,
        together,
        probabilities.argmax(axis=1).astype(np.uint8),
        probabilities.max(axis=1).astype(np.float32),
        principal(together.astype(np.float32)),
        strongest,
    )


def tsne(vectors: NDArray[np.floating], tell: Tell, *, steps: int = STEPS) -> NDArray[np.float32]:
    """Vectors (n, d) as points (n, 2) of which near ones were near before (van der Maaten & Hinton 2008; Barnes-Hut).

    It begins with the principal components and has no chance in it: the same vectors make the same map.
    """
    # Read when the library is loaded: threads that wait for each other then sleep. Awake, they take the processor from
    # those they wait for whenever something else runs beside them, and it takes seven times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from sklearn.manifold import TSNE

    values = vectors.astype(np.float32) - vectors.mean(axis=0, dtype=np.float32)
    if values.shape[1] > NUMBERS:
        _, directions = np.linalg.eigh(values.T @ values)
        values = values @ directions[:, -NUMBERS:]
    made = TSNE(
        init="pca" if values.shape[1] >= 2 else "random",
        perplexity=min(PERPLEXITY, (len(values) - 1) / 3),
        max_iter=steps,
        random_state=0,
        n_jobs=hardware.cores(),
        verbose=2,
    )
    with contextlib.redirect_stdout(_Listener(tell, steps)):
        return np.asarray(made.fit_transform(values), dtype=np.float32)


class _Listener(io.TextIOBase):
    """What scikit-learn prints of its steps, turned into how far it is: it has no other way to ask."""

    def __init__(self, tell: Tell, steps: int) -> None:
        self._tell, self._steps = tell, steps

    def write(self, text: str) -> int:
        found = _STEP.search(text)
        if found is not None:
            self._tell(_BEFORE + (1 - _BEFORE) * min(1.0, int(found.group(1)) / self._steps))
        elif _NEIGHBOURS in text:
            self._tell(_BEFORE)
        return len(text)


def main() -> None:
    root, shipped, run_id, part = sys.argv[1:]
    limit_this_process(memory=6 * _GIGABYTE, processor_seconds=3_600, file_size=_GIGABYTE)
    home = StudioHome(Path(root), Path(shipped))
    answer(lambda: make(home, run_id, "tsne" if part == "tsne" else "seen"))


if __name__ == "__main__":
    main()
