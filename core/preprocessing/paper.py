"""Grey levels in, darkness of the ink over its paper out.

Owns what is paper and what is ink as far as brightness goes: polarity and uneven light. Which of the dark spots make
up a digit is `ink`'s business.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from core.preprocessing.arrays import Levels, Shares, Sums, histogram

FLAT_BORDER: Final = 0.8  # share of a photo's border that a flat paper takes at least; a digit may run over the rest
FLAT_SPREAD: Final = 12  # grey levels that a paper without shadows stays within, JPEG's noise included
PURE: Final = 2  # grey levels from black or white that no photographed paper is within all over
PURE_BORDER: Final = 0.35  # share of the border that a pure paper takes at least; the digit may fill its picture
THUMBNAIL: Final = 64  # pixels a side for the fit of the light
PATCH_SIZE: Final = 100  # longest side in pixels at which shadows are looked for
PATCH_SIDE: Final = 21  # of these pixels, wide in every direction, and it is no stroke; odd, to have a middle
PURE_SPREAD: Final = 64  # grey levels off a pure paper that are a shadow: only an overexposed photo has one
PURE_PATCH_SIDE: Final = 43  # and how wide it is; unsharp strokes of a digit that fills its picture are less so
GENTLE: Final = 16  # grey levels that the light may change by from the border to beyond it
POLARITY_SIZE: Final = 192  # longest side in pixels at which polarity is judged on uneven paper


@dataclass(frozen=True, slots=True)
class Ink:
    """How much darker (or lighter) than its paper each pixel is.

    Attributes:
        depth: (height, width) uint8, 0 on the paper, in grey levels of the picture; ink is high whatever its colour.
        noise: standard deviation of the paper's grain, in the same levels.
        light_on_dark: the ink is lighter than the paper.
        flat: the paper has one brightness all over, so nothing was evened.
        counts: (256,) how many pixels there are of each depth.
    """

    depth: Levels
    noise: float
    light_on_dark: bool
    flat: bool
    counts: Sums


def find_ink(grey: Levels) -> Ink:
    """Tells ink from paper by brightness alone."""
    counts = histogram(grey)
    level = _flat_paper(grey, counts)
    if level is not None:
        return _on_flat_paper(grey, level, counts)
    return _on_uneven_paper(grey)


def _flat_paper(grey: Levels, counts: Sums) -> int | None:
    """The one brightness of a paper without shadows; None when there is no such paper."""
    border = histogram(_border(grey))
    best, best_share, best_border = 0, 0.0, 0.0
    for level in (int(counts.argmax()), int(border.argmax())):
        near = slice(max(0, level - FLAT_SPREAD), level + FLAT_SPREAD + 1)
        # Ink may fill half of a tight crop, but then it leaves most of the border free.
        beside = border[near].sum() / border.sum()
        share = counts[near].sum() / counts.sum() + beside
        if share > best_share:
            best, best_share, best_border = level, share, beside
    pure = best_border >= PURE_BORDER and _is_pure(counts, best)
    if not pure and best_share < 1.0:
        return None
    if max(grey.shape) < PATCH_SIZE:
        return best  # too small for a photo; in a tight crop of a fat digit a stroke may well be wide
    if not pure and best_border < FLAT_BORDER:
        return None
    spread, side = (PURE_SPREAD, PURE_PATCH_SIDE) if pure else (FLAT_SPREAD, PATCH_SIDE)
    apart = (np.abs(np.arange(256) - best) > spread).astype(np.uint8)
    return None if _has_patch(grey, apart, side) else best


def _is_pure(counts: NDArray[np.int64], level: int) -> bool:
    """Whether a paper of this brightness is all black or all white, without the grain that a photo has."""
    pure = slice(0, PURE + 1) if level <= PURE else slice(255 - PURE, 256) if level >= 255 - PURE else slice(0, 0)
    near = counts[max(0, level - FLAT_SPREAD) : level + FLAT_SPREAD + 1].sum()
    return bool(counts[pure].sum() > 0.7 * near)


def _has_patch(grey: Levels, apart: Levels, side: int) -> bool:
    """Whether levels `apart` from the paper's hold a wide patch at the border: a shadow, where a stroke is thin.

    Args:
        apart: (256,) uint8, 1 for each such level.
        side: in pixels of a picture of `PATCH_SIZE`, in which grain does not matter.
    """
    factor = PATCH_SIZE / max(grey.shape)
    edge = int(1 / factor) + 1
    if not any(cv2.LUT(part, apart).any() for part in (grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:])):
        return False
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    mask = cv2.LUT(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), apart)
    if _border(mask).sum() < side:
        return False
    square = np.ones((side, side), np.uint8)
    wide = cv2.morphologyEx(mask, cv2.MORPH_OPEN, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return bool(_border(np.asarray(wide, np.uint8)).any())


def _border(grey: Levels) -> Levels:
    return np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))


def _on_flat_paper(grey: Levels, level: int, counts: Sums) -> Ink:
    lighter = np.arange(256) - level
    energy = counts * lighter**2
    light_on_dark = bool(energy[level:].sum() > energy[:level].sum())
    depths = np.clip(lighter if light_on_dark else -lighter, 0, 255).astype(np.uint8)
    away = np.abs(lighter)
    paper = np.where(away <= FLAT_SPREAD, counts, 0)
    noise = float(np.sqrt((paper @ away**2) / paper.sum()))
    paper_grey = np.full_like(grey, level)
    depth = cv2.subtract(grey, paper_grey) if light_on_dark else cv2.subtract(paper_grey, grey)
    return Ink(depth, noise, light_on_dark, True, np.bincount(depths, counts, 256))


def _on_uneven_paper(grey: Levels) -> Ink:
    smooth = cv2.GaussianBlur(grey, (3, 3), 0) if min(grey.shape) >= 64 else grey
    evened = np.clip(smooth.astype(np.float32) - _light(smooth) + 128, 0, 255).astype(np.uint8)
    side = max(3, int(0.16 * min(grey.shape)) | 1)
    kernel = np.ones((side, side), np.uint8)
    light_on_dark = _is_light_on_dark(smooth)
    reach = side // 2
    wider = _continued(evened, reach)
    hat = cv2.morphologyEx(wider, cv2.MORPH_TOPHAT if light_on_dark else cv2.MORPH_BLACKHAT, kernel)
    hat = hat[reach:-reach, reach:-reach]
    depth = _settled(hat)
    counts = histogram(depth)
    return Ink(depth, min(_noise_of(counts), _grain(grey)), light_on_dark, False, counts)


def _continued(levels: Levels, reach: int) -> Levels:
    """The picture with slopes going on beyond its border, where their low end would else look like ink.

    Only gentle slopes: the edge of a shadow, gone on with, would do harm.
    """
    around = (reach, reach, reach, reach)
    outermost = cv2.copyMakeBorder(levels, *around, cv2.BORDER_REPLICATE).astype(np.int16)
    mirrored = cv2.copyMakeBorder(levels, *around, cv2.BORDER_REFLECT_101 if min(levels.shape) > 1 else 1)
    rise = np.clip(outermost - mirrored, -GENTLE, GENTLE)
    return np.clip(outermost + rise, 0, 255).astype(np.uint8)


def _is_light_on_dark(grey: Levels) -> bool:
    """Which way the rarer brightnesses depart from the median of their wider surroundings, which is paper's."""
    factor = min(1.0, POLARITY_SIZE / max(grey.shape))
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    around = cv2.medianBlur(small, max(3, max(size) // 4 | 1))
    return _energy(cv2.subtract(small, around)) > _energy(cv2.subtract(around, small))


def _settled(hat: Levels) -> Levels:
    """The hat transform with the paper at 0: grain lifts it everywhere by about the same amount."""
    middle = float(np.median(hat))
    return cv2.subtract(hat, np.full_like(hat, round(middle)))


def _noise_of(counts: Sums) -> float:
    """Standard deviation of the paper's grain, from the part of it that stays just above the median.

    Depth is cut at the median, so 84 % of a normal grain lie below one standard deviation and 69 % below half of it.
    The smaller answer counts: thick ink lifts the first one.
    """
    share = np.cumsum(counts) / counts.sum()
    return min(_quantile(share, 0.8413), 2 * _quantile(share, 0.6915))


def _grain(grey: Levels) -> float:
    """Standard deviation of what neighbouring pixels do not share, a level added for what they do share of it."""
    rough = cv2.absdiff(grey, cv2.medianBlur(grey, 3)) if min(grey.shape) >= 3 else np.zeros_like(grey)
    return 1.4826 * 1.2 * float(np.mean(np.minimum(rough, 2 * np.median(rough) + 1))) / 0.8 + 1


def _quantile(share: NDArray[np.float64], wanted: float) -> float:
    """Where a cumulative histogram reaches a share, level by level a straight line."""
    level = int(np.searchsorted(share, wanted))
    if level == 0:
        return 0.0
    return level - 1 + float((wanted - share[level - 1]) / (share[level] - share[level - 1]))


def _energy(depth: Levels) -> float:
    return cv2.norm(depth, cv2.NORM_L2SQR)


def _light(grey: Levels) -> Shares:
    """The slow part of the light: a quadratic surface fitted to the paper, ink left out."""
    height, width = grey.shape
    small = cv2.resize(grey, (min(width, THUMBNAIL), min(height, THUMBNAIL)), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[-1 : 1 : small.shape[0] * 1j, -1 : 1 : small.shape[1] * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    values = small.astype(np.float64).ravel()
    weights = np.ones_like(values)
    solution = np.zeros(6)
    for _ in range(4):
        root = np.sqrt(weights)[:, None]
        solution = np.linalg.lstsq(terms * root, values * root[:, 0], rcond=None)[0]
        away = np.abs(values - terms @ solution)
        typical = max(2.0, 1.5 * float(np.median(away)))
        weights = 1 / (1 + (away / typical) ** 4)
    surface = (terms @ solution).reshape(small.shape).astype(np.float32)
    return cv2.resize(surface, (width, height), interpolation=cv2.INTER_LINEAR)
