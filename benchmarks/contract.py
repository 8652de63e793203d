"""The REST interface against its own OpenAPI document and broken pictures: some 3,000 requests.

    python -m benchmarks.contract [--quick]

2,000 requests that Schemathesis makes up from the document, valid ones with real pictures, and such as break it in
every way that Schemathesis knows, against the server as users start it. Its checks: no 5xx; status, headers and body as
documented; what is valid is taken, what is not is refused; no answer later than ten seconds. Then 1,000 pictures that
are cut, overwritten and put together at random: read, or refused in the API's one form. Exits with 1 when a check
fails, when the server logs a traceback, or when it no longer answers at the end.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import httpx

from benchmarks import machine, studio
from benchmarks.api_pictures import SOUND

EXAMPLES = 1_000  # for each address that takes anything, of which there are two; and broken pictures


def requests_in(log: str) -> list[dict[str, Any]]:
    """The lines of the access log."""
    return [json.loads(line) for line in log.splitlines() if line.startswith('{"time"')]


def test(url: str, examples: int) -> tuple[int, str]:
    """Runs Schemathesis; its exit status and what it said."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/v1/openapi.json", "--seed", "1"]
    command += ["--max-examples", str(examples), "--continue-on-failure", "--request-timeout", "10"]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "benchmarks.api_pictures",
        "PYTHONPATH": str(studio.ROOT),
        "NO_COLOR": "1",
    }
    with tempfile.TemporaryDirectory() as folder:  # it keeps a database of examples where it is started
        ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def broken(rng: random.Random, sound: Sequence[bytes]) -> bytes:
    """One of the pictures, changed in a few places, cut short, or continued by the end of another."""
    data = bytearray(rng.choice(sound))
    for _ in range(rng.randrange(6)):
        place = rng.randrange(min(len(data), rng.choice((64, len(data)))))  # often in the header
        data[place] = rng.randrange(256)
    if rng.random() < 0.3:
        del data[rng.randrange(len(data)) :]
    if rng.random() < 0.3:
        other = rng.choice(sound)
        data += other[rng.randrange(len(other)) :]
    return bytes(data)


def send_broken(api: str, count: int) -> list[str]:
    """Sends broken pictures one by one to the API at this address, and says what was wrong with the answers."""
    rng, problems = random.Random(1), []
    sound = [data for files in SOUND.values() for data in files]
    with httpx.Client(timeout=10) as session:
        for turn in range(count):
            response = session.post(f"{api}/predict?multi=true", files={"file": broken(rng, sound)})
            body = response.json()
            if response.status_code == 200:
                as_promised = len(body["predictions"]) == 1
            else:
                as_promised = response.status_code in (400, 413) and list(body) == ["error"]
            if not as_promised:
                problems.append(f"broken picture {turn}: {response.status_code} {response.text[:200]}")
    return problems


def table(lines: Iterable[dict[str, Any]]) -> str:
    """How many requests of each method to each address had which answer."""
    known = ("/predict", "/model", "/runs", "/health")
    counts = Counter((_place(line["path"], known), line["status"]) for line in lines)
    return machine.table(["address", "status", "requests"], [(*key, count) for key, count in sorted(counts.items())])


def _place(path: str, known: tuple[str, ...]) -> str:
    return next((place for place in known if path == f"/api/v1{place}"), "others")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few requests: does it work")
    examples = 20 if parser.parse_args().quick else EXAMPLES
    print(machine.described(), flush=True)
    with studio.home() as home, studio.server(home) as url:
        began = time.monotonic()
        code, said = test(url, examples)
        problems = send_broken(f"{url}/api/v1", examples)
        seconds = time.monotonic() - began
        alive = json.loads(urllib.request.urlopen(f"{url}/api/v1/health", timeout=10).read())["status"] == "ok"
        log = Path(home.root, "server.log").read_text(errors="replace")
    lines = requests_in(log)
    slowest = max(line["seconds"] for line in lines)
    faults = [line for line in lines if (line["status"] or 0) >= 500]
    tracebacks = log.count("Traceback")
    print(f"### {len(lines):,} requests in {seconds:.0f} s, the slowest answered in {slowest:.2f} s\n\n{table(lines)}")
    print(f"Answers of 500 and above: {len(faults)}; tracebacks in the server's log: {tracebacks};")
    print(f"broken pictures answered otherwise than with a digit or a refusal: {len(problems)}. Schemathesis:\n")
    for problem in problems:
        print(f"- `{problem}`")
    print(f"```\n{said.strip()}\n```\n" if code else f"*{said.strip().splitlines()[-1].strip('= ')}*\n")
    return int(bool(code or problems or faults or tracebacks or not alive))


if __name__ == "__main__":
    sys.exit(main())
