"""Accuracy of every shipped preset on every set, as one table with 95 % intervals.

    python -m benchmarks.accuracy [--data FOLDER] [--each 100] [--models RUN ...] [--quick]

The sets: MNIST's test split as it is; the digits that come with scikit-learn (8 x 8, enlarged), with paper around them
and without; made paper (`benchmarks.paper`, the half of its writing that nothing was tuned on, all conditions
together); and where FOLDER is given the handwriting of `benchmarks.handwriting`, which made paper is then written with.
All but the test split go through the one preprocessing path, once for all models, as `predict` does it. Nothing here is
trained on.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import handwriting, machine
from benchmarks.paper import __main__ as paper
from benchmarks.paper import digits, sheet
from core import hardware
from core.config import PRESETS
from core.data import load_split
from core.evaluation import Share, percent
from core.home import SHIPPED, StudioHome
from core.inference import Classifier
from core.preprocessing import preprocess, read_picture
from core.run import Run
from core.runs import RunStore

ENLARGED: Final = 20  # times that scikit-learn's digits are, so that they have the size of a drawing
HELD_OUT: Final = 1  # the half of the writing that made paper is measured on
FEW: Final = 100  # images of each set in a quick try

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Images:
    """A set as networks see it.

    Attributes:
        images: (n, 28, 28), float32 in [0, 1] or uint8, ink high.
        labels: (n,).
        blank: (n,) where nothing was found, which no network is asked about and which counts as wrong.
    """

    name: str
    images: NDArray[Any]
    labels: NDArray[np.uint8]
    blank: NDArray[np.bool_]

    def right(self, classifier: Classifier) -> Share:
        """How many of them a run reads rightly."""
        read = classifier.probabilities(self.images).argmax(axis=1)
        return Share(int(((read == self.labels) & ~self.blank).sum()), len(self.labels))


def preprocessed(name: str, labels: Sequence[int], picture: Callable[[int], Picture]) -> Images:
    """A set of pictures, made and preprocessed one by one: `picture` gives that of a place."""
    with ThreadPoolExecutor(hardware.cores()) as pool:
        found = list(pool.map(lambda place: preprocess(picture(place)), range(len(labels))))
    blank = np.array([each.blank for each in found])
    return Images(name, np.stack([each.image for each in found]), np.array(labels, np.uint8), blank)


def test_split(count: int | None) -> Images:
    """MNIST's own."""
    split = load_split(SHIPPED / "mnist.npz", "test")
    images, labels = split.images[:count], split.labels[:count]
    return Images("MNIST, test split", images, labels, np.zeros(len(labels), bool))


def of_scikit_learn(count: int | None, *, paper_around: int) -> Images:
    """Its 1,797 digits, 16 grey levels each, light on dark, enlarged.

    Args:
        paper_around: pixels of background on each side before they are enlarged. As they are, the ink of most of them
            reaches the edge of the picture.
    """
    from sklearn.datasets import load_digits

    found = load_digits()

    def picture(place: int) -> Picture:
        small = np.pad((found.images[place] * 255 / 16).astype(np.uint8), paper_around)
        return cv2.resize(small, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)

    name = f"scikit-learn's digits, 8 x 8, {'a pixel of paper around' if paper_around else 'ink at the edge'}"
    return preprocessed(name, found.target[:count].tolist(), picture)


def made_paper(folder: Path | None, each: int, writers: int) -> Images:
    """The photographs that `benchmarks.paper` takes, of all conditions.

    Args:
        writers: digits that are traced where no folder has recorded ones.
    """
    recorded = folder is not None and (folder / digits.PEN_STROKES).exists()
    everyone = digits.recorded(folder) if recorded and folder else digits.traced(writers)
    writing = [one for one in everyone if one.half == HELD_OUT]
    chosen = [
        (condition, writing[(41 * place + 13 * number) % len(writing)], [HELD_OUT, number, place])
        for number, condition in enumerate(sheet.CONDITIONS)
        for place in range(max(1, each // 3) if condition == "phone" else each)
    ]
    source = "recorded writing" if recorded else "traced MNIST"
    return preprocessed(
        f"made paper, {source}",
        [written.label for _, written, _ in chosen],
        lambda place: read_picture(paper.photograph(*chosen[place])),
    )


def sets(folder: Path | None, each: int, count: int | None) -> Iterator[Images]:
    """Every set there is.

    Args:
        each: photographs of each condition of made paper.
        count: images of each other set, None for all.
    """
    yield test_split(count)
    for paper_around in (1, 0):
        yield of_scikit_learn(count, paper_around=paper_around)
    yield made_paper(folder, each, count or paper.TRACED)
    if folder is not None:
        for name, cases in handwriting.sets(folder):
            pictures = [picture for picture, _ in cases[:count]]
            yield preprocessed(name, [label for _, label in cases[:count]], pictures.__getitem__)


def shipped(store: RunStore) -> list[Run]:
    """The shipped runs, in the order of the presets."""
    order = list(PRESETS)
    found = [run for run in store.runs() if run.shipped and run.has_model]
    return sorted(found, key=lambda run: (order.index(run.run_id) if run.run_id in order else len(order), run.run_id))


def table(found: Iterable[Images], classifiers: Sequence[Classifier]) -> str:
    """A row for each set, accuracy and interval of each run beside each other."""
    rows = []
    for each in found:
        row: list[object] = [each.name, f"{len(each.labels):,}"]
        for classifier in classifiers:
            share = each.right(classifier)
            row += [share.text, f"{percent(share.low)} to {percent(share.high)}"]
        rows.append(row)
    columns = ["set", "n"]
    for classifier in classifiers:
        columns += [f"{classifier.run_id} ({classifier.parameters:,} parameters)", "95 % interval"]
    return machine.table(columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="a folder of handwriting, see benchmarks/handwriting.py")
    parser.add_argument(
        "--each", type=int, default=100, metavar="N", help="photographs of each condition of made paper"
    )
    parser.add_argument("--models", nargs="+", metavar="RUN", help="runs; all shipped ones by default")
    parser.add_argument("--quick", action="store_true", help="few images of each set: does it work")
    arguments = parser.parse_args()
    store = RunStore(StudioHome.from_environment())
    runs = [store.resolve(name) for name in arguments.models] if arguments.models else shipped(store)
    classifiers = [Classifier.load(run, threads=hardware.cores()) for run in runs]
    each, count = (1, FEW) if arguments.quick else (arguments.each, None)
    print(f"{machine.described()}\n{table(sets(arguments.data, each, count), classifiers)}", flush=True)


if __name__ == "__main__":
    main()
