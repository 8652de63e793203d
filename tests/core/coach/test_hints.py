"""The coach on recorded trainings: it says what is wrong with those that went wrong, and nothing of the others."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.coach import Hint, hints
from tests.histories import NAMES, recorded

GOOD_NEWS = "still_improving"
GENTLE = {"rotation": 10.0, "shift": 2.0, "scale": 0.1}
# What is said at the end of each training that went wrong. Beside it the validation loss, the mean of the last three
# epochs where there are eight or more, before and with the changes; seed and everything else stayed the same.
EXPECTED: dict[str, tuple[str, dict[str, Any]]] = {
    "overfitting_far": ("overfitting", GENTLE),  # 0.177, 0.116
    "overfitting_rising": ("overfitting", GENTLE),  # 0.160, 0.074
    "too_high_adam": ("learning_rate_too_high", {"learning_rate": 0.001}),  # 2.30, 0.19
    "too_high_sgd": ("learning_rate_too_high", {"learning_rate": 0.05}),  # 2.32, 0.14
    "too_high_forgets": ("learning_rate_too_high", {"learning_rate": 0.02}),  # 2.31, 0.10
    "too_low_adam": ("learning_rate_too_low", {"learning_rate": 0.001}),  # 2.31, 0.13
    "too_low_sgd": ("learning_rate_too_low", {"learning_rate": 0.05}),  # 2.20, 0.08
    "unstable": ("unstable", {"learning_rate": 0.003}),  # 0.178, 0.100
    "underfitting_small": ("underfitting", {"filters": 2}),  # 0.252, 0.184
    "underfitting_distorted": (  # 1.84, 0.21
        "underfitting",
        {"rotation": 20.0, "shift": 4.0, "elastic": 2.0, "dropout": 0.4},
    ),
    "plateau": ("plateau", {"schedule": "cosine"}),  # 0.074, 0.059
    "plateau_fast": ("plateau", {"learning_rate": 0.002}),  # 0.164, 0.083
    "stopped_too_early": ("stopped_too_early", {"epochs": 12}),  # 0.134, 0.093
}
# Also right before the end: one guessed for 130 steps, the other's validation loss was level before it rose.
ON_THE_WAY = {"unstable": {"learning_rate_too_high"}, "overfitting_far": {"plateau"}}


def as_it_grew(name: str) -> Iterator[list[Hint]]:
    """The hints after every step record of a training."""
    config, steps, epochs = recorded(name)
    for count in range(1, len(steps) + 1):
        done = [epoch for epoch in epochs if epoch["step"] <= steps[count - 1]["step"]]
        yield hints(config, steps[:count], done)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_training_that_went_wrong_gets_its_hint_and_no_other(name: str) -> None:
    config, steps, epochs = recorded(name)
    (hint,) = hints(config, steps, epochs, ended=True)
    assert (hint.name, hint.changes) == EXPECTED[name]
    assert any(character.isdigit() for character in hint.evidence)


@pytest.mark.parametrize("name", EXPECTED)
def test_on_the_way_it_hears_nothing_else(name: str) -> None:
    allowed = {EXPECTED[name][0], GOOD_NEWS} | ON_THE_WAY.get(name, set())
    assert {hint.name for found in as_it_grew(name) for hint in found} <= allowed


@pytest.mark.parametrize("name", [name for name in NAMES if name not in EXPECTED])
def test_a_training_that_went_well_hears_nothing_but_good_news(name: str) -> None:
    assert name.startswith("silent_")
    assert {hint.name for found in as_it_grew(name) for hint in found} <= {GOOD_NEWS}
    config, steps, epochs = recorded(name)
    assert hints(config, steps, epochs, ended=True) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_first_steps_are_no_evidence(name: str) -> None:
    config, steps, epochs = recorded(name)
    early = [record for record in steps if record["step"] < 60]
    assert hints(config, early, [epoch for epoch in epochs if epoch["step"] < 60][:3]) == []
    assert hints(config, [], []) == []


@pytest.mark.parametrize(
    ("name", "explanation"),
    [
        ("underfitting_small", {"dropout": 0.5}),
        ("underfitting_small", {"rotation": 10}),
        ("underfitting_small", {"schedule": "cosine"}),
        ("unstable", {"schedule": "one_cycle"}),
        ("plateau", {"schedule": "cosine"}),
    ],
)
def test_what_a_setting_explains_is_no_fault(name: str, explanation: dict[str, Any]) -> None:
    config, steps, epochs = recorded(name)
    assert hints(replace(config, **explanation), steps, epochs, ended=True) == []


@pytest.mark.parametrize(
    ("name", "key", "values", "said"),
    [
        # Validation loss 15 % above its best: growing certainty where accuracy rose too, overfitting where it fell.
        ("silent_classic", "val_accuracy", [0.991] * 4, ["overfitting"]),
        ("silent_classic", "val_loss", [0.0317] * 4, []),
        ("silent_classic", "val_loss", [0.037, 0.038, 0.039, 0.040], ["overfitting"]),
        # Falls of 2 % in the last epochs are no reason to go on; rises of a third are no jumps.
        ("stopped_too_early", "val_loss", [0.187, 0.183, 0.179], []),
        ("unstable", "val_loss", [0.178, 0.235, 0.176, 0.230, 0.178, 0.180, 0.175], []),
    ],
)
def test_small_changes_are_no_evidence(name: str, key: str, values: list[float], said: list[str]) -> None:
    """A recorded training with other last epochs."""
    config, steps, epochs = recorded(name)
    last = [{**epoch, key: value} for epoch, value in zip(epochs[-len(values) :], values, strict=True)]
    found = hints(config, steps, epochs[: -len(values)] + last, ended=True)
    assert [hint.name for hint in found] == said


def test_a_loss_a_little_above_its_best_is_no_overfitting_even_with_fewer_right() -> None:
    config, steps, epochs = recorded("silent_classic")
    last = [{**epoch, "val_loss": 0.0317, "val_accuracy": 0.991} for epoch in epochs[-4:]]
    assert hints(config, steps, epochs[:-4] + last, ended=True) == []


def test_what_is_not_allowed_is_not_proposed() -> None:
    config, steps, epochs = recorded("underfitting_small")
    (hint,) = hints(replace(config, filters=256), steps, epochs)
    assert hint.changes == {"dense_units": 64}
    config, steps, epochs = recorded("stopped_too_early")
    (hint,) = hints(replace(config, epochs=1_000), steps, [*epochs[:-1], {**epochs[-1], "epoch": 1_000}], ended=True)
    assert (hint.name, hint.changes) == ("stopped_too_early", {})


def test_a_network_that_forgot_is_told_what_it_knew() -> None:
    config, steps, epochs = recorded("too_high_forgets")
    (hint,) = hints(config, steps, epochs, ended=True)
    assert "had reached 84.1 % and has fallen to 11.1 %" in hint.evidence


def test_the_evidence_holds_the_numbers_of_the_records() -> None:
    config, steps, epochs = recorded("overfitting_rising")
    (hint,) = hints(config, steps, epochs, ended=True)
    means = [sum(epoch["val_loss"] for epoch in epochs[at : at + 3]) / 3 for at in range(len(epochs) - 2)]
    best = means.index(min(means))
    assert f"Since epoch {epochs[best + 1]['epoch']} validation loss has risen" in hint.evidence
    assert f"from {means[best]:.3f} to {means[-1]:.3f} while training loss fell" in hint.evidence


def test_good_news_has_nothing_to_change_and_ends_with_the_run() -> None:
    config, steps, epochs = recorded("stopped_too_early")
    longer = replace(config, epochs=30)
    (running,) = hints(longer, steps, epochs)
    assert (running.name, running.changes) == (GOOD_NEWS, {})
    (stopped,) = hints(longer, steps, epochs, ended=True)
    assert (stopped.name, stopped.changes) == ("stopped_too_early", {})
    (out_of_time,) = hints(replace(longer, time_budget=1), steps, epochs, ended=True)
    assert out_of_time.changes == {"time_budget": 0.0}


def test_against_overfitting_the_next_thing_is_tried_when_one_is_in_use() -> None:
    config, steps, epochs = recorded("overfitting_rising")
    for expected in (GENTLE, {"dropout": 0.5}, {"subset": 12_000}, {"subset": 48_000}, {"subset": 0}):
        (hint,) = hints(config, steps, epochs, ended=True)
        assert hint.changes == expected
        config = replace(config, **hint.changes)
    (hint,) = hints(config, steps, epochs, ended=True)
    assert hint.changes == {"early_stopping": 3}
    (hint,) = hints(replace(config, **hint.changes), steps, epochs, ended=True)
    assert (hint.name, hint.changes) == ("overfitting", {})


@pytest.mark.parametrize("loss", [math.nan, math.inf, 1e300, 10**400])
def test_a_loss_without_end_is_too_high_a_rate(loss: float) -> None:
    config, steps, epochs = recorded("silent_classic")
    (hint,) = hints(config, [*steps, {**steps[-1], "loss": loss}], epochs)
    assert (hint.name, hint.changes) == ("learning_rate_too_high", {"learning_rate": 0.0003})
    (hint,) = hints(config, steps, epochs, ended=True, diverged=True)
    assert hint.changes == {"learning_rate": 0.0003}


def test_the_rate_that_counts_is_the_one_recorded() -> None:
    """A rate can be changed on the way: up from the configuration's, and down again when it is too late."""
    config, steps, epochs = recorded("too_high_adam")
    late = [{**record, "learning_rate": 1e-4} for record in steps[-4:]]
    (hint,) = hints(replace(config, learning_rate=0.002), [*steps[:-4], *late], epochs)
    assert (hint.name, hint.changes) == ("learning_rate_too_high", {"learning_rate": 0.001})
    assert "up to 0.05" in hint.evidence
