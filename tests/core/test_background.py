"""Work in the background: started once, found again, failures told and not kept."""

import gc
import threading
import time
import weakref

import pytest

from core.background import Background, failure
from core.errors import ExportError
from core.home import StudioHome
from tests.trainings import process, until


def test_two_clicks_start_it_once_and_both_get_the_result() -> None:
    background, go, calls = Background(), threading.Event(), []

    def work() -> str:
        calls.append(1)
        assert go.wait(30)
        return "done"

    first, second = background.start("a", work), background.start("a", work)
    assert first is second is background.find("a")
    assert not first.done()
    go.set()
    assert first.result(30) == "done"
    assert background.start("a", work).result(30) == "done"
    assert calls == [1]
    background.forget("a")
    assert background.find("a") is None


def test_other_keys_do_not_wait() -> None:
    background, go = Background(), threading.Event()
    slow = background.start(("run", "onnx"), lambda: go.wait(30))
    assert background.start(("run", "keras"), lambda: 2).result(30) == 2
    assert not slow.done()
    go.set()
    assert slow.result(30)


def test_a_failure_is_told_and_can_be_tried_again() -> None:
    background, answers = Background(), iter([ExportError("no"), "yes"])

    def work() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    failed = background.start("a", work)
    with pytest.raises(ExportError, match="no"):
        failed.result(30)
    assert background.find("a") is failed
    assert background.start("a", work).result(30) == "yes"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ExportError("LiteRT lacks a layer."), "LiteRT lacks a layer."),
        (OSError(28, "No space left on device"), "A file could not be read or written: No space left on device."),
        (LookupError("inner detail"), "It failed in a way that was not foreseen; the server's log has more."),
    ],
)
def test_a_failure_is_a_sentence_for_visitors(error: Exception, reason: str) -> None:
    def work() -> None:
        raise error

    failed = Background().start("a", work)
    assert failed.exception(30) is error
    assert failure(failed) == reason
    assert failure(Background().start("b", lambda: "fine")) == ""


def test_a_failure_does_not_keep_what_was_worked_on() -> None:
    class Upload:
        pass

    def work(upload: Upload) -> None:
        try:
            raise ValueError(upload)
        except ValueError as error:
            raise ExportError("no") from error

    def begin(background: Background) -> "weakref.ref[Upload]":
        upload = Upload()
        background.start("a", lambda: work(upload))
        return weakref.ref(upload)

    background = Background()
    upload = begin(background)
    found = background.find("a")
    assert found is not None
    assert isinstance(found.exception(30), ExportError)
    until(lambda: gc.collect() >= 0 and upload() is None, "the upload to go")


def test_old_results_go() -> None:
    background = Background()
    for number in range(40):
        background.start(number, lambda: "x").result(30)
    assert background.find(39) is not None
    assert sum(background.find(number) is not None for number in range(40)) <= 9


def test_it_does_not_hold_the_process_back(home: StudioHome) -> None:
    code = "import time; from core.background import Background; Background().start(1, lambda: time.sleep(60))"
    began = time.monotonic()
    with process("-c", code, home=home) as started:
        assert started.wait(30) == 0
    assert time.monotonic() - began < 30
