"""Time to 99.0 % on test: the `quick` preset against the examples of Keras and of PyTorch, training steps alone.

    python -m benchmarks.time_to_99 [--quick] [--rounds 3]

The preset is trained as the page trains it, by a worker process, and looks at the test split once, at its end: its time
is all of its training steps, and counts when they reached 99.0 %. The examples (`benchmarks.keras_example` and, where
PyTorch is installed, `benchmarks.pytorch_example`) have processes of their own and an advantage: their test accuracy is
looked at after each epoch, and their time ends with the first that reaches 99.0 %. On all sides validation, evaluation,
start and compiling are left out. All take turns, in an order that is turned round after each round; the number of the
round is its seed, and a ratio is that of one round.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from benchmarks import machine, studio
from benchmarks.training import finished
from core.config import PRESETS, TrainingConfig
from core.evaluation import percent
from core.jobs import Jobs

TARGET: Final = 0.99
OURS: Final = "the `quick` preset"
KERAS: Final = "Keras' example"
PYTORCH: Final = "PyTorch's example"
NO_PYTORCH: Final = "PyTorch is not installed, so its example is left out; `make bench TORCH=1` installs it.\n"


@dataclass(frozen=True, slots=True)
class Trained:
    """One training.

    Attributes:
        seconds: of its training steps.
        epochs: begun and ended.
        accuracy: on the test split, at its end.
    """

    seconds: float
    epochs: int
    accuracy: float

    def time_to(self, target: float) -> float | None:
        """The seconds, None when it ended below the target."""
        return self.seconds if self.accuracy >= target else None


Way = Callable[[int], Trained]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is trained: the accuracy to reach, rounds, and training images (None for all)."""

    target: float
    rounds: int
    images: int | None


def preset(jobs: Jobs, config: TrainingConfig, seed: int) -> Trained:
    """A run of the studio."""
    run, evaluation = finished(jobs, replace(config, seed=seed))
    return Trained(float(evaluation["train_seconds"]), len(run.epochs()), float(evaluation["test"]["accuracy"]))


def example(name: str, size: Size, seed: int) -> Trained:
    """A peer in a process of its own, up to the epoch that reaches the target.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    command = [sys.executable, "-m", f"benchmarks.{name}", "--seed", str(seed), "--target", str(size.target)]
    command += [] if size.images is None else ["--subset", str(size.images)]
    done = subprocess.run(command, cwd=studio.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"benchmarks.{name} failed:\n{done.stderr[-2_000:]}")
    epochs = json.loads(done.stdout.splitlines()[-1])
    return Trained(sum(each["seconds"] for each in epochs), len(epochs), epochs[-1]["test_accuracy"])


def in_turns(ways: dict[str, Way], rounds: int) -> dict[str, list[Trained]]:
    """Each way once a round, forwards and backwards in turn; the round is the seed."""
    found: dict[str, list[Trained]] = {name: [] for name in ways}
    for seed in range(1, rounds + 1):
        for name in list(ways) if seed % 2 else reversed(ways):
            trained = ways[name](seed)
            print(f"{name}, round {seed} of {rounds}: {trained}", file=sys.stderr, flush=True)
            found[name].append(trained)
    return found


def each(found: dict[str, list[Trained]], target: float) -> str:
    """The table of all trainings."""
    rows = [
        (name, seed, one.epochs, _seconds(one.seconds), percent(one.accuracy), _reached(one.time_to(target)))
        for name, trained in found.items()
        for seed, one in enumerate(trained, start=1)
    ]
    columns = ("way", "seed", "epochs", "s of training", "test accuracy", f"{percent(target, 1)} reached")
    return machine.table(columns, rows)


def beside(found: dict[str, list[Trained]], target: float) -> str:
    """The table of ours beside each peer, over the rounds in which both reached the target."""
    rows = []
    for name in list(found)[1:]:
        rounds = zip(found[OURS], found[name], strict=True)
        pairs = [(ours.time_to(target), peer.time_to(target)) for ours, peer in rounds]
        both = [(ours, peer) for ours, peer in pairs if ours is not None and peer is not None]
        mine, theirs = (machine.spread([pair[side] for pair in both], _seconds)[0] for side in (0, 1))
        what = f"time to {percent(target, 1)} on test, s: {OURS} / {name}, {len(both)} of {len(pairs)} rounds"
        rows.append((what, mine, theirs, [peer / ours for ours, peer in both]))
    return machine.beside(rows)


def measure(size: Size) -> Iterator[str]:
    """The tables."""
    config = PRESETS["quick"] if size.images is None else replace(PRESETS["quick"], subset=size.images)
    with studio.jobs() as jobs:
        ways: dict[str, Way] = {OURS: partial(preset, jobs, config), KERAS: partial(example, "keras_example", size)}
        if importlib.util.find_spec("torch") is not None:
            ways[PYTORCH] = partial(example, "pytorch_example", size)
        else:
            yield NO_PYTORCH
        with machine.load() as load:
            found = in_turns(ways, size.rounds)
    yield f"### Time to {percent(size.target, 1)} on test, rounds: {size.rounds}; {load}\n\n{each(found, size.target)}"
    yield beside(found, size.target)


def _seconds(value: float) -> str:
    return f"{value:.1f}"


def _reached(seconds: float | None) -> str:
    return "no" if seconds is None else "yes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round on few images to 50 %: does it work")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    size = Size(0.50, 1, 1_500) if arguments.quick else Size(TARGET, arguments.rounds, None)
    print(machine.described(), flush=True)
    for part in measure(size):
        print(part, flush=True)


if __name__ == "__main__":
    main()
