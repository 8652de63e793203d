"""One photograph of written paper, made by code.

Owns the conditions, what each of them makes of a photograph's `Setting`, and the making of its pixels. Grey levels are
0 to 255; lengths in pixels unless said otherwise.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

CONDITIONS: Final = {
    "plain": "even paper, a good pen",
    "gradient": "light from one side",
    "shadow": "the edge of a shadow across the paper",
    "ruled": "ruled paper",
    "squared": "squared paper",
    "pencil": "pencil: thin, pale and grainy",
    "pale": "pale ink",
    "thin": "the thinnest pens",
    "coloured": "coloured ink on tinted paper",
    "blur": "out of focus",
    "noise": "grain of a dark room",
    "jpeg": "strongly compressed",
    "small": "a digit of 15 to 22 % of the picture's height",
    "large": "a digit of 70 to 90 %",
    "corner": "a small digit in a corner",
    "rotated": "paper and digit turned by up to 12 degrees",
    "specks": "specks of dirt",
    "phone": "phone resolution, 12 megapixels",
    "screen": "a screen photographed",
    "everything": "each of these with even odds",
}
EFFECTS: Final = ("gradient", "shadow", "ruled", "squared", "coloured", "blur", "noise", "jpeg", "rotated", "specks")
INKS: Final = ((1.35, 1.0, 0.2), (0.2, 1.3, 1.35), (1.25, 0.65, 1.2), (0.9, 1.2, 0.6))  # light that blue, red, ... take
Glyph = tuple[tuple[NDArray[Any], ...], tuple[float, float], float]  # strokes, middle, height in pixels


@dataclass(frozen=True, slots=True)
class Setting:
    """What one photograph is taken of, and how; the ranges are those of the package's docstring."""

    width: int
    height: int
    digit: float  # height as a share of the picture's
    place: tuple[float, float]  # 0 to 1 of the room that the digit leaves
    paper: float
    gradient: float
    shadow: float
    contrast: float  # grey levels that ink is darker than its paper
    pen: float  # share of the digit's height
    lines: str  # "", "ruled" or "squared"
    line_share: float  # of the ink's contrast
    turn: float  # of the digit, degrees
    slope: float  # of the paper's lines, degrees
    blur: float  # standard deviation as a share of the digit's height
    noise: float
    quality: int
    specks: int
    ink: tuple[float, float, float] = (1.0, 1.0, 1.0)  # of red, green, blue, how much the ink takes
    grain: float = 0.0  # share of pencil that the paper's tooth leaves out
    screen: bool = False
    light_on_dark: bool = False


def choose(condition: str, rng: np.random.Generator) -> Setting:
    """A setting of a condition: it decides its own part of the ranges, the rest is as in a good photograph."""
    has = {effect: condition == effect or (condition == "everything" and rng.random() < 0.5) for effect in EFFECTS}
    longer = 4000 if condition == "phone" else int(rng.choice([480, 800, 1200, 1600]))
    shape = rng.choice([0.75, 1.0])
    width, height = (longer, round(longer * shape)) if rng.random() < 0.5 else (round(longer * shape), longer)
    small, large = condition in ("small", "corner"), condition == "large"
    corner = (float(rng.choice([0.02, 0.98])), float(rng.choice([0.02, 0.98])))
    gradient = float(rng.uniform(40, 90)) if has["gradient"] else 0.0
    shadow = float(rng.uniform(30, 70)) if has["shadow"] else 0.0
    pale = condition in ("pale", "pencil")
    contrast = float(rng.uniform(40, 60) if pale else rng.uniform(40, 120))
    darkest = gradient / 2 + shadow + contrast + 5  # under the ink in the shadow there still is some light
    contrast -= max(0.0, darkest - 230)
    turned = float(rng.uniform(-12, 12)) if has["rotated"] else float(rng.uniform(-2, 2))
    ink = np.array(INKS[rng.integers(len(INKS))]) if has["coloured"] else np.ones(3)
    ink = ink / (ink @ (0.299, 0.587, 0.114))
    return Setting(
        width=width,
        height=height,
        digit=float(rng.uniform(0.15, 0.22) if small else rng.uniform(0.7, 0.9) if large else rng.uniform(0.15, 0.9)),
        place=corner if condition == "corner" else (float(rng.random()), float(rng.random())),
        paper=float(rng.uniform(min(230.0, max(90.0, darkest)), 235)),
        gradient=gradient,
        shadow=shadow,
        contrast=contrast,
        pen=float(rng.uniform(0.015, 0.03 if condition in ("thin", "pencil") else 0.08)),
        lines="squared" if has["squared"] else "ruled" if has["ruled"] else "",
        line_share=float(rng.uniform(1 / 3, 2 / 3)),
        turn=turned,
        slope=turned if rng.random() < 0.7 else float(rng.uniform(-2, 2)),
        blur=float(rng.uniform(0.01, 0.02) if has["blur"] else rng.uniform(0, 0.004)),
        noise=float(rng.uniform(7, 12) if has["noise"] else rng.uniform(1, 4)),
        quality=int(rng.integers(40, 56) if has["jpeg"] else rng.integers(75, 96)),
        specks=int(rng.integers(3, 13)) if has["specks"] else 0,
        ink=(float(ink[0]), float(ink[1]), float(ink[2])),
        grain=0.5 if condition == "pencil" else 0.0,
        screen=condition == "screen",
        light_on_dark=condition == "screen" and rng.random() < 0.5,
    )


def glyph(setting: Setting, strokes: tuple[NDArray[Any], ...]) -> Glyph:
    """One digit where the setting has it: its height as asked, narrower pictures permitting, nothing cut off."""
    turned = [stroke @ _turn(setting.turn).T for stroke in strokes]
    points = np.concatenate(turned)
    across, down = np.maximum(np.ptp(points, axis=0), 1e-6)
    tall = min(setting.digit * setting.height, 0.9 * setting.height)
    tall = min(tall, 0.9 * setting.width * down / max(across, 0.3 * down))
    wide = tall * across / max(down, 0.3 * across)
    edge = (setting.pen + 0.02) * tall
    room = (setting.width - wide - 2 * edge, setting.height - tall - 2 * edge)
    x, y = (
        edge + size / 2 + share * max(0.0, free)
        for size, share, free in zip((wide, tall), setting.place, room, strict=True)
    )
    return tuple(turned), (x, y), tall


def placed(one: Glyph) -> list[NDArray[Any]]:
    """The strokes in pixels of the picture."""
    strokes, middle, tall = one
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    across, down = np.maximum(high - low, 1e-6)
    return [(stroke - (low + high) / 2) * (tall / max(down, 0.3 * across)) + middle for stroke in strokes]


def photograph(
    setting: Setting, glyphs: list[Glyph], rng: np.random.Generator, *, boxes: Sequence[tuple[int, int, int, int]] = ()
) -> bytes:
    """The JPEG file of a photograph.

    Args:
        glyphs: what is written: strokes, the middle of their box and its height.
        boxes: x, y, width, height of boxes printed around digits, as pale as lines are.
    """
    tall = max(one[2] for one in glyphs)
    printed = _lines(setting, tall, rng)
    for x, y, width, height in boxes:
        cv2.rectangle(printed, (x, y), (x + width, y + height), setting.line_share, max(1, round(tall / 60)))
    ink = np.maximum(_inked(setting, glyphs, rng), _specks(setting, rng)) * setting.contrast
    taken = np.maximum(ink[..., None] * np.array(setting.ink, np.float32), printed[..., None] * setting.contrast)
    light = _light(setting, rng)
    seen: NDArray[Any] = 255 - light[..., None] + taken if setting.light_on_dark else light[..., None] - taken
    if setting.blur * tall > 0.2:
        seen = cv2.GaussianBlur(seen, (0, 0), setting.blur * tall)
    seen += rng.standard_normal((setting.height, setting.width, 1), np.float32) * np.float32(setting.noise)
    stream = io.BytesIO()
    Image.fromarray(np.clip(seen + 0.5, 0, 255).astype(np.uint8)).save(stream, "JPEG", quality=setting.quality)
    return stream.getvalue()


def _turn(degrees: float) -> NDArray[Any]:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _inked(setting: Setting, glyphs: list[Glyph], rng: np.random.Generator) -> NDArray[Any]:
    """(height, width) share of full ink."""
    ink = np.zeros((setting.height, setting.width), np.uint8)
    for one in glyphs:
        pen = max(1.0, setting.pen * one[2])
        for stroke in placed(one):
            path = np.round(stroke * 16).astype(np.int32)
            cv2.polylines(ink, [path.reshape(-1, 1, 2)], False, 255, max(1, round(pen)), cv2.LINE_AA, 4)
            for x, y in path:
                cv2.circle(ink, (int(x), int(y)), round(pen * 8), 255, -1, cv2.LINE_AA, 4)
    share = ink.astype(np.float32) / 255
    if setting.grain:
        tooth = cv2.GaussianBlur(rng.standard_normal(share.shape, np.float32), (0, 0), 1.0)
        share *= np.clip(1 - setting.grain + tooth / tooth.std() * 0.35, 0, 1)
    return share


def _lines(setting: Setting, tall: float, rng: np.random.Generator) -> NDArray[Any]:
    """(height, width) share of the ink's contrast that the paper's lines have."""
    y, x = np.mgrid[: setting.height, : setting.width].astype(np.float32)
    lines = np.zeros_like(x)
    if not setting.lines:
        return lines
    gap = tall * float(rng.uniform(0.25, 0.9) if setting.lines == "ruled" else rng.uniform(0.15, 0.5))
    thick = max(1.2, float(rng.uniform(0.001, 0.003)) * setting.height)
    cos, sin = np.cos(np.radians(setting.slope)), np.sin(np.radians(setting.slope))
    for way in (y * cos - x * sin, x * cos + y * sin)[: 1 + (setting.lines == "squared")]:
        away = np.abs((way + rng.uniform(0, gap)) % gap - gap / 2)
        np.maximum(lines, np.clip(thick / 2 + 0.5 - away, 0, 1) * setting.line_share, out=lines)
    return lines


def _specks(setting: Setting, rng: np.random.Generator) -> NDArray[Any]:
    specks = np.zeros((setting.height, setting.width), np.float32)
    for _ in range(setting.specks):
        place = (int(rng.uniform(0, setting.width)), int(rng.uniform(0, setting.height)))
        radius = max(1, round(rng.uniform(0.001, 0.005) * setting.height))
        cv2.circle(specks, place, radius, float(rng.uniform(0.5, 1)), -1)
    return specks


def _light(setting: Setting, rng: np.random.Generator) -> NDArray[Any]:
    """(height, width) brightness of the paper, or of the screen with the beats of its pixels against the camera's."""
    y, x = np.mgrid[: setting.height, : setting.width].astype(np.float32)
    light = np.full_like(x, setting.paper)
    across, down = x / setting.width - 0.5, y / setting.height - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    reach = (abs(np.cos(angle)) + abs(np.sin(angle))) or 1.0
    light += setting.gradient * np.float32(1 / reach) * (across * np.cos(angle) + down * np.sin(angle))
    if setting.shadow:
        angle = rng.uniform(0, 2 * np.pi)
        middle = rng.uniform(-0.25, 0.25, 2)
        way = (across - middle[0]) * np.cos(angle) + (down - middle[1]) * np.sin(angle)
        light -= setting.shadow / (1 + np.exp(-np.clip(way / rng.uniform(0.002, 0.06), -30, 30)))
    if setting.screen:
        for fine in (rng.uniform(2.1, 4), rng.uniform(2.1, 4), rng.uniform(60, 300)):
            angle = rng.uniform(0, np.pi)
            waves = (x * np.cos(angle) + y * np.sin(angle)) * np.float32(2 * np.pi / fine)
            light += np.float32(rng.uniform(2, 6)) * np.sin(waves)
    return light.astype(np.float32)
