"""Why not this digit: which ink speaks against it, and what further ink would speak for it.

Owns the comparison of a digit that was asked about with its strongest rival, from trials that were made already; the
network is not asked again, so any digit can be asked about for nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.explain.trials import Trials, log_probability


@dataclass(frozen=True, slots=True)
class Spot:
    """The one change that helps the digit most against its rival.

    Attributes:
        row, column: the middle of the change in pixels, 0 to 27, from the top left.
        before, after: probability of the digit without and with the change.
        digit: the network's answer after the change.
    """

    row: float
    column: float
    before: float
    after: float
    digit: int


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an image is not read as `asked`.

    Attributes:
        rival: the most probable other digit; the answer itself, unless `asked` is the answer.
        against: (28, 28) float32, how much each part of the ink speaks for the rival rather than for the digit, in
            nats; below 0 it speaks for the digit. The saliency of the rival less that of the digit, both as drops in
            log-probability.
        help: (28, 28) float32, what ink added here would do for the digit against its rival, in nats.
        removal, addition: the single best piece to take away and dab to add; None when none helps.
    """

    asked: int
    rival: int
    against: NDArray[np.float32]
    help: NDArray[np.float32]
    removal: Spot | None
    addition: Spot | None


def why_not(covered: Trials, added: Trials, asked: int) -> WhyNot:
    """What stands between an image and a digit.

    Args:
        covered: of `occlusion.occlude`.
        added: of `ink.add_ink` on the same image.
        asked: 0 to 9.
    """
    others = covered.before.copy()
    others[asked] = -1
    rival = int(others.argmax())
    gained = [_gain(trials, asked, rival) for trials in (covered, added)]
    return WhyNot(
        asked,
        rival,
        against=covered.spread(gained[0]),
        help=added.spread(gained[1]),
        removal=_best(covered, gained[0], asked),
        addition=_best(added, gained[1], asked),
    )


def _gain(trials: Trials, asked: int, rival: int) -> NDArray[np.float64]:
    """By how many nats each change moves the digit towards its rival, and past it."""
    after, before = (
        log_probability(rows, asked) - log_probability(rows, rival) for rows in (trials.after, trials.before)
    )
    return after - before


def _best(trials: Trials, gains: NDArray[np.float64], asked: int) -> Spot | None:
    if not len(gains) or gains.max() <= 0:
        return None
    best = int(gains.argmax())
    rows, columns = np.nonzero(trials.weights[best])
    after = trials.after[best]
    return Spot(
        float(rows.min() + rows.max()) / 2,
        float(columns.min() + columns.max()) / 2,
        float(trials.before[asked]),
        float(after[asked]),
        int(after.argmax()),
    )
