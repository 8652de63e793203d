"""A process of its own for one piece of work: what it answers, and every way in which it ends."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from core.errors import SandboxError
from core.home import StudioHome
from core.sandbox import run_module
from tests.trainings import process, until

limited = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows all of these limits")


def run(mode: str, path: object = "", seconds: float = 60) -> dict[str, object]:
    return run_module("tests.sandboxed", mode, str(path), seconds=seconds)


def test_it_answers_whatever_else_is_printed() -> None:
    assert run("answer", "a path with spaces; and 'more'") == {"path": "a path with spaces; and 'more'"}


def test_a_refusal_has_its_reason() -> None:
    with pytest.raises(SandboxError, match=r"^this one is not wanted\.$"):
        run("refuse")


def test_what_nobody_foresaw_is_told_plainly_and_kept_for_the_log() -> None:
    with pytest.raises(SandboxError, match="not foreseen") as raised:
        run("crash")
    assert "LookupError: nobody foresaw this" in raised.value.log
    assert "LookupError" not in str(raised.value)
    with pytest.raises(SandboxError, match=r"not foreseen \(exit code 7\)"):
        run("exit")
    with pytest.raises(SandboxError, match="not foreseen"):
        run_module("tests.there_is_no_such_module", seconds=60)


@limited
def test_memory_processor_and_files_are_limited(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="more memory than it may have"):
        run("memory")
    with pytest.raises(SandboxError, match=r"ended by signal (9|24): it needed more memory or time"):
        run("processor")
    with pytest.raises(SandboxError, match="not foreseen"):
        run("disk", tmp_path / "file")
    assert (tmp_path / "file").stat().st_size <= 2**16


def test_the_time_limit_ends_it(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"not done after 2 s"):
        run("sleep", tmp_path / "pid", seconds=2)
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    code = f"from core.sandbox import run_module; run_module('tests.sandboxed', 'sleep', {str(path)!r}, seconds=600)"
    with process("-c", code, home=StudioHome(tmp_path)) as parent:
        until(lambda: path.is_file() and path.read_text(), "the process to start")
        os.kill(parent.pid, signal.SIGKILL)
        until(lambda: not psutil.pid_exists(int(path.read_text())), "the process to end", seconds=10)
