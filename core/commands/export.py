"""The command `export`: a finished run out, as a zip in one of four formats.

Owns its arguments and output. What is in the zip is `exporting`'s business.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.errors import ExportError
from core.exporting.bundle import export_run, file_name
from core.exporting.forms import ExportFormat
from core.home import StudioHome
from core.runs import RunStore


def add_parser(subparsers: Any) -> None:
    """Adds `export` to the subcommands."""
    parser = subparsers.add_parser(
        "export",
        help="write a run's model as a zip",
        description="Writes a finished run as a zip that works without Digit Studio: the model, how a picture becomes "
        "its input, and a self-test.",
    )
    parser.add_argument("target", metavar="RUN", help="a run id, `active`, a preset's name, or the beginning of an id")
    parser.add_argument("--format", required=True, choices=[str(form) for form in ExportFormat], dest="form")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="PATH", help="the zip, or a folder for it; default: here"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the zip and prints where it is."""
    home, form = StudioHome.from_environment(), ExportFormat(arguments.form)
    found = RunStore(home).resolve(arguments.target)
    path: Path = arguments.output
    if path.is_dir():
        path = path / file_name(found, form)
    elif not path.parent.is_dir():
        raise ExportError(f"there is no folder {path.parent}.")
    export_run(home, found, form, path)
    size = path.stat().st_size
    if arguments.json:
        values = {"run_id": found.run_id, "format": str(form), "path": str(path), "bytes": size}
        sys.stdout.write(json.dumps(values) + "\n")
    else:
        sys.stdout.write(f"{path}: {found.run_id} as {form}, {size / 1e6:.1f} MB; unzip it and run selftest.py.\n")
    return 0
