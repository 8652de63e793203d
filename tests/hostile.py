"""Files that go wrong elsewhere, made by code: the one table for everything that takes pictures from outside.

Each file says what is expected of it: a digit, a picture with nothing drawn, or a refusal with its code. The reader,
the CLI, the REST interface and the upload are all held to this table. The digit is always the same seven, drawn large.
"""

import functools
import io
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from tests.digits import digits

SEVEN: Final = 7
KINDS: Final = ("PNG", "JPEG", "WEBP", "BMP")
PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
ORIENTATION: Final = 0x0112
# How a picture is stored so that its EXIF orientation turns it upright.
STORED: Final[dict[int, Image.Transpose | None]] = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True, slots=True)
class HostileFile:
    """One file of the table.

    Attributes:
        name: as it is sent, with its extension; no two are the same.
        digit: that it must be read as; None when it shows nothing.
        refusal: the codes of `PictureError` with one of which it must be refused; empty when it must be read.
    """

    name: str
    data: bytes
    digit: int | None = None
    refusal: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name


@functools.cache
def hostile_files() -> tuple[HostileFile, ...]:
    """The whole table."""
    return (*_cut(), *_empty(), *_bombs(), *_wrong_types(), *_odd_shapes(), *_odd_modes(), *_turned(), *_metadata())


@functools.cache
def seven() -> Image.Image:
    """A seven from MNIST's test split, 140 x 140, dark on white."""
    image = Image.fromarray(255 - digits()[0][0])
    return image.resize((140, 140), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The image as a file of this kind."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def is_one_sentence(message: str) -> bool:
    """Whether a refusal is what a visitor may be told: one sentence in plain words, nothing of the code's."""
    inside = ("Traceback", 'File "', "/core/", "site-packages", "Error:", "0x")
    return message.endswith(".") and "\n" not in message and not any(word in message for word in inside)


def problem_with(file: HostileFile, answer: dict[str, Any]) -> str | None:
    """What is wrong with an answer of the CLI or the API for this file; None when it is as the table has it."""
    if file.refusal:
        as_refused = answer["digit"] is None and is_one_sentence(answer.get("error", ""))
        return None if as_refused else f"{file.name} is not refused with one sentence: {answer}"
    as_read = "error" not in answer and answer["digit"] == file.digit
    return None if as_read else f"{file.name} is not read as {file.digit}: {answer}"


def refused(name: str, data: bytes, *codes: str) -> HostileFile:
    return HostileFile(name, data, refusal=frozenset(codes))


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG, its checksum right."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_saying(width: int, height: int, pixels: bytes = b"\0" * 999, *, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG whose header says what is handed in, whatever its pixels are."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG_HEAD + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def with_chunk(name: bytes, body: bytes) -> bytes:
    """The seven as a PNG with one more chunk behind its header."""
    data = encoded(seven())
    end = len(PNG_HEAD) + 25  # the header's chunk is 25 bytes long
    return data[:end] + chunk(name, body) + data[end:]


def _cut() -> Iterator[HostileFile]:
    for kind in KINDS:
        data = encoded(seven(), kind)
        for tenth in range(1, 10):
            yield refused(f"cut-{tenth}.{kind.lower()}", data[: len(data) * tenth // 10], "damaged", "not_an_image")
    yield refused("cut-progressive.jpg", encoded(seven(), "JPEG", progressive=True)[:-200], "damaged")


def _empty() -> Iterator[HostileFile]:
    yield refused("empty.png", b"", "empty")
    yield refused("zeros.png", bytes(1000), "not_an_image")
    yield refused("one-byte.jpg", b"\xff", "not_an_image")
    heads = {"png": PNG_HEAD, "jpg": b"\xff\xd8\xff\xe0", "webp": b"RIFF\x20\0\0\0WEBPVP8 ", "bmp": b"BM"}
    for kind, head in heads.items():
        yield refused(f"head-alone.{kind}", head, "damaged", "not_an_image")
    yield refused("no-pixels.png", png_saying(0, 5), "damaged", "not_an_image")
    yield refused("no-data.png", PNG_HEAD + chunk(b"IHDR", encoded(seven())[16:29]) + chunk(b"IEND", b""), "damaged")


def _bombs() -> Iterator[HostileFile]:
    yield refused("bomb-by-one-row.png", png_saying(4000, 4001), "too_large")
    yield refused("bomb.png", png_saying(30_000, 30_000), "too_large")
    yield refused("bomb-largest.png", png_saying(2**31 - 1, 2**31 - 1), "too_large", "damaged")
    yield refused("bomb-filled.png", encoded(Image.new("1", (10_000, 10_000))), "too_large")
    jpeg = bytearray(encoded(seven(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    yield refused("bomb.jpg", bytes(jpeg), "too_large")
    bmp = bytearray(encoded(seven(), "BMP"))
    bmp[18:26] = struct.pack("<ii", 2**30, 2**30)
    yield refused("bomb.bmp", bytes(bmp), "too_large")
    yield refused("bomb.webp", encoded(Image.new("L", (16_383, 1_000)), "WEBP", method=0), "too_large")
    yield refused("bomb-of-bytes.png", PNG_HEAD + bytes(20_000_000), "too_large")
    text = zlib.compress(bytes(20_000_000))
    yield refused("bomb-of-text.png", with_chunk(b"zTXt", b"Comment\0\0" + text), "too_large", "damaged")
    yield refused("bomb-of-profile.png", with_chunk(b"iCCP", b"profile\0\0" + text), "too_large", "damaged")
    many = [Image.new("L", (140, 140), level) for level in range(0, 250, 5)]
    yield HostileFile("many-frames.webp", encoded(seven(), "WEBP", save_all=True, append_images=many), SEVEN)


def _wrong_types() -> Iterator[HostileFile]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("seven.png", encoded(seven()))
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    yield from (
        refused(name, data, "not_an_image")
        for name, data in {
            "svg.png": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
            "laughs.png": f'<!DOCTYPE svg [<!ENTITY l0 "ha">{laughs}]><svg>&l8;</svg>'.encode(),
            "html.png": b"<!doctype html><html><body><script>alert(1)</script></body></html>",
            "pdf.png": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF",
            "postscript.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
            "zip.png": archive.getvalue(),
            "gzip.png": zlib.compress(encoded(seven()), wbits=31),
            "pickle.png": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R.",
            "program.png": b"\x7fELF\x02\x01\x01" + bytes(200),
            "text.png": "ein Text über nichts".encode(),
            "gif.png": encoded(seven(), "GIF"),
            "tiff.png": encoded(seven(), "TIFF"),
            "ico.png": encoded(seven(), "ICO"),
            "ppm.png": encoded(seven(), "PPM"),
            "animated-gif.png": encoded(seven(), "GIF", save_all=True, append_images=[Image.new("L", (140, 140))]),
        }.items()
    )
    yield HostileFile("jpeg-called.png", encoded(seven(), "JPEG"), SEVEN)
    yield HostileFile("png-then-zip.png", encoded(seven()) + archive.getvalue(), SEVEN)


def _odd_shapes() -> Iterator[HostileFile]:
    for size in ((1, 1), (1, 20_000), (20_000, 1), (2, 2)):
        yield HostileFile(f"{size[0]}x{size[1]}.png", encoded(Image.new("L", size, 200)))
    yield HostileFile("all-black.png", encoded(Image.new("L", (280, 280), 0)))
    yield HostileFile("all-white.jpg", encoded(Image.new("L", (280, 280), 255), "JPEG"))
    yield HostileFile("all-clear.png", encoded(Image.new("RGBA", (280, 280), (0, 0, 0, 0))))
    yield HostileFile("sixteen-megapixels.png", encoded(seven().resize((4000, 4000)), compress_level=1), SEVEN)
    yield HostileFile("twelve-megapixels.jpg", encoded(seven().resize((4000, 3000)), "JPEG"), SEVEN)


def _odd_modes() -> Iterator[HostileFile]:
    grey = np.asarray(seven())
    wide = Image.fromarray(grey.astype(np.uint16) * 257)
    clear = Image.merge("LA", (Image.new("L", (140, 140)), Image.fromarray(255 - grey)))
    palette = clear.convert("RGBA").quantize(16)
    two = [Image.new("RGB", (140, 140), "white")]
    for name, kind, image, options in (
        ("16-bit.png", "PNG", wide, {}),
        ("1-bit.png", "PNG", seven().convert("1"), {}),
        ("grey-with-alpha.png", "PNG", clear, {}),
        ("palette.png", "PNG", seven().quantize(4), {}),
        ("palette-with-alpha.png", "PNG", palette, {}),
        ("palette.bmp", "BMP", seven().quantize(16), {}),
        ("cmyk.jpg", "JPEG", seven().convert("RGB").convert("CMYK"), {}),
        ("progressive.jpg", "JPEG", seven().convert("RGB"), {"progressive": True, "quality": 20}),
        ("alpha.webp", "WEBP", clear.convert("RGBA"), {}),
        ("animated.webp", "WEBP", seven().convert("RGB"), {"save_all": True, "append_images": two}),
        ("animated.png", "PNG", seven().convert("RGB"), {"save_all": True, "append_images": two}),
    ):
        yield HostileFile(name, encoded(image, kind, **options), SEVEN)
    rows = np.zeros((140, 1 + 140 * 6), np.uint8)  # a filter byte, then three channels of two bytes
    rows[:, 1:] = grey.repeat(6, axis=1)
    yield HostileFile("16-bit-colour.png", png_saying(140, 140, rows.tobytes(), depth=16, colour=2), SEVEN)
    bmp = bytearray(encoded(Image.fromarray(grey[::-1]), "BMP"))
    bmp[22:26] = struct.pack("<i", -140)  # a negative height: the first row is the upper one
    yield HostileFile("from-the-top.bmp", bytes(bmp), SEVEN)
    bmp[28:30] = struct.pack("<H", 77)
    yield refused("77-bit.bmp", bytes(bmp), "damaged", "not_an_image")


def _turned() -> Iterator[HostileFile]:
    for kind in ("JPEG", "PNG", "WEBP"):
        for orientation, how in STORED.items():
            if kind == "JPEG" or orientation == 6:
                exif = Image.Exif()
                exif[ORIENTATION] = orientation
                stored = seven() if how is None else seven().transpose(how)
                yield HostileFile(f"turned-{orientation}.{kind.lower()}", encoded(stored, kind, exif=exif), SEVEN)


def exif_of(tag: int, kind: int, value: bytes) -> bytes:
    """EXIF with one entry of TIFF's type `kind`, whatever its value is."""
    entry = struct.pack(">HHII", tag, kind, 1, 26)  # the value lies behind the one directory, at byte 26
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4) + value


def _metadata() -> Iterator[HostileFile]:
    for name, exif in {
        "orientation-nan": exif_of(ORIENTATION, 12, struct.pack(">d", math.nan)),
        "orientation-infinite": exif_of(ORIENTATION, 12, struct.pack(">d", math.inf)),
        "orientation-0-by-0": exif_of(ORIENTATION, 5, bytes(8)),
        "orientation-in-words": exif_of(ORIENTATION, 2, b"upright\0"),
        "resolution-nan": exif_of(0x011A, 12, struct.pack(">d", math.nan)),
        "exif-broken": b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\x99" * 40,
        "exif-endless": b"Exif\0\0MM\0*" + struct.pack(">IHHHIII", 8, 1, 0x8769, 4, 1, 8, 8),
    }.items():
        yield HostileFile(f"{name}.jpg", encoded(seven(), "JPEG", exif=exif), SEVEN)
    nine = Image.Exif()
    nine[ORIENTATION] = 9
    yield HostileFile("orientation-9.jpg", encoded(seven(), "JPEG", exif=nine), SEVEN)
    text = PngImagePlugin.PngInfo()
    text.add_text("Gamma", "NaN")
    text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta tiff:Orientation='NaN'>")
    yield HostileFile("nan-text.png", encoded(seven(), pnginfo=text), SEVEN)
    yield HostileFile("gamma-0.png", with_chunk(b"gAMA", bytes(4)), SEVEN)
    yield HostileFile("resolution-0.png", with_chunk(b"pHYs", bytes(9)), SEVEN)
    yield HostileFile("chromaticities.png", with_chunk(b"cHRM", b"\xff" * 32), SEVEN)
    yield HostileFile("profile-broken.jpg", encoded(seven(), "JPEG", icc_profile=b"\xff" * 500), SEVEN)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    yield HostileFile("profile-lab.png", encoded(seven(), icc_profile=lab), SEVEN)
    checksum = bytearray(encoded(seven()))
    checksum[29] ^= 0xFF
    yield refused("checksum.png", bytes(checksum), "damaged", "not_an_image")
