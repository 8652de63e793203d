"""A status is believed only as far as the process behind it lives, and only when it is one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.errors import RunDamagedError
from core.status import FILE, RunState, RunStatus, this_process

ENDED = [RunState.FINISHED, RunState.INTERRUPTED, RunState.FAILED]
UNDER_WAY = [state for state in RunState if state not in ENDED]


def status(state: RunState = RunState.TRAINING, **changes: Any) -> RunStatus:
    values: dict[str, Any] = {"queued_at": 1.0, "updated_at": 2.0, "epochs": 3, "steps": 30, **changes}
    return RunStatus(state=state, **values)


def test_states() -> None:
    assert [state for state in RunState if state.ended] == ENDED
    assert [state for state in RunState if state.active] == [state for state in UNDER_WAY if state != RunState.QUEUED]


def test_written_and_read_back(tmp_path: Path) -> None:
    before = time.time()
    written = status().write(tmp_path, epoch=2, message="é", **this_process())
    assert RunStatus.read(tmp_path) == written
    assert before <= written.updated_at <= time.time()
    assert (written.epoch, written.message, written.pid) == (2, "é", os.getpid())


def test_a_last_word_is_a_status_too(tmp_path: Path) -> None:
    status(**this_process(), images_per_second=1234.5678).write(tmp_path)
    status().write_last(tmp_path, state=RunState.FAILED, message="No room.")
    assert RunStatus.read(tmp_path).message == "No room."


@pytest.mark.parametrize("state", UNDER_WAY)
def test_a_living_process_is_believed(state: RunState) -> None:
    claimed = status(state, **this_process())
    assert claimed.as_seen() is claimed


@pytest.mark.parametrize("state", UNDER_WAY)
def test_without_a_living_process_a_run_is_interrupted(state: RunState) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pid = process.pid
    own = this_process()
    for gone in (
        {},
        {"pid": pid, "pid_started": time.time()},
        {"pid": own["pid"], "pid_started": own["pid_started"] - 60},  # another process had this number
        {"pid": 2**22 + 1, "pid_started": 1.0},
    ):
        seen = status(state, eta_seconds=3.0, epoch=2, **gone).as_seen()
        assert seen.state is RunState.INTERRUPTED
        assert seen.message.endswith((".", "!"))
        assert (seen.eta_seconds, seen.pid, seen.epoch) == (None, None, 2)


def test_a_zombie_does_not_work_any_more() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        answering = {"pid": process.pid, "pid_started": psutil.Process(process.pid).create_time()}
        assert status(**answering).process_lives()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, but not yet taken note of
        assert not status(**answering).process_lives()


@pytest.mark.parametrize("state", ENDED)
def test_what_has_ended_stays_as_it_was(state: RunState) -> None:
    assert status(state, message="why").as_seen() == status(state, message="why")


def _values(**changes: Any) -> dict[str, Any]:
    return {"state": "training", "queued_at": 1, "updated_at": 2.5, "epochs": 3, "steps": 30} | changes


def test_what_a_later_version_adds_is_ignored(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(_values(colour="blue")))
    assert RunStatus.read(tmp_path).epochs == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "sleeping"},
        {"state": None},
        {"state": ["training"]},
        {"state": 3},
        {"queued_at": "yesterday"},
        {"updated_at": None},
        {"updated_at": 1e300},
        {"started_at": "now"},
        {"epochs": "3"},
        {"epochs": True},
        {"epochs": 2.5},
        {"epochs": -1},
        {"epochs": 10**30},
        {"step": [1]},
        {"steps": {}},
        {"pid": "many"},
        {"pid": -5},
        {"pid": 1.5},
        {"pid": 10**400},
        {"pid_started": "1"},
        {"pid_started": {}},
        {"images_per_second": "fast"},
        {"eta_seconds": [3]},
        {"message": 7},
        {"message": None},
    ],
    ids=str,
)
def test_values_that_no_run_wrote_are_damage(tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / FILE).write_text(json.dumps(_values(**changes)))
    with pytest.raises(RunDamagedError, match=r"status\.json cannot be read"):
        RunStatus.read(tmp_path)


@pytest.mark.parametrize("key", ["state", "queued_at", "updated_at", "epochs", "steps"])
def test_a_value_that_every_run_has_may_not_be_missing(tmp_path: Path, key: str) -> None:
    values = _values()
    del values[key]
    (tmp_path / FILE).write_text(json.dumps(values))
    with pytest.raises(RunDamagedError, match=key):
        RunStatus.read(tmp_path)


def test_no_file_a_cut_file_and_a_folder_are_damage(tmp_path: Path) -> None:
    with pytest.raises(RunDamagedError, match=r"status\.json is missing"):
        RunStatus.read(tmp_path)
    (tmp_path / FILE).write_text(json.dumps(_values())[:-20])
    with pytest.raises(RunDamagedError, match="cannot be read"):
        RunStatus.read(tmp_path)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.raises(RunDamagedError, match="cannot be read"):
        RunStatus.read(tmp_path)
