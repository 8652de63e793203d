"""Numbers and names as words."""

import pytest

from core.config import TrainingConfig
from ui import words
from ui.training_form import FIELDS

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("share", "digits", "said"),
    [(0.9921, 2, "99.21"), (0.99999, 2, "99.99"), (1.0, 2, "100.00"), (0.9996, 1, "99.9"), (0, 1, "0.0")],
)
def test_only_an_exact_one_reads_as_a_hundred_percent(share, digits, said):
    assert words.percent(share, digits) == f"{said}{SPACE}%"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (59.4, "59 s"), (61.2, "1 min 1 s"), (3_599.9, "1 h 0 min"), (7_380, "2 h 3 min")],
)
def test_durations(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0"), (999, "999"), (4_241_152, "4.24 M"), (2.5e9, "2.5 G")])
def test_compact_numbers(number, said):
    assert words.compact(number) == said


@pytest.mark.parametrize(
    "text",
    ["**bold**", "<b>x</b>", "[a](http://b)", ":smile:", ":material/home:", "$x^2$", "# title", "`code`", "a | b"],
)
def test_text_from_outside_loses_no_character_and_no_mark_works(text):
    safe = words.plain(text)
    assert safe.replace("\\", "").replace("\u2060", "") == text
    for position, mark in enumerate(safe):
        if mark in "*<[$#`|_":
            assert safe[position - 1] == "\\"
    assert ":smile:" not in safe.replace("\\", "")


def test_text_from_outside_stays_on_one_line():
    assert words.plain("one\n\n# two") == "one \\# two"


def test_messages_call_settings_as_the_form_does():
    message = "kernel_size 9 is larger than the image that reaches block 3; use fewer blocks or a smaller batch_size."
    said = words.in_form(message, FIELDS)
    assert said.startswith("Kernel size 9 is larger")
    assert said.endswith("fewer blocks or a smaller batch size.")


def test_every_setting_has_a_place_in_the_form():
    from ui.training_form import MAIN, MORE

    placed = [*MAIN, *(name for names in MORE.values() for name in names)]
    assert sorted(placed) == sorted(FIELDS) == sorted(TrainingConfig().to_dict())


def test_settings_read_as_words():
    shown = words.departures([("batch_norm", True), ("learning_rate", 3e-4), ("subset", 10_000), ("optimizer", "sgd")])
    assert shown == "batch norm on, learning rate 0.0003, subset 10,000, optimizer sgd"
    assert words.departures([]) == ""
    assert words.value(False) == "off"


def test_a_count_of_images():
    assert [words.images(count) for count in (0, 1, 1_200)] == ["0 images", "1 image", "1,200 images"]
