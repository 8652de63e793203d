"""The `.keras` file of a visitor as a zip: opened without believing anything it says.

Owns which members such a file may have, how large they may be, and reading them within those bounds. What the network's
description means is `config`'s. Nothing is ever written under a name from the file, nothing is unpickled, and no
Keras is needed here.
"""

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, Final

from core.errors import ModelFileError

MAX_BYTES: Final = 64 * 2**20
CONFIG: Final = "config.json"
METADATA: Final = "metadata.json"
WEIGHTS: Final = "model.weights.h5"
UPLOAD: Final = "upload.keras"  # in the draft of a run folder: the weights with our own description
# Members and the most bytes that each may unpack to. Five million weights with Adam's two means each are 60 MB.
_MEMBERS: Final = {CONFIG: 2**20, METADATA: 2**16, WEIGHTS: 64 * 2**20}
_MAX_RATIO: Final = 100  # Keras stores its members as they are; text that someone packed again shrinks to a twentieth
_SMALL: Final = 2**16  # bytes under which no ratio matters
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_STORED_OR_DEFLATED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class ModelArchive:
    """The three members of a `.keras` file.

    Attributes:
        config: the network's description, as JSON and not yet checked.
        keras_version: of the Keras that saved it, such as `3.15.1`.
        weights: an HDF5 file, not yet opened.
    """

    config: dict[str, Any]
    keras_version: str
    weights: bytes


def read_archive(data: bytes) -> ModelArchive:
    """The members of a `.keras` file.

    Raises:
        ModelFileError: it is too large, of another kind, damaged, or a zip that no Keras wrote.
    """
    _check_kind(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive.infolist())
            config, metadata, weights = (_read(archive, name) for name in (CONFIG, METADATA, WEIGHTS))
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelFileError("The file is damaged: its zip cannot be read to the end.") from error
    if not weights.startswith(_HDF5):
        raise ModelFileError(f"The file is damaged: its {WEIGHTS} is no HDF5 file.")
    return ModelArchive(_json(config, CONFIG), _version(_json(metadata, METADATA)), weights)


def _check_kind(data: bytes) -> None:
    if not data:
        raise ModelFileError("The file is empty.")
    if len(data) > MAX_BYTES:
        raise ModelFileError(f"The file has {len(data) / 2**20:.0f} MB; at most {MAX_BYTES / 2**20:.0f} MB are read.")
    if data.startswith(_HDF5):
        raise ModelFileError('This is an H5 file. Only .keras files are read: save it anew with model.save("x.keras").')
    if not data.startswith(b"PK\x03\x04"):
        raise ModelFileError('This is no .keras file. Save the network with model.save("x.keras") in Keras 3.')


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    """Refuses by what the zip's directory says, before anything is unpacked."""
    if len(members) > len(_MEMBERS):
        raise ModelFileError(f"The zip has {len(members)} members; a .keras file has {', '.join(_MEMBERS)} only.")
    missing = set(_MEMBERS) - {member.filename for member in members}
    if missing:
        raise ModelFileError(f"This zip is no .keras file: it lacks {', '.join(sorted(missing))}.")
    for member in members:
        most = _MEMBERS[member.filename]
        if member.file_size > most:
            raise ModelFileError(f"{member.filename} would unpack to more than {most / 2**20:.3g} MB.")
        if member.file_size > max(_SMALL, _MAX_RATIO * member.compress_size):
            raise ModelFileError(f"{member.filename} would unpack to over {_MAX_RATIO} times its size.")
        if member.flag_bits & _ENCRYPTED or member.compress_type not in _STORED_OR_DEFLATED:
            raise ModelFileError(f"{member.filename} is encrypted, or packed in a way that Keras does not use.")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member, however long the zip's directory says it is; its checksum is checked at its end."""
    most = _MEMBERS[name]
    with archive.open(name) as stream:
        content = stream.read(most + 1)
        if len(content) > most or stream.read(1):
            raise ModelFileError(f"{name} unpacks to more than {most / 2**20:.3g} MB.")
    return content


def _json(content: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"The file is damaged: its {name} is no JSON.") from error
    if not isinstance(value, dict):
        raise ModelFileError(f"The file is damaged: its {name} is no JSON object.")
    return value


def _version(metadata: dict[str, Any]) -> str:
    version = metadata.get("keras_version")
    if not isinstance(version, str) or not version.startswith("3.") or len(version) > 40 or not version.isprintable():
        raise ModelFileError("The file was not saved by Keras 3; open it there and save it anew.")
    return version
