"""The commands about the runs that there are: `runs`, `activate`.

Owns their arguments and output. What a run is, is `run`'s, which there are `runs`'.
"""

import argparse
import json
import sys
from typing import Any

from core.disk import said
from core.errors import RunDamagedError
from core.home import StudioHome
from core.run import Run
from core.runs import RunStore


def add_parser(subparsers: Any) -> None:
    """Adds the two commands to the subcommands."""
    runs = subparsers.add_parser("runs", help="list all runs", description="Lists all runs, newest first.")
    runs.set_defaults(run=list_runs)
    activate = subparsers.add_parser("activate", help="let a run predict", description="Makes a run the active one.")
    activate.set_defaults(run=activate_run)
    activate.add_argument("target", metavar="RUN")
    for parser in (runs, activate):
        parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")


def list_runs(arguments: argparse.Namespace) -> int:
    """Prints every run with what it takes of the disk; on standard error the sum, and each damaged one's reason."""
    store = _store()
    usage = store.disk.usage()
    rows = [_row(run) | {"bytes": usage.runs.get(run.run_id)} for run in store.runs()]
    if arguments.json:
        sys.stdout.write(json.dumps({"runs": rows, "bytes": usage.total, "limit": usage.limit}) + "\n")
    else:
        for row in rows:
            accuracy = "" if row["test_accuracy"] is None else f"{row['test_accuracy']:.2%}"
            size = "" if row["bytes"] is None else said(row["bytes"])
            sys.stdout.write(f"{row['run_id']:<34} {row['state']:<12} {accuracy:>8} {size:>8}  {_plain(row['name'])}\n")
        most = "" if usage.limit is None else f" of the {said(usage.limit)} that they may"
        trash = f", {said(usage.trash)} of it in the trash" if usage.trash else ""
        sys.stderr.write(f"Runs take {said(usage.total)}{most}{trash}.\n")
    for damaged in store.damaged():
        sys.stderr.write(f"damaged: {damaged.reason}\n")
    return 0


def activate_run(arguments: argparse.Namespace) -> int:
    """Makes a run the one that predicts from now on."""
    store = _store()
    run = store.activate(store.resolve(arguments.target).run_id)
    if arguments.json:
        sys.stdout.write(json.dumps({"run_id": run.run_id, "name": run.name}) + "\n")
    else:
        sys.stdout.write(f"{run.run_id} is active.\n")
    return 0


def _store() -> RunStore:
    return RunStore(StudioHome.from_environment())


def _row(run: Run) -> dict[str, Any]:
    try:
        test = (run.evaluation() or {}).get("test") or {}
    except RunDamagedError as error:  # the other runs are listed all the same
        sys.stderr.write(f"damaged: {error}\n")
        test = {}
    return {
        "run_id": run.run_id,
        "name": run.name,
        "preset": run.preset,
        "state": str(run.status.state),
        "created_at": run.created_at,
        "shipped": run.shipped,
        "test_accuracy": test.get("accuracy"),
    }


def _plain(name: str) -> str:
    return name if name.isprintable() else ascii(name)
