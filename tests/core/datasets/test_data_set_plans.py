"""Whether a set is taken as it is or preprocessed is found by its pictures, and the preview is what is kept."""

import numpy as np
import pytest

from core.datasets import DataSetStore, Given, Plan, look, preview
from core.datasets.proposal import is_inverted, mnist_like
from core.home import StudioHome
from tests.digits import digits, encoded
from tests.own_sets import folders, given, images, labels, npz, zipped


@pytest.fixture
def sets(home: StudioHome) -> DataSetStore:
    return DataSetStore(home)


def arrays(pictures: np.ndarray) -> list[Given]:
    return given("d.npz", npz(x=pictures, y=labels()[: len(pictures)]))


def test_mnist_is_taken_as_it_is() -> None:
    seen = look(arrays(images()))
    assert (seen.proposal.preprocess, seen.proposal.inverted) == ("none", False)
    assert "28 x 28 with light ink" in seen.proposal.reason
    assert mnist_like(digits()[0]) == 1.0


def test_dark_ink_is_found_and_turned_over(sets: DataSetStore) -> None:
    files = arrays(255 - images())
    seen = look(files)
    assert (seen.proposal.preprocess, seen.proposal.inverted) == ("none", True)
    assert np.array_equal(sets.keep(files).images(), images())
    assert np.array_equal(sets.keep(files, seen.plan("none")).images(), images())


@pytest.mark.parametrize(
    "pictures",
    [
        np.roll(images(), 4, axis=2),
        np.pad(images()[:, 4:24, 4:24], ((0, 0), (0, 8), (0, 8))),
        np.repeat(np.repeat(images()[:, 7:21, 7:21], 2, axis=1), 2, axis=2),
        np.pad(images(), ((0, 0), (2, 2), (2, 2))),
        np.zeros_like(images()),
    ],
    ids=["shifted", "in a corner", "enlarged", "32 x 32", "blank"],
)
def test_what_is_unlike_mnist_goes_through_the_path(pictures: np.ndarray) -> None:
    assert look(arrays(pictures)).proposal.preprocess == "full"


def test_the_path_brings_digits_back_into_place(sets: DataSetStore) -> None:
    pictures = 255 - np.pad(images(), ((0, 0), (5, 30), (20, 3)))
    kept = sets.keep(arrays(pictures))
    assert kept.facts.plan.preprocess == "full"
    assert mnist_like(np.asarray(kept.images())) > 0.9
    assert not is_inverted(np.asarray(kept.images()))


def test_the_preview_is_what_is_kept(sets: DataSetStore) -> None:
    for files in (given("d.zip", zipped(folders(255 - images()))), arrays(np.roll(images(), 4, axis=1))):
        seen = look(files)
        for plan in (seen.plan("none"), seen.plan("full")):
            kept = np.asarray(sets.keep(files, plan).images())
            for shown in preview(seen, plan):
                assert (kept == shown).all(axis=(1, 2)).any()


def test_blank_pictures_stay_and_are_counted(sets: DataSetStore) -> None:
    pictures = np.concatenate([images()[:4], np.zeros((2, 28, 28), np.uint8)])
    kept = sets.keep(arrays(pictures), Plan("full"))
    assert kept.count == 6
    assert kept.facts.warnings["blank"] == 2
    assert not kept.images()[4:].any()


def test_one_large_picture_is_shown_small(sets: DataSetStore) -> None:
    large = np.full((900, 1_200, 3), 255, np.uint8)
    large[200:228, 500:528] = 255 - images()[0][..., None]
    seen = look(given("photo.png", encoded(large)))
    assert seen.pictures[0].shape == (210, 280, 4)
    assert (seen.shape, seen.can_stay) == ((900, 1_200), False)
    assert sets.keep(given("photo.png", encoded(large))).count == 1
