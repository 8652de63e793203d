"""The command line: `python -m core <command>`.

Owns the list of commands and what an exit status means: 0 done, 1 the work or an input failed, 2 wrong usage or an
unknown run. Each command's arguments and output are its module's own; with `--json` it prints JSON lines alone on
standard output, and everything else goes to standard error.
"""

import argparse
import sys

from core import __version__
from core.commands import (
    evaluate,
    export,
    import_model,
    log_mlflow,
    predict,
    report,
    robustness,
    runs,
    threshold,
    train,
)
from core.errors import AmbiguousRunError, ConfigError, RunNotFoundError, StudioError


def main(argv: list[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Digit Studio on the command line.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (train, predict, runs, evaluate, robustness, report, threshold, export, import_model, log_mlflow):
        module.add_parser(commands)
    arguments = parser.parse_args(argv)
    try:
        return arguments.run(arguments)
    except (ConfigError, RunNotFoundError, AmbiguousRunError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except StudioError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 1
    except OSError as error:  # a full disk, a folder that may not be written
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
