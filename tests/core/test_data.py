"""MNIST as it is, every damage told as one, and divisions that keep apart what is kept apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from core.config import TrainingConfig
from core.data import DATA_HASH, Split, divide, load_split, map_training_images
from core.errors import DataError
from core.home import SHIPPED

MNIST = SHIPPED / "mnist.npz"


@pytest.fixture(scope="module")
def training() -> Split:
    return load_split(MNIST, "train")


@pytest.fixture(scope="module")
def arrays() -> dict[str, NDArray]:
    with np.load(MNIST) as archive:
        return {name: archive[name] for name in archive.files}


def test_mnist(training: Split) -> None:
    test = load_split(MNIST, "test")
    assert training.images.shape == (60_000, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    assert (len(training), len(test)) == (60_000, 10_000)
    assert {array.dtype for split in (training, test) for array in (split.images, split.labels)} == {np.dtype(np.uint8)}
    assert training.labels[:5].tolist() == [5, 0, 4, 1, 9]  # as everyone knows them
    assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert training.images.mean() / 255 == pytest.approx(0.1307, abs=1e-4)
    assert len(DATA_HASH) == 64


def _cut(path: Path) -> None:
    path.write_bytes(MNIST.read_bytes()[:5_000_000])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 11490434\n")


def _folder(path: Path) -> None:
    path.mkdir()


def _missing(path: Path) -> None:
    pass


def _one_byte(path: Path) -> None:
    content = bytearray(MNIST.read_bytes())
    content[6_000_000] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_cut, _empty, _text, _folder, _missing, _one_byte], ids=lambda made: made.__name__)
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, damage) -> None:
    damage(tmp_path / "mnist.npz")
    with pytest.raises(DataError) as raised:
        load_split(tmp_path / "mnist.npz", "train")
    assert str(raised.value).startswith("mnist.npz ")
    assert str(raised.value).endswith("restore it with `git checkout artifacts/mnist.npz`.")
    assert "\n" not in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x_test": None}, "KeyError"),
        ({"y_test": None}, "KeyError"),
        ({"x_test": lambda x: x[:9_999]}, r"x_test is uint8 \(9999, 28, 28\), not uint8 \(10000, 28, 28\)"),
        ({"x_test": lambda x: x.reshape(10_000, 784)}, r"\(10000, 784\)"),
        ({"x_test": lambda x: x.astype(np.float32)}, "x_test is float32"),
        ({"y_test": lambda y: y.astype(np.int64)}, "y_test is int64"),
        ({"y_test": lambda y: y.astype(object)}, "no whole .npz file"),
        ({"x_test": lambda x: x[::-1]}, "the values of x_test are not MNIST's"),
        ({"y_test": lambda y: (y + 1) % 10}, "the values of y_test are not MNIST's"),
    ],
)
def test_other_arrays_are_not_mnist(tmp_path: Path, arrays: dict[str, NDArray], change: dict, words: str) -> None:
    changed = {name: change[name](array) if change.get(name) else array for name, array in arrays.items()}
    kept = {
        name: array for name, array in changed.items() if name.endswith("_test") and change.get(name, 1) is not None
    }
    np.savez(tmp_path / "mnist.npz", **kept)
    with pytest.raises(DataError, match=words):
        load_split(tmp_path / "mnist.npz", "test")


def test_one_pixel_more_or_less_is_noticed(tmp_path: Path, arrays: dict[str, NDArray]) -> None:
    images = arrays["x_test"].copy()
    images[1_234, 14, 14] ^= 1
    np.savez(tmp_path / "mnist.npz", x_test=images, y_test=arrays["y_test"])
    with pytest.raises(DataError, match="the values of x_test are not MNIST's"):
        load_split(tmp_path / "mnist.npz", "test")


def test_the_last_5000_validate_by_default(training: Split) -> None:
    fit, held = divide(training.labels, TrainingConfig())
    assert_array_equal(fit, np.arange(55_000))
    assert_array_equal(held, np.arange(55_000, 60_000))


@pytest.mark.parametrize("size", [0, 1, 9, 1_000, 5_000, 30_000])
@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize("subset", [0, 1, 640, 30_000])
def test_divisions_are_disjoint_and_of_the_size_asked_for(
    training: Split, size: int, stratified: bool, subset: int
) -> None:
    config = TrainingConfig(validation_size=size, stratified=stratified, subset=subset)
    fit, held = divide(training.labels, config)
    assert len(fit) == config.training_images
    assert len(held) == size
    assert len(np.union1d(fit, held)) == len(fit) + len(held)
    for indices in (fit, held):
        assert np.all(np.diff(indices) > 0)
    if len(fit) + len(held) < 60_000:
        return
    assert_array_equal(np.union1d(fit, held), np.arange(60_000))


def test_stratified_holds_back_the_same_share_of_every_digit(training: Split) -> None:
    _, held = divide(training.labels, TrainingConfig(stratified=True, validation_size=5_000))
    expected = np.bincount(training.labels) * 5_000 / 60_000
    counts = np.bincount(training.labels[held])
    assert np.all(np.abs(counts - expected) < 1)
    # The last of each digit, as the plain division takes the last of all.
    zeros = np.flatnonzero(training.labels == 0)
    assert_array_equal(held[training.labels[held] == 0], zeros[-counts[0] :])


def test_a_subset_is_drawn_by_the_seed_from_the_training_part(training: Split) -> None:
    config = TrainingConfig(subset=2_000)
    fit, held = divide(training.labels, config)
    assert_array_equal(divide(training.labels, config)[0], fit)
    assert_array_equal(divide(training.labels, config)[1], held)
    other, same = divide(training.labels, replace(config, seed=2))
    assert len(np.intersect1d(fit, other)) < 200
    assert_array_equal(same, held)
    assert fit.max() < 55_000
    assert np.bincount(training.labels[fit]).min() > 120  # drawn from all of it


def test_the_training_images_are_mapped_from_a_copy_that_is_made_again(tmp_path: Path) -> None:
    copy = tmp_path / "caches" / "x_train.npy"
    whole = load_split(SHIPPED / "mnist.npz", "train").images
    places = [0, 31_007, 59_999]
    for _ in range(2):
        mapped = map_training_images(SHIPPED / "mnist.npz", copy)
        assert isinstance(mapped, np.memmap)
        assert_array_equal(mapped[places], whole[places])
        copy.write_bytes(copy.read_bytes()[:5_000])  # cut: the next reader makes it anew
    copy.unlink()
    copy.mkdir()  # nothing can be written there
    assert_array_equal(map_training_images(SHIPPED / "mnist.npz", copy)[places], whole[places])
