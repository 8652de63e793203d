"""Real MNIST digits and pictures made from them, for the tests of everything that predicts."""

import functools
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data import load_split
from core.files import read_json_object, write_json
from core.home import SHIPPED, StudioHome

REPOSITORY = Path(__file__).resolve().parent.parent


@functools.cache
def digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The first 200 images (200, 28, 28) and labels (200,) of MNIST's test split."""
    split = load_split(SHIPPED / "mnist.npz", "test")
    return split.images[:200], split.labels[:200]


def encoded(pixels: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    """The pixels as a picture file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def picture(index: int) -> bytes:
    """The PNG file of a test digit, dark on white paper."""
    return encoded(255 - digits()[0][index])


def label(index: int) -> int:
    """What that test digit is."""
    return int(digits()[1][index])


def row_of(indices: list[int]) -> bytes:
    """The PNG file of several test digits beside each other, dark on white paper."""
    return encoded(255 - np.hstack([np.pad(digits()[0][index], 6) for index in indices]))


def copy_of_classic(home: StudioHome, run_id: str = "copy-of-classic", **evaluation: Any) -> Path:
    """A run of its own in `home` that is the shipped classic, with these values of evaluation.json changed."""
    folder = home.runs / run_id
    shutil.copytree(home.pretrained / "classic", folder)
    write_json(folder / "evaluation.json", {**read_json_object(folder / "evaluation.json"), **evaluation})
    return folder


def run_python(*arguments: str, home: StudioHome) -> "subprocess.CompletedProcess[str]":
    """`python` with these arguments in a fresh process in the repository, with its files under `home`."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "DIGIT_STUDIO_HOME": str(home.root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
