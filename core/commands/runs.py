"""The commands about finished runs: `runs`, `evaluate`, `activate`.

Owns their arguments and output. What a run is, is `run`'s, which there are `runs`'.
"""

import argparse
import json
import sys
from typing import Any

from core import data, hardware
from core.errors import RunDamagedError, RunStateError
from core.evaluation import summarise
from core.home import StudioHome
from core.inference import Classifier
from core.run import Run
from core.runs import RunStore


def add_parser(subparsers: Any) -> None:
    """Adds the three commands to the subcommands."""
    runs = subparsers.add_parser("runs", help="list all runs", description="Lists all runs, newest first.")
    runs.set_defaults(run=list_runs)
    evaluate = subparsers.add_parser(
        "evaluate",
        help="measure a run on images",
        description="Runs images through a run's model.onnx and states how it did; never repeats a stored number.",
    )
    evaluate.add_argument("--split", choices=("test", "validation"), default="test", help="which images; default: test")
    evaluate.set_defaults(run=evaluate_run)
    activate = subparsers.add_parser("activate", help="let a run predict", description="Makes a run the active one.")
    activate.set_defaults(run=activate_run)
    for parser in (evaluate, activate):
        parser.add_argument("target", nargs="?" if parser is evaluate else None, default="active", metavar="RUN")
    for parser in (runs, evaluate, activate):
        parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")


def list_runs(arguments: argparse.Namespace) -> int:
    """Prints every run, and on standard error each damaged one with the reason."""
    store = _store()
    rows = [_row(run) for run in store.runs()]
    if arguments.json:
        sys.stdout.write(json.dumps({"runs": rows}) + "\n")
    else:
        for row in rows:
            accuracy = "" if row["test_accuracy"] is None else f"{row['test_accuracy']:.2%}"
            sys.stdout.write(f"{row['run_id']:<34} {row['state']:<12} {accuracy:>8}  {_plain(row['name'])}\n")
    for damaged in store.damaged():
        sys.stderr.write(f"damaged: {damaged.reason}\n")
    return 0


def evaluate_run(arguments: argparse.Namespace) -> int:
    """Prints what the run's model answers to a split, measured now."""
    store = _store()
    run = store.resolve(arguments.target)
    classifier = Classifier.load(run, threads=hardware.cores())
    images = _images(store, run, arguments.split)
    summary = summarise(
        classifier.network.probabilities(images.images),
        images.labels,
        split=arguments.split,
        temperature=classifier.temperature,
    )
    parameters = {"parameters": classifier.parameters, "temperature": classifier.temperature}
    if arguments.json:
        sys.stdout.write(json.dumps({"run_id": run.run_id, **summary, **parameters}) + "\n")
    else:
        sys.stdout.write(
            f"{run.run_id} on {summary['split']}: accuracy {summary['accuracy']:.2%} "
            f"({summary['n'] - summary['correct']} wrong of {summary['n']:,}; 95 % interval "
            f"{summary['accuracy_low']:.2%} to {summary['accuracy_high']:.2%}), "
            f"loss {summary['loss']:.4f}, ECE {summary['ece']:.4f}\n"
        )
    return 0


def activate_run(arguments: argparse.Namespace) -> int:
    """Makes a run the one that predicts from now on."""
    store = _store()
    run = store.activate(store.resolve(arguments.target).run_id)
    if arguments.json:
        sys.stdout.write(json.dumps({"run_id": run.run_id, "name": run.name}) + "\n")
    else:
        sys.stdout.write(f"{run.run_id} is active.\n")
    return 0


def _store() -> RunStore:
    return RunStore(StudioHome.from_environment())


def _images(store: RunStore, run: Run, split: str) -> data.Split:
    """The images of a split as the run divided them."""
    if split == "test":
        return data.load_split(store.home.mnist, "test")
    if not run.config.validation_size:
        raise RunStateError(f"{run.run_id} was trained on all images (validation_size 0): it has no validation split.")
    whole = data.load_split(store.home.mnist, "train")
    _, validation = data.divide(whole.labels, run.config)
    return data.Split(whole.images[validation], whole.labels[validation])


def _row(run: Run) -> dict[str, Any]:
    try:
        test = (run.evaluation() or {}).get("test") or {}
    except RunDamagedError as error:  # the other runs are listed all the same
        sys.stderr.write(f"damaged: {error}\n")
        test = {}
    return {
        "run_id": run.run_id,
        "name": run.name,
        "preset": run.preset,
        "state": str(run.status.state),
        "created_at": run.created_at,
        "shipped": run.shipped,
        "test_accuracy": test.get("accuracy"),
    }


def _plain(name: str) -> str:
    return name if name.isprintable() else ascii(name)
