"""Made paper: its ranges hold, the same seed makes the same photograph, and what is written on it can be read."""

import numpy as np
import pytest

from benchmarks.paper import digits, sheet, strings
from core.preprocessing import find_groups, preprocess, read_picture
from tests.core.preprocessing.drawings import STROKES

WRITTEN = [
    digits.Written(label, 0, tuple(np.asarray(stroke, float) for stroke in strokes))
    for label, strokes in STROKES.items()
]


@pytest.mark.parametrize("condition", sheet.CONDITIONS)
def test_settings_keep_to_the_ranges(condition: str) -> None:
    for seed in range(200):
        setting = sheet.choose(condition, np.random.default_rng(seed))
        assert 90 <= setting.paper <= 235
        assert 0 <= setting.gradient <= 90
        assert 0 <= setting.shadow <= 70
        assert 40 <= setting.contrast <= 120
        assert 0.015 <= setting.pen <= 0.08
        assert 1 / 3 <= setting.line_share <= 2 / 3
        assert 0 <= setting.blur <= 0.02
        assert 0 <= setting.noise <= 12
        assert 40 <= setting.quality <= 95
        assert abs(setting.turn) <= 12
        assert 0.15 <= setting.digit <= 0.9
        assert 0 <= setting.specks <= 12
        # Ink in the deepest shadow is still above black, or nobody could read it.
        assert setting.paper - setting.gradient / 2 - setting.shadow - setting.contrast > 0


def test_a_condition_is_what_its_name_says() -> None:
    def chosen(condition: str) -> list[sheet.Setting]:
        return [sheet.choose(condition, np.random.default_rng(seed)) for seed in range(50)]

    assert all(setting.shadow >= 30 for setting in chosen("shadow"))
    assert all(not setting.shadow and not setting.lines and not setting.specks for setting in chosen("plain"))
    assert {setting.lines for setting in chosen("squared")} == {"squared"}
    assert all(setting.pen <= 0.03 for setting in chosen("pencil"))
    assert all(max(setting.width, setting.height) == 4000 for setting in chosen("phone"))
    assert {setting.light_on_dark for setting in chosen("screen")} == {True, False}
    assert len({setting.shadow > 0 for setting in chosen("everything")}) == 2


def test_the_same_seed_makes_the_same_photograph() -> None:
    def made(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        setting = sheet.choose("everything", rng)
        return sheet.photograph(setting, [sheet.glyph(setting, WRITTEN[0].strokes)], rng)

    assert made(3) == made(3)
    assert made(3) != made(4)


@pytest.mark.parametrize("condition", ["plain", "shadow", "squared", "pencil", "screen", "corner"])
def test_the_digit_is_where_and_as_large_as_its_setting_says(condition: str) -> None:
    rng = np.random.default_rng(5)
    setting = sheet.choose(condition, rng)
    glyph = sheet.glyph(setting, WRITTEN[3].strokes)
    points = np.concatenate(sheet.placed(glyph))
    low, high = points.min(axis=0), points.max(axis=0)
    assert (low > 0).all()
    assert (high < (setting.width, setting.height)).all()
    assert glyph[2] == pytest.approx(high[1] - low[1])
    found = preprocess(read_picture(sheet.photograph(setting, [glyph], rng)))
    assert found.box is not None
    x, y, width, height = found.box
    slack = setting.pen * glyph[2] + 0.05 * glyph[2] + 3
    assert np.allclose((x, y, x + width, y + height), (*low, *high), atol=slack)


def test_strings_have_their_digits_in_reading_order_inside_the_picture() -> None:
    for kind in strings.KINDS:
        rng = np.random.default_rng(8)
        setting = strings.choose(kind, rng)
        text, glyphs, boxes = strings.write(kind, WRITTEN * 4, setting, rng)
        assert text == "".join(str(one.label) for one in WRITTEN * 4)[: len(text)]
        assert len(glyphs) == len(text)
        assert len(boxes) == (len(text) if kind == "form boxes" else 0)
        points = np.concatenate([stroke for glyph in glyphs for stroke in sheet.placed(glyph)])
        assert (points > 0).all()
        assert (points < (setting.width, setting.height)).all()


def test_every_digit_in_printed_boxes_is_found_and_no_box() -> None:
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        setting = sheet.choose("plain", rng)
        setting = strings.resized(setting, 1200, 400)
        text, glyphs, boxes = strings.write("form boxes", WRITTEN * 2, setting, rng)
        found = find_groups(read_picture(sheet.photograph(setting, glyphs, rng, boxes=boxes)))
        assert len(found) == len(text)
        middles = sorted(group.digit.box[0] + group.digit.box[2] / 2 for group in found)
        assert all(x < middle < x + width for middle, (x, _, width, _) in zip(middles, boxes, strict=True))


def test_tracing_leaves_a_line_one_pixel_wide() -> None:
    bar = np.zeros((20, 40), bool)
    bar[6:13, 4:36] = True
    thin = digits.thinned(bar)
    assert thin.sum(axis=0).max() <= 2
    assert 20 <= thin.sum() <= 34
    assert not (thin & ~bar).any()


def test_traced_strokes_follow_the_digit() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    points = np.concatenate(digits.middle_lines(image)) / digits.ENLARGED
    assert np.abs(points[:, 0] - 13.5).max() < 2.5
    assert points[:, 1].min() < 8
    assert points[:, 1].max() > 20
