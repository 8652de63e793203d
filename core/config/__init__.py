"""The settings of one training and the presets to start from.

Owns what a setting is called, what it may be, and in which words a visitor is told otherwise. What the settings mean
for the network is `architecture`'s, and for the training `training`'s. Needs nothing but the standard library.
"""

from core.config.presets import PRESET_PURPOSE, PRESETS, preset
from core.config.settings import (
    AUGMENTATION,
    DISTORTIONS,
    IMAGE_SIZE,
    MAX_PARAMETERS,
    TRAINING_IMAGES,
    TrainingConfig,
)

__all__ = [
    "AUGMENTATION",
    "DISTORTIONS",
    "IMAGE_SIZE",
    "MAX_PARAMETERS",
    "PRESETS",
    "PRESET_PURPOSE",
    "TRAINING_IMAGES",
    "TrainingConfig",
    "preset",
]
