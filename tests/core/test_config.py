"""What a training may be told, in which words it is refused, and that whatever is accepted can be built."""

import json
import math
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import architecture
from core.config import MAX_PARAMETERS, PRESET_PURPOSE, PRESETS, TRAINING_IMAGES, TrainingConfig, preset
from core.errors import ConfigError

NUMBERS = [rule for rule in fields(TrainingConfig) if rule.metadata["low"] is not None]
CHOICES = [rule for rule in fields(TrainingConfig) if rule.metadata["choices"]]
# Small enough that no other limit is in the way of the setting under test.
SMALL: dict[str, Any] = {"filters": 1, "filter_growth": 1.0, "kernel_size": 1, "dense_units": 0, "batch_size": 1}


def name_of(rule: Any) -> str:
    return rule.name


def test_every_setting_has_help_and_a_range_or_choices() -> None:
    for rule in fields(TrainingConfig):
        assert rule.metadata["help"].endswith(".")
        limited = rule.metadata["low"] is not None and rule.metadata["high"] is not None
        assert limited or rule.metadata["choices"] or rule.type is bool, rule.name


@pytest.mark.parametrize("rule", NUMBERS, ids=name_of)
def test_both_ends_of_a_range_are_allowed_and_nothing_beyond(rule: Any) -> None:
    low, high = rule.metadata["low"], rule.metadata["high"]
    near = {**SMALL, "validation_size": 0} if rule.name == "subset" else SMALL
    for value in (low, high):
        blocks = {"blocks": 1} if rule.name == "kernel_size" else {}
        assert getattr(TrainingConfig(**{**near, **blocks, rule.name: rule.type(value)}), rule.name) == value
    step = 1 if rule.type is int else 1e-6
    for value in (low - step, high + step, -1e9, 1e9 if rule.type is float else 10**12):
        with pytest.raises(ConfigError, match=rf"{rule.name} must be from "):
            TrainingConfig(**{**near, rule.name: rule.type(value)})


@pytest.mark.parametrize("rule", NUMBERS, ids=name_of)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, None, "3", [3], {}, 3j, 10**400], ids=repr)
def test_what_is_no_finite_number_is_refused(rule: Any, value: Any) -> None:
    with pytest.raises(ConfigError, match=rule.name):
        TrainingConfig(**{rule.name: value})


@pytest.mark.parametrize("rule", [rule for rule in NUMBERS if rule.type is int], ids=name_of)
def test_a_fraction_is_no_whole_number(rule: Any) -> None:
    with pytest.raises(ConfigError, match=f"{rule.name} must be a whole number"):
        TrainingConfig(**{rule.name: float(rule.metadata["low"])})


@pytest.mark.parametrize("rule", CHOICES, ids=name_of)
def test_choices(rule: Any) -> None:
    for value in rule.metadata["choices"]:
        assert getattr(TrainingConfig(**{rule.name: value}), rule.name) == value
    for value in ("", "nonsense", rule.metadata["choices"][0].upper(), None, 3, ["adam"]):
        with pytest.raises(ConfigError, match=f"{rule.name} must be one of"):
            TrainingConfig(**{rule.name: value})


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_truth_is_true_or_false(value: Any) -> None:
    with pytest.raises(ConfigError, match="batch_norm must be true or false"):
        TrainingConfig(batch_norm=value)


def test_a_whole_number_is_a_number() -> None:
    config = TrainingConfig(learning_rate=1, rotation=8)
    assert isinstance(config.learning_rate, float)  # Keras takes an int for something else
    assert config == TrainingConfig(learning_rate=1.0, rotation=8.0)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        TrainingConfig().epochs = 0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"blocks": 4, "kernel_size": 5}, r"kernel_size 5 is larger than the 3 x 3 image that reaches block 4"),
        ({"subset": 55_001}, r"subset 55001 is more than the 55000 images left"),
        ({"subset": 60_000, "validation_size": 1}, r"use at most 59999"),
        ({"early_stopping": 3, "validation_size": 0}, r"early_stopping watches the validation loss"),
        ({"filters": 256, "filter_growth": 4.0, "blocks": 4}, r"parameters, more than the 20,000,000 allowed"),
        ({"batch_size": 8_192, "filters": 256, "pool_first": True}, r"GiB of memory, more than the 6 GiB allowed"),
        ({"filters": 1_000_000_000}, r"filters must be from 1 to 256, not 1000000000"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_work_together_is_refused_with_the_way_out(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        TrainingConfig(**settings)


def test_text_becomes_values_of_the_settings_types() -> None:
    config = TrainingConfig().with_text(
        {"epochs": " 3 ", "learning_rate": "1e-2", "batch_norm": "Yes", "pool_first": "0", "activation": " gelu "}
    )
    assert config == TrainingConfig(epochs=3, learning_rate=0.01, batch_norm=True, pool_first=False, activation="gelu")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("epochs", "3.5", "epochs must be a whole number, not '3.5'"),
        ("epochs", "", "epochs must be a whole number"),
        ("epochs", "9" * 400, "epochs must be from 1 to 1,000"),
        ("epochs", "9" * 5_000, "epochs must be a whole number"),
        ("learning_rate", "quick", "learning_rate must be a number, not 'quick'"),
        ("learning_rate", "nan", "learning_rate must be from"),
        ("learning_rate", "1e999", "learning_rate must be from"),
        ("batch_norm", "perhaps", "batch_norm must be true or false"),
        ("optimizer", "adamm", "optimizer must be one of"),
        ("learningrate", "1", "did you mean 'learning_rate'"),
        ("__class__", "1", "is not a setting"),
        ("", "1", "'' is not a setting; the settings are blocks, "),
    ],
)
def test_text_that_means_no_value_is_refused(name: str, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        TrainingConfig().with_text({name: text})


def test_from_dict_keeps_defaults_and_refuses_strangers() -> None:
    assert TrainingConfig.from_dict({"epochs": 2}) == TrainingConfig(epochs=2)
    for name in ("epoch", "steps_per_epoch", "colour"):
        with pytest.raises(ConfigError, match="is not a setting"):
            TrainingConfig.from_dict({name: 1})


def test_presets() -> None:
    assert list(PRESETS) == list(PRESET_PURPOSE) == ["classic", "quick", "compact", "strong"]
    assert architecture.count_parameters(preset("compact")) <= 8_000
    assert architecture.count_parameters(preset("strong")) <= 1_000_000
    for name in ("", "Classic", "nonsense"):
        with pytest.raises(ConfigError, match="there is no preset"):
            preset(name)


def test_an_epoch_is_whole_batches() -> None:
    config = TrainingConfig(subset=640, batch_size=64)
    assert (config.training_images, config.steps_per_epoch) == (640, 10)
    assert replace(config, subset=700).steps_per_epoch == 10
    assert replace(config, subset=10).steps_per_epoch == 1
    assert TrainingConfig(validation_size=0).training_images == TRAINING_IMAGES


def _values(rule: Any) -> st.SearchStrategy[Any]:
    if rule.metadata["choices"]:
        return st.sampled_from(rule.metadata["choices"])
    if rule.type is bool:
        return st.booleans()
    low, high = rule.metadata["low"], rule.metadata["high"]
    # Mostly small numbers: large networks are refused together far more often than not.
    if rule.type is int:
        return st.one_of(st.integers(low, min(high, low + 40)), st.integers(low, high))
    return st.floats(low, high)


@settings(max_examples=300)
@given(st.fixed_dictionaries({}, optional={rule.name: _values(rule) for rule in fields(TrainingConfig)}))
def test_whatever_is_accepted_can_be_built_and_written_down(values: dict[str, Any]) -> None:
    try:
        config = TrainingConfig(**values)
    except ConfigError:
        return
    table = architecture.layers(config)
    assert all(size >= 1 for layer in table for size in layer.output_shape)
    assert len({layer.name for layer in table}) == len(table)
    assert table[-1].name == "probabilities"
    assert table[-1].output_shape == (10,)
    assert 0 < architecture.count_parameters(config) <= MAX_PARAMETERS
    assert config.steps_per_epoch * min(config.batch_size, config.training_images) <= config.training_images
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
