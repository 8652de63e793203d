"""The command `report`: a run's story, or one that was saved for presenting, as a file to hand over.

Owns its arguments and output. What the files hold is `handover`'s.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.data import load_split
from core.files import replacing
from core.handover import Form, file_name, handed_over
from core.home import StudioHome
from core.run import Run, require_model
from core.runs import RunStore
from core.story import Stories, Told, facts_of, plan_for


def add_parser(subparsers: Any) -> None:
    """Adds `report` to the subcommands."""
    parser = subparsers.add_parser(
        "report",
        help="write a run's story as HTML, slides, a card, or a zip",
        description="How good the run is, how it learned, where it errs and when to rely on it, as one HTML file, as "
        "PowerPoint slides, as a model card, or all of them in a zip with the network and its figures.",
    )
    parser.add_argument("target", nargs="?", default="active", metavar="RUN", help="a run id, preset or unique prefix")
    parser.add_argument("--story", metavar="ID", help="a story that was saved on the page Present, in place of RUN")
    parser.add_argument("--versus", metavar="RUN", help="the run to compare with")
    parser.add_argument("--format", choices=[str(form) for form in Form], default="html", help="default: html")
    parser.add_argument("-o", "--output", type=Path, metavar="PATH", help="the file; default: named after the story")
    parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the file."""
    home = StudioHome.from_environment()
    told = Stories(home).get(arguments.story) if arguments.story else _told(home, arguments)
    form = Form(arguments.format)
    facts = facts_of(told, load_split(home.mnist, "test"), load_split(home.mnist, "train").labels)
    path = arguments.output or Path(file_name(told, form))
    with replacing(path) as temporary:
        temporary.write_bytes(handed_over(told, facts, form))
    said = {"run_id": told.run.run_id, "format": str(form), "path": str(path)}
    sys.stdout.write(json.dumps(said) + "\n" if arguments.json else f"{path}\n")
    return 0


def _told(home: StudioHome, arguments: argparse.Namespace) -> Told:
    """The run's story as the studio would tell it."""
    store = RunStore(home)
    target = _finished(store, arguments.target)
    versus = _finished(store, arguments.versus) if arguments.versus else None
    story = plan_for(target.name, target.run_id, None if versus is None else versus.run_id)
    return Told(story, home, target, versus)


def _finished(store: RunStore, name: str) -> Run:
    found = store.resolve(name)
    require_model(found)
    return found
