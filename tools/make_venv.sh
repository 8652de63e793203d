#!/bin/sh
# Makes a virtual environment with the newest Python that Digit Studio runs on, or says in one sentence what is missing.
set -eu

for python in python3.13 python3.12 python3.11 python3 python; do
    # A name may exist and still not run (version managers leave such stubs), so each one is asked.
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
        if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            echo "$("$python" --version) lacks the venv module; on Debian or Ubuntu install it with: apt install python3-venv" >&2
            exit 1
        fi
        echo "Making $1 with $("$python" --version) ..."
        exec "$python" -m venv "$1"
    fi
done
echo "Digit Studio needs Python 3.11, 3.12 or 3.13, and none was found; get one from https://www.python.org/downloads/" >&2
exit 1
