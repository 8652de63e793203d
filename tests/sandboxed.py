"""What the tests of the sandbox run in it: `python -m tests.sandboxed <mode>`."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.sandbox import answer, limit_this_process


def work(mode: str, path: str) -> dict[str, Any]:
    if mode == "answer":
        sys.stdout.write("what a library prints\n")
        subprocess.run(["echo", "what its child prints"], check=True)
        return {"path": path}
    if mode == "refuse":
        raise StudioError("this one is not wanted.")
    if mode == "crash":
        raise LookupError("nobody foresaw this")
    if mode == "exit":
        os._exit(7)
    if mode == "memory":
        return {"bytes": len(bytearray(2**31))}
    if mode == "processor":
        while True:
            pass
    if mode == "disk":
        Path(path).write_bytes(bytes(2**20))
    if mode == "sleep":
        Path(path).write_text(str(os.getpid()))
        time.sleep(600)
    return {}


if __name__ == "__main__":
    limit_this_process(memory=2**30, processor_seconds=2, file_size=2**16)
    answer(lambda: work(*sys.argv[1:]))
