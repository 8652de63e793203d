"""The `train` command: a preset and its changes in, a finished run out.

Owns its arguments and how progress is told on a terminal. The training itself is a `jobs` run like one from the page.
"""

import argparse
import json
import sys
import time
from typing import Any

from core.config import PRESETS, TrainingConfig, preset
from core.errors import ConfigError, RunNotFoundError, TrainingError
from core.home import StudioHome
from core.jobs import Jobs
from core.run import Run
from core.runs import RunStore
from core.status import RunState

_POLL = 0.25  # seconds


def add_parser(subparsers: Any) -> None:
    """Adds `train` to the subcommands."""
    parser = subparsers.add_parser("train", help="train a network", description="Trains a network as a run.")
    parser.add_argument("--preset", default="classic", metavar="NAME", help=f"one of {', '.join(PRESETS)}")
    parser.add_argument("--epochs", metavar="N", help="passes over the training images")
    parser.add_argument("--subset", metavar="N", help="train on this many images only")
    parser.add_argument("--seed", metavar="N", help="decides weights, order and augmentation")
    parser.add_argument("--name", default="", metavar="TEXT", help="what the run is called")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="settings", help="any other setting"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trains, waits, and prints the run id with its test accuracy."""
    config = configuration(arguments)
    jobs = Jobs(RunStore(StudioHome.from_environment()))
    started = jobs.submit(config, name=arguments.name, preset=arguments.preset)
    try:
        finished = _follow(jobs, started.run_id)
    except RunNotFoundError:
        raise TrainingError(f"{started.run_id} was discarded; the Runs page takes it back within a day.") from None
    except KeyboardInterrupt:
        jobs.shutdown()
        raise TrainingError(f"{started.run_id} was interrupted; resume it on the Train page.") from None
    if finished.status.state is not RunState.FINISHED:
        raise TrainingError(f"{finished.run_id} {finished.status.state}: {finished.status.message}")
    evaluation = finished.evaluation() or {}
    if arguments.json:
        sys.stdout.write(json.dumps(_result(finished, evaluation)) + "\n")
    else:
        test = evaluation["test"]
        sys.stdout.write(
            f"{finished.run_id}: test accuracy {test['accuracy']:.2%} "
            f"({test['n'] - test['correct']} wrong of {test['n']:,}; "
            f"95 % interval {test['accuracy_low']:.2%} to {test['accuracy_high']:.2%})\n"
        )
    return 0


def configuration(arguments: argparse.Namespace) -> TrainingConfig:
    """The preset with the settings of the command line.

    Raises:
        ConfigError: a setting is unknown or not allowed.
    """
    texts: dict[str, str] = {}
    for assignment in arguments.settings:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set takes KEY=VALUE, not {assignment!r}.")
        texts[name.strip()] = text
    for name in ("epochs", "subset", "seed"):
        if getattr(arguments, name) is not None:
            texts[name] = getattr(arguments, name)
    return preset(arguments.preset).with_text(texts)


def _result(run: Run, evaluation: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "test_accuracy": evaluation["test"]["accuracy"],
        "val_accuracy": evaluation.get("validation", {}).get("accuracy"),
        **{key: evaluation[key] for key in ("parameters", "train_seconds", "images_per_second")},
        **{key: evaluation[key] for key in ("startup_seconds", "export_seconds", "evaluation_seconds")},
    }


def _follow(jobs: Jobs, run_id: str) -> Run:
    """Tells each new stage and epoch on standard error until the run has ended."""
    told = ""
    while True:
        run = jobs.store.get(run_id)
        line = _progress(jobs, run)
        if line != told:
            sys.stderr.write(line + "\n")
            told = line
        if run.status.state.ended:
            jobs.wait(run_id)
            return jobs.store.get(run_id)
        time.sleep(_POLL)


def _progress(jobs: Jobs, run: Run) -> str:
    if run.status.state is RunState.QUEUED:
        ahead = jobs.current()
        return f"{run.run_id}: queued" + (f" behind {ahead.run_id}" if ahead else "")
    epochs = run.epochs()
    if run.status.state is not RunState.TRAINING or not epochs:
        return f"{run.run_id}: {run.status.state}"
    last = epochs[-1]
    validated = (
        f", val_loss {last['val_loss']:.4f}, val_accuracy {last['val_accuracy']:.4f}" if "val_loss" in last else ""
    )
    return (
        f"{run.run_id}: epoch {last['epoch']} of {run.status.epochs}, "
        f"loss {last['loss']:.4f}, accuracy {last['accuracy']:.4f}{validated}"
    )
