"""The network that trains is the one that the layer table shows, for the presets and for odd settings alike."""

import math
from typing import Any

import numpy as np
import pytest

from core import architecture
from core.config import PRESETS, TrainingConfig
from core.model import build_model, build_optimizer, build_trainee

pytestmark = pytest.mark.keras

ODD: list[dict[str, Any]] = [
    {"blocks": 1, "convs_per_block": 1, "filters": 1, "kernel_size": 1, "dense_units": 0, "dropout": 0.0},
    {"blocks": 4, "convs_per_block": 3, "filters": 5, "filter_growth": 1.3, "kernel_size": 3, "batch_norm": True},
    {"blocks": 1, "kernel_size": 11, "filters": 3, "head": "global_average", "activation": "tanh"},
    {"blocks": 2, "kernel_size": 4, "pool_first": True, "activation": "gelu", "filters": 7},
    {"blocks": 3, "kernel_size": 2, "pool_first": True, "batch_norm": True, "convs_per_block": 2, "dense_units": 1},
    {"blocks": 4, "kernel_size": 1, "filter_growth": 4.0, "filters": 2, "head": "global_average", "dense_units": 33},
    {"activation": "silu", "filter_growth": 1.0, "dropout": 0.9, "batch_norm": True, "kernel_size": 5},
]
CONFIGS = PRESETS | {f"odd-{number}": TrainingConfig(**settings) for number, settings in enumerate(ODD)}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_layer_table_equals_keras(config: TrainingConfig) -> None:
    model, table = build_model(config), architecture.layers(config)
    built = model.layers[1:]  # the first is the input
    assert [layer.name for layer in built] == [layer.name for layer in table]
    for layer, row in zip(built, table, strict=True):
        assert type(layer).__name__ == row.kind
        assert layer.count_params() == row.parameters, row.name
        assert layer.output.shape == (None, *row.output_shape), row.name
    assert model.count_params() == architecture.count_parameters(config)
    assert model.input_shape == (None, 28, 28, 1)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_multiply_adds_are_the_weights_times_the_places_they_are_used_at(config: TrainingConfig) -> None:
    model = build_model(config)
    for row in architecture.layers(config):
        weights = model.get_layer(row.name).weights
        kernel = next((weight for weight in weights if weight.name == "kernel"), None)
        places = math.prod(row.output_shape[:-1]) if row.kind == "Conv2D" else 1
        assert row.multiply_adds == (0 if kernel is None else places * math.prod(kernel.shape)), row.name


def test_the_answer_is_a_distribution_in_float32_whatever_the_precision() -> None:
    images = np.random.default_rng(1).random((3, 28, 28, 1), np.float32)
    for precision in ("float32", "mixed_bfloat16"):
        answers = np.asarray(build_trainee(PRESETS["quick"], precision)(images))
        assert answers.dtype == np.float32
        assert answers.shape == (3, 10)
        assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("pool_first", [False, True])
def test_pooling_before_the_activation_gives_the_same(pool_first: bool) -> None:
    config = TrainingConfig(filters=4, dense_units=8, pool_first=pool_first)
    other = TrainingConfig(filters=4, dense_units=8, pool_first=not pool_first)
    model, twin = build_model(config), build_model(other)
    twin.set_weights(model.get_weights())
    images = np.random.default_rng(1).random((2, 28, 28, 1), np.float32)
    assert np.allclose(model(images), twin(images), atol=1e-6)


def rates(config: TrainingConfig, steps: int) -> list[float]:
    """The learning rate before each step."""
    optimizer = build_optimizer(config, steps)
    found = []
    for step in range(steps + 1):
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    return found


def test_schedules() -> None:
    assert set(rates(TrainingConfig(learning_rate=0.5), 10)) == {0.5}
    cosine = rates(TrainingConfig(learning_rate=0.5, schedule="cosine"), 10)
    assert cosine[0] == pytest.approx(0.5)
    assert cosine[5] == pytest.approx(0.25)
    assert cosine == sorted(cosine, reverse=True)
    assert cosine[-1] == pytest.approx(0, abs=1e-6)
    cycle = rates(TrainingConfig(learning_rate=0.5, schedule="one_cycle"), 10)
    assert cycle[0] == pytest.approx(0.02)
    assert cycle[3] == pytest.approx(0.5)
    assert cycle[:4] == sorted(cycle[:4])
    assert cycle[3:] == sorted(cycle[3:], reverse=True)
    assert cycle[-1] == pytest.approx(0, abs=1e-6)
    assert len(rates(TrainingConfig(schedule="one_cycle"), 1)) == 2


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd", "rmsprop"])
def test_optimisers(name: str) -> None:
    optimizer = build_optimizer(
        TrainingConfig(optimizer=name, learning_rate=1, weight_decay=0.1, weight_averaging=0.9), 10
    )
    assert type(optimizer).__name__.lower() == name
    assert optimizer.use_ema
    assert (optimizer.weight_decay == 0.1) == (name in ("adamw", "sgd"))
    assert not build_optimizer(TrainingConfig(optimizer=name), 10).use_ema
