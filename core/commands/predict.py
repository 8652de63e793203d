"""The `predict` command: pictures in, one answer for each out.

Owns its arguments and how answers are printed. What its paths stand for is `inputs`', the answers themselves are
`answers`', their lines as CSV `answers_csv`'s, data sets for a submission `datasets`'.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands.inputs import Input, inputs, read_bytes, require_one_standard_input, sentence
from core.errors import ConfigError, PictureError

if TYPE_CHECKING:  # numpy, the picture reader and the runtime are imported when there is something to predict
    from core.inference import Classifier


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Adds `predict` to the subcommands; its parsed arguments are for `run`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "predict",
        help="read the digits in picture files",
        description="Reads the digit in each picture. A folder stands for the pictures in it, sorted by name; a "
        "pattern in quotes for what matches it, with ** for any folders.",
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a PNG, JPEG, WebP or BMP file, a folder of them, a pattern, or - for one picture from standard input",
    )
    parser.add_argument("--model", default="active", metavar="RUN", help="a run id, preset or unique prefix")
    parser.add_argument("--multi", action="store_true", help="read several digits in each picture")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object per picture on standard output")
    form.add_argument("--csv", action="store_true", help="a table of comma-separated values on standard output")
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
        ConfigError: the arguments do not go together.
        RunError: the run is not known, or cannot predict.
        DataError: a submission is wanted, and the paths are no data set.
    """
    if arguments.submission is not None:
        return _submit(arguments)
    require_one_standard_input(arguments.paths)
    classifier = _classifier(arguments.model)
    failed = 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal failed
        for record in _answers(classifier, inputs(arguments.paths), arguments.multi):
            failed += "error" in record
            yield record

    if isinstance(sys.stdout, io.TextIOWrapper):  # a name that the terminal cannot show must not end the work
        sys.stdout.reconfigure(errors="backslashreplace")
    for line in _lines(records(), arguments):
        sys.stdout.write(line + "\n")
    if failed:
        sys.stderr.write(f"{failed} of the inputs could not be read.\n")
    return 1 if failed else 0


def _lines(records: Iterator[dict[str, Any]], arguments: argparse.Namespace) -> Iterator[str]:
    """The answers in the form that was asked for."""
    if arguments.csv:
        from core.answers_csv import csv_lines

        return csv_lines((record["path"], record) for record in records)
    return map(json.dumps if arguments.json else _line, records)


def _submit(arguments: argparse.Namespace) -> int:
    """Writes a submission. Every image needs its line, so none is written where one of the pictures cannot be used."""
    from core import hardware
    from core.datasets import ask, passing_set, progress_line, write_submission
    from core.home import StudioHome

    if arguments.multi:
        raise ConfigError("--multi reads several digits in a picture; a submission has one for each: leave it out.")
    if arguments.csv:
        raise ConfigError("--csv and --submission are two forms of the answers; choose one.")
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
        sys.stdout.write(f"{dataset.count:,} prediction{'' if dataset.count == 1 else 's'} of ")
        sys.stdout.write(f"{classifier.run_id} in {arguments.submission}\n")
    return 0


def _classifier(text: str, *, threads: int = 1) -> "Classifier":
    from core.home import StudioHome
    from core.inference import Classifier
    from core.runs import RunStore

    home = StudioHome.from_environment()
    return Classifier.load(RunStore(home).resolve(text), home=home, threads=threads)


def _answers(classifier: "Classifier", given: Iterable[Input], multi: bool) -> Iterator[dict[str, Any]]:
    """One record per input, in order, worked out on every core."""

    def record(each: Input) -> dict[str, Any]:
        return {"path": each.path, **_answer(classifier, each, multi)}

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield from pool.map(record, given)


def _answer(classifier: "Classifier", given: Input, multi: bool) -> dict[str, Any]:
    from core.answers import answer, failure
    from core.preprocessing import MAX_BYTES

    if given.reason:
        return failure(given.reason)
    try:
        # One byte more than allowed is enough to be refused.
        return answer(classifier, read_bytes(given.path, MAX_BYTES + 1), multi=multi)
    except PictureError as error:
        return failure(str(error))
    except OSError as error:
        return failure(sentence(error))


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
    certainty = "" if lowest is None else f"{lowest if lowest == 1 else min(lowest, 0.999):.1%}"  # as on the pages
    notes = [*record["warnings"], *(["below the threshold"] if record.get("abstained") else [])]
    return f"{read:>8}  {certainty:>8}  {path}" + (f"  ({', '.join(notes)})" if notes else "")
