"""Corruptions: nothing at strength 0, what they promise at others, and the same again for the same seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.corruptions import BY_NAME, CORRUPTIONS, corrupt
from core.corruptions.chance import Chance
from core.errors import ConfigError, DataError
from tests.digits import digits

NAMES = [each.name for each in CORRUPTIONS]
OF_THE_ISSUE = {
    *("shift", "rotate", "scale", "shear", "thin", "thick", "blur", "noise", "contrast", "occlusion", "lines"),
}


def images(count: int = 20) -> NDArray[np.uint8]:
    return digits()[0][:count]


def middle(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The centre of mass: row, column."""
    weights = image.astype(float)
    return np.array([(np.arange(28) * weights.sum(axis=axis)).sum() for axis in (1, 0)]) / weights.sum()


def test_the_usual_corruptions_are_there_each_in_plain_words() -> None:
    assert set(NAMES) == OF_THE_ISSUE == set(BY_NAME)
    for each in CORRUPTIONS:
        assert each.unit in ("degrees", "pixels", "grey levels", "percent")
        assert each.steps * each.step == pytest.approx(each.most)
        assert each.words.endswith(".")
        assert each.measure(each.most) in each.said(each.most)
    assert BY_NAME["rotate"].said(30) == "rotated by 30 degrees"
    assert BY_NAME["shift"].said(1) == "shifted by 1 pixel"
    assert BY_NAME["contrast"].amount(0.5) == 42


@pytest.mark.parametrize("name", NAMES)
def test_nothing_gives_the_images_back_and_more_changes_them_more(name: str) -> None:
    original = images(60)
    kept = original.copy()
    same = corrupt(original, {name: 0.0})
    assert np.array_equal(same, original)
    assert same is not original
    changes = [np.abs(corrupt(original, {name: s}).astype(float) - original).mean() for s in (0.02, 0.25, 0.5, 1.0)]
    assert changes[0] < 12  # it does not begin with a jump
    assert changes[1] > 0
    assert changes == sorted(changes)
    assert np.array_equal(original, kept)


@pytest.mark.parametrize("name", NAMES)
def test_chance_is_an_images_own(name: str) -> None:
    seeds = np.arange(100, 120)
    together = corrupt(images(), {name: 0.7}, seeds=seeds)
    assert together.dtype == np.uint8
    assert together.shape == (20, 28, 28)
    assert np.array_equal(together, corrupt(images(), {name: 0.7}, seeds=100))
    alone = corrupt(images()[7:8], {name: 0.7}, seeds=[107])
    assert np.array_equal(alone[0], together[7])
    assert corrupt(images()[:0], {name: 0.7}).shape == (0, 28, 28)


def test_moving_moves_by_what_is_said() -> None:
    bar = np.zeros((40, 28, 28), np.uint8)
    bar[:, 6:22, 12:16] = 255
    moved = [np.hypot(*(middle(image) - middle(bar[0]))) for image in corrupt(bar, {"shift": 0.5})]
    assert moved == pytest.approx([3] * 40, abs=0.1)
    turned = corrupt(bar, {"rotate": 0.5})
    rows, columns = np.mgrid[:28, :28] - 13.5
    for image in turned:
        covariance = np.cov(np.stack([columns.ravel(), rows.ravel()]), aweights=image.ravel())
        _, axes = np.linalg.eigh(covariance)
        assert np.degrees(np.arccos(abs(axes[1, 1]))) == pytest.approx(30, abs=1)
    assert len({image.tobytes() for image in turned}) == 2  # both ways
    scaled = corrupt(bar, {"scale": 0.5}).sum(axis=(1, 2)) / bar[0].sum()
    assert set(np.round(scaled, 1)) == {np.round(1.24**2, 1), np.round(0.76**2, 1)}
    slanted = corrupt(bar, {"shear": 1.0})[0]
    ends = [middle(slanted * (np.arange(28) == row)[:, None])[1] for row in (8, 19)]
    assert abs(ends[1] - ends[0]) == pytest.approx(11, abs=0.1)  # 45 degrees: as far aside as down


def test_strokes_are_as_much_wider_or_narrower_as_is_said() -> None:
    bar = np.zeros((1, 28, 28), np.uint8)
    bar[:, :, 12:16] = 255
    for name, strength, width in (("thin", 1.0, 2.5), ("thin", 0.5, 3.25), ("thick", 1.0, 7), ("thick", 0.1, 4.3)):
        assert corrupt(bar, {name: strength})[0, 14].sum() / 255 == pytest.approx(width, abs=0.02)


def test_what_lies_over_the_digit_and_the_picture_itself() -> None:
    ink = np.full((50, 28, 28), 255, np.uint8)
    covered = (255.0 - corrupt(ink, {"occlusion": 0.5})).sum(axis=(1, 2)) / 255
    assert covered == pytest.approx([36] * 50, abs=0.2)  # 6 x 6 pixels
    paper = np.zeros((50, 28, 28), np.uint8)
    ruled = corrupt(paper, {"lines": 0.5})
    assert ruled.max() <= 120
    assert ruled.sum(axis=(1, 2)) / 28 / 120 == pytest.approx([4] * 50, abs=0.6)  # four lines, a pixel wide
    assert np.array_equal(corrupt(ink, {"lines": 1.0}), ink)  # ink stays
    contrast = corrupt(np.stack([paper[0], ink[0]]), {"contrast": 0.5})
    assert np.ptp(contrast) == pytest.approx(255 * 0.58, abs=1)
    grain = corrupt(np.full((50, 28, 28), 128, np.uint8), {"noise": 0.25}).astype(float) - 128
    assert grain.std() == pytest.approx(30, abs=0.3)
    assert abs(grain.mean()) < 0.5
    dot = np.zeros((1, 28, 28), np.uint8)
    dot[0, 14, 14] = 255
    profile = corrupt(dot, {"blur": 0.5})[0].astype(float).sum(axis=0)
    assert np.sqrt(np.average((np.arange(28) - 14) ** 2, weights=profile)) == pytest.approx(1.2, abs=0.1)


def test_several_at_once_are_applied_in_one_order() -> None:
    first = corrupt(images(), {"rotate": 0.4, "shift": 0.5, "noise": 0.3, "lines": 0.8})
    second = corrupt(images(), {"noise": 0.3, "lines": 0.8, "shift": 0.5, "rotate": 0.4, "blur": 0.0})
    assert np.array_equal(first, second)
    assert not np.array_equal(first, corrupt(images(), {"rotate": 0.4, "shift": 0.5, "noise": 0.3}))


@pytest.mark.parametrize("strength", [-0.1, 1.01, float("nan")])
def test_what_cannot_be_is_refused(strength: float) -> None:
    with pytest.raises(ConfigError, match="strength of blur"):
        corrupt(images(), {"blur": strength})


def test_unknown_names_and_other_arrays_are_refused() -> None:
    with pytest.raises(ConfigError, match="no corruption 'fog'"):
        corrupt(images(), {"fog": 0.5})
    with pytest.raises(DataError, match="float64"):
        corrupt(images() / 255, {"blur": 0.5})
    with pytest.raises(DataError, match="28"):
        corrupt(np.zeros((3, 14, 14), np.uint8), {})


@given(st.integers(0, 2**63), st.integers(1, 20))
def test_chance_is_uniform_whatever_the_seed(seed: int, purpose: int) -> None:
    numbers = Chance(np.array([seed], np.uint64), purpose).uniform(4_000)[0]
    assert 0 <= numbers.min() <= numbers.max() < 1
    assert np.histogram(numbers, 8, (0, 1))[0] == pytest.approx([500] * 8, abs=130)
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.08
