"""Measures the shipped models on everything and writes their cards: `python tools/model_cards.py --data FOLDER`.

Writes `card.json` into each folder of `artifacts/pretrained/`: accuracy on the sets of `benchmarks.accuracy` and under
the corruptions that are weakest at half their strength, and what the trainings with other seeds gave, whose records lie
in `seeds/` beside the model. FOLDER holds handwriting, see `benchmarks/handwriting.py`. Takes some minutes.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.accuracy import Images, sets, shipped
from core import hardware
from core.evaluation import Share, confusion_matrix
from core.files import read_json_object
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.model_card import Measured, SeedFigures, SetFigures, most_confused
from core.network import OnnxNetwork
from core.robustness import load_part, measure, weakest
from core.run import CONFIG, EVALUATION, ONNX_MODEL, Run
from core.runs import RunStore

WEAKEST = 3  # corruptions on a card
ABOUT = {
    "scikit-learn's digits, 8 x 8, a pixel of paper around": "1,797 digits of 43 people, scanned at 8 x 8 pixels.",
    "scikit-learn's digits, 8 x 8, ink at the edge": "The same, cut off where the ink ends.",
    "made paper, recorded writing": "Pen strokes on photographs of paper made by code.",
    "pen strokes": "Written with a pen on a tablet, drawn large on the canvas.",
    "pen strokes, a third in a corner": "The same, small and in a corner.",
    "scans": "Scanned from paper, black on white.",
    "drawn": "Drawn with a mouse.",
}


def on_set(images: Images, classifier: Classifier) -> SetFigures:
    """How a model reads a set."""
    read = classifier.probabilities(images.images).argmax(axis=1)
    wrong = confusion_matrix(images.labels[~images.blank], read[~images.blank])
    return SetFigures(images.name, ABOUT[images.name], images.right(classifier), most_confused(wrong))


def corrupted(run: Run) -> Iterator[SetFigures]:
    """The corruptions of validation images that a model reads worst."""
    with tempfile.TemporaryDirectory() as folder:
        home = StudioHome(Path(folder), SHIPPED)
        network = OnnxNetwork(run.path / ONNX_MODEL, threads=hardware.cores())
        measured = measure(home, run, network, load_part(home, run, "validation"))
    for condition in weakest(measured)[:WEAKEST]:
        pair = condition.pair
        confused = ((pair.true, pair.pred, pair.count),) if pair else ()
        done = condition.corruption.said(condition.amount)
        yield SetFigures(f"MNIST {done}", "Validation images, corrupted.", condition.share, confused)


def seeds(folder: Path) -> tuple[SeedFigures, ...]:
    """The shipped training and those with other seeds."""
    found = []
    for path in [folder, *sorted((folder / "seeds").glob("*/"))]:
        evaluation, settings = read_json_object(path / EVALUATION), read_json_object(path / CONFIG)["settings"]
        test, validation = (
            Share(evaluation[name]["correct"], evaluation[name]["n"]) for name in ("test", "validation")
        )
        found.append(SeedFigures(settings["seed"], test, validation, evaluation["train_seconds"]))
    return tuple(sorted(found, key=lambda each: each.seed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder of handwriting")
    arguments = parser.parse_args()
    runs = shipped(RunStore(StudioHome(SHIPPED)))
    classifiers = [Classifier.load(run, threads=hardware.cores()) for run in runs]
    rows: dict[str, list[SetFigures]] = {run.run_id: [] for run in runs}
    for images in list(sets(arguments.data, each=100, count=None))[1:]:  # the first is the test split
        for classifier in classifiers:
            rows[classifier.run_id].append(on_set(images, classifier))
            sys.stderr.write(f"{classifier.run_id}, {images.name}: {rows[classifier.run_id][-1].share.text}\n")
    for run in runs:
        trained = str(read_json_object(run.path / EVALUATION)["run_id"])
        found = (*rows[run.run_id], *corrupted(run))
        Measured(trained, f"{datetime.now(UTC):%d %B %Y}", found, seeds(run.path)).write(run.path)


if __name__ == "__main__":
    main()
