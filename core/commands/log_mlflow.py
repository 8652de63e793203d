"""The command `log-mlflow`: a run told to an MLflow tracking server.

Owns its arguments and output. What is told is `mlflow_log`'s business.
"""

import argparse
import json
import sys
from typing import Any

from core.home import StudioHome
from core.mlflow_log import URI, log_run
from core.runs import RunStore


def add_parser(subparsers: Any) -> None:
    """Adds `log-mlflow` to the subcommands."""
    parser = subparsers.add_parser(
        "log-mlflow",
        help="tell MLflow about a run",
        description=f"Logs a run's settings, curves, figures and files to the server that {URI} names, once.",
    )
    parser.add_argument("target", metavar="RUN", help="a run id, `active`, a preset's name, or the beginning of an id")
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Logs the run and prints MLflow's id for it."""
    home = StudioHome.from_environment()
    found = RunStore(home).resolve(arguments.target)
    mlflow_id, new = log_run(home, found)
    if arguments.json:
        sys.stdout.write(json.dumps({"run_id": found.run_id, "mlflow_run_id": mlflow_id, "new": new}) + "\n")
    else:
        sys.stdout.write(f"{found.run_id} {'is' if new else 'was already'} in MLflow as {mlflow_id}.\n")
    return 0
