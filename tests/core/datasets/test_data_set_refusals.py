"""What is no data set, damaged, too large or hostile is refused in one sentence, at once and in little memory."""

import functools
import gzip
import io
import itertools
import pickle
import stat
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas  # noqa: F401 - its import is not what is measured
import pytest

from core.datasets import MAX_IMAGES, MAX_MEMBERS, DataSetStore, Given, Plan, given_paths, look
from core.errors import DataError
from core.home import StudioHome
from tests.digits import encoded
from tests.own_sets import folders, idx, images, labels, lying, npz, packed, table, zipped
from tests.own_sets import given as one

AS_THEY_ARE = Plan("none")


class Endless(io.RawIOBase):
    """A stream that says the same again and again."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self._left = itertools.chain(head, itertools.cycle(body))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        part = bytes(itertools.islice(self._left, len(buffer)))
        buffer[: len(part)] = part
        return len(part)


def a_million_rows() -> list[Given]:
    """A table of 950 MB, as far as anybody reads it."""
    head, row = table(images()[:1], labels()[:1]).split(b"\n")[:2]
    return [
        Given(
            "million.csv", 950_000_000, lambda: io.BufferedReader(Endless(head + b"\n", row[:1] + b",0" * 784 + b"\n"))
        )
    ]


def changed(at: int, value: float) -> np.ndarray:
    """The images as floats in [0, 1], one value of image 7 (from 1) another."""
    found = images() / 255
    found[6].flat[at] = value
    return found


def wrong_label(value: object) -> bytes:
    return table(known=[*labels()[:4], value, *labels()[5:]])


def header_of(rows: int) -> bytes:
    """IDX images whose header promises so many."""
    return idx(images())[:4] + rows.to_bytes(4, "big") + idx(images())[8:]


def members(count: int) -> bytes:
    return zipped({f"3/{number}.png": b"x" for number in range(count)}, compression=zipfile.ZIP_STORED)


@functools.cache
def _packed_zeros() -> bytes:
    return gzip.compress(bytes(20_000_000), 1)


def zeros(size: int) -> bytes:
    """A .gz that unpacks to so many zeros."""
    return _packed_zeros() * (size // 20_000_000)


def folder_zip(**lies: int) -> bytes:
    return lying(zipped(folders()), "7/000.png", **lies)


def renamed(name: str) -> bytes:
    return zipped({**folders(), name: encoded(images()[0])})


def huge_picture() -> bytes:
    """A PNG whose header says 60,000 x 60,000."""
    data = bytearray(encoded(images()[0]))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def npy(header: bytes) -> bytes:
    return zipped({"x.npy": b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header})


Made = Callable[[], list[Given]]
REFUSED: dict[str, tuple[Made, str]] = {
    "nothing": (lambda: [], "no file was given"),
    "empty": (lambda: one("train.csv", b""), "train.csv is empty"),
    "text": (lambda: one("notes.txt", b"hello there"), "notes.txt is no data set that can be read; give a Kaggle CSV"),
    "a pickle": (lambda: one("set.pkl", pickle.dumps({"x": [1]})), "set.pkl is no data set"),
    "a table of other things": (
        lambda: one("iris.csv", b"a,b,label\n1,2,3\n"),
        "iris.csv has 3 columns, 2 of them pixels; a Digit",
    ),
    "a table too narrow": (
        lambda: one("t.csv", b"1,2,3\n1,2,3\n"),
        "t.csv has 3 columns; a Digit Recognizer table has",
    ),
    "names of columns alone": (lambda: one("t.csv", table().split(b"\n")[0] + b"\n"), "t.csv holds no images"),
    "names without an end": (lambda: one("t.csv", b"label," * 30_000), "the first line of t.csv has more than 64,000"),
    "a row without an end": (lambda: one("t.csv", table() + b"0," * 90_000), "a line of t.csv has more than 64,000"),
    "a row too long": (
        lambda: one("t.csv", table() + b"0," * 900 + b"\n"),
        "a row of t.csv after row 0 has too many columns",
    ),
    "a row cut": (lambda: one("t.csv", table()[:-30]), "row 30 of t.csv has 771 columns where the first line has 785"),
    "a word in a row": (lambda: one("t.csv", wrong_label("three")), "row 5 of t.csv is 'three' in column 1"),
    "a quote that swallows the rest": (lambda: one("t.csv", wrong_label('"3')), "row 5 of t.csv is '\"3' in column 1"),
    "label 10": (
        lambda: one("t.csv", wrong_label(10)),
        "the label of row 5 of t.csv is 10; labels are the digits 0 to 9",
    ),
    "label -1": (lambda: one("t.csv", wrong_label(-1)), "the label of row 5 of t.csv is -1"),
    "label 2.5": (lambda: one("t.csv", wrong_label(2.5)), "the label of row 5 of t.csv is 2.5"),
    "label 1e300": (lambda: one("t.csv", wrong_label("1e300")), "the label of row 5 of t.csv is 1e"),
    "level 256": (
        lambda: one("t.csv", table().replace(b",255,", b",70000,", 1)),
        "row 1 of t.csv holds the value 70000; grey levels go",
    ),
    "UTF-16": (lambda: one("t.csv", table().decode().encode("utf-16")), "t.csv is no data set"),
    "zeros between": (lambda: one("t.csv", table().replace(b"\n3", b"\n\0", 1)), "t.csv is no"),
    "a million rows": (a_million_rows, "million.csv holds .* images; at most 300,000 are read: give a part"),
    "a gigabyte": (
        lambda: [Given("big.csv", 1_500_000_000, lambda: io.BytesIO(table()))],
        "big.csv has 1,500 MB; at most 1,000 MB",
    ),
    "several tables": (
        lambda: one("k.zip", zipped({"test.csv": table(), "train.csv": table()})),
        "several tables, test.csv and train.csv",
    ),
    "IDX labels alone": (
        lambda: one("labels", idx(labels())),
        r"an IDX set is one file of images with one of labels; these are labels \(30,\)",
    ),
    "IDX of two sets": (lambda: one("a", idx(images())) + one("b", idx(images())), "give one pair"),
    "IDX cut": (lambda: one("images", idx(images())[:-1]), "images has 23,535 bytes where its header promises 23,536"),
    "IDX longer": (lambda: one("images", idx(images()) + b"1"), "images has 23,537 bytes"),
    "IDX within its header": (lambda: one("images", idx(images())[:9]), "ends within its header"),
    "IDX without images": (lambda: one("images", idx(images()[:0])), "images holds no images"),
    "IDX of too many": (
        lambda: one("images", header_of(MAX_IMAGES + 1)),
        "images holds 300,001 images; at most 300,000",
    ),
    "packed IDX cut": (lambda: one("i.gz", packed(idx(images())[:-99])), "i is cut short"),
    "IDX of floats": (
        lambda: one("images", b"\0\0\x0d\x03" + idx(images())[4:]),
        "values of the IDX type 0x0d; give unsigned bytes",
    ),
    "more labels than images": (
        lambda: one("i", idx(images())) + one("l", idx(labels()[:9])),
        "i holds 30 images and l 9 labels",
    ),
    "an IDX label of 10": (
        lambda: one("i", idx(images())) + one("l", idx(labels() + 3)),
        "the label of image .* of l is 1.; labels are",
    ),
    "a .gz cut": (lambda: one("t.csv.gz", packed(table())[:-900]), "t.csv is damaged or cut short"),
    "a .gz of nonsense": (lambda: one("t.csv.gz", b"\x1f\x8bhello hello"), "t.csv.* cannot be read|damaged"),
    "a .gz longer than its header": (
        lambda: one("i.gz", packed(idx(images()) + b"1")),
        "i goes on after the last image",
    ),
    "a .gz of zeros": (lambda: one("i.gz", zeros(2_000_000_000)), "i.gz is no data set"),
    "a line of zeros": (
        lambda: one("t.csv.gz", gzip.compress(b"0,", 1) + zeros(200_000_000)),
        "t.csv.gz is no data set",
    ),
    "no known keys": (
        lambda: one("d.npz", npz(pictures=images(), names=labels())),
        "d.npz has the arrays names, pictures; save the images as x",
    ),
    "Python objects": (
        lambda: one("d.npz", npz(x=np.array([{}, []], dtype=object))),
        r"Python objects \(a pickle\), which are never loaded",
    ),
    "texts": (lambda: one("d.npz", npz(x=images(), y=labels().astype(str))), "holds values of type <U"),
    "a header of nonsense": (lambda: one("d.npz", npy(b"{'descr': __import__('os')}")), "is no array that NumPy saved"),
    "a header that lies": (
        lambda: one("d.npz", npy(b"{'descr': '|u1', 'fortran_order': False, 'shape': (99999, 28, 28)}\n")),
        "do not fit its shape",
    ),
    "images of one axis": (
        lambda: one("d.npz", npz(x=np.arange(30), y=labels())),
        r"the images of d.npz have the shape \(30,\); give images as",
    ),
    "images of no square": (
        lambda: one("d.npz", npz(x=np.zeros((30, 700), "u1"), y=labels())),
        r"have the shape \(30, 700\)",
    ),
    "two channels": (lambda: one("d.npz", npz(x=np.zeros((30, 28, 28, 2), "u1"), y=labels())), "have the shape"),
    "no pixels": (lambda: one("d.npz", npz(x=np.zeros((30, 0, 28), "u1"), y=labels())), "have the shape"),
    "an empty array": (lambda: one("d.npz", npz(x=images()[:0], y=labels()[:0])), "d.npz holds no images"),
    "one label short": (
        lambda: one("d.npz", npz(x=images(), y=labels()[1:])),
        r"30 images and labels of the shape \(29,\)",
    ),
    "labels of another shape": (lambda: one("d.npz", npz(x=images(), y=np.zeros((30, 3)))), "the labels of d.npz are"),
    "two-hot labels": (lambda: one("d.npz", npz(x=images(), y=np.ones((30, 10)))), "without one 1 in each row"),
    "NaN": (lambda: one("d.npz", npz(x=changed(5, np.nan), y=labels())), "image 7 of d.npz holds the value nan"),
    "below zero": (lambda: one("d.npz", npz(x=changed(5, -0.5), y=labels())), "image 7 of d.npz holds the value -0.5"),
    "infinity": (lambda: one("d.npz", npz(x=changed(5, np.inf), y=labels())), "image 7 of d.npz holds the value inf"),
    "an npz cut": (lambda: one("d.npz", npz(x=images(), y=labels())[:-200]), "d.npz is damaged or cut short"),
    "an empty zip": (lambda: one("d.zip", zipped({})), "d.zip holds no files; give"),
    "litter alone": (lambda: one("d.zip", zipped({"__MACOSX/x.png": b"x", ".DS_Store": b"x"})), "d.zip holds no files"),
    "a zip of text": (lambda: one("d.zip", zipped({"readme.md": b"hello"})), "readme.md is no data set"),
    "a zip in a zip": (
        lambda: one("d.zip", zipped({"inner.zip": zipped(folders()), "a.txt": b"x"})),
        "inner.zip is a zip among other files",
    ),
    "no picture readable": (
        lambda: one("d.zip", zipped({"3/a.png": b"x", "4/b.png": b"y"})),
        "none of the pictures .* can be read: 3/a.png: This is no PNG",
    ),
    "digit folders in two places": (
        lambda: one("d.zip", zipped({**folders(inside="train/"), **folders(inside="test/")})),
        r"digit folders in 2 places \(test, train\); give one",
    ),
    "a path out of the zip": (
        lambda: one("d.zip", renamed("../../3/evil.png")),
        "holds the path '../../3/evil.png', which leaves the zip",
    ),
    "an absolute path": (lambda: one("d.zip", renamed("/etc/3/evil.png")), "which leaves the zip"),
    "a path of Windows": (lambda: one("d.zip", renamed("C:\\3\\evil.png")), "which leaves the zip"),
    "a link": (
        lambda: one("d.zip", folder_zip(mode=stat.S_IFLNK | 0o777)),
        "7/000.png in d.zip is a link to another file",
    ),
    "encrypted": (lambda: one("d.zip", folder_zip(flags=1)), "7/000.png in d.zip is encrypted"),
    "another packing": (lambda: one("d.zip", folder_zip(method=14)), "7/000.png in d.zip is packed in an unusual way"),
    "a bomb": (lambda: one("d.zip", folder_zip(size=3_000_000_000)), "d.zip unpacks to 3,000 MB; at most 2,000 MB"),
    "too many members": (
        lambda: one("d.zip", b"PK\x03\x04" + b"PK\x01\x02" * (MAX_MEMBERS + 1)),
        "d.zip holds 100,001 files; at most 100,000",
    ),
    "a zip cut": (lambda: one("d.zip", zipped(folders())[:-90]), "d.zip is damaged or cut short"),
    "a picture of 3,600 megapixels": (
        lambda: one("d.zip", zipped({"3/a.png": huge_picture()})),
        "at most 16 megapixels",
    ),
}


def look_and_keep(files: list[Given], sets: DataSetStore) -> None:
    """What a page does."""
    look(files)
    sets.keep(files, AS_THEY_ARE)


@pytest.fixture
def sets(tmp_path: Path) -> DataSetStore:
    return DataSetStore(StudioHome(root=tmp_path / "home"))


@pytest.mark.parametrize(("made", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_at_the_first_look_or_while_it_is_read(made: Made, message: str, sets: DataSetStore) -> None:
    files = made()
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=message) as refusal:
            look_and_keep(files, sets)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    text = str(refusal.value)
    assert text.isprintable()
    assert len(text) < 450
    assert sets.sets() == []
    assert not sets.folder.exists() or list(sets.folder.iterdir()) == []


def test_later_rows_are_counted_from_the_first(sets: DataSetStore) -> None:
    many, known = np.concatenate([images()] * 60), np.tile(labels(), 60)
    text = table(many, [*known[:1_700], 11, *known[1_701:]])
    with pytest.raises(DataError, match=r"the label of row 1,701 of t.csv is 11"):
        sets.keep(one("t.csv", text), AS_THEY_ARE)


def test_levels_above_the_range_of_the_first_ones_are_refused(sets: DataSetStore) -> None:
    many = np.concatenate([images() / 255] * 100)
    many[2_999, 14, 14] = 37
    with pytest.raises(DataError, match=r"image 3,000 of d.npz holds the value 37; grey levels go from 0 to 1 here"):
        sets.keep(one("d.npz", npz(x=many, y=np.tile(labels(), 100))), AS_THEY_ARE)


def test_a_path_to_nothing() -> None:
    with pytest.raises(DataError, match=r"absent\.csv is not there; check the path"):
        given_paths([Path("absent.csv")])


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no files"):
        given_paths([tmp_path])


def test_links_within_a_folder_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "a.png").write_bytes(encoded(images()[0]))
    (tmp_path / "3" / "again").symlink_to(tmp_path)
    (tmp_path / "3" / "gone.png").symlink_to(tmp_path / "absent")
    assert [each.name for each in given_paths([tmp_path])] == ["3/a.png"]


def test_as_they_are_takes_28_by_28(sets: DataSetStore) -> None:
    for files in (
        one("d.npz", npz(x=np.zeros((3, 30, 28), "u1"))),
        one("d.zip", zipped({"3/a.png": encoded(np.zeros((30, 28), "u1"))})),
    ):
        with pytest.raises(DataError, match=r"as they are only"):
            look(files).plan("none")
        with pytest.raises(DataError, match=r"as they are only"):
            sets.keep(files, AS_THEY_ARE)
