"""The command `robustness`: how well a run reads digits that are shifted, turned, blurred, ruled over and so on.

Owns its arguments and output. The measurement and its file, which the pages share, are `robustness`'.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from core import hardware
from core.datasets import progress_line
from core.evaluation import percent
from core.home import StudioHome
from core.inference import Classifier
from core.runs import RunStore

if TYPE_CHECKING:  # brings OpenCV, which the other commands do without
    from core.robustness import Measured


def add_parser(subparsers: Any) -> None:
    """Adds `robustness` to the subcommands."""
    parser = subparsers.add_parser(
        "robustness",
        help="measure a run on corrupted digits",
        description="Eleven corruptions at six strengths each, on the same thousand images of a split for every run, "
        "through model.onnx and without the preprocessing that pictures go through. What was measured before is kept "
        "and said again; the page Robustness shows the same.",
    )
    parser.add_argument("target", nargs="?", default="active", metavar="RUN", help="a run id, preset or unique prefix")
    parser.add_argument(
        "--split", choices=("validation", "test"), default="validation", help="which images; default: validation"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what the run reads, measuring what was not measured before."""
    from core.robustness import load_part, measure, record

    home = StudioHome.from_environment()
    store = RunStore(home)
    target = store.resolve(arguments.target)
    classifier = Classifier.load(target, home=home, threads=hardware.cores())
    part = load_part(home, target, arguments.split)
    found = measure(home, target, classifier.network, part, progress_line("asked about"))
    sys.stdout.write(json.dumps(record(found)) + "\n" if arguments.json else _text(found))
    return 0


def _text(found: "Measured") -> str:
    """The figures as lines: the mean, each corruption, and the weakest of them at half strength."""
    from core.corruptions import CORRUPTIONS
    from core.robustness import curve, mean_accuracy, weakest

    mean = mean_accuracy(found)
    assert mean is not None  # a measurement that was not cut off
    clean = curve(found, CORRUPTIONS[0])[0].share
    lines = [
        f"{found.run_id} on {found.n:,} images of {found.split}: {percent(mean.value)} right on average (95 % interval "
        f"{percent(mean.low)} to {percent(mean.high)}), {clean.text} undisturbed"
    ]
    for corruption in CORRUPTIONS:
        points = curve(found, corruption)[1:]
        shares = " ".join(f"{100 * each.share.count / each.share.n:6.1f}" for each in points)
        amounts = f"{points[0].amount:g} to {corruption.measure(points[-1].amount)}"
        lines.append(f"  {corruption.title:<14} {shares}   {amounts}")
    lines.append("The weakest at half strength:")
    for each in weakest(found)[:3]:
        right = percent(each.share.count / each.share.n, 1)
        lines.append(", ".join(filter(None, (f"  {each.corruption.said(each.amount)}: {right}", each.confusion))))
    return "\n".join(lines) + "\n"
