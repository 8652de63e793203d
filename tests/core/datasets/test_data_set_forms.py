"""Every form that people's digits come in is recognised by its content and gives the same images and labels."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.datasets import DataSetStore, Form, Given, Plan, given_paths, look
from core.datasets.given import Given as GivenType
from core.home import StudioHome
from tests.own_sets import COUNT, folders, given, idx, images, labels, npz, packed, table, zipped

AS_THEY_ARE = Plan("none")


def shuffled_columns() -> bytes:
    """A table whose pixels stand in another order, behind a number for each row and before the label."""
    rows = [line.split(b",") for line in table().splitlines()]
    order = np.random.default_rng(0).permutation(784) + 1
    lines = [
        [*(row[place] for place in order), b"id" if number == 0 else b"%d" % number, row[0]]
        for number, row in enumerate(rows)
    ]
    return b"\n".join(b",".join(line) for line in lines)


def times(top: float, dtype: str) -> np.ndarray:
    """The images with their values from 0 to `top`."""
    return (images() * (top / 255)).astype(dtype)


SETS: dict[str, tuple[list[GivenType], Form]] = {
    "Kaggle's train.csv": (given("train.csv", table()), Form.TABLE),
    "another name": (given("digits.txt", table()), Form.TABLE),
    "without names of columns": (given("mnist_test.csv", table(header=False)), Form.TABLE),
    "semicolons": (given("train.csv", table(mark=";")), Form.TABLE),
    "tabs": (given("train.tsv", table(mark="\t")), Form.TABLE),
    "lines as Windows ends them": (given("train.csv", table(end="\r\n")), Form.TABLE),
    "a mark of the byte order": (given("train.csv", b"\xef\xbb\xbf" + table()), Form.TABLE),
    "the same without names": (given("train.csv", b"\xef\xbb\xbf" + table(header=False)), Form.TABLE),
    "names in quotes": (given("train.csv", table().replace(b"label", b'"label"', 1)), Form.TABLE),
    "blank lines": (given("train.csv", table().replace(b"\n", b"\n\n") + b"\n\n"), Form.TABLE),
    "no end of the last line": (given("train.csv", table().rstrip()), Form.TABLE),
    "columns in another order": (given("train.csv", shuffled_columns()), Form.TABLE),
    "shares instead of levels": (given("train.csv", table(times(1, "f8"))), Form.TABLE),
    "a packed table": (given("train.csv.gz", packed(table())), Form.TABLE),
    "a table in a zip": (
        given("kaggle.zip", zipped({"d/train.csv": table(), "sample_submission.csv": b"ImageId,Label\n1,0\n"})),
        Form.TABLE,
    ),
    "an IDX pair": (given("images", idx(images())) + given("labels", idx(labels())), Form.IDX),
    "an IDX pair the other way round": (given("a", idx(labels())) + given("b", idx(images())), Form.IDX),
    "a packed IDX pair": (given("i.gz", packed(idx(images()))) + given("l.gz", packed(idx(labels()))), Form.IDX),
    "an IDX pair in a zip": (
        given("mnist.zip", zipped({"images": idx(images()), "labels": idx(labels()), "readme": b"hello"})),
        Form.IDX,
    ),
    "a packed IDX pair in a zip": (
        given("m.zip", zipped({"i.gz": packed(idx(images())), "l.gz": packed(idx(labels()))})),
        Form.IDX,
    ),
    "Keras' keys": (
        given("mnist.npz", npz(x_test=images(), y_test=labels(), x_train=images()[:3], y_train=labels()[:3])),
        Form.NPZ,
    ),
    "x and y": (given("digits.npz", npz(x=images(), y=labels(), packed=True)), Form.NPZ),
    "capital letters": (given("digits.npz", npz(X=images(), Y=labels())), Form.NPZ),
    "images and labels": (given("digits.npz", npz(images=images(), labels=labels(), notes=np.arange(3))), Form.NPZ),
    "without keys": (given("digits.npz", npz(arr_0=images(), arr_1=labels())), Form.NPZ),
    "another name of an npz": (given("digits.zip", npz(x=images(), y=labels())), Form.NPZ),
    "rows of pixels": (given("digits.npz", npz(x=images().reshape(COUNT, 784), y=labels())), Form.NPZ),
    "an axis of one channel": (given("digits.npz", npz(x=images()[..., None], y=labels()[:, None])), Form.NPZ),
    "PyTorch's axes": (given("digits.npz", npz(x=images()[:, None], y=labels())), Form.NPZ),
    "three channels": (given("digits.npz", npz(x=np.stack([images()] * 3, axis=3), y=labels())), Form.NPZ),
    "one-hot labels": (given("digits.npz", npz(x=images(), y=np.eye(10, dtype="f4")[labels()])), Form.NPZ),
    "labels as floats": (given("digits.npz", npz(x=images(), y=labels().astype("f8"))), Form.NPZ),
    "shares as float32": (given("digits.npz", npz(x=times(1, "f4"), y=labels())), Form.NPZ),
    "levels as float64": (given("digits.npz", npz(x=times(255, "f8"), y=labels())), Form.NPZ),
    "levels as int64": (given("digits.npz", npz(x=times(255, "i8"), y=labels().astype("i8"))), Form.NPZ),
    "16-bit levels": (given("digits.npz", npz(x=images().astype("u2") * 257, y=labels())), Form.NPZ),
    "the other order of bytes": (
        given("digits.npz", npz(x=images().astype(">i4"), y=labels().astype(">i2"))),
        Form.NPZ,
    ),
    "Fortran's order": (given("digits.npz", npz(x=np.asfortranarray(images()), y=labels())), Form.NPZ),
}


@pytest.fixture
def sets(tmp_path: Path) -> DataSetStore:
    return DataSetStore(StudioHome(root=tmp_path / "home"))


@pytest.mark.parametrize(("files", "form"), SETS.values(), ids=SETS)
def test_rows_and_arrays_are_read_exactly(files: list[Given], form: Form, sets: DataSetStore) -> None:
    seen = look(files)
    assert (seen.form, seen.count, seen.labelled, seen.shape) == (form, COUNT, True, (28, 28))
    assert seen.labels is not None
    kept = sets.keep(files, AS_THEY_ARE)
    assert kept.count == COUNT
    assert np.array_equal(kept.images(), images())
    assert np.array_equal(kept.labels(), labels())
    assert kept.names() is None
    assert kept.facts.supports == tuple(np.bincount(labels(), minlength=10))


@pytest.mark.parametrize(
    "files",
    [
        given("test.csv", table(labelled=False)),
        given("test.csv", table(labelled=False, header=False)),
        given("images", idx(images())),
        given("digits.npz", npz(x=images())),
    ],
    ids=["table", "table without names", "IDX", "npz"],
)
def test_sets_without_labels(files: list[Given], sets: DataSetStore) -> None:
    seen = look(files)
    assert (seen.labelled, seen.labels) == (False, None)
    kept = sets.keep(files, AS_THEY_ARE)
    assert np.array_equal(kept.images(), images())
    assert kept.labels() is None
    assert kept.facts.supports is None
    assert kept.missing_classes == ()


def test_a_table_longer_than_a_block(sets: DataSetStore) -> None:
    many = np.concatenate([images()] * 60)
    reports: list[tuple[int, int]] = []
    kept = sets.keep(
        given("train.csv", table(many, np.tile(labels(), 60))),
        AS_THEY_ARE,
        progress=lambda done, total: reports.append((done, total)),
    )
    assert np.array_equal(kept.images(), many)
    assert np.array_equal(kept.labels(), np.tile(labels(), 60))
    assert len(reports) > 3
    assert [done for done, _ in reports] == sorted(done for done, _ in reports)
    assert all(done <= total for done, total in reports)
    assert reports[-1] == (1_800, 1_800)


def test_an_array_longer_than_a_block(sets: DataSetStore) -> None:
    many = np.concatenate([images()] * 100)
    for files in (given("d.npz", npz(x=many.astype("f8"))), given("images", idx(many))):
        assert np.array_equal(sets.keep(files, AS_THEY_ARE).images(), many)


@pytest.mark.parametrize(("kind", "inside"), [("PNG", ""), ("BMP", "scans/"), ("WEBP", "a/b/")])
def test_a_zip_of_folders(kind: str, inside: str, sets: DataSetStore) -> None:
    litter = {
        "__MACOSX/3/._000.png": b"another program's note",
        f"{inside}3/.DS_Store": b"\0\0\0\1Bud1",
        f"{inside}3/Thumbs.db": b"\xd0\xcf",
    }
    pictures = images()
    if kind == "WEBP":  # loses a little
        pictures = cv2.GaussianBlur(np.moveaxis(images(), 0, 2), (3, 3), 0).transpose(2, 0, 1)
    files = given("scans.zip", zipped(folders(pictures, kind=kind, inside=inside, more=litter)))
    seen = look(files)
    assert (seen.form, seen.count, seen.labelled, seen.ignored, seen.skipped) == (Form.PICTURES, COUNT, True, 0, ())
    kept = sets.keep(files, AS_THEY_ARE)
    names = kept.names()
    assert names == sorted(f"{inside}{label}/{place:03}.{kind.lower()}" for place, label in enumerate(labels()))
    order = [int(name.rpartition("/")[2][:3]) for name in names]
    assert np.array_equal(kept.labels(), labels()[order])
    difference = np.abs(kept.images().astype(int) - pictures[order].astype(int))
    assert difference.max() <= (40 if kind == "WEBP" else 0)
    assert (kept.name, kept.facts.files[0][0]) == ("scans", "scans.zip")


def test_a_folder_on_the_disk(tmp_path: Path, sets: DataSetStore) -> None:
    members = folders(more={"notes.txt": b"made in spring", ".hidden/3/x.png": b"", "3/.x.png": b""})
    for name, content in members.items():
        path = tmp_path / "written" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    files = given_paths([tmp_path / "written"])
    seen = look(files)
    assert (seen.count, seen.labelled, seen.ignored) == (COUNT, True, 1)
    kept = sets.keep(files)
    assert kept.name == "written"
    assert kept.facts.plan.preprocess == "none"
    assert sorted(kept.labels().tolist()) == sorted(labels().tolist())  # type: ignore[union-attr]


def test_idx_images_bring_the_labels_beside_them(tmp_path: Path, sets: DataSetStore) -> None:
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(packed(idx(images())))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(packed(idx(labels())))
    kept = sets.keep(given_paths([tmp_path / "t10k-images-idx3-ubyte.gz"]))
    assert np.array_equal(kept.labels(), labels())
    assert kept.name == "t10k"


def test_pictures_alone_have_no_labels_and_keep_their_order(sets: DataSetStore) -> None:
    files = [Given.of_bytes(name.replace("/", "-"), data) for name, data in folders().items()]
    kept = sets.keep(files)
    assert (kept.facts.form, kept.labelled, kept.count) == (Form.PICTURES, False, COUNT)
    assert kept.names() == [file.name for file in files]
    assert np.array_equal(kept.images(), images())


def test_what_cannot_be_used_is_skipped_with_its_reason(sets: DataSetStore) -> None:
    more = {
        "3/cut.png": folders()["7/000.png"][:70],
        "4/page.png": b"<html></html>",
        "x/letter.png": folders()["7/000.png"],
        "top.png": folders()["7/000.png"],
        "3/notes.txt": b"hello",
    }
    kept = sets.keep(given("scans.zip", zipped(folders(more=more))), AS_THEY_ARE)
    reasons = {each.name: each.reason for each in kept.facts.skipped}
    assert set(reasons) == {"3/cut.png", "4/page.png", "x/letter.png", "top.png"}
    assert "damaged" in reasons["3/cut.png"]
    assert "no PNG" in reasons["4/page.png"]
    assert reasons["x/letter.png"] == "It stands in the folder 'x', not in one called 0 to 9."
    assert (kept.facts.skipped_count, kept.facts.ignored, kept.count) == (4, 1, COUNT)
    assert "4 of the pictures could not be used and are not in it." in kept.remarks


def test_a_picture_that_is_damaged_in_its_zip_is_skipped(sets: DataSetStore) -> None:
    data = bytearray(zipped(folders(), compression=0))
    data[data.index(b"IHDR", 400) + 6] ^= 0xFF
    kept = sets.keep(given("scans.zip", bytes(data)), AS_THEY_ARE)
    assert (kept.count, kept.facts.skipped_count) == (COUNT - 1, 1)
    assert len(kept.names() or ()) == COUNT - 1


def test_small_digits_as_scikit_learn_has_them(sets: DataSetStore) -> None:
    small = np.stack([cv2.resize(image, (8, 8), interpolation=cv2.INTER_AREA) for image in images()])
    data = np.round(small / small.max() * 16).reshape(COUNT, 64)
    kept = sets.keep(given("digits.npz", npz(data=data, target=labels())))
    assert kept.facts.plan.preprocess == "full"
    assert kept.images().max(axis=(1, 2)).min() > 150  # 16 is full ink there
    assert np.array_equal(kept.labels(), labels())


def test_ones_and_zeros_are_ink_and_paper(sets: DataSetStore) -> None:
    drawn = (images() > 100).astype(np.uint8)
    for array in (drawn, drawn.astype(bool), drawn.astype("f4")):
        kept = sets.keep(given("d.npz", npz(x=array, y=labels())), AS_THEY_ARE)
        assert np.array_equal(kept.images(), drawn * 255)


def test_an_idx_header_is_as_published() -> None:
    assert idx(images())[:8] == struct.pack(">II", 0x00000803, COUNT)
