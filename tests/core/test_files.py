"""Files are old or new and never between, and damage of every kind is told as damage."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.files import (
    line_appender,
    overwrite_json,
    read_arrays,
    read_json_lines,
    read_json_object,
    replacing,
    sweep,
    write_json,
)
from tests.digits import REPOSITORY
from tests.trainings import until


def test_replaced_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "value.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.suffix == ".txt"
        assert temporary.parent == tmp_path
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["value.txt"]


@pytest.mark.parametrize("old", ["old", None])
def test_an_exception_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path, old: str | None) -> None:
    path = tmp_path / "value.txt"
    if old is not None:
        path.write_text(old)
    before = os.listdir(tmp_path)

    def cut_short() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_short()
    assert os.listdir(tmp_path) == before
    assert old is None or path.read_text() == old


def test_what_kills_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    with replacing(tmp_path / "model.keras") as left:
        kept = tmp_path / left.name
        (tmp_path / "copy").write_bytes(b"")
    kept.write_bytes(b"half")
    for name in (".control-abc.json", "model.keras", "model-notes.txt", ".model"):
        (tmp_path / name).write_bytes(b"whole")
    sweep(tmp_path, ("model", "checkpoint"))
    assert sorted(os.listdir(tmp_path)) == [".control-abc.json", ".model", "copy", "model-notes.txt", "model.keras"]


def test_a_value_that_is_no_json_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, {"loss": 1})
    for value in ({"loss": float("nan")}, {"loss": float("inf")}, {"loss": object()}):
        with pytest.raises((ValueError, TypeError)):
            write_json(path, value)
    assert read_json_object(path) == {"loss": 1}
    assert os.listdir(tmp_path) == ["value.json"]


def test_a_reader_never_sees_half_a_file_while_its_writer_is_killed(tmp_path: Path) -> None:
    script = """
        import itertools, sys
        from pathlib import Path
        from core.files import write_json
        for number in itertools.count():
            write_json(Path(sys.argv[1]), {"numbers": [number] * 5000})
    """
    path = tmp_path / "value.json"
    for _ in range(5):
        path.unlink(missing_ok=True)
        writer = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script), str(path)], cwd=REPOSITORY)
        try:
            until(path.exists, "the first value")
            seen = {json.loads(path.read_text())["numbers"][4999] for _ in range(200)}
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        assert len(set(read_json_object(path)["numbers"])) == 1
        assert seen


def test_the_last_word_needs_no_room(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    write_json(path, {"state": "training", "eta": 12.5, "message": ""})
    inode, size = path.stat().st_ino, path.stat().st_size
    overwrite_json(path, {"state": "failed"})
    assert read_json_object(path) == {"state": "failed"}
    assert (path.stat().st_ino, path.stat().st_size) == (inode, size)
    longer = {"state": "failed", "message": "x" * 1000}
    overwrite_json(path, longer)
    assert read_json_object(path) == longer


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", "null", '{"a": NaN}', '{"a": Infinity}', '{"a": 1} {"b": 2}', "[" * 200_000, "9" * 5_000],
    ids=lambda text: text[:16] or "empty",
)
def test_what_is_no_json_object_is_a_value_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "value.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"."):
        read_json_object(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'{"a": "\xff"}'])
def test_what_is_no_text_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "value.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="codec"):
        read_json_object(path)


def test_a_folder_or_nothing_in_its_place_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        read_json_object(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_json_object(tmp_path / "value.json")


def test_lines_are_appended_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    assert read_json_lines(path) == []
    append = line_appender(path)
    records = [{"step": 1}, {"text": "a\nb \u2028 é"}]
    for record in records:
        append(record)
    assert read_json_lines(path) == records


def test_a_line_that_was_cut_or_edited_is_left_out_and_swallows_no_other(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"step": 1}\nnonsense\n[1]\n{"step": NaN}\n\xff\xfe\n\n{"step": 2}\n{"step": 3')
    line_appender(path)({"step": 4})
    assert read_json_lines(path) == [{"step": 1}, {"step": 2}, {"step": 4}]


def _arrays() -> dict[str, np.ndarray]:
    return {"images": np.arange(24, dtype=np.uint8).reshape(2, 3, 4), "labels": np.array([3, 1])}


def test_arrays_are_read_back(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "arrays.npz", **_arrays())
    assert {name: values.tolist() for name, values in read_arrays(tmp_path / "arrays.npz").items()} == {
        name: values.tolist() for name, values in _arrays().items()
    }
    assert list(read_arrays(tmp_path / "arrays.npz", ("labels",))) == ["labels"]
    with pytest.raises(ValueError, match="KeyError"):
        read_arrays(tmp_path / "arrays.npz", ("labels", "weights"))


def test_what_is_no_whole_npz_is_a_value_error(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    np.savez(path, **_arrays())
    whole = path.read_bytes()
    np.save(tmp_path / "one.npy", np.arange(3))
    np.savez(tmp_path / "pickled.npz", images=np.array([{"a": 1}], dtype=object))
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("images.npy", "these are no arrays")
    for content in (
        b"",
        b"no archive",
        whole[: len(whole) // 2],
        whole[:-30],
        *((tmp_path / name).read_bytes() for name in ("one.npy", "pickled.npz")),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"arrays\.npz is no whole"):
            read_arrays(path)
    with pytest.raises(OSError, match="directory"):
        read_arrays(tmp_path)


@settings(max_examples=300)
@given(position=st.integers(0, 10_000), flipped=st.integers(1, 255), compressed=st.booleans())
def test_one_damaged_byte_is_a_value_error_or_no_damage(
    tmp_path_factory: pytest.TempPathFactory, position: int, flipped: int, compressed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    (np.savez_compressed if compressed else np.savez)(path, **_arrays())
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= flipped
    path.write_bytes(content)
    try:
        arrays = read_arrays(path, ("images", "labels"))
    except ValueError:
        return
    for name, expected in _arrays().items():
        assert arrays[name].tolist() == expected.tolist()


def test_an_empty_file_is_appended_to_without_an_empty_line(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.touch()
    line_appender(path)({"kind": "step"})
    assert path.read_text() == '{"kind": "step"}\n'
