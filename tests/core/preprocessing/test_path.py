"""The one path: what must not matter does not matter, and what is no digit is blank."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from core.preprocessing import preprocess, read_picture
from tests.core.preprocessing.drawings import STROKES, difference, drawing, mnist_test, reencoded

BOUND = 0.02
often = settings(max_examples=60)
digits = st.sampled_from(sorted(STROKES))
brushes = st.sampled_from([6.0, 10.0, 16.0, 22.0])


def placed(pixels) -> np.ndarray:
    return preprocess(pixels).image


def ground(pixels: np.ndarray, height: int, width: int, top: int, left: int) -> np.ndarray:
    """The picture laid on a larger white sheet."""
    sheet = np.full((height, width), 255, np.uint8)
    sheet[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return sheet


# What must not matter, on drawings.


@often
@given(digits, brushes, st.integers(0, 80), st.integers(0, 80))
def test_moving(digit, brush, right, down):
    moved = drawing(digit, brush=brush, left=15 + right, top=15 + down, side=160)
    assert difference(placed(moved), placed(drawing(digit, brush=brush, side=160))) <= BOUND


@often
@given(digits, st.sampled_from([0.06, 0.09, 0.13]), st.floats(70, 235))
def test_scaling(digit, share, side):
    scaled = drawing(digit, side=side, brush=share * side, left=20, top=22)
    assert difference(placed(scaled), placed(drawing(digit, side=180, brush=share * 180))) <= BOUND


@often
@given(digits, brushes)
def test_inverting(digit, brush):
    picture = drawing(digit, brush=brush)
    assert difference(placed(255 - picture), placed(picture)) <= 0.002


@often
@given(digits, brushes, st.tuples(*[st.integers(0, 200)] * 4))
def test_padding(digit, brush, sides):
    picture = drawing(digit, brush=brush)
    top, bottom, left, right = sides
    padded = ground(picture, 280 + top + bottom, 280 + left + right, top, left)
    assert difference(placed(padded), placed(picture)) <= BOUND


@often
@given(digits, brushes, st.sampled_from([3, 6, 8]), st.booleans())
def test_rotating_by_exif(digit, brush, orientation, as_jpeg):
    picture = drawing(digit, brush=brush)
    turns = {3: 2, 6: 1, 8: 3}[orientation]  # quarter turns to the left that the camera was held in
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(np.rot90(picture, turns))
    data = reencoded(stored, "JPEG" if as_jpeg else "PNG", exif=exif.tobytes())
    assert difference(placed(read_picture(data)), placed(picture)) <= BOUND


ENCODINGS = [("JPEG", {"quality": q}) for q in (60, 75, 95)] + [
    ("WEBP", {"quality": 60}),
    ("WEBP", {"lossless": True}),
    ("BMP", {}),
    ("PNG", {}),
]


@often
@given(digits, brushes, st.sampled_from(ENCODINGS), st.booleans())
def test_reencoding(digit, brush, encoding, light):
    picture = drawing(digit, brush=brush)
    stored = 255 - picture if light else picture
    data = reencoded(stored, encoding[0], **encoding[1])
    assert difference(placed(read_picture(data)), placed(picture)) <= BOUND


@often
@given(digits, brushes)
def test_palette(digit, brush):
    picture = drawing(digit, brush=brush)
    few = np.asarray(Image.fromarray(picture).convert("RGB").quantize(16).convert("RGB"))
    assert difference(placed(few), placed(picture)) <= BOUND


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (40, 40, 160)])
def test_transparent_canvas(ink):
    picture = drawing(5)
    canvas = np.zeros((280, 280, 4), np.uint8)
    canvas[:, :, :3] = ink
    canvas[:, :, 3] = 255 - picture
    assert difference(placed(canvas), placed(picture)) <= BOUND


def test_card_on_transparent_ground_is_its_own_paper():
    card = np.zeros((400, 400, 4), np.uint8)
    card[30:370, 30:370] = 255
    card[60:340, 60:340, :3] = drawing(3)[:, :, None]
    assert difference(placed(card), placed(drawing(3))) <= BOUND


def test_yellow_ink_on_white_is_seen():
    yellow = np.full((280, 280, 3), 255, np.uint8)
    yellow[:, :, 2] = drawing(7)
    assert difference(placed(yellow), placed(drawing(7))) <= BOUND


def test_floats_and_bytes_are_the_same():
    picture = drawing(4)
    assert difference(placed(picture / 255), placed(picture)) <= 0.001
    assert difference(placed((picture / 255).astype(np.float32)[:, :, None]), placed(picture)) <= 0.001


# Pictures made from MNIST's own digits come back as these.


def enlarged(image: np.ndarray, factor: int, how: Image.Resampling, size: int, seed: int) -> np.ndarray:
    side = 28 * factor
    big = np.asarray(Image.fromarray(image).resize((side, side), how))
    top, left = np.random.default_rng(seed).integers(0, size - side + 1, 2)
    canvas = np.zeros((size, size), np.uint8)
    canvas[top : top + side, left : left + side] = big
    return canvas


MADE = {
    "as it is": (lambda image, seed: image, 1.0),
    "inverted": (lambda image, seed: 255 - image, 1.0),
    "JPEG": (lambda image, seed: read_picture(reencoded(image, "JPEG", quality=75)), 1.0),
    "padded": (lambda image, seed: np.pad(image, ((3, 60), (40, 9))), 1.0),
    "squares on 280": (lambda image, seed: enlarged(image, 10, Image.Resampling.NEAREST, 280, seed), 0.99),
    "squares off centre": (lambda image, seed: 255 - enlarged(image, 10, Image.Resampling.NEAREST, 400, seed), 0.99),
    "smooth off centre": (lambda image, seed: enlarged(image, 10, Image.Resampling.BICUBIC, 400, seed), 0.95),
    "smooth on 280": (lambda image, seed: 255 - enlarged(image, 5, Image.Resampling.BICUBIC, 280, seed), 0.95),
    "smooth as JPEG": (
        lambda image, seed: read_picture(
            reencoded(enlarged(image, 10, Image.Resampling.BICUBIC, 400, seed), "JPEG", quality=75)
        ),
        0.95,
    ),
}


@pytest.mark.parametrize("made", MADE)
def test_mnist_digits_come_back(made):
    """The share is under 1 where a centre of mass that lies between two pixels may round the other way."""
    picture_of, share = MADE[made]
    images = mnist_test(100)
    off = [difference(placed(picture_of(image, seed)), image / 255) for seed, image in enumerate(images)]
    assert np.mean(np.array(off) <= BOUND) >= share
    assert max(off) < 0.12


# MNIST's form.


@often
@given(digits, brushes, st.floats(60, 235))
def test_result_has_mnists_form(digit, brush, side):
    result = preprocess(drawing(digit, side=side, brush=brush * side / 180, left=20, top=20))
    image = result.image
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert 0.7 < image.max() <= 1
    places = np.arange(28)
    assert abs((image.sum(axis=0) @ places) / image.sum() - 14) < 0.3
    assert abs((image.sum(axis=1) @ places) / image.sum() - 14) < 0.3
    rows, columns = np.flatnonzero(image.max(axis=1) > 0.1), np.flatnonzero(image.max(axis=0) > 0.1)
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21


def test_box_is_in_pixels_of_the_picture():
    x, y, width, height = preprocess(drawing(7, left=100, top=40, side=100, brush=10)).box
    assert abs(x - 105) <= 2
    assert abs(y - 41) <= 2
    assert abs(width - 88) <= 3
    assert abs(height - 101) <= 3


def test_box_of_a_photo_is_in_pixels_of_the_photo():
    large = np.kron(drawing(7, left=100, top=40, side=100, brush=10), np.ones((10, 10), np.uint8))
    x, _, width, _ = preprocess(large).box
    assert abs(x - 1050) <= 20
    assert abs(width - 880) <= 30


def test_stages_tell_the_way():
    stages = preprocess(drawing(3, size=700, side=500)).stages
    assert [stage.name for stage in stages] == ["upright", "grey", "evened", "ink", "placed"]
    for stage in stages:
        assert stage.caption
        assert stage.image.dtype == np.uint8
        assert max(stage.image.shape[:2]) <= 280
    assert stages[-1].image.shape == (28, 28)


# Nothing drawn.


def ruled(squared: bool) -> np.ndarray:
    sheet = np.full((600, 450), 220, np.uint8)
    sheet[30::40] = 150
    if squared:
        sheet[:, 25::40] = 150
    return sheet


def vignette() -> np.ndarray:
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    return (230 - 90 * (x * x + y * y)).astype(np.uint8)


noise = np.random.default_rng(1)
NOTHING = {
    "white": np.full((280, 280), 255, np.uint8),
    "black": np.zeros((280, 280), np.uint8),
    "grey": np.full((280, 280, 3), 127, np.uint8),
    "clear canvas": np.zeros((280, 280, 4), np.uint8),
    "noise": noise.integers(0, 256, (280, 280), dtype=np.uint8),
    "coloured noise": noise.integers(0, 256, (200, 300, 3), dtype=np.uint8),
    "noise of MNIST's size": noise.integers(0, 256, (28, 28), dtype=np.uint8),
    "paper's grain": noise.normal(200, 10, (400, 300)).clip(0, 255).astype(np.uint8),
    "gradient": np.tile(np.linspace(20, 240, 300), (280, 1)).astype(np.uint8),
    "slanted gradient": np.add.outer(np.arange(250), np.arange(300) // 3).clip(0, 255).astype(np.uint8),
    "vignette": vignette(),
    "ruled sheet": ruled(squared=False),
    "squared sheet": ruled(squared=True),
    "not a number": np.full((40, 40), np.nan),
    "infinite": np.full((40, 40), np.inf),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_drawn(name):
    result = preprocess(NOTHING[name])
    assert result.blank
    assert result.warnings == ("blank",)
    assert result.box is None
    assert result.image.shape == (28, 28)
    assert not result.image.any()


@pytest.mark.parametrize("brush", [8, 16, 28])
def test_a_tap_is_nothing(brush):
    y, x = np.mgrid[:280, :280]
    dot = np.where((x - 120) ** 2 + (y - 90) ** 2 < (brush / 2) ** 2, 0, 255).astype(np.uint8)
    assert preprocess(dot).blank


@settings(max_examples=150)
@given(
    st.one_of(
        arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))),
        arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 3, 4]))),
        arrays.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.floats(width=32)),
        arrays.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([3, 4]))),
    )
)
def test_any_pixels_give_an_image(pixels):
    result = preprocess(pixels)
    assert result.image.shape == (28, 28)
    assert np.isfinite(result.image).all()
    assert result.image.min() >= 0
    assert result.image.max() <= 1
    assert result.blank == (not result.image.any())


@pytest.mark.parametrize("shape", [(), (28,), (0, 28), (28, 28, 2), (28, 28, 5), (2, 28, 28, 1)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="a picture"):
        preprocess(np.zeros(shape, np.uint8))


def test_words_are_refused():
    with pytest.raises(ValueError, match="holds numbers"):
        preprocess(np.full((28, 28), "ink"))


# Warnings.


def test_an_ordinary_drawing_has_no_warnings():
    assert preprocess(drawing(3)).warnings == ()


def test_pale_ink():
    assert preprocess((255 - (255 - drawing(3).astype(int)) // 10).astype(np.uint8)).warnings == ("low_contrast",)


def test_at_the_border():
    assert preprocess(drawing(3)[:, 70:]).warnings == ("touches_border",)


def test_hair_thin_strokes():
    assert preprocess(drawing(3, brush=3)).warnings == ("thin_strokes",)


def test_two_digits():
    both = np.hstack([drawing(3), drawing(7)])
    assert preprocess(both).warnings == ("several_digits",)


def test_separated_bar_belongs_to_the_five():
    five = drawing(5)
    five[58:76] = np.where(np.arange(280) < 108, five[58:76], 255)
    broken = drawing(5)
    broken[:, 104:114] = 255
    assert "several_digits" not in preprocess(broken).warnings
    assert preprocess(broken).box[2] > 130


# Paper.


def photo(
    digit: int, *, seed: int, lines: str = "", shadow: float = 0, slope: float = 1, grain: float = 2, specks: int = 0
) -> np.ndarray:
    """A phone's picture of a digit: grey paper, ink 80 darker."""
    rng = np.random.default_rng(seed)
    ink = (255 - drawing(digit, size=900, side=400, left=200, top=250, brush=24)).astype(float) / 255
    y, x = np.mgrid[:900, :900]
    paper = 190 - slope * (50 * x + 20 * y) / 900
    paper -= shadow / (1 + np.exp(-(x + 0.4 * y - 600) / 4))
    marks = 80 * ink
    slant = y + 0.05 * x
    if lines in {"ruled", "squared"}:
        marks = np.maximum(marks, np.where(slant % 90 < 3, 45, 0))
    if lines == "squared":
        marks = np.maximum(marks, np.where((x - 0.05 * y) % 90 < 3, 45, 0))
    for _ in range(specks):
        at = rng.integers(0, 900, 2)
        marks = np.maximum(marks, np.where((x - at[0]) ** 2 + (y - at[1]) ** 2 < 16, 60, 0))
    return (paper - marks + rng.normal(0, grain, (900, 900))).clip(0, 255).astype(np.uint8)


PAPERS = {
    "gradient": {},
    "shadow edge": {"shadow": 60},
    "shadow on even paper": {"shadow": 60, "slope": 0},
    "ruled": {"lines": "ruled"},
    "squared": {"lines": "squared"},
    "grain": {"grain": 12},
    "specks": {"specks": 12},
    "everything": {"shadow": 50, "lines": "squared", "grain": 8, "specks": 12},
}


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("digit", [3, 5, 8])
def test_paper_does_not_matter_much(paper, digit):
    clean = placed(drawing(digit, size=900, side=400, left=200, top=250, brush=24))
    result = preprocess(photo(digit, seed=digit, **PAPERS[paper]))
    assert difference(result.image, clean) <= 0.05
    assert np.corrcoef(result.image.ravel(), clean.ravel())[0, 1] > 0.9


def test_a_large_digit_over_the_edge_of_a_shadow_is_found():
    picture = drawing(2, size=800, side=620, left=140, top=80, brush=22).astype(float)
    x = np.mgrid[:800, :800][1]
    light = 190 - 60 / (1 + np.exp(-(x - 330) / 6))
    shaded = (light - (255 - picture) * 0.25).astype(np.uint8)
    clean = preprocess(drawing(2, size=800, side=620, left=140, top=80, brush=22))
    assert difference(preprocess(shaded).image, clean.image) < 0.04


def test_a_level_stroke_across_squared_paper_stays():
    picture = drawing(2, size=600, side=540, left=30, top=30, brush=30).astype(float)
    lines = np.zeros((600, 600))
    for at in range(20, 600, 55):
        lines[at : at + 2] = lines[:, at : at + 2] = 35
    squared = (200 - np.maximum(lines, (255 - picture) * 0.35)).astype(np.uint8)
    clean = preprocess(drawing(2, size=600, side=540, left=30, top=30, brush=30))
    assert difference(preprocess(squared).image, clean.image) < 0.04


def test_strokes_fat_as_a_stretched_scans_are_brought_to_the_width_of_pens():
    picture = np.zeros((32, 32), np.uint8)
    picture[:, 9:22] = 255
    picture[6:9, 7:9] = 255
    image = preprocess(picture).image
    assert image.max() > 0.9
    assert (image > 0.5).sum(axis=1).max() <= 6  # 8 as they came
    assert 17 <= (image > 0.5).any(axis=1).sum() <= 20
