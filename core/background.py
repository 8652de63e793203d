"""Work that takes longer than a page may: started by a click, asked about at every later redraw.

Owns the threads and the results until they are fetched. What the work is (an export, an import) is the caller's
business, and how many processes run at a time is `sandbox`'s.
"""

import logging
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Final

from core.errors import StudioError

logger = logging.getLogger(__name__)
_KEPT: Final = 8  # results; an exported zip is a few megabytes


class Background:
    """Work under way and done, by keys that the callers choose. Safe to use from several threads.

    A key holds what the work depends on (the run's id, the format, the visitor), so that two clicks start it once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: dict[Hashable, Future[Any]] = {}

    def start(self, key: Hashable, work: Callable[[], Any]) -> "Future[Any]":
        """The work of this key: the one under way or done, or else, and after a failure, a new one.

        The Future's `exception()` is what the work raised. It cannot be cancelled; it ends with the process.
        """
        with self._lock:
            known = self._work.get(key)
            if known is not None and not (known.done() and known.exception()):
                return known
            future: Future[Any] = Future()
            self._work.pop(key, None)
            self._work[key] = future
            done = [other for other, found in self._work.items() if found.done()]
            for other in done[: max(0, len(done) - _KEPT)]:
                del self._work[other]
        # Not a pool: its threads would hold the server back from ending.
        threading.Thread(target=_do, args=(work, future), name=f"background {key}", daemon=True).start()
        return future

    def find(self, key: Hashable) -> "Future[Any] | None":
        """The work of this key, under way or done; None when it was never started, or so long ago that it is gone."""
        with self._lock:
            return self._work.get(key)

    def forget(self, key: Hashable) -> None:
        """Drops what is known of a key; work under way goes on unseen."""
        with self._lock:
            self._work.pop(key, None)


def failure(work: "Future[Any]") -> str:
    """Why work that is done has no result, as a sentence for visitors; empty when it has one."""
    error = work.exception()
    if error is None:
        return ""
    if isinstance(error, StudioError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"A file could not be read or written: {error.strerror}."
    return "It failed in a way that was not foreseen; the server's log has more."


def _do(work: Callable[[], Any], future: "Future[Any]") -> None:
    try:
        future.set_result(work())
    except BaseException as error:
        if not isinstance(error, StudioError):
            logger.exception("work in the background failed")
        # The frames of the work hold what it worked on: a failed import would keep a visitor's file in memory.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        future.set_exception(error)
