"""The command `threshold`: below which confidence a run answers *I don't know*, everywhere from then on.

Owns its arguments and output. How a threshold is found is `evaluation`'s, where it is kept `thresholds`'.
"""

import argparse
import json
import sys
from typing import Any

from core import data
from core.errors import ConfigError, RunStateError
from core.evaluation import Choice, threshold_for_accuracy, threshold_for_coverage
from core.home import StudioHome
from core.pairing import read_answers
from core.run import Run
from core.runs import RunStore
from core.thresholds import Threshold, keep_threshold, read_threshold, threshold_of


def add_parser(subparsers: Any) -> None:
    """Adds `threshold` to the subcommands."""
    parser = subparsers.add_parser(
        "threshold",
        help="see or set when a run answers I don't know",
        description="Without an option: what is set. A threshold is chosen on the run's validation images, and applies "
        "on the pages, in `predict`, over REST and in exports from then on.",
    )
    parser.add_argument("target", nargs="?", default="active", metavar="RUN", help="a run id, preset or unique prefix")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--accuracy", type=float, metavar="SHARE", help="at least this share of what is answered right")
    wanted.add_argument("--coverage", type=float, metavar="SHARE", help="at least this share of the images answered")
    wanted.add_argument("--set", type=float, metavar="CONFIDENCE", help="this threshold; 0 answers everything")
    wanted.add_argument("--none", action="store_true", help="take the threshold away")
    parser.add_argument("--twin", metavar="RUN", help="choose on what this run answers to its validation images")
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Sets what is asked for and prints what holds. Returns 1, and changes nothing, when the target is out of reach."""
    home = StudioHome.from_environment()
    store = RunStore(home)
    target = store.resolve(arguments.target)
    if not target.has_model:
        raise RunStateError(f"{target.run_id} is {target.status.state}: it has no answers to withhold.")
    if arguments.twin is not None and arguments.accuracy is None and arguments.coverage is None:
        raise ConfigError("--twin says where a threshold is chosen: give --accuracy or --coverage with it.")
    words = ""
    if arguments.none or arguments.set is not None:
        keep_threshold(home, target, None if arguments.none else Threshold(arguments.set))
    elif arguments.accuracy is not None or arguments.coverage is not None:
        twin = target if arguments.twin is None else store.resolve(arguments.twin)
        choice = _choice(home, twin, arguments.accuracy, arguments.coverage)
        if not choice.reached:
            sys.stderr.write(f"{choice.words} Nothing was changed.\n")
            return 1
        keep_threshold(home, target, _kept(choice, "validation" if twin is target else twin.run_id))
        words = f" {choice.words}"
    if arguments.json:
        sys.stdout.write(json.dumps(_values(home, target)) + "\n")
    else:
        value = threshold_of(home, target)
        held = "no threshold" if value is None else f"the threshold {value:.12g}"
        sys.stdout.write(f"{target.run_id} has {held}.{words}\n")
    return 0


def _choice(home: StudioHome, run: Run, accuracy: float | None, coverage: float | None) -> Choice:
    answers = read_answers(run, "validation", data.load_split(home.mnist, "train").labels)
    if accuracy is not None:
        return threshold_for_accuracy(answers.probabilities, answers.labels, accuracy)
    assert coverage is not None
    return threshold_for_coverage(answers.probabilities, answers.labels, coverage)


def _kept(choice: Choice, source: str) -> Threshold:
    # Where everything can be answered, 0 says so, also over a threshold that the run brings along.
    return Threshold(choice.threshold or 0.0, choice.rule, choice.target, source)


def _values(home: StudioHome, run: Run) -> dict[str, Any]:
    kept = read_threshold(home, run)
    return {
        "run_id": run.run_id,
        "threshold": threshold_of(home, run),
        "rule": kept and kept.rule,
        "target": kept and kept.target,
        "source": kept and kept.source,
    }
