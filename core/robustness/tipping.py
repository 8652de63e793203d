"""How far one digit may be corrupted until it is read as another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.corruptions import CORRUPTIONS, Corruption, corrupt

Ask = Callable[[NDArray[Any]], NDArray[np.floating]]


@dataclass(frozen=True, slots=True)
class Tip:
    """Where one corruption, and nothing else, turns a digit into another.

    Attributes:
        amount: the largest amount up to which it is always read as it is: 0 when the first step is too much.
        read: what it is read as one step further; None when it is right throughout.
    """

    corruption: Corruption
    amount: float
    read: int | None


def tipping_points(ask: Ask, image: NDArray[np.uint8], digit: int, *, seed: int) -> tuple[Tip, ...] | None:
    """For each corruption the strength up to which an image is read as `digit`; None when it is not to begin with.

    Args:
        ask: gives (n, 10) probabilities for (n, 28, 28) images.
        image: (28, 28) uint8, ink high.
        seed: of the image, as `corrupt` takes it.
    """
    images = [image[np.newaxis]]
    for corruption in CORRUPTIONS:
        strengths = (step / corruption.steps for step in range(1, corruption.steps + 1))
        images += [corrupt(image[np.newaxis], {corruption.name: strength}, seeds=seed) for strength in strengths]
    read = ask(np.concatenate(images)).argmax(axis=1)
    if read[0] != digit:
        return None
    tips, start = [], 1
    for corruption in CORRUPTIONS:
        steps = read[start : start + corruption.steps]
        start += corruption.steps
        wrong = np.flatnonzero(steps != digit)
        good = int(wrong[0]) if len(wrong) else corruption.steps
        tips.append(
            Tip(corruption, corruption.amount(good / corruption.steps), int(steps[good]) if len(wrong) else None)
        )
    return tuple(tips)
