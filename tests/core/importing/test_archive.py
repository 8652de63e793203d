"""Zips from outside: a real one is read, everything else is refused with its reason, quickly and in little memory."""

import pickle
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from core.errors import ModelFileError
from core.home import SHIPPED
from core.importing.archive import MAX_BYTES, read_archive
from tests.model_files import keras_file, weights


def test_a_file_of_keras_is_read() -> None:
    archive = read_archive((SHIPPED / "pretrained" / "classic" / "model.keras").read_bytes())
    assert archive.config["class_name"] == "Functional"
    assert archive.keras_version == "3.15.1"
    assert len(archive.weights) > 4 * 421_642


def test_one_packed_again_is_read() -> None:
    assert read_archive(keras_file(compression=zipfile.ZIP_DEFLATED)).weights == weights()


def other_members(*names: str) -> bytes:
    """A file of Keras with further members of these names."""
    return keras_file(**dict.fromkeys(names, b"x"))


def lying_about_its_size() -> bytes:
    """A zip whose directory says that a packed member of 30 MB has 1,000 bytes."""
    bomb = keras_file(config_json=b" " * 30_000_000, compression=zipfile.ZIP_DEFLATED)
    return bomb.replace((30_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))


def encrypted() -> bytes:
    """A zip whose first member claims to be encrypted."""
    data = bytearray(keras_file())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def bomb(size: int) -> bytes:
    """Weights of so many zeros, packed."""
    return keras_file(model_weights_h5=bytes(size), compression=zipfile.ZIP_DEFLATED)


def renamed(old: bytes, new: bytes, **members: bytes | None) -> bytes:
    """A file of Keras with these members, in which one text was changed into another of its length."""
    return keras_file(**members).replace(old, new)


Made = Callable[[], bytes]
HOSTILE: dict[str, tuple[Made, str]] = {
    "empty": (lambda: b"", "The file is empty"),
    "not a zip": (lambda: b"hello", "This is no .keras file"),
    "a pickle renamed": (lambda: pickle.dumps({"weights": [1, 2]}), "This is no .keras file"),
    "an H5 file renamed": (weights, "This is an H5 file. Only .keras files are read"),
    "too large": (lambda: b"PK\x03\x04" + bytes(MAX_BYTES), "The file has 64 MB; at most 64 MB are read"),
    "cut": (lambda: keras_file()[:-100], "damaged: its zip cannot be read"),
    "cut in the middle": (lambda: keras_file()[:5_000], "damaged: its zip cannot be read"),
    "an empty zip": (lambda: b"PK\x05\x06" + bytes(18), "This is no .keras file"),
    "bytes changed": (lambda: renamed(b'"keras_version"', b'"xeras_version"'), "damaged: its zip cannot be read"),
    "without weights": (lambda: keras_file(model_weights_h5=None), "it lacks model.weights.h5"),
    "without a description": (lambda: keras_file(config_json=None), "it lacks config.json"),
    "path traversal": (lambda: other_members("../../evil.py"), "has 4 members"),
    "path traversal instead": (lambda: keras_file(config_json=None, **{"../config.json": b"{}"}), "lacks config.json"),
    "an absolute path": (lambda: keras_file(config_json=None, **{"/config.json": b"{}"}), "it lacks config.json"),
    "assets": (lambda: other_members("assets/vocabulary.txt"), "has 4 members"),
    "a name twice": (lambda: renamed(b"confix.json", b"config.json", confix_json=b"{}"), "has 4 members"),
    "a name twice and one missing": (
        lambda: renamed(b"confix.json", b"config.json", confix_json=b"{}", metadata_json=None),
        "it lacks metadata.json",
    ),
    "10,000 members": (lambda: other_members(*map(str, range(10_000))), "has 10003 members"),
    "a bomb": (lambda: bomb(60_000_000), "model.weights.h5 would unpack to over 100 times its size"),
    "a large bomb": (lambda: bomb(100_000_000), "model.weights.h5 would unpack to more than 64 MB"),
    "a bomb that lies": (lying_about_its_size, "damaged: its zip cannot be read"),
    "a packing of another kind": (lambda: keras_file(compression=zipfile.ZIP_LZMA), "in a way that Keras does not use"),
    "encrypted": (encrypted, "encrypted"),
    "a description that is no JSON": (lambda: keras_file(config_json=b"\xff{"), "config.json is no JSON"),
    "a description nested deeply": (lambda: keras_file(config_json=b"[" * 100_000), "config.json is no JSON"),
    "a description that is a list": (lambda: keras_file([1, 2]), "config.json is no JSON object"),
    "weights that are no HDF5": (lambda: keras_file(model_weights_h5=b"PK weights"), "h5 is no HDF5 file"),
    "weights that are a pickle": (lambda: keras_file(model_weights_h5=pickle.dumps([1])), "h5 is no HDF5 file"),
    "Keras 2": (lambda: keras_file(metadata_json={"keras_version": "2.15.0"}), "not saved by Keras 3"),
    "no version": (lambda: keras_file(metadata_json={}), "not saved by Keras 3"),
    "a version with markup": (lambda: keras_file(metadata_json={"keras_version": "3.<b>" + "x" * 99}), "not saved by"),
}


@pytest.mark.parametrize(("made", "message"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused(made: Made, message: str) -> None:
    data = made()
    tracemalloc.start()
    try:
        with pytest.raises(ModelFileError, match=message):
            read_archive(data)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
