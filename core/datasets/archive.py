"""A zip from outside as its files, without believing anything it says and without writing anything under its names.

Owns which zips and members are refused: too many, too large unpacked, encrypted, links, paths that leave the zip.
"""

import stat
import zipfile
from contextlib import ExitStack
from typing import BinaryIO, Final, cast

from core.datasets.given import Given, as_text, is_litter
from core.datasets.limits import BLOCK_BYTES, MAX_MEMBERS, MAX_UNPACKED_BYTES, reading
from core.errors import DataError

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ENTRY: Final = b"PK\x01\x02"  # opens each entry of a zip's directory
_ENCRYPTED: Final = 0x1


def members(given: Given, stack: ExitStack) -> list[Given]:
    """The files in a zip, by name, to be read as long as `stack` is open; hidden files and litter are left out.

    Raises:
        DataError: the zip is damaged, too large, or hostile.
    """
    _check_entries(given)
    with reading(given.name):
        archive = stack.enter_context(_open(stack.enter_context(given.open())))
    files = [info for info in archive.infolist() if not info.filename.endswith("/")]
    for info in files:
        _check(info, given.name)
    total = sum(info.file_size for info in files)
    if total > MAX_UNPACKED_BYTES:
        raise DataError(
            f"{given.name} unpacks to {total / 1e6:,.0f} MB; at most {MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read: "
            "give a part of it."
        )
    top = given.name.removesuffix(".zip")
    found = [_member(archive, info, top) for info in files if not is_litter(info.filename)]
    return sorted(found, key=lambda member: member.name)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, top: str) -> Given:
    # A member never gives more bytes than the directory says, so that `file_size` is a bound.
    return Given(as_text(info.filename), info.file_size, lambda: _open_member(archive, info), top)


def _open(stream: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except Exception as error:  # a directory of nonsense raises what its bytes happen to lead to
        raise zipfile.BadZipFile("its directory cannot be read") from error


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    try:
        return cast(BinaryIO, archive.open(info))
    except Exception as error:  # as above: places before the beginning of the file, for one
        raise zipfile.BadZipFile("a file in it cannot be found") from error


def _check_entries(given: Given) -> None:
    """Counts the directory's entries before Python makes an object of half a kilobyte of each."""
    count, tail = 0, b""
    with reading(given.name), given.open() as stream:
        while block := stream.read(BLOCK_BYTES):
            count += (tail + block).count(_ENTRY)
            tail = block[-len(_ENTRY) + 1 :]
    if count > MAX_MEMBERS:
        raise DataError(
            f"{given.name} holds {count:,} files; at most {MAX_MEMBERS:,} are read: give a part of them, "
            "or all as one .npz."
        )


def _check(info: zipfile.ZipInfo, zipped: str) -> None:
    name = as_text(info.filename)
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise DataError(f"{zipped} holds the path {name!r}, which leaves the zip; pack the folders themselves.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise DataError(f"{name} in {zipped} is a link to another file; pack the pictures themselves.")
    if info.flag_bits & _ENCRYPTED:
        raise DataError(f"{name} in {zipped} is encrypted; pack it without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{name} in {zipped} is packed in an unusual way; pack it as a plain zip (deflate).")
