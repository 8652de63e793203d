"""Random changes of digits that keep them the same digit: what a `TrainingConfig` asks for, on NumPy arrays.

Owns the geometry (rotation, shift, scale, shear, elastic) and the stroke thickness; `blemishes` come last. Needs no
TensorFlow, so the page's preview and the training see the same code.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.blemishes import blemish
from core.config import IMAGE_SIZE, TrainingConfig

# All images of a batch are resampled by one call on a tall strip; blank rows between them keep them from mixing.
_GAP = 20
_PITCH = IMAGE_SIZE + _GAP
_CENTRE = (IMAGE_SIZE - 1) / 2
# OpenCV addresses a source with 16-bit coordinates.
_MOST_IMAGES = 32_000 // _PITCH
# Displacements are drawn on this coarse grid and smoothed up to the image, as strokes bend over several pixels.
_ELASTIC_GRID = 5
# (28, 5): how much each point of the grid counts for each pixel, linearly between the two nearest.
_POSITIONS = np.clip((np.arange(IMAGE_SIZE) + 0.5) * _ELASTIC_GRID / IMAGE_SIZE - 0.5, 0, _ELASTIC_GRID - 1)
_TO_IMAGE = np.maximum(0, 1 - np.abs(_POSITIONS[:, None] - np.arange(_ELASTIC_GRID))).astype(np.float32)


def augment(images: NDArray[np.uint8], config: TrainingConfig, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Each image changed at random within the configuration's limits.

    Args:
        images: (n, 28, 28) uint8, ink high.

    Returns:
        A new array of the same shape and type.
    """
    if not config.augments:
        return images.copy()
    parts = [
        _augment_strip(images[start : start + _MOST_IMAGES], config, rng)
        for start in range(0, len(images), _MOST_IMAGES)
    ]
    changed = np.concatenate(parts) if parts else images.copy()
    return blemish(changed, config.blemishes, rng) if config.blemishes else changed


def _augment_strip(images: NDArray[np.uint8], config: TrainingConfig, rng: np.random.Generator) -> NDArray[np.uint8]:
    count = len(images)
    strip = np.zeros((count, _PITCH, IMAGE_SIZE), np.uint8)
    strip[:, :IMAGE_SIZE] = images
    flat = strip.reshape(count * _PITCH, IMAGE_SIZE)
    if config.thickness:
        flat = _change_thickness(flat, count, config.thickness, rng)
    x, y = _source_coordinates(count, config, rng)
    # Coordinates beyond the image and its gap would reach a neighbour.
    y = np.clip(y, -_GAP / 2, IMAGE_SIZE - 1 + _GAP / 2) + (np.arange(count, dtype=np.float32) * _PITCH)[:, None, None]
    moved = cv2.remap(
        flat,
        x.reshape(-1, IMAGE_SIZE),
        y.reshape(-1, IMAGE_SIZE),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(moved, dtype=np.uint8).reshape(count, IMAGE_SIZE, IMAGE_SIZE)


def _source_coordinates(
    count: int, config: TrainingConfig, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each pixel of each new image, where in the old one it comes from: two (n, 28, 28) arrays."""

    def drawn(limit: float) -> NDArray[np.float32]:
        return rng.uniform(-limit, limit, count).astype(np.float32)[:, None, None]

    angle, shear = np.radians(drawn(config.rotation)), np.tan(np.radians(drawn(config.shear)))
    grow_x, grow_y = 1 + drawn(config.scale), 1 + drawn(config.scale)
    axis = np.arange(IMAGE_SIZE, dtype=np.float32) - _CENTRE
    right = axis[None, None, :] - drawn(config.shift)
    down = axis[None, :, None] - drawn(config.shift)
    sin, cos = np.sin(angle), np.cos(angle)
    x = (cos * right + sin * down) / grow_x
    y = (cos * down - sin * right) / grow_y
    x = x + shear * y
    if config.elastic:
        x = x + _bends(count, config.elastic, rng)
        y = y + _bends(count, config.elastic, rng)
    return (x + _CENTRE).astype(np.float32), (y + _CENTRE).astype(np.float32)


def _bends(count: int, limit: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth displacements of at most `limit` pixels, (n, 28, 28)."""
    coarse = rng.uniform(-limit, limit, (count, _ELASTIC_GRID, _ELASTIC_GRID)).astype(np.float32)
    return _TO_IMAGE @ coarse @ _TO_IMAGE.T


def _change_thickness(flat: NDArray[np.uint8], count: int, limit: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Strokes thicker or thinner by up to `limit` pixels in all, half on each side: blended dilation or erosion."""
    amount = rng.uniform(-limit, limit, count).astype(np.float32) / 2
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    thick, thin = cv2.dilate(flat, cross), cv2.erode(flat, cross)
    share = np.repeat(amount, _PITCH)[:, None]
    towards = np.where(share > 0, thick, thin).astype(np.float32)
    return (flat + np.abs(share) * (towards - flat)).astype(np.uint8)
