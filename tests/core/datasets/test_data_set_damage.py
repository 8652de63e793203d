"""Whatever happens to a data set's bytes, reading it ends in images or in a refusal."""

import contextlib
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.datasets import Given, look
from core.datasets.converting import convert
from core.datasets.opening import opening
from core.errors import DataError
from tests.own_sets import folders, idx, images, labels, npz, packed, table, zipped
from tests.own_sets import given as one

SOUND: dict[str, list[bytes]] = {
    "csv": [table()],
    "csv.gz": [packed(table())],
    "npz": [npz(x=images(), y=labels())],
    "packed npz": [npz(x=images(), y=labels(), packed=True)],
    "zip": [zipped(folders())],
    "stored zip": [zipped(folders(), compression=zipfile.ZIP_STORED)],
    "idx": [idx(images()), idx(labels())],
    "idx.gz": [packed(idx(images())), packed(idx(labels()))],
}


def all_images(files: list[Given]) -> NDArray[np.uint8]:
    """What would be kept of a set."""
    plan = look(files).proposal
    with opening(files) as opened:
        return np.concatenate([part.images for part in convert(opened, plan)])


@settings(max_examples=60)
@given(st.data())
def test_any_damage_is_a_refusal_or_no_matter(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(SOUND)))
    files = []
    for number, content in enumerate(SOUND[kind]):
        broken = bytearray(content)
        near_an_end = st.integers(0, 120) | st.integers(len(content) - 400, len(content) - 1)
        for place in data.draw(st.lists(near_an_end | st.integers(0, len(content) - 1), max_size=4)):
            change = data.draw(st.binary(max_size=4))
            broken[place : place + data.draw(st.sampled_from([0, len(change), 4, 900]))] = change
        files.append(Given.of_bytes(f"{number}.{kind}", bytes(broken)))
    with contextlib.suppress(DataError):
        found = all_images(files)
        assert found.dtype == np.uint8
        assert found.shape[1:] == (28, 28)


@settings(max_examples=100)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\0\0\x08\x03", b"label,", b"\x89PNG\r\n\x1a\n"]),
)
def test_any_bytes_are_no_data_set(content: bytes, head: bytes) -> None:
    with pytest.raises(DataError):
        look(one("file", head + content))


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.binary(min_size=784, max_size=784)), min_size=1, max_size=4),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
)
def test_any_table_comes_back(rows: list[tuple[int, bytes]], mark: str, header: bool) -> None:
    pictures = np.frombuffer(b"".join(picture for _, picture in rows), np.uint8).reshape(-1, 28, 28).copy()
    pictures[0, 0, 0] = 255  # so that the range is plain
    text = table(pictures, [label for label, _ in rows], mark=mark, header=header)
    with_plan = look(one("t.csv", text))
    assert np.array_equal(np.stack(with_plan.pictures), pictures)
    assert with_plan.labels == tuple(label for label, _ in rows)
