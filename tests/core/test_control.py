"""What a run is asked, through its file."""

from pathlib import Path

import pytest

from core import control
from core.config import preset
from core.control import Command, Orders
from core.errors import ConfigError
from core.run import CONTROL


def test_nothing_said_is_to_run(tmp_path: Path) -> None:
    assert control.read(tmp_path) == Orders(Command.RUN, None)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"command": "dance"}', '{"command": ["stop"]}'])
def test_nonsense_is_to_run(tmp_path: Path, text: str) -> None:
    (tmp_path / CONTROL).write_text(text)
    assert control.read(tmp_path) == Orders()


@pytest.mark.parametrize("rate", ['"0.1"', "true", "-1.0", "1e9", "[]"])
def test_an_impossible_rate_is_none(tmp_path: Path, rate: str) -> None:
    (tmp_path / CONTROL).write_text(f'{{"command": "pause", "learning_rate": {rate}}}')
    assert control.read(tmp_path) == Orders(Command.PAUSE, None)


def test_commands_and_the_rate_do_not_undo_each_other(tmp_path: Path) -> None:
    control.change_learning_rate(tmp_path, preset("classic"), 0.0005)
    control.command(tmp_path, Command.PAUSE)
    assert control.read(tmp_path) == Orders(Command.PAUSE, 0.0005)
    control.change_learning_rate(tmp_path, preset("classic"), 0.25)
    assert control.read(tmp_path) == Orders(Command.PAUSE, 0.25)
    control.put(tmp_path, 12.5)
    assert control.read(tmp_path) == Orders(Command.PAUSE, 0.25, 12.5)
    control.command(tmp_path, Command.RUN)
    assert control.read(tmp_path) == Orders(Command.RUN, 0.25, 12.5)


def test_once_asked_to_stop_it_stops(tmp_path: Path) -> None:
    control.command(tmp_path, Command.STOP)
    control.command(tmp_path, Command.PAUSE)
    control.command(tmp_path, Command.RUN)
    assert control.read(tmp_path).command is Command.STOP


def test_what_begins_again_keeps_its_rate_alone(tmp_path: Path) -> None:
    control.change_learning_rate(tmp_path, preset("classic"), 0.0005)
    control.put(tmp_path, 12.5)
    control.command(tmp_path, Command.STOP)
    control.forget(tmp_path)
    assert control.read(tmp_path) == Orders(Command.RUN, 0.0005, None)


@pytest.mark.parametrize("rate", [0.0, -1.0, 11.0, float("nan"), float("inf")])
def test_a_rate_that_is_not_allowed_is_refused(tmp_path: Path, rate: float) -> None:
    with pytest.raises(ConfigError, match="learning_rate"):
        control.change_learning_rate(tmp_path, preset("classic"), rate)
    assert control.read(tmp_path) == Orders()
