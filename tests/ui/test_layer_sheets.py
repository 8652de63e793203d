"""The picture of a layer: its strongest maps, all on the layer's scale."""

import io

import numpy as np
from PIL import Image

from core.explain.features import LayerMaps
from core.pictures import DENSITY, INK, PAPER
from ui.layer_sheets import CELL, GAP, MAPS, WIDTH, layer_sheet


def sheet(values: np.ndarray):
    return layer_sheet(LayerMaps("act1", "Activation", values, float(values.min()), float(values.max())))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_strongest_map_comes_first_and_paper_is_the_least():
    values = np.zeros((4, 4, 20), np.float32)
    values[..., 7] = np.eye(4) * 2
    values[..., 3] = np.eye(4)
    found = sheet(values)
    shown = pixels(found.png)
    assert (found.shown, found.shape) == (MAPS, (4, 4, 20))
    assert shown.shape == (DENSITY * (2 * CELL + GAP), DENSITY * WIDTH, 3)
    eighth = DENSITY * CELL // 8
    assert tuple(shown[eighth, eighth]) == INK
    assert tuple(shown[eighth, 3 * eighth]) == PAPER
    second = DENSITY * (CELL + GAP) + eighth
    assert tuple(shown[eighth, second]) == tuple(round((a + b) / 2) for a, b in zip(INK, PAPER, strict=True))


def test_units_and_a_layer_that_says_nothing():
    assert sheet(np.arange(128, dtype=np.float32)).shown == 64
    assert set(map(tuple, pixels(sheet(np.zeros((2, 2, 1), np.float32)).png)[10, 10:20])) == {PAPER}
