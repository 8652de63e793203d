"""The presets: settings that go together, each the best of its kind."""

from typing import Final

from core.config.settings import TrainingConfig
from core.errors import ConfigError

PRESETS: Final[dict[str, TrainingConfig]] = {
    "classic": TrainingConfig(
        learning_rate=3e-3,
        schedule="cosine",
        epochs=20,
        rotation=12,
        shift=1,
        scale=0.12,
        shear=12,
        thickness=0.7,
    ),
    "quick": TrainingConfig(
        blocks=3,
        filters=20,
        pool_first=True,
        batch_norm=True,
        dense_units=48,
        dropout=0.0,
        learning_rate=1e-2,
        schedule="one_cycle",
        epochs=1,
    ),
    "compact": TrainingConfig(
        blocks=3,
        convs_per_block=2,
        filters=8,
        filter_growth=1.45,
        pool_first=True,
        batch_norm=True,
        head="global_average",
        dense_units=0,
        dropout=0.0,
        learning_rate=1e-2,
        schedule="one_cycle",
        weight_averaging=0.998,
        epochs=40,
        rotation=8,
        shift=1,
        scale=0.08,
        shear=6,
        thickness=0.3,
        pen_styles=0.06,
    ),
    "strong": TrainingConfig(
        blocks=3,
        convs_per_block=2,
        filters=32,
        filter_growth=2.25,
        pool_first=True,
        batch_norm=True,
        head="global_average",
        dense_units=0,
        dropout=0.3,
        optimizer="adamw",
        learning_rate=3e-3,
        schedule="one_cycle",
        weight_decay=0.02,
        weight_averaging=0.998,
        epochs=30,
        rotation=12,
        shift=1.5,
        scale=0.12,
        shear=12,
        thickness=0.7,
        elastic=0.8,
        blemishes=0.15,
        pen_styles=0.1,
    ),
}

PRESET_PURPOSE: Final[dict[str, str]] = {
    "classic": "Conv, pool, conv, pool, dense, dropout, softmax: the textbook network.",
    "quick": "About 99 % in one pass over the images, in seconds.",
    "compact": "At most 8,000 parameters, for the smallest devices.",
    "strong": "The most accurate: deeper, with augmentation and averaged weights.",
}


def preset(name: str) -> TrainingConfig:
    """The settings of a preset.

    Raises:
        ConfigError: there is no preset of that name.
    """
    if name not in PRESETS:
        raise ConfigError(f"there is no preset {name!r}; the presets are {', '.join(PRESETS)}.")
    return PRESETS[name]
