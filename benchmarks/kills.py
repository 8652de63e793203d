"""Workers killed without warning at random moments: is anything lost, and are the resumed runs as good as others?

    python -m benchmarks.kills [--quick] [--kills 36] [--seed 1]

Each run is killed in every stage (start, training, the writing of a checkpoint, export, evaluation) and once more, with
SIGKILL, at moments drawn at random (`benchmarks.harm`), and resumed after each kill. Checked after each: what another
reader of the store is told, how soon, whether the history is readable and whole, and that no other run has changed. In
the end each resumed run is compared with two undisturbed ones of the same settings and seed: the two show how much runs
differ without any kill. Exits with 1 when something was lost; no time is judged.
"""

import argparse
import hashlib
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import Final

from benchmarks import harm, machine, studio
from benchmarks.harm import Kill, Stage, Usual
from core.config import PRESETS, TrainingConfig
from core.jobs import Jobs
from core.run import CONTROL, Run
from core.status import RunState

# Long enough that an epoch can be lost, and accurate enough (about 98.8 %) that a loss would show.
CONFIG: Final = replace(PRESETS["quick"], subset=20_000, epochs=6)
QUICK: Final = replace(PRESETS["quick"], subset=2_000, epochs=4)
SEEDS: Final = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Victim:
    """A run that was killed again and again.

    Attributes:
        accuracy: on the test split; None when it did not come to its end.
        problems: what is not as in an undisturbed run, one sentence each.
        leftovers: files of its folder that neither an undisturbed run nor steering leaves.
    """

    seed: int
    kills: tuple[Kill, ...]
    accuracy: float | None
    problems: tuple[str, ...]
    leftovers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """Two runs of the same settings and seed that nothing happened to.

    Attributes:
        run: the second of them.
        accuracies: of both on the test split.
        usual: how long their stages took at the least.
    """

    run: Run
    accuracies: tuple[float, float]
    usual: Usual


def victim(jobs: Jobs, config: TrainingConfig, moments: Sequence[harm.Moment], usual: Usual, model: Run) -> Victim:
    """Takes one run through its kills to its end.

    Args:
        model: an undisturbed run of the same settings.
    """
    kills: list[Kill] = []
    untouched = _digest(model)
    run = jobs.submit(config)
    for moment in moments:
        found = harm.kill(jobs.store, run, moment, usual)
        if found is None:
            break
        print(f"killed in {found.stage}: {found}", file=sys.stderr, flush=True)
        kills.append(found)
        jobs.resume(run.run_id)
    ended = harm.wait_for_end(jobs, run)
    expected = {CONTROL, *(path.name for path in model.path.iterdir())}
    leftovers = {path.name for path in ended.path.iterdir()} - expected
    problems = list(_unlike(ended, model)) + [problem for each in kills for problem in each.problems]
    if _digest(model) != untouched:
        problems.append("another run's folder has changed")
    return Victim(config.seed, tuple(kills), _accuracy(ended), tuple(problems), tuple(sorted(leftovers)))


def _unlike(run: Run, model: Run) -> Iterator[str]:
    """In what a run is not like an undisturbed one of the same settings."""
    if run.status.state is not RunState.FINISHED or not run.has_model:
        yield f"ended as {run.status.state}: {run.status.message}"
    for kind, found, expected in (("epoch", run.epochs(), model.epochs()), ("step", run.steps(), model.steps())):
        if [record[kind] for record in found] != [record[kind] for record in expected]:
            yield f"its {kind}s are not those of an undisturbed run"


def _accuracy(run: Run) -> float | None:
    found = run.evaluation()
    return None if found is None else float(found["test"]["accuracy"])


def _digest(run: Run) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in run.path.iterdir()}


def by_stage(kills: Sequence[Kill]) -> str:
    """The table of kills, a line for each stage."""
    rows: list[tuple[object, ...]] = []
    parts = [(str(stage), [kill for kill in kills if kill.stage is stage]) for stage in Stage]
    for name, found in [*parts, ("all", list(kills))]:
        seen, _, seen_most = machine.spread([kill.seen_after for kill in found], _seconds)
        written, _, written_most = machine.spread([kill.written_after for kill in found], _seconds)
        writing = sum(bool(kill.half_written) for kill in found)
        good = sum(not kill.problems for kill in found)
        lost = max((kill.lost_epochs for kill in found), default=0)
        rows.append((name, len(found), writing, good, seen, seen_most, written, written_most, lost))
    columns = ["killed in", "kills", "while a file was written", "all in order afterwards", "state right after, s"]
    columns += ["most", "written down after, s", "most", "complete epochs lost, most"]
    return machine.table(columns, rows)


def by_run(models: dict[int, Undisturbed], victims: Sequence[Victim]) -> str:
    """The table of test accuracies: each resumed run beside the undisturbed ones of its seed."""
    rows = []
    for each in victims:
        one, other = models[each.seed].accuracies
        gained = "–" if each.accuracy is None else f"{100 * (each.accuracy - mean((one, other))):+.2f}"
        accuracy = "–" if each.accuracy is None else _percent(each.accuracy)
        rows.append((each.seed, len(each.kills), _percent(one), _percent(other), accuracy, gained))
    columns = ("seed", "kills", "undisturbed", "undisturbed again", "killed and resumed", "difference, points")
    return machine.table(columns, rows)


def _seconds(value: float) -> str:
    return f"{value:.2f}"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def undisturbed(jobs: Jobs, config: TrainingConfig) -> Undisturbed:
    """Two such runs, one after the other."""
    (one, first), (other, second) = harm.timed(jobs, config), harm.timed(jobs, config)
    found = Undisturbed(other, (_accuracy(one) or 0.0, _accuracy(other) or 0.0), harm.quickest((first, second)))
    print(f"undisturbed, seed {config.seed}: {found.accuracies}, {found.usual}", file=sys.stderr, flush=True)
    return found


def measure(
    jobs: Jobs, config: TrainingConfig, seeds: Sequence[int], wanted: int, rng: random.Random, *, quick: bool
) -> tuple[dict[int, Undisturbed], list[Victim]]:
    """Undisturbed runs by seed, and victims until there are as many kills as wanted, in every stage its share.

    On a machine that is busy in turns a stage may be over before its moment; such a kill counts for the next one.

    Args:
        quick: one victim with so many kills, whatever the stages.
    """
    models = {seed: undisturbed(jobs, replace(config, seed=seed)) for seed in seeds}
    usual = harm.quickest(model.usual for model in models.values())
    victims: list[Victim] = []
    stages = list(Stage)
    while _too_few([kill for each in victims for kill in each.kills], wanted) and len(victims) < wanted:
        place = len(victims)
        seed = seeds[place % len(seeds)]
        moments = harm.plan(rng, config.epochs, extra=stages[place % len(stages)])[: wanted if quick else None]
        victims.append(victim(jobs, replace(config, seed=seed), moments, usual, models[seed].run))
        if quick:
            break
    return models, victims


def _too_few(kills: Sequence[Kill], wanted: int) -> bool:
    """Whether there are fewer kills than wanted, or in a stage fewer than half of an equal share."""
    counts = Counter(kill.stage for kill in kills)
    return len(kills) < wanted or any(counts[stage] < wanted / len(Stage) / 2 for stage in Stage)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short run with two kills: does it work")
    parser.add_argument("--kills", type=int, default=36)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    arguments = parser.parse_args()
    config, wanted, seeds = (QUICK, 2, SEEDS[:1]) if arguments.quick else (CONFIG, arguments.kills, SEEDS)
    print(machine.described(), flush=True)
    with studio.jobs() as jobs, machine.load() as load:
        models, victims = measure(jobs, config, seeds, wanted, random.Random(arguments.seed), quick=arguments.quick)
    kills = [kill for each in victims for kill in each.kills]
    print(f"{len(kills)} kills; moments of seed {arguments.seed}; {load}.\n\n{by_stage(kills)}")
    amount = f"{config.epochs} x {config.subset:,} images"
    print(f"The quick network, {amount}; accuracy on the 10,000 test images.\n\n{by_run(models, victims)}")
    problems = [problem for each in victims for problem in each.problems]
    leftovers = sorted({name for each in victims for name in each.leftovers})
    print(f"Problems: {'; '.join(problems) or 'none'}.")
    print(f"Files that kills left in the folders of finished runs: {', '.join(leftovers) or 'none'}.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
