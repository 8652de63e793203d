"""Files that a kill at any moment leaves either old or new, never half written.

Owns atomic replacement, appending of whole lines, and reading without believing: whatever a file was cut or edited
into, reading it raises OSError or ValueError and nothing else. What the files mean is their owners' business.
"""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Never

import numpy as np
from numpy.typing import NDArray


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`, and moves it over `path` when the block ends without an exception.

    The content reaches the disk before the name does, so a power cut leaves the old file or the new one.
    """
    # The suffix is kept because Keras and NumPy choose their format by it.
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder: Path, stems: Iterable[str]) -> None:
    """Removes what kills left of `replacing` files whose names begin with one of `stems`; nobody may write them now."""
    for stem in stems:
        for path in folder.glob(f".{stem}-*"):
            path.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Replaces `path` by `value` as JSON. NaN and infinity are refused, since JSON has none."""
    text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def overwrite_json(path: Path, value: Any) -> None:
    """As `write_json`, but into the room that the file has already: for a last word on a full disk.

    One write without shortening the file, so a kill leaves the old or the new content; a power cut may not.
    """
    text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False).encode()
    with path.open("rb+", buffering=0) as stream:
        stream.write(text.ljust(path.stat().st_size - 1) + b"\n")
        os.fsync(stream.fileno())


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in `path`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no JSON, or JSON that is no object.
    """
    value = _parse(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} holds {type(value).__name__}, not a JSON object")
    return value


def line_appender(path: Path) -> Callable[[dict[str, Any]], None]:
    """A function that appends one JSON object as one line, in a single write that reaches the file at once."""
    if path.exists() and path.read_bytes()[-1:] not in (b"", b"\n"):
        with path.open("ab") as stream:
            stream.write(b"\n")  # a kill cut the last line: keep it from swallowing the next one

    def append(record: dict[str, Any]) -> None:
        line = json.dumps(record, allow_nan=False, ensure_ascii=False) + "\n"
        with path.open("ab") as stream:
            stream.write(line.encode("utf-8"))

    return append


def read_json_lines(path: Path, *, holding: str = "") -> list[dict[str, Any]]:
    """The `json_lines` of a file; none while there is no file."""
    try:
        return json_lines(path.read_text(encoding="utf-8", errors="replace"), holding=holding)
    except FileNotFoundError:
        return []


def json_lines(text: str, *, holding: str = "") -> list[dict[str, Any]]:
    """Every whole JSON object line, in order; a line that was cut or edited into nonsense is left out.

    Args:
        holding: only lines with this text in them, which spares parsing the rest.
    """
    records = []
    for line in text.split("\n"):
        if holding not in line:
            continue
        with contextlib.suppress(ValueError):
            record = _parse(line)
            if isinstance(record, dict):
                records.append(record)
    return records


def read_arrays(path: Path, names: tuple[str, ...] = ()) -> dict[str, NDArray]:
    """The arrays of an `.npz` file: those named, or all.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is no `.npz`, is damaged, lacks a name, or holds Python objects.
    """
    with path.open("rb") as stream:
        try:
            with np.load(stream, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in names or arrays.files}
        except Exception as error:  # the zip and npy readers raise a dozen kinds, zlib.error and OSError among them
            raise ValueError(f"{path.name} is no whole .npz file ({type(error).__name__})") from error


def _parse(text: str) -> Any:
    """The JSON in `text`; ValueError for anything else, the NaN and infinity that Python adds to JSON included."""

    def refuse(constant: str) -> Never:
        raise ValueError(f"{constant} is no JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
