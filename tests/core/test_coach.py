"""The coach on recorded trainings: it says what is wrong with those that went wrong, and nothing of the others."""

import json
import math
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.coach import MOST_HINTS, Hint, hints
from core.config import PRESETS, TrainingConfig
from core.errors import ConfigError
from tests.histories import NAMES, Records, recorded

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


def check(hint: Hint, config: TrainingConfig) -> None:
    """A hint is two whole sentences, and its changes change something and make a valid configuration."""
    for sentence in (hint.text, hint.evidence):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    changed = replace(config, **hint.changes)
    assert all(getattr(config, name) != getattr(changed, name) for name in hint.changes)
    json.dumps(dict(hint.changes), allow_nan=False)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_training_that_went_wrong_gets_its_hint_and_no_other(name: str) -> None:
    config, steps, epochs = recorded(name)
    (hint,) = hints(config, steps, epochs, ended=True)
    assert (hint.name, hint.changes) == EXPECTED[name]
    check(hint, config)
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


@st.composite
def configurations(draw: st.DrawFn) -> TrainingConfig:
    """A preset or the defaults with some settings at the ends of their ranges."""
    config = draw(st.sampled_from([TrainingConfig(), *PRESETS.values()]))
    for rule in draw(st.lists(st.sampled_from(fields(TrainingConfig)), max_size=6)):
        limits = rule.metadata["choices"] or (rule.metadata["low"], rule.metadata["high"])
        value = draw(st.booleans() if rule.type is bool else st.sampled_from(limits))
        try:
            config = replace(config, **{rule.name: value})
        except ConfigError:
            continue
    return config


NUMBER = st.floats(0, 3) | st.floats() | st.integers(-5, 5_000) | st.just(10**400)
FIGURES = dict.fromkeys(("time", "epoch", "step", "loss", "accuracy"), NUMBER)
STEP = st.fixed_dictionaries(FIGURES, optional={"learning_rate": NUMBER, "images_per_second": NUMBER})
EPOCH = st.fixed_dictionaries(FIGURES, optional={"val_loss": NUMBER, "val_accuracy": NUMBER, "seconds": NUMBER})


@settings(max_examples=200, deadline=None)
@given(configurations(), st.lists(STEP, max_size=30), st.lists(EPOCH, max_size=15), st.booleans(), st.booleans())
def test_no_history_of_legal_records_fails(
    config: TrainingConfig, steps: Records, epochs: Records, ended: bool, diverged: bool
) -> None:
    found = hints(config, steps, epochs, ended=ended, diverged=diverged)
    assert len(found) <= MOST_HINTS
    for hint in found:
        check(hint, config)


@settings(max_examples=200, deadline=None)
@given(configurations(), st.sampled_from(NAMES), st.floats(0, 1), st.booleans())
def test_every_change_is_valid_whatever_the_settings(
    config: TrainingConfig, name: str, share: float, ended: bool
) -> None:
    """Real curves under settings that they do not come from, cut anywhere."""
    _, steps, epochs = recorded(name)
    done = epochs[: math.ceil(share * len(epochs))]
    for hint in hints(config, steps[: math.ceil(share * len(steps))], done, ended=ended):
        check(hint, config)
