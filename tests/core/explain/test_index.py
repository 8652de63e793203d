"""The index on the disk: exact, and never believed when it is damaged or stale."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from core.explain.index import Index, card, read_index, tidy, write_index

ROWS, NUMBERS = 1_300, 48  # more than two pieces of reading
KEY = '[1, "a"]'


def unit_vectors() -> NDArray[np.float32]:
    vectors = np.random.default_rng(0).normal(size=(ROWS, NUMBERS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def written(folder: Path, run_id: str = "run") -> Index:
    places = np.arange(ROWS, dtype=np.int64) * 3
    write_index(folder, run_id, KEY, "dense", places, (places % 10).astype(np.uint8), unit_vectors())
    index = read_index(folder, run_id, KEY)
    assert index is not None
    return index


def test_gives_back_what_was_written(tmp_path: Path) -> None:
    index = written(tmp_path)
    assert (index.layer, index.numbers) == ("dense", NUMBERS)
    assert_array_equal(index.places, np.arange(ROWS) * 3)
    assert_array_equal(index.labels, np.arange(ROWS) * 3 % 10)
    assert index.vectors.stat().st_size == ROWS * NUMBERS * 2


def test_distances_are_cosine_distances(tmp_path: Path) -> None:
    vectors = unit_vectors()
    query = vectors[5] * 0.8 + vectors[700] * 0.6
    query /= np.linalg.norm(query)
    exact = 1 - vectors.astype(np.float64) @ query
    assert_allclose(written(tmp_path).distances(query), exact, atol=2e-4)


def test_a_layer_of_no_name_are_the_pixels(tmp_path: Path) -> None:
    write_index(tmp_path, "run", KEY, None, np.arange(2), np.zeros(2, np.uint8), np.eye(2, 8, dtype=np.float32))
    index = read_index(tmp_path, "run", KEY)
    assert index is not None
    assert index.layer is None


def test_another_key_is_stale(tmp_path: Path) -> None:
    written(tmp_path)
    assert read_index(tmp_path, "run", '[1, "b"]') is None
    assert read_index(tmp_path, "another", KEY) is None


@pytest.mark.parametrize("suffix", [".npz", ".vectors"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped", "longer"])
def test_damage_is_noticed(tmp_path: Path, suffix: str, damage: str) -> None:
    written(tmp_path)
    (path,) = tmp_path.glob(f"*{suffix}")
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        content[len(content) // 2] ^= 0x40
        changed = {"empty": b"", "cut": content[:-100], "flipped": content, "longer": path.read_bytes() + bytes(96)}
        path.write_bytes(changed[damage])
    found = read_index(tmp_path, "run", KEY)
    # Bytes behind a zip file's end change nothing in it.
    assert (found is not None) == (suffix == ".npz" and damage == "longer")


def test_a_file_cut_while_it_is_searched_is_told(tmp_path: Path) -> None:
    index = written(tmp_path)
    index.vectors.write_bytes(index.vectors.read_bytes()[:-2])
    with pytest.raises(OSError, match="cut short"):
        index.distances(unit_vectors()[0])


def test_a_new_index_takes_the_place_of_the_old_at_once(tmp_path: Path) -> None:
    old, new = written(tmp_path), written(tmp_path)
    assert old.vectors != new.vectors
    assert_allclose(old.distances(unit_vectors()[0])[0], 0, atol=2e-4)  # whoever was searching it goes on


def test_tidying_leaves_what_is_wanted(tmp_path: Path) -> None:
    written(tmp_path)
    kept = written(tmp_path)
    written(tmp_path, "run-of-yore")
    for name in (".run-4f.vectors", "killed.progress", "damaged.npz"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "unknown.txt").write_bytes(b"x")
    tidy(tmp_path, {"run", "damaged", "gone"})
    assert {path.name for path in tmp_path.iterdir()} == {card(tmp_path, "run").name, kept.vectors.name, "unknown.txt"}
    assert read_index(tmp_path, "run", KEY) is not None
