"""Files as visitors send them: every legal kind is read right, every broken one is one plain sentence."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.preprocessing import MAX_BYTES, preprocess, read_picture
from tests.hostile import HostileFile, hostile_files, is_one_sentence

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture(scope="module")
def corner() -> Image.Image:
    """60 wide, 40 high, grey, with a black block in the upper left corner."""
    pixels = np.full((40, 60), 230, np.uint8)
    pixels[:12, :20] = 0
    return Image.fromarray(pixels)


def refused(data: bytes) -> PictureError:
    with pytest.raises(PictureError) as caught:
        read_picture(data)
    assert is_one_sentence(str(caught.value))
    return caught.value


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_read_as_upright_rgba(corner, kind):
    pixels = read_picture(encoded(corner, kind))
    assert pixels.shape == (40, 60, 4)
    assert pixels.dtype == np.uint8
    assert (pixels[:, :, 3] == 255).all()
    assert pixels[4, 4, 0] < 40
    assert pixels[30, 50, 0] > 200


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(corner, orientation):
    stored = {
        1: corner,
        2: corner.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: corner.transpose(Image.Transpose.ROTATE_180),
        4: corner.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: corner.transpose(Image.Transpose.TRANSPOSE),
        6: corner.transpose(Image.Transpose.ROTATE_90),
        7: corner.transpose(Image.Transpose.TRANSVERSE),
        8: corner.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("PNG", "WEBP", "JPEG"):
        options = {"lossless": True} if kind == "WEBP" else {}
        pixels = read_picture(encoded(stored, kind, exif=exif.tobytes(), **options))
        assert pixels.shape == (40, 60, 4)
        assert np.abs(pixels[:, :, 0].astype(int) - np.asarray(corner)).mean() < 3


def test_nonsense_in_exif_does_not_matter(corner):
    assert read_picture(encoded(corner, "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + b"\x99" * 40)).shape == (
        40,
        60,
        4,
    )


def test_sixteen_bit_grey_keeps_its_shades():
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (8, 1))
    pixels = read_picture(encoded(Image.fromarray(ramp)))
    assert np.abs(pixels[0, :, 0].astype(float) - ramp[0] / 257).max() <= 1


def test_cmyk_is_read_as_colours():
    red = Image.new("RGB", (16, 16), (220, 20, 20)).convert("CMYK")
    pixel = read_picture(encoded(red, "JPEG"))[8, 8]
    assert pixel[0] > 180
    assert pixel[1] < 80


def test_palette_with_and_without_transparency(corner):
    assert read_picture(encoded(corner.convert("P")))[4, 4, 0] == 0
    clear = corner.convert("P")
    clear.info["transparency"] = 0
    assert read_picture(encoded(clear, transparency=0))[4, 4, 3] == 0


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_first_frame_of_an_animation(corner, kind):
    second = Image.new("L", corner.size, 255)
    data = encoded(corner.convert("RGB"), kind, save_all=True, append_images=[second.convert("RGB")], duration=50)
    assert read_picture(data)[4, 4, 0] < 40


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1)])
def test_extreme_shapes_are_read_and_blank(size):
    pixels = read_picture(encoded(Image.new("L", size, 200)))
    assert pixels.shape == (size[1], size[0], 4)
    assert preprocess(pixels).blank


def test_no_bytes_is_empty():
    assert refused(b"").code == "empty"


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        b"<!doctype html><html><body>not a picture</body></html>",
        b"%PDF-1.7 and so on",
        b"\x00" * 1000,
        "ein Text über nichts".encode(),
    ],
)
def test_what_is_no_picture_is_called_so(data):
    assert refused(data).code == "not_an_image"


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PPM"])
def test_pictures_of_other_formats_are_refused(corner, kind):
    assert refused(encoded(corner, kind)).code == "not_an_image"


@pytest.mark.parametrize("kind", FORMATS)
def test_cut_files_are_damaged_or_still_whole(kind):
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (90, 90), dtype=np.uint8))
    data = encoded(noise, kind)
    for tenth in range(1, 10):
        assert refused(data[: len(data) * tenth // 10]).code in {"damaged", "not_an_image"}


@pytest.mark.parametrize("kind", FORMATS)
def test_scrambled_files_raise_nothing_else(corner, kind):
    data = encoded(corner, kind)
    rng = np.random.default_rng(5)
    for _ in range(60):
        broken = bytearray(data)
        for place in rng.integers(0, len(broken), 6):
            broken[place] = rng.integers(0, 256)
        with contextlib.suppress(PictureError):
            assert read_picture(bytes(broken)).ndim == 3


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG that says it is huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(4001, 4000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_by_their_header(width, height):
    assert refused(bomb(width, height)).code in {"too_large", "damaged"}


def test_sixteen_megapixels_are_still_read():
    assert read_picture(encoded(Image.new("L", (4000, 4000), 255))).shape == (4000, 4000, 4)


def test_too_many_bytes():
    refusal = refused(b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_BYTES)
    assert refusal.code == "too_large"
    assert "20 MB" in str(refusal)


def test_the_table_of_hostile_files_is_large_and_its_names_differ():
    names = [file.name for file in hostile_files()]
    assert len(names) == len(set(names)) >= 60


def test_every_hostile_file_is_read_or_refused_as_the_table_says():
    def problem_with(file: HostileFile) -> str | None:
        try:
            pixels = read_picture(file.data)
        except PictureError as refusal:
            as_refused = refusal.code in file.refusal and is_one_sentence(str(refusal))
            return None if as_refused else f"{file.name} is refused: {refusal.code}, {refusal}"
        if file.refusal:
            return f"{file.name} is read"
        wanted = (pixels.shape[2:], pixels.dtype, preprocess(pixels).blank) == ((4,), np.uint8, file.digit is None)
        return None if wanted else f"{file.name} is read as {pixels.dtype} {pixels.shape}"

    assert not [problem for file in hostile_files() if (problem := problem_with(file))]
