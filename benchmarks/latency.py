"""How long an answer takes: the studio's path against Keras' `predict`, `model(x)` and `predict_on_batch`, same run.

    python -m benchmarks.latency [--quick] [--rounds 3] [--model classic]

One image, 32 and 1,000 of the test split at a time. Ours are asked as the pages ask (one core) and as `evaluate` does
(all cores) about images that are ready, as Keras is; and about drawings of 280 x 280, which go through the
preprocessing one after another. Ours and Keras' each have a process of their own, new in every round, first in turns;
each way is asked a few times before the clock runs. A ratio is that of one round. All must read the same digits in the
images.
"""

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine, rest, studio
from core import hardware
from core.data import load_split
from core.home import SHIPPED, StudioHome
from core.run import KERAS_MODEL
from core.runs import RunStore

Ask = Callable[[NDArray[Any]], Any]

CALLS: Final = {1: 200, 32: 30, 1_000: 5}  # by the number of images in one
QUICK: Final = {1: 20, 32: 3, 200: 1}
WARM: Final = 2  # calls of each number before the clock runs
DRAWINGS: Final = 32  # different ones
ONE_CORE: Final = "studio, one core"
ALL_CORES: Final = "studio, all cores"
PICTURES: Final = "studio, one core, from drawings"
KERAS: Final = {
    "Keras, predict": lambda network, x: network.predict(x, verbose=0),
    "Keras, model(x)": lambda network, x: np.asarray(network(x, training=False)),
    "Keras, predict_on_batch": lambda network, x: network.predict_on_batch(x),
}
WAYS: Final = (ONE_CORE, ALL_CORES, PICTURES, *KERAS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one process found.

    Attributes:
        ms: of each call, by the number of images in it.
        digits: read in the largest number of images.
    """

    ms: dict[int, list[float]]
    digits: list[int]

    def median(self, images: int) -> float:
        """Milliseconds of a call with so many images."""
        return statistics.median(self.ms[images])


def of_the_studio(model: str) -> Iterator[tuple[str, Ask, NDArray[Any]]]:
    """Each of our ways, how to ask a run that way, and what about."""
    from core.inference import Classifier
    from core.preprocessing import read_picture

    run = RunStore(StudioHome.from_environment()).resolve(model)
    alone = Classifier.load(run)
    yield ONE_CORE, alone.probabilities, images()
    yield ALL_CORES, Classifier.load(run, threads=hardware.cores()).probabilities, images()
    drawings = np.stack([read_picture(data) for data in rest.drawings(DRAWINGS)])
    many = drawings[np.arange(max(CALLS)) % DRAWINGS]
    yield PICTURES, lambda given: np.stack([alone.classify(each).probabilities for each in given]), many


def of_keras(model: str) -> Iterator[tuple[str, Ask, NDArray[Any]]]:
    """The same of Keras' ways."""
    import keras

    path = RunStore(StudioHome.from_environment()).resolve(model).path / KERAS_MODEL
    for way, call in KERAS.items():
        yield way, functools.partial(call, keras.models.load_model(path)), images()[..., None]


def images() -> NDArray[np.float32]:
    """(1000, 28, 28) in [0, 1]: the first of the test split."""
    return load_split(SHIPPED / "mnist.npz", "test").images[: max(CALLS)].astype(np.float32) / np.float32(255)


SIDES: Final = {"studio": of_the_studio, "keras": of_keras}


def ask(call: Ask, about: NDArray[Any], calls: dict[int, int]) -> Asked:
    """Measures one way in this process."""
    found: dict[int, list[float]] = {}
    for count, times in calls.items():
        some, taken = about[:count], []
        for turn in range(-WARM, times):
            began = time.perf_counter()
            answers = call(some)
            if turn >= 0:
                taken.append(1_000 * (time.perf_counter() - began))
        found[count] = taken
    return Asked(found, np.argmax(answers, axis=1).tolist())


def in_turns(model: str, rounds: int, *, quick: bool) -> dict[str, list[Asked]]:
    """What each way took in each round; ours and Keras' in a process each, in turns.

    Raises:
        subprocess.CalledProcessError: one failed.
    """
    found: dict[str, list[Asked]] = {way: [] for way in WAYS}
    for turn in range(rounds):
        for side in list(SIDES) if turn % 2 == 0 else reversed(SIDES):
            print(f"{side}, round {turn + 1} of {rounds}", file=sys.stderr, flush=True)
            command = [sys.executable, "-m", "benchmarks.latency", "--side", side, "--model", model]
            command += ["--quick"] if quick else []
            done = subprocess.run(command, cwd=studio.ROOT, stdout=subprocess.PIPE, text=True, check=True)
            for way, (ms, digits) in json.loads(done.stdout.splitlines()[-1]).items():
                found[way].append(Asked({int(count): taken for count, taken in ms.items()}, digits))
    return found


def of_calls(found: dict[str, list[Asked]], count: int) -> str:
    """The table of calls with so many images."""
    ours = [asked.median(count) for asked in found[ONE_CORE]]
    rows = []
    for way, rounds in found.items():
        ms = [each for asked in rounds for each in asked.ms[count]]
        against = [asked.median(count) / mine for mine, asked in zip(ours, rounds, strict=True)]
        one = _ms(statistics.median(ms) / count)
        rows.append((way, len(ms), *machine.spread(ms, _ms), one, *machine.spread(against, machine.ratio)))
    columns = ("way", "calls", "ms, median", "least", "most", "an image")
    return machine.table((*columns, "times the first, median", "least", "most"), rows)


def beside(found: dict[str, list[Asked]], counts: Iterable[int]) -> str:
    """The table of ours, on one core, beside each way of Keras; a drawing beside a ready image as well."""
    pairs = [(count, ONE_CORE, way) for count in counts for way in KERAS] + [(1, PICTURES, next(iter(KERAS)))]
    rows = []
    for count, mine, way in pairs:
        ours, peer = ([asked.median(count) for asked in found[side]] for side in (mine, way))
        what = f"ms for {count:,} image{'' if count == 1 else 's'}: {mine} / {way}"
        against = [theirs / our for our, theirs in zip(ours, peer, strict=True)]
        rows.append((what, _ms(statistics.median(ours)), _ms(statistics.median(peer)), against))
    return machine.beside(rows)


def same(found: dict[str, list[Asked]]) -> str:
    """Whether all read the same in the images, in one sentence."""
    ready = {way: rounds[0].digits for way, rounds in found.items() if way != PICTURES}
    unlike = {
        way: sum(one != other for one, other in zip(ready[ONE_CORE], digits, strict=True))
        for way, digits in ready.items()
        if digits != ready[ONE_CORE]
    }
    if unlike:
        return f"**Not the same answers**: images read otherwise than by the {ONE_CORE}: {unlike}.\n"
    return f"All ways read the same digits in the {len(ready[ONE_CORE]):,} images.\n"


def _ms(value: float) -> str:
    return f"{value:,.3f}" if value < 1 else f"{value:,.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round of few calls: does it work")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="classic", metavar="RUN")
    parser.add_argument("--side", choices=SIDES, help="measure this one in this process and print a line of JSON")
    arguments = parser.parse_args()
    calls = QUICK if arguments.quick else CALLS
    if arguments.side:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        asked = {way: ask(call, about, calls) for way, call, about in SIDES[arguments.side](arguments.model)}
        print(json.dumps({way: [each.ms, each.digits] for way, each in asked.items()}))
        return
    print(machine.described(), flush=True)
    with machine.load() as load:
        found = in_turns(arguments.model, 1 if arguments.quick else arguments.rounds, quick=arguments.quick)
    for count in calls:
        print(f"### {count:,} at a time, the run {arguments.model}; {load}\n\n{of_calls(found, count)}")
    print(f"{same(found)}\n{beside(found, calls)}")


if __name__ == "__main__":
    main()
