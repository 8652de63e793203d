"""The command `evaluate`: a run's model on images, measured now.

Owns its arguments and output. The figures are `evaluation`'s, data sets from outside `datasets`'.
"""

import argparse
import json
import sys
from typing import Any, Final

from core import data, hardware
from core.datasets import DataSet, ask, passing_set, progress_line, summary
from core.errors import ConfigError, DataError, RunStateError
from core.evaluation import Effect, effect_of, percent, summarise
from core.home import StudioHome
from core.inference import Classifier
from core.run import Run
from core.runs import RunStore

_SHOWN: Final = 20  # skipped pictures that are named


def add_parser(subparsers: Any) -> None:
    """Adds `evaluate` to the subcommands."""
    parser = subparsers.add_parser(
        "evaluate",
        help="measure a run on images",
        description="Runs images through a run's model.onnx and states how it did; never repeats a stored number.",
    )
    parser.add_argument("target", nargs="?", default="active", metavar="RUN", help="a run id, preset or unique prefix")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--split", choices=("test", "validation"), default="test", help="which images; default: test")
    which.add_argument(
        "--data",
        action="append",
        metavar="PATH",
        help="a data set of your own: a Kaggle CSV, an .npz, an IDX file of images (with its labels beside it or given "
        "by a second --data), a zip or folder with one folder of pictures per digit, or the id of a kept set",
    )
    parser.add_argument(
        "--preprocess",
        choices=("auto", "none", "full"),
        default="auto",
        help="for --data: take 28 x 28 images as they are (none), send each through the preprocessing path (full), or "
        "find out which fits (auto, the default)",
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what the run's model answers. Returns 1 when some pictures of a data set could not be used."""
    home = StudioHome.from_environment()
    store = RunStore(home)
    if arguments.preprocess != "auto" and arguments.data is None:
        raise ConfigError("--preprocess says how a data set is brought in: give --data with it.")
    target = store.resolve(arguments.target)
    classifier = Classifier.load(target, home=home, threads=hardware.cores())
    if arguments.data is not None:
        with passing_set(home, arguments.data, arguments.preprocess) as dataset:
            return _own_data(arguments, target, classifier, dataset)
    images = _images(store, target, arguments.split)
    raw = classifier.network.probabilities(images.images)
    figures = summarise(raw, images.labels, split=arguments.split, temperature=classifier.temperature)
    effect = effect_of(classifier.calibrated(raw), images.labels, classifier.threshold)
    _print(arguments, target, classifier, figures, effect)
    return 0


def _own_data(arguments: argparse.Namespace, run: Run, classifier: Classifier, dataset: DataSet) -> int:
    labels = dataset.labels()
    if labels is None:
        raise DataError(
            f"{dataset.name} has no labels to count right and wrong by; `predict --submission FILE` writes what the "
            "run says of it."
        )
    raw = ask(dataset, classifier, progress_line("answered"))
    figures = summary(dataset, raw, classifier.temperature)
    effect = effect_of(classifier.calibrated(raw), labels, classifier.threshold)
    _print(arguments, run, classifier, {**figures, "data": _provenance(dataset)}, effect)
    facts = dataset.facts
    sys.stderr.write(f"{facts.plan.reason}\n")
    for remark in dataset.remarks:
        sys.stderr.write(f"{remark}\n")
    for skipped in facts.skipped[:_SHOWN]:
        sys.stderr.write(f"skipped: {skipped.name}: {skipped.reason}\n")
    return 1 if facts.skipped_count else 0


def _provenance(dataset: DataSet) -> dict[str, Any]:
    """How the images came about that the figures are about."""
    facts = dataset.facts
    return {
        "form": str(facts.form),
        "preprocess": facts.plan.preprocess,
        "inverted": facts.plan.inverted,
        "reason": facts.plan.reason,
        "skipped": facts.skipped_count,
        "warnings": dict(facts.warnings),
        "in_mnist_training": facts.in_training,
        "in_mnist_test": facts.in_test,
    }


def _print(
    arguments: argparse.Namespace, run: Run, classifier: Classifier, figures: dict[str, Any], effect: Effect
) -> None:
    if arguments.json:
        parameters = {"parameters": classifier.parameters, "temperature": classifier.temperature}
        sys.stdout.write(json.dumps({"run_id": run.run_id, **figures, **parameters, **_answered(effect)}) + "\n")
    else:
        sys.stdout.write(_line(run, figures, effect) + "\n")


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
