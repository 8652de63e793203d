"""How quick a training is: runs as the page makes them, against a plain Keras `model.fit` and with augmentation.

    python -m benchmarks.training [--quick] [--rounds 4] [--presets classic quick ...]

A run goes through `core.jobs` in a home of its own, so a real worker process trains it; its figure is the one in
`evaluation.json`. The peer (`benchmarks.plain_fit`) trains the same network in a fresh process of its own with the same
optimiser, batch size and precision. Both count training alone: validation, start and export are left out. All ways take
turns, in an order that is turned round after each round, so that what else the machine does hits all of them; a ratio
is that of one round. Augmentation is off where plain Keras, which has none, is the peer.
"""

import argparse
import functools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from benchmarks import machine, studio
from core import data, hardware
from core.augmentation import augment
from core.config import AUGMENTATION, PRESETS, TrainingConfig
from core.home import StudioHome
from core.jobs import Jobs
from core.model import Precision
from core.run import LOG, Run

Way = Callable[[], float]

# The levels of the form on *Train*, and one with everything there is.
LEVELS: Final[dict[str, dict[str, Any]]] = {
    "none": {},
    "light": {name: getattr(PRESETS["compact"], name) for name in AUGMENTATION},
    "strong": {name: getattr(PRESETS["strong"], name) for name in AUGMENTATION},
    "strong and elastic": {name: getattr(PRESETS["strong"], name) for name in AUGMENTATION} | {"elastic": 1.5},
}
TRIED: Final = ("none", "strong and elastic")  # the levels of a quick try
# The strong network does several times the work for an image that the others do.
SHARE: Final = {"strong": 0.25}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: images of an epoch (whole batches are made of them), epochs, and rounds."""

    images: int
    epochs: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Images per second of one way, one value a round."""

    name: str
    rates: list[float]

    def against(self, other: "Measured") -> list[float]:
        """How many times as quick as another way, round by round."""
        return [one / two for one, two in zip(self.rates, other.rates, strict=True)]


def in_turns(ways: dict[str, Way], rounds: int) -> dict[str, Measured]:
    """Each way once a round, forwards and backwards in turn."""
    found = {name: Measured(name, []) for name in ways}
    for turn in range(rounds):
        for name in list(ways) if turn % 2 == 0 else reversed(ways):
            rate = ways[name]()
            print(f"{name}, round {turn + 1} of {rounds}: {rate:,.0f} images/s", file=sys.stderr, flush=True)
            found[name].rates.append(rate)
    return found


def run_of_the_studio(jobs: Jobs, config: TrainingConfig) -> float:
    """Images per second of one run, from its `evaluation.json`.

    Raises:
        RuntimeError: it did not finish.
    """
    return float(finished(jobs, config)[1]["images_per_second"])


def finished(jobs: Jobs, config: TrainingConfig) -> tuple[Run, dict[str, Any]]:
    """One run after its training, and its `evaluation.json`.

    Raises:
        RuntimeError: it did not finish.
    """
    run = jobs.submit(config)
    jobs.wait(run.run_id)
    ended = jobs.store.get(run.run_id)
    found = ended.evaluation()
    if not ended.has_model or found is None:
        log = (run.path / LOG).read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"the run ended as {ended.status.state}: {ended.status.message}\n{log[-2_000:]}")
    return ended, found


def plain_fit(config: TrainingConfig, precision: Precision) -> float:
    """Images per second of plain Keras in a process of its own.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", "benchmarks.plain_fit", json.dumps(config.to_dict()), "--precision", precision]
    done = subprocess.run(
        command, cwd=studio.ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    return float(json.loads(done.stdout.splitlines()[-1])["images_per_second"])


def settings(preset: str, size: Size) -> TrainingConfig:
    """The settings of a preset without augmentation, for a short training."""
    share = SHARE.get(preset, 1.0)
    off: dict[str, Any] = dict.fromkeys(AUGMENTATION, 0.0)
    return replace(PRESETS[preset], subset=round(size.images * share), epochs=size.epochs, **off)


def against_plain(jobs: Jobs, preset: str, size: Size, *, both: bool) -> Iterator[str]:
    """The tables of one preset: images per second of each way, and their ratios.

    Args:
        both: measure float32 beside bfloat16 where the processor has both.
    """
    config = settings(preset, size)
    precisions: list[tuple[Precision, str]] = [("float32", "off")]
    if hardware.has_bfloat16():
        precisions = [("mixed_bfloat16", "on"), *(precisions if both else [])]
    ways: dict[str, Way] = {}
    for precision, switch in precisions:
        switched = replace(config, mixed_precision=switch)
        ways[f"studio, {precision}"] = functools.partial(run_of_the_studio, jobs, switched)
        ways[f"model.fit, {precision}"] = functools.partial(plain_fit, config, precision)
    with machine.load() as load:
        found = in_turns(ways, size.rounds)
    amount = f"{config.epochs} x {config.subset:,} images in batches of {config.batch_size}"
    yield f"### The {preset} network, {amount}; {load}\n"
    yield rates(found)
    ratios = [
        (f"studio / model.fit, both {name}", found[f"studio, {name}"].against(found[f"model.fit, {name}"]))
        for name, _ in precisions
    ]
    if len(precisions) == 2:
        default = found["studio, mixed_bfloat16"].against(found["model.fit, float32"])
        ratios.append(("studio as it comes (bfloat16) / model.fit as it comes (float32)", default))
    rows = [(name, *machine.spread(values, machine.ratio)) for name, values in ratios]
    yield machine.table(("ratio", "median", "least", "most"), rows)
    yield machine.beside(peers(preset, found, [name for name, _ in precisions]))


def peers(
    preset: str, found: dict[str, Measured], precisions: Sequence[str]
) -> Iterator[tuple[str, str, str, list[float]]]:
    """The rows of the studio beside plain `model.fit` in each precision, and of both as they come."""
    pairs = [(f"both {name}", name, name) for name in precisions]
    if len(precisions) == 2:
        pairs.append(("each as it comes", "mixed_bfloat16", "float32"))
    for what, mine, theirs in pairs:
        ours, peer = found[f"studio, {mine}"], found[f"model.fit, {theirs}"]
        mine, theirs = (machine.spread(each.rates)[0] for each in (ours, peer))
        yield f"training images/s, {preset}: studio / model.fit, {what}", mine, theirs, ours.against(peer)


def augmented(jobs: Jobs, size: Size, levels: Iterable[str]) -> Iterator[str]:
    """The table of what augmentation costs the `classic` network."""
    config = settings("classic", size)
    ways: dict[str, Way] = {
        name: functools.partial(run_of_the_studio, jobs, replace(config, **LEVELS[name])) for name in levels
    }
    with machine.load() as load:
        found = in_turns(ways, size.rounds)
    yield f"### Augmentation of the classic network's images; {load}\n"
    rows: list[tuple[object, ...]] = []
    for name, each in found.items():
        work = work_of(replace(config, **LEVELS[name]))
        ratios = machine.spread(each.against(found["none"]), machine.ratio)
        rows.append((name, f"{work:.0f}", *machine.spread(each.rates), *ratios))
    columns = ["augmentation", "µs of one core for an image", "images/s, median", "least", "most"]
    yield machine.table([*columns, "against none, median", "least", "most"], rows)


def work_of(config: TrainingConfig, batches: int = 60) -> float:
    """Processor time that augmentation takes for one image, in microseconds: what it costs while all cores train."""
    images = data.load_split(StudioHome.from_environment().mnist, "train").images
    rng = np.random.default_rng(config.seed)
    began = time.process_time()
    for start in range(0, batches * config.batch_size, config.batch_size):
        augment(images[start : start + config.batch_size], config, rng)
    return (time.process_time() - began) / (batches * config.batch_size) * 1e6


def rates(found: dict[str, Measured]) -> str:
    """The table of images per second."""
    rows = [(name, *machine.spread(each.rates)) for name, each in found.items()]
    return machine.table(("way", "images/s, median", "least", "most"), rows)


def measure(presets: Sequence[str], size: Size, *, quick: bool) -> Iterator[str]:
    """Every table; the first preset in both precisions, the others in the one that pays.

    Args:
        quick: neither both precisions nor all levels of augmentation.
    """
    with studio.jobs() as jobs:
        for place, preset in enumerate(presets):
            first = place == 0
            yield from against_plain(jobs, preset, size if first else others(size), both=first and not quick)
        yield from augmented(jobs, others(size), TRIED if quick else LEVELS)


def others(size: Size) -> Size:
    """What is spent on everything but the first preset."""
    return replace(size, rounds=max(1, size.rounds // 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round: does it work, not how quick is it")
    parser.add_argument("--rounds", type=int, default=4, help="of the first preset; the others have half of them")
    parser.add_argument("--presets", nargs="+", choices=PRESETS, help="all by default; a quick try takes classic alone")
    arguments = parser.parse_args()
    quick = arguments.quick
    size = Size(1_500, 1, 1) if quick else Size(27_500, 2, arguments.rounds)
    presets = arguments.presets or (["classic"] if quick else ["classic", "quick", "compact", "strong"])
    print(machine.described(), flush=True)
    for part in measure(presets, size, quick=quick):
        print(part, flush=True)


if __name__ == "__main__":
    main()
