"""The list of corruptions with their words and limits, and how they are applied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.config import IMAGE_SIZE
from core.corruptions import changes, motions
from core.corruptions.chance import Chance
from core.errors import ConfigError, DataError

Images = NDArray[np.uint8]
Change = Callable[[Images, float, Chance], NDArray[Any]]
Motion = Callable[[float, Chance], motions.Motions]


@dataclass(frozen=True, slots=True)
class Corruption:
    """One corruption.

    Attributes:
        title: what it is called on a page.
        words: what it does, in a sentence.
        saying: what was done to a digit, with {} where the amount stands.
        unit: of the amount: degrees, pixels, grey levels or percent.
        most: the amount at strength 1, where people still read most digits.
        step: the smallest amount that is worth a look.
        change, motion: what does it; one of the two.
    """

    name: str
    title: str
    words: str
    saying: str
    unit: str
    most: float
    step: float
    change: Change | None = None
    motion: Motion | None = None

    @property
    def steps(self) -> int:
        """How many steps lie between nothing and the strongest."""
        return round(self.most / self.step)

    def amount(self, strength: float) -> float:
        """The physical amount at a strength from 0 to 1."""
        return round(self.most * strength, 6)

    def said(self, amount: float) -> str:
        """What was done, in words: rotated by 30 degrees."""
        return self.saying.format(self.measure(amount))

    def measure(self, amount: float) -> str:
        """The amount with its unit: 30 degrees, 1 pixel, 40 %."""
        if self.unit == "percent":
            return f"{amount:g}\N{NO-BREAK SPACE}%"
        return f"{amount:g} {self.unit.removesuffix('s') if amount == 1 else self.unit}"


# In the order in which they are applied: where the digit lies, the pen, what lies over it, the way it was taken.
CORRUPTIONS: Final = (
    Corruption(
        *("shift", "Shift", "The digit lies off the centre, in any direction.", "shifted by {}"),
        *("pixels", 6, 0.25),
        motion=motions.shift,
    ),
    Corruption(
        *("rotate", "Rotation", "The digit is turned about its middle, either way.", "rotated by {}"),
        *("degrees", 60, 1),
        motion=motions.rotate,
    ),
    Corruption(
        *("scale", "Scale", "The digit is larger or smaller than MNIST's.", "larger or smaller by {}"),
        *("percent", 48, 2),
        motion=motions.scale,
    ),
    Corruption(
        *("shear", "Shear", "The digit leans to the left or to the right.", "slanted by {}"),
        *("degrees", 45, 1.5),
        motion=motions.shear,
    ),
    Corruption(
        *("thin", "Thin strokes", "The pen is finer; strokes may break.", "strokes {} thinner"),
        *("pixels", 1.5, 0.05),
        change=changes.thin,
    ),
    Corruption(
        *("thick", "Thick strokes", "The pen is broader; loops may close.", "strokes {} thicker"),
        *("pixels", 3, 0.1),
        change=changes.thick,
    ),
    Corruption(
        *("occlusion", "Occlusion", "A square of paper covers part of the digit.", "covered by a square of {}"),
        *("pixels", 12, 0.5),
        change=changes.occlusion,
    ),
    Corruption(
        *("lines", "Ruled lines", "The paper is ruled: the lines run through the digit.", "ruled with lines of {}"),
        *("grey levels", 240, 10),
        change=changes.lines,
    ),
    Corruption(
        *("blur", "Blur", "The picture is out of focus.", "blurred by {}"),
        *("pixels", 2.4, 0.1),
        change=changes.blur,
    ),
    Corruption(
        *("contrast", "Low contrast", "Ink turns paler and paper greyer.", "contrast lower by {}"),
        *("percent", 84, 3),
        change=changes.contrast,
    ),
    Corruption(
        *("noise", "Noise", "Every pixel is off by chance, as in the dark.", "noise of {}"),
        *("grey levels", 120, 5),
        change=changes.noise,
    ),
)
BY_NAME: Final = {each.name: each for each in CORRUPTIONS}


def corrupt(images: Images, strengths: Mapping[str, float], *, seeds: ArrayLike = 0) -> Images:
    """Images with one or several corruptions, applied in the order of `CORRUPTIONS`.

    Chance (which way a digit turns, where a patch lies) depends on an image's seed alone: a stronger corruption is more
    of the same one.

    Args:
        images: (n, 28, 28) uint8, ink high.
        strengths: by name, from 0 (nothing) to 1 (the strongest); what is not named is 0.
        seeds: one number for each image, (n,), at least 0; or the first of n that follow each other.

    Returns:
        A new array, (n, 28, 28) uint8: where all strengths are 0, with the very same values.

    Raises:
        ConfigError: there is no such corruption, or no such strength.
        DataError: these are no such images.
    """
    _check(images, strengths)
    given = np.asarray(seeds, dtype=np.uint64)
    numbers = given if given.ndim else np.arange(len(images), dtype=np.uint64) + given
    asked = [
        (each, each.amount(strength), Chance(numbers, purpose))
        for purpose, each in enumerate(CORRUPTIONS, start=1)
        if (strength := strengths.get(each.name, 0.0)) and len(images)
    ]
    found = motions.moved(
        images.copy(), [each.motion(amount, chance) for each, amount, chance in asked if each.motion is not None]
    )
    for each, amount, chance in asked:
        if each.change is not None:
            found = np.clip(np.rint(each.change(found, amount, chance)), 0, 255).astype(np.uint8)
    return found


def _check(images: Images, strengths: Mapping[str, float]) -> None:
    if images.dtype != np.uint8 or images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise DataError(f"images to corrupt are uint8 (n, 28, 28), not {images.dtype} {images.shape}.")
    for name, strength in strengths.items():
        if name not in BY_NAME:
            raise ConfigError(f"there is no corruption {name!r}; there are {', '.join(BY_NAME)}.")
        if not 0 <= strength <= 1:
            raise ConfigError(f"the strength of {name} is {strength!r}; it goes from 0 to 1.")
