"""Work in the background: started once, found again, failures told and not kept."""

import threading
import time

import pytest

from core.background import Background
from core.errors import ExportError
from core.home import StudioHome
from tests.trainings import process


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
