"""The command `evaluate`: a run's model on images, measured now.

Owns its arguments and output. The figures are `evaluation`'s.
"""

import argparse
import json
import sys
from typing import Any

from core import data, hardware
from core.errors import RunStateError
from core.evaluation import Effect, effect_of, percent, summarise
from core.home import StudioHome
from core.inference import Classifier
from core.run import Run
from core.runs import RunStore


def add_parser(subparsers: Any) -> None:
    """Adds `evaluate` to the subcommands."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a run on images",
        description="Runs images through a run's model.onnx and states how it did; never repeats a stored number.",
    )
    parser.add_argument("target", nargs="?", default="active", metavar="RUN", help="a run id, preset or unique prefix")
    parser.add_argument("--split", choices=("test", "validation"), default="test", help="which images; default: test")
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what the run's model answers to a split."""
    home = StudioHome.from_environment()
    store = RunStore(home)
    target = store.resolve(arguments.target)
    classifier = Classifier.load(target, home=home, threads=hardware.cores())
    images = _images(store, target, arguments.split)
    raw = classifier.network.probabilities(images.images)
    summary = summarise(raw, images.labels, split=arguments.split, temperature=classifier.temperature)
    effect = effect_of(classifier.calibrated(raw), images.labels, classifier.threshold)
    if arguments.json:
        parameters = {"parameters": classifier.parameters, "temperature": classifier.temperature}
        sys.stdout.write(json.dumps({"run_id": target.run_id, **summary, **parameters, **_answered(effect)}) + "\n")
    else:
        sys.stdout.write(_line(target, summary, effect) + "\n")
    return 0


def _images(store: RunStore, run: Run, split: str) -> data.Split:
    """The images of a split as the run divided them."""
    if split == "test":
        return data.load_split(store.home.mnist, "test")
    if not run.config.validation_size:
        raise RunStateError(f"{run.run_id} was trained on all images (validation_size 0): it has no validation split.")
    whole = data.load_split(store.home.mnist, "train")
    _, validation = data.divide(whole.labels, run.config)
    return data.Split(whole.images[validation], whole.labels[validation])


def _answered(effect: Effect) -> dict[str, float | None]:
    """What the run's threshold does; without one all images are answered."""
    return {
        "threshold": effect.threshold,
        "coverage": effect.coverage.value,
        "answered_accuracy": effect.accuracy.value,
    }


def _line(run: Run, summary: dict[str, Any], effect: Effect) -> str:
    text = (
        f"{run.run_id} on {summary['split']}: accuracy {percent(summary['accuracy'])} "
        f"({summary['n'] - summary['correct']} wrong of {summary['n']:,}; 95 % interval "
        f"{percent(summary['accuracy_low'])} to {percent(summary['accuracy_high'])}), "
        f"loss {summary['loss']:.4f}, ECE {summary['ece']:.4f}"
    )
    if effect.threshold is None:
        return text
    return (
        f"{text}; with the threshold {effect.threshold:.12g} {effect.coverage.text} are answered, "
        f"{effect.accuracy.text} of them rightly ({effect.wrong_left} wrong)"
    )
