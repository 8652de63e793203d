"""Changed digits stay within their limits, apart from one another, and the same for the same seed."""

import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from core.augmentation import augment
from core.config import TrainingConfig
from tests.digits import digits

EVERYTHING = {"rotation": 20, "shift": 2, "scale": 0.2, "shear": 15, "thickness": 1, "elastic": 1.5}


def changed(images: NDArray[np.uint8], seed: int = 1, **settings: float) -> NDArray[np.uint8]:
    return augment(images, TrainingConfig(**settings), np.random.default_rng(seed))


def centres(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 2): row and column of each image's centre of mass."""
    weights = images.astype(float)
    axis = np.arange(28)
    total = weights.sum(axis=(1, 2))
    return np.stack([weights.sum(axis=2) @ axis / total, weights.sum(axis=1) @ axis / total], axis=1)


def disc() -> NDArray[np.uint8]:
    """500 times the same soft disc in the middle: it moves, but does not care for being turned."""
    image = np.zeros((28, 28), np.uint8)
    cv2.circle(image, (13, 13), 5, 200, -1)
    return np.repeat(cv2.GaussianBlur(image, (3, 3), 0)[None], 500, axis=0)


def bar() -> NDArray[np.uint8]:
    """500 times the same upright bar."""
    image = np.zeros((28, 28), np.uint8)
    image[5:23, 12:16] = 255
    return np.repeat(image[None], 500, axis=0)


def lean(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The angle in degrees of each image's long axis from upright."""
    angles = []
    for image in images:
        moments = cv2.moments(image)
        angles.append(0.5 * np.degrees(np.arctan2(2 * moments["mu11"], moments["mu20"] - moments["mu02"])))
    return (np.array(angles) + 180) % 180 - 90


def test_off_is_off() -> None:
    images, _ = digits()
    same = changed(images)
    assert_array_equal(same, images)
    assert same is not images


@pytest.mark.parametrize("name", [*EVERYTHING, "all"])
@pytest.mark.parametrize("count", [0, 1, 7, 700, 1_400])
def test_shape_and_type_stay_and_the_input_is_not_touched(name: str, count: int) -> None:
    images = np.resize(digits()[0], (count, 28, 28))
    before = images.copy()
    settings = EVERYTHING if name == "all" else {name: EVERYTHING[name]}
    new = changed(images, **settings)
    assert new.shape == images.shape
    assert new.dtype == np.uint8
    assert_array_equal(images, before)


@pytest.mark.parametrize("name", list(EVERYTHING))
def test_each_setting_changes_something_and_not_too_much(name: str) -> None:
    images, _ = digits()
    difference = np.abs(changed(images, **{name: EVERYTHING[name]}).astype(int) - images).mean(axis=(1, 2))
    assert np.median(difference) > 1
    assert difference.max() < 80


def test_the_seed_decides() -> None:
    images, _ = digits()
    assert_array_equal(changed(images, 3, **EVERYTHING), changed(images, 3, **EVERYTHING))
    assert not np.array_equal(changed(images, 3, **EVERYTHING), changed(images, 4, **EVERYTHING))


def test_neighbours_do_not_bleed_into_one_another() -> None:
    images = np.zeros((1_000, 28, 28), np.uint8)
    images[::2] = 255
    most = {"rotation": 45, "shift": 8, "scale": 0.5, "shear": 45, "thickness": 2, "elastic": 4}
    for settings in (EVERYTHING, most, {"shift": 8}, {"thickness": 2}, {"elastic": 4}):
        new = changed(images, **settings)
        assert new[1::2].max() == 0
        assert new[::2].max(axis=(1, 2)).min() > 200


def test_each_image_is_changed_in_its_own_way() -> None:
    moved = centres(changed(disc(), shift=4))
    assert len(np.unique(moved.round(2), axis=0)) > 450


def test_a_shift_moves_by_at_most_its_limit_in_every_direction() -> None:
    moves = centres(changed(disc(), shift=2)) - centres(disc())
    assert np.abs(moves).max() <= 2.02
    assert moves.min(axis=0) == pytest.approx([-2, -2], abs=0.1)
    assert moves.max(axis=0) == pytest.approx([2, 2], abs=0.1)


def test_a_rotation_turns_by_at_most_its_limit_and_both_ways() -> None:
    angles = lean(changed(bar(), rotation=20))
    assert np.abs(angles).max() <= 21
    assert angles.min() < -17
    assert angles.max() > 17
    assert np.abs(centres(changed(disc(), rotation=20)) - centres(disc())).max() < 0.3


def test_a_scale_grows_and_shrinks_by_at_most_its_limit() -> None:
    rows = (changed(bar(), scale=0.2).max(axis=2) > 127).sum(axis=1)
    assert rows.min() == pytest.approx(18 * 0.8, abs=1)
    assert rows.max() == pytest.approx(18 * 1.2, abs=1)


def test_a_shear_leans_by_at_most_its_limit() -> None:
    new = changed(bar(), shear=15)
    top, bottom = (
        centres(np.where(np.arange(28)[:, None] < 9, new, 0)),
        centres(np.where(np.arange(28)[:, None] > 18, new, 0)),
    )
    angles = np.degrees(np.arctan2(top[:, 1] - bottom[:, 1], bottom[:, 0] - top[:, 0]))
    assert np.abs(angles).max() <= 16
    assert angles.max() > 12
    assert angles.min() < -12


def test_thickness_changes_the_stroke_by_at_most_its_limit() -> None:
    widths = changed(bar(), thickness=1)[:, 14].astype(float).sum(axis=1) / 255
    assert widths.min() == pytest.approx(3, abs=0.1)
    assert widths.max() == pytest.approx(5, abs=0.1)


def test_elastic_bends_by_at_most_its_limit() -> None:
    rows = changed(bar(), elastic=1.5)[:, 7:21].astype(float)
    middles = rows @ np.arange(28) / rows.sum(axis=2)
    assert np.abs(middles - 13.5).max() <= 1.6
    assert np.abs(middles.max(axis=1) - middles.min(axis=1)).max() > 1  # bent, not moved


def test_blank_stays_blank() -> None:
    assert changed(np.zeros((50, 28, 28), np.uint8), **EVERYTHING).max() == 0
