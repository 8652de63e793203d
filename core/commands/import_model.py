"""The command `import`: a network from a `.keras` file in, as a finished run.

Owns its arguments and output. What is allowed and what becomes of it is `importing`'s business.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.errors import ModelFileError
from core.home import StudioHome
from core.importing.archive import MAX_BYTES
from core.importing.model import import_model
from core.runs import RunStore


def add_parser(subparsers: Any) -> None:
    """Adds `import` to the subcommands."""
    parser = subparsers.add_parser(
        "import",
        help="take in a .keras file as a run",
        description="Checks a network that Keras 3 saved, evaluates it on MNIST, and keeps it as a finished run. It "
        "must take images of (28, 28, 1) with values from 0 to 1 and give 10 probabilities or logits.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the .keras file")
    parser.add_argument("--name", default="", metavar="TEXT", help="what the run is called")
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Imports the file and prints the new run's id with its test accuracy."""
    try:
        with arguments.file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)  # one more than allowed is enough to be refused
    except OSError as error:
        raise ModelFileError(f"{arguments.file} cannot be read: {error.strerror}.") from error
    found = import_model(RunStore(StudioHome.from_environment()), data, name=arguments.name)
    evaluation = found.evaluation() or {}
    values = {
        "run_id": found.run_id,
        "name": found.name,
        "parameters": evaluation["parameters"],
        "test_accuracy": evaluation["test"]["accuracy"],
    }
    if arguments.json:
        sys.stdout.write(json.dumps(values) + "\n")
    else:
        sys.stdout.write(f"{found.run_id}: test accuracy {values['test_accuracy']:.2%}. {found.status.message}\n")
    return 0
