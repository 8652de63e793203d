"""One of our modules in a process of its own, with limits: for what needs TensorFlow, and for files from outside.

Owns how such a process is started, watched and ended (`run_module`), and its own side of that (`answer`). What is done
in it is its module's business: `exporting.conversion` and `importing.worker`.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final, Never

from core.errors import SandboxError, StudioError

_REPOSITORY = Path(__file__).resolve().parent.parent
_PLACES: Final = threading.BoundedSemaphore(2)  # each may take gigabytes; further ones wait, their time not running
_LAST_LINES: Final = 20  # of what the process said, kept for the server's log when it fails
# One path of arithmetic whatever the machine has: a graphics card would map more memory than any limit allows.
_ENVIRONMENT: Final = {
    "KERAS_BACKEND": "tensorflow",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "MALLOC_ARENA_MAX": "2",
}


def run_module(module: str, *arguments: str, seconds: float) -> dict[str, Any]:
    """Runs `python -m <module> <arguments>` and returns its answer. Blocks; any thread may call it.

    Two run at a time.

    The process ends with this one, however that ends.

    Raises:
        SandboxError: the module raised a StudioError, whose message this has; or it ran into a limit, or failed in
            another way.
    """
    with _PLACES, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=_REPOSITORY,
                env={**os.environ, **_ENVIRONMENT},
                stdin=subprocess.PIPE,  # stays open as long as this process lives: the other side waits for its end
                stdout=out,
                stderr=log,
            )
        except OSError as error:
            raise SandboxError(f"a process could not be started: {error.strerror}.") from error
        with process:
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise SandboxError(f"it was not done after {seconds:g} s.", _tail(log)) from None
            except BaseException:
                process.kill()
                raise
        return _result(code, out, log)


def _result(code: int, out: IO[bytes], log: IO[bytes]) -> dict[str, Any]:
    out.seek(0)
    try:
        result = json.loads(out.read())
        if "refused" in result:
            raise SandboxError(str(result["refused"]), _tail(log))
        answered: dict[str, Any] = result["answer"]
    except (ValueError, KeyError, TypeError):
        raise SandboxError(_ending(code), _tail(log)) from None
    return answered


def _ending(code: int) -> str:
    if code < 0:
        return f"it was ended by signal {-code}: it needed more memory or time than it may have."
    return f"it failed in a way that was not foreseen (exit code {code})."


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return "\n".join(log.read().decode(errors="replace").splitlines()[-_LAST_LINES:])


def answer(work: Callable[[], dict[str, Any]]) -> Never:
    """The other side: does the work, writes its answer for `run_module`, and ends this process.

    Whatever libraries print goes to standard error, so that the answer stands alone.
    """
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    threading.Thread(target=_leave_with_parent, name="parent watch", daemon=True).start()
    code = 0
    try:
        result: dict[str, Any] = {"answer": work()}
    except StudioError as error:
        traceback.print_exc()
        result = {"refused": str(error)}
    except MemoryError:
        result = {"refused": "it needs more memory than it may have."}
    except Exception:  # noqa: BLE001 -- the process ends here; `run_module` tells it from its code
        traceback.print_exc()
        result, code = {}, 1
    with stream:
        json.dump(result, stream)
    sys.stderr.flush()
    os._exit(code)  # TensorFlow's threads take seconds to unwind, and the work is on the disk


def _leave_with_parent() -> None:
    os.read(0, 1)  # returns when the other end is closed
    os._exit(1)


def limit_this_process(*, memory: int, processor_seconds: int, file_size: int) -> None:
    """Lowers what this process may take, where the system knows such limits (Linux, in part macOS).

    Args:
        memory: bytes of address space, which is more than what is used.
        file_size: bytes of the largest file it may write.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # a page must stay quick meanwhile
    try:
        import resource
    except ImportError:  # Windows: the time limit of `run_module` remains
        return
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, processor_seconds),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):  # macOS refuses some of them
            resource.setrlimit(kind, (most, most))
