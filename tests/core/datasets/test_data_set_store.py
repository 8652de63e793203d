"""Data sets are kept, found, renamed and deleted; whatever ends the work half way leaves nothing behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.data import load_split
from core.datasets import DataSet, DataSetStore, Given, Plan
from core.errors import ConfigError, DataError
from core.files import read_json_object, write_json
from core.home import StudioHome
from tests.digits import REPOSITORY
from tests.own_sets import COUNT, folders, given, images, labels, npz, table, zipped

AS_THEY_ARE = Plan("none")


@pytest.fixture
def sets(home: StudioHome) -> DataSetStore:
    return DataSetStore(home)


@pytest.fixture
def kept(sets: DataSetStore) -> DataSet:
    return sets.keep(given("scans.zip", zipped(folders())), AS_THEY_ARE)


def arrays(pictures: np.ndarray, known: np.ndarray | None = None) -> list[Given]:
    return given("d.npz", npz(x=pictures, y=labels() if known is None else known))


def test_what_is_kept_is_found_again(sets: DataSetStore, kept: DataSet) -> None:
    assert sets.get(kept.dataset_id) == kept
    assert sets.sets() == [kept]
    assert sets.damaged() == []
    assert kept.size_bytes == sum(path.stat().st_size for path in kept.path.iterdir()) > COUNT * 784
    assert kept.facts.files == (("scans.zip", kept.facts.files[0][1]),)
    assert not kept.images().flags.writeable


def test_the_newest_comes_first(sets: DataSetStore) -> None:
    names = ["first", "second", "third"]
    for name in names:
        sets.keep(arrays(images()), AS_THEY_ARE, name=name)
    assert [each.name for each in sets.sets()] == names[::-1]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("postcodes.zip", "postcodes"),
        ("t10k-images-idx3-ubyte", "t10k"),
        ("train.csv", "train.csv"),  # no split of MNIST
        ("test", "Own test"),
        (".zip", "Own digits"),
        ("x" * 300 + ".csv", "x" * 80),
        ("a\nb\x00<b>*c*</b>.csv", "b>"),
        ("../../etc/passwd", "passwd"),
    ],
)
def test_a_set_is_called_after_its_file(file: str, name: str, sets: DataSetStore) -> None:
    kept = sets.keep(given(file, table()), AS_THEY_ARE)
    assert kept.name == name
    assert kept.path.parent == sets.folder
    assert sets.get(kept.dataset_id) == kept


def test_rename(sets: DataSetStore, kept: DataSet) -> None:
    renamed = sets.rename(kept.dataset_id, "  Postcodes, 2026 ")
    assert renamed.name == "Postcodes, 2026"
    assert sets.get(kept.dataset_id) == renamed
    assert np.array_equal(renamed.images(), kept.images())


@pytest.mark.parametrize("name", ["", "x" * 81, "a\nb", "a\x00b", "test", "Validation"])
def test_names_that_are_refused(name: str, sets: DataSetStore, kept: DataSet) -> None:
    with pytest.raises(ConfigError):
        sets.rename(kept.dataset_id, name)
    if name:
        with pytest.raises(ConfigError):
            sets.keep(given("t.csv", table()), AS_THEY_ARE, name=name)
    assert sets.sets() == [kept]


def test_delete(sets: DataSetStore, kept: DataSet) -> None:
    seen = kept.images()
    sets.delete(kept.dataset_id)
    sets.delete(kept.dataset_id)  # another visitor was quicker
    assert sets.sets() == []
    assert list(sets.folder.iterdir()) == []
    assert seen.max() == 255  # whoever is looking at it sees it to the end
    with pytest.raises(DataError, match="there is no data set"):
        sets.get(kept.dataset_id)
    with pytest.raises(DataError, match="cannot be read"):
        kept.images()


@pytest.mark.parametrize("dataset_id", ["../runs", "", ".", "a/b", "A", "x" * 65, "a\n", ".draft-1"])
def test_ids_stay_inside(dataset_id: str, sets: DataSetStore, home: StudioHome) -> None:
    for act in (sets.get, sets.delete, lambda each: sets.rename(each, "name")):
        with pytest.raises(DataError, match="no data set is called"):
            act(dataset_id)
    assert home.runs.is_dir()


def cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-1])


def edited(**values: object) -> Callable[[Path], object]:
    return lambda folder: write_json(folder / "dataset.json", {**read_json_object(folder / "dataset.json"), **values})


DAMAGES: dict[str, Callable[[Path], object]] = {
    "images cut": cut("images.npy"),
    "labels cut": cut("labels.npy"),
    "images gone": lambda folder: (folder / "images.npy").unlink(),
    "facts gone": lambda folder: (folder / "dataset.json").unlink(),
    "facts cut": lambda folder: (folder / "dataset.json").write_text("{"),
    "facts of another kind": lambda folder: (folder / "dataset.json").write_text("[]"),
    "another count": edited(count=COUNT + 1),
    "no count": edited(count="30"),
    "none at all": edited(count=0),
    "supports that do not add up": edited(supports=[1] * 10),
    "another plan": edited(plan={"preprocess": "some", "inverted": False, "reason": ""}),
    "plan of another kind": edited(plan=None),
    "another form": edited(form="SVG"),
    "files of another kind": edited(files=[1, 2]),
    "warnings of another kind": edited(warnings=[]),
    "a time that is none": edited(created_at="now"),
    "a name that is none": edited(name=3),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_set_is_listed_with_the_reason(damage: Callable[[Path], object], sets: DataSetStore) -> None:
    sound, broken = (sets.keep(arrays(images()), AS_THEY_ARE, name=name) for name in ("sound", "broken"))
    damage(broken.path)
    assert sets.sets() == [sound]
    (found,) = sets.damaged()
    assert found.dataset_id == broken.dataset_id
    assert broken.dataset_id in found.reason
    assert found.reason.endswith("delete the set and load it again.")
    with pytest.raises(DataError, match="cannot be read"):
        sets.get(broken.dataset_id)
    sets.delete(broken.dataset_id)
    assert sets.damaged() == []


def test_arrays_that_were_changed_are_refused(sets: DataSetStore, kept: DataSet) -> None:
    np.save(kept.path / "labels.npy", np.full(COUNT, 11, np.uint8))
    with pytest.raises(DataError, match=r"labels\.npy of the data set .* was changed"):
        kept.labels()
    np.save(kept.path / "images.npy", images().view(np.int8))
    with pytest.raises(DataError, match=r"images\.npy of the data set .* \(it is int8"):
        kept.images()
    write_json(kept.path / "names.json", {"names": ["a"]})
    with pytest.raises(DataError, match=r"names\.json of the data set .* 1 names\)"):
        kept.names()


def test_other_folders_and_files_are_no_matter(sets: DataSetStore, kept: DataSet) -> None:
    (sets.folder / "README.txt").write_text("mine")
    (sets.folder / "Not An Id").mkdir()
    (kept.path / "unknown.bin").write_bytes(b"x")
    assert [each.dataset_id for each in sets.sets()] == [kept.dataset_id]
    assert sets.damaged() == []


class Enough(Exception):
    """Ends the work."""


def test_work_that_is_ended_leaves_nothing(sets: DataSetStore) -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise Enough

    with pytest.raises(Enough):
        sets.keep(arrays(images()), progress=stop)
    assert list(sets.folder.iterdir()) == []


KEEP = """
import sys
from pathlib import Path
from core.datasets import DataSetStore, Given
from core.home import StudioHome
from tests.own_sets import images, labels, npz
def wait(done, total):
    if done:
        print("half way", flush=True)
        sys.stdin.read()
files = [Given.of_bytes("d.npz", npz(x=images(), y=labels()))]
DataSetStore(StudioHome(root=Path(sys.argv[1]))).keep(files, progress=wait)
"""


def test_a_kill_leaves_nothing_that_is_listed_and_the_next_one_sweeps(sets: DataSetStore, home: StudioHome) -> None:
    command = [sys.executable, "-c", KEEP, str(home.root)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half way\n"
        assert len(list(sets.folder.glob(".draft-*"))) == 2  # the draft and its lock
        other = sets.keep(arrays(images()), AS_THEY_ARE)  # the draft of the living is let alone
        assert len(list(sets.folder.glob(".draft-*"))) == 2
        os.kill(process.pid, signal.SIGKILL)
    assert sets.sets() == [other]
    assert sets.damaged() == []
    sets.keep(arrays(images()), AS_THEY_ARE)
    assert list(sets.folder.glob(".*")) == []


def test_two_visitors_at_once(sets: DataSetStore) -> None:
    together = threading.Barrier(4)
    found: list[DataSet] = []

    def visit() -> None:
        together.wait()
        found.append(sets.keep(arrays(images()), AS_THEY_ARE, name="the same"))

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.dataset_id for each in found}) == 4
    assert {each.dataset_id for each in sets.sets()} == {each.dataset_id for each in found}
    assert list(sets.folder.glob(".*")) == []


def test_where_nothing_can_be_written(home: StudioHome, sets: DataSetStore) -> None:
    home.datasets.write_text("a file in the way")
    assert sets.sets() == []
    with pytest.raises(DataError, match="the data set cannot be kept: File exists"):
        sets.keep(arrays(images()), AS_THEY_ARE)


def test_images_that_are_mnists_own_are_named(sets: DataSetStore) -> None:
    strange = images() // 2
    kept = sets.keep(given("d.npz", npz(x=np.concatenate([images(), strange]), y=np.tile(labels(), 2))), AS_THEY_ARE)
    assert (kept.facts.in_training, kept.facts.in_test) == (0, COUNT)
    assert f"{COUNT} of the {2 * COUNT} images are in MNIST's test split." in kept.remarks


def test_images_that_networks_were_trained_on_are_named(sets: DataSetStore, home: StudioHome) -> None:
    known = load_split(home.mnist, "train")
    kept = sets.keep(arrays(known.images[:50], known.labels[:50]), AS_THEY_ARE)
    assert (kept.facts.in_training, kept.facts.in_test) == (50, 0)
    assert kept.remarks[0].startswith("50 of the 50 images are in MNIST's training split")


def test_missing_and_prevailing_digits_are_named(sets: DataSetStore) -> None:
    ones = np.flatnonzero(labels() == 1)
    chosen = np.concatenate([ones, np.flatnonzero(labels() == 7)[:1]])
    kept = sets.keep(arrays(images()[chosen], labels()[chosen]), AS_THEY_ARE)
    assert kept.missing_classes == (0, 2, 3, 4, 5, 6, 8, 9)
    assert any("no images of 0, 2, 3, 4, 5, 6, 8, 9" in remark for remark in kept.remarks)
    assert any("images are a 1, and the accuracy is mostly theirs" in remark for remark in kept.remarks)
