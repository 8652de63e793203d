"""The `predict` command: picture files and folders in, one answer per file out.

Owns its arguments, which files a folder stands for, and how answers are printed. The answers themselves are
`answers`', data sets for a submission `datasets`'.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import ConfigError, PictureError

if TYPE_CHECKING:  # numpy, the picture reader and the runtime are imported when there is something to predict
    from core.inference import Classifier

PICTURE_SUFFIXES: Final = (".bmp", ".jpeg", ".jpg", ".png", ".webp")


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Adds `predict` to the subcommands; its parsed arguments are for `run`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "predict",
        help="read the digits in picture files",
        description="Reads the digit in each picture. A folder stands for the pictures in it, sorted by name.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a PNG, JPEG, WebP or BMP file, or a folder of them")
    parser.add_argument("--model", default="active", metavar="RUN", help="a run id, preset or unique prefix")
    parser.add_argument("--multi", action="store_true", help="read several digits in each picture")
    parser.add_argument("--json", action="store_true", help="one JSON object per picture on standard output")
    parser.add_argument(
        "--submission",
        metavar="FILE",
        help="write Kaggle's submission.csv instead: PATH is then one data set (Kaggle's test.csv, an .npz, an IDX "
        "file, a zip or folder of pictures), its images numbered from 1 in their order",
    )
    parser.set_defaults(run=run)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Prints the answers in input order, each as soon as it is there. Returns 1 when some could not be read.

    Raises:
        RunError: the run is not known, or cannot predict.
        DataError: a submission is wanted, and the paths are no data set.
    """
    if arguments.submission is not None:
        return _submit(arguments)
    classifier = _classifier(arguments.model)
    failed = 0
    for record in _answers(classifier, _files(arguments.paths), arguments.multi):
        failed += "error" in record
        sys.stdout.write((json.dumps(record) if arguments.json else _line(record)) + "\n")
    if failed:
        sys.stderr.write(f"{failed} of the inputs could not be read.\n")
    return 1 if failed else 0


def _submit(arguments: argparse.Namespace) -> int:
    """Writes a submission. Every image needs its line, so none is written where one of the pictures cannot be used."""
    from core import hardware
    from core.datasets import ask, passing_set, progress_line, write_submission
    from core.home import StudioHome

    if arguments.multi:
        raise ConfigError("--multi reads several digits in a picture; a submission has one for each: leave it out.")
    classifier = _classifier(arguments.model, threads=hardware.cores())
    with passing_set(StudioHome.from_environment(), arguments.paths, "auto") as dataset:
        facts = dataset.facts
        for skipped in facts.skipped:
            sys.stderr.write(f"{skipped.name}: {skipped.reason}\n")
        if facts.skipped_count:
            sys.stderr.write(
                f"{facts.skipped_count:,} of the pictures cannot be used, and a submission needs a line for each: "
                "nothing was written.\n"
            )
            return 1
        digits = ask(dataset, classifier, progress_line("answered")).argmax(axis=1)
        write_submission(Path(arguments.submission), digits)
        sys.stderr.write(f"{facts.plan.reason}\n")
        record = {"path": arguments.paths[0], "submission": arguments.submission, "n": dataset.count}
    if arguments.json:
        sys.stdout.write(json.dumps(record) + "\n")
    else:
        sys.stdout.write(f"{dataset.count:,} predictions of {classifier.run_id} in {arguments.submission}\n")
    return 0


def _classifier(text: str, *, threads: int = 1) -> "Classifier":
    from core.home import StudioHome
    from core.inference import Classifier
    from core.runs import RunStore

    home = StudioHome.from_environment()
    return Classifier.load(RunStore(home).resolve(text), home=home, threads=threads)


def _files(paths: list[str]) -> Iterator[tuple[str, str | None]]:
    """Every file to read, as the user would name it, or a path with the reason why it stands for no file."""
    for path in paths:
        if not os.path.isdir(path):
            yield path, None
            continue
        try:
            names = sorted(entry.name for entry in os.scandir(path) if _is_picture(entry))
        except OSError as error:
            yield path, _reason(error)
            continue
        if not names:
            yield path, "The folder has no PNG, JPEG, WebP or BMP file."
        for name in names:
            yield os.path.join(path, name), None


def _is_picture(entry: "os.DirEntry[str]") -> bool:
    # Names that open with a dot are other programs' notes (`._1.png` on macOS), not pictures.
    return entry.name.lower().endswith(PICTURE_SUFFIXES) and not entry.name.startswith(".") and entry.is_file()


def _answers(
    classifier: "Classifier", files: Iterator[tuple[str, str | None]], multi: bool
) -> Iterator[dict[str, Any]]:
    """One record per file, in order, worked out on every core."""

    def record(file: tuple[str, str | None]) -> dict[str, Any]:
        path, reason = file
        return {"path": path, **_answer(classifier, path, reason, multi)}

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(record, files)


def _answer(classifier: "Classifier", path: str, reason: str | None, multi: bool) -> dict[str, Any]:
    from core.answers import answer, failure
    from core.preprocessing import MAX_BYTES

    if reason is not None:
        return failure(reason)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)  # one more than allowed is enough to be refused
        return answer(classifier, data, multi=multi)
    except PictureError as error:
        return failure(str(error))
    except OSError as error:
        return failure(_reason(error))


def _reason(error: OSError) -> str:
    return f"The file or folder cannot be read: {error.strerror or type(error).__name__}."


def _line(record: dict[str, Any]) -> str:
    """One row of the table for people: the answer, its certainty, the file, what to beware of."""
    path = record["path"] if record["path"].isprintable() else ascii(record["path"])
    if "error" in record:
        return f"{'error':>8}  {'':>8}  {path}  ({record['error']})"
    if "digits" in record:
        read = "".join(str(digit["digit"]) for digit in record["digits"]) or "nothing"
        lowest = min((digit["confidence"] for digit in record["digits"]), default=None)
    else:
        read = "nothing" if record["digit"] is None else str(record["digit"])
        lowest = record["confidence"]
    certainty = "" if lowest is None else f"{lowest:.1%}"
    notes = [*record["warnings"], *(["below the threshold"] if record.get("abstained") else [])]
    return f"{read:>8}  {certainty:>8}  {path}" + (f"  ({', '.join(notes)})" if notes else "")
