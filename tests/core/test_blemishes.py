"""Some images get one blemish each, the others stay as they are; the same ones for the same seed."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.blemishes import blemish
from tests.digits import digits


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_about_that_share_of_the_images_changes(share: float) -> None:
    images = np.repeat(digits()[0][:1], 2_000, axis=0)
    before = images.copy()
    found = blemish(images, share, np.random.default_rng(1))
    assert_array_equal(images, before)
    assert (found.shape, found.dtype) == (images.shape, np.uint8)
    changed = (found != images).any(axis=(1, 2)).mean()
    # Some patches lie beside the ink, where they cover nothing, and the weakest blemishes change nothing.
    assert 0.7 * share <= changed <= 1.15 * share


def test_every_kind_comes() -> None:
    """On an image of a white block each kind leaves a trace of its own."""
    image = np.zeros((28, 28), np.uint8)
    image[8:20, 8:20] = 255
    found = blemish(np.repeat(image[None], 400, axis=0), 1.0, np.random.default_rng(1)).astype(int)
    corner, block = found[:, :3, :3].reshape(400, -1), found[:, 9:19, 9:19].reshape(400, -1)
    levels = np.array([len(np.unique(each)) for each in found])
    grain = (corner.max(axis=1) > corner.min(axis=1)) & (levels > 50)
    pale = (corner.min(axis=1) > 0) & (levels == 2)
    covered = (corner.max(axis=1) == 0) & (block.min(axis=1) == 0)
    ruled = (found[:, :8].max(axis=(1, 2)) > 0) & (levels > 2) & (block.min(axis=1) == 255)
    soft = (levels > 4) & (corner.max(axis=1) == 0) & (block.min(axis=1) > 127) & ~ruled
    for kind in (grain, pale, covered, ruled, soft):
        assert 10 < kind.sum() < 130


def test_the_same_seed_gives_the_same() -> None:
    images = digits()[0]
    first, second, other = (blemish(images, 0.5, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert_array_equal(first, second)
    assert (first != other).any()


def test_no_images_are_no_images() -> None:
    assert blemish(np.zeros((0, 28, 28), np.uint8), 0.5, np.random.default_rng(1)).shape == (0, 28, 28)
