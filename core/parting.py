"""Which groups of strokes are one digit and which are several that touch, and where these part.

Owns the decision. `preprocessing` offers parts, too many of them; here the network that answers and `wholeness`, which
tells one whole digit from a piece of one and from two, choose the row of parts that are most likely digits all of them.
"""

import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.wholeness import Wholeness

if TYPE_CHECKING:  # brings OpenCV, which the first use takes, not the start
    from core.preprocessing import Group, Preprocessed

SURE: Final = 0.7  # probability of being one digit from which a group is not cut, unless it is wide
WIDE: Final = 1.0  # width over height from which a group is looked at in any case
WIDER: Final = 1.25  # the same from which it is called several where nobody can tell
FEW: Final = 32  # pixels of height under which there are too few to cut between them, unless it is as wide as that
NARROW: Final = 0.7  # the same up to which what stays whole is no doubt one digit, if a strange one
CERTAINTY: Final = 0.5  # how much the certainty of the answer counts beside being a whole digit, in logarithms
CUT: Final = 0.3  # what each cut costs, in the same
SLIM: Final = 4.0  # what the whole gains for each height that it is less wide than tall: two digits are wider
DOUBT: Final = 0.4  # a part that is less likely than this to be one digit makes its whole group doubtful
UNSURE: Final = 0.8  # so does one whose answer is less certain than this
CLOSE: Final = 0.4  # and another number of parts that is nearly as good
LEAST: Final = 1e-4  # probability; no part alone should decide
MOST: Final = 4  # parts of a group

Part = tuple[int, int]
Answers = Callable[[NDArray[Any]], NDArray[np.float32]]


def parted(groups: "list[Group]", answers: Answers, wholeness: Wholeness | None) -> "list[Preprocessed]":
    """The digits of all groups, those of a group that stays doubtful with the warning `several_digits`.

    Args:
        answers: from images (n, 28, 28) to probabilities (n, 10).
        wholeness: from images to the probability of being one whole digit; without it nothing is cut.
    """
    if not groups:
        return []
    if wholeness is None:
        return [_doubtful(group.digit) if group.slimness >= WIDER else group.digit for group in groups]
    sure = wholeness(np.stack([group.digit.image for group in groups])) >= SURE
    found: list[Preprocessed] = []
    for group, is_sure in zip(groups, sure.tolist(), strict=True):
        whole = group.slimness < (WIDE if is_sure else WIDER if group.tall < FEW else 0)
        found += [group.digit] if whole else _parted(group, answers, wholeness)
    return found


def _parted(group: "Group", answers: Answers, wholeness: Wholeness) -> "list[Preprocessed]":
    ends, parts = group.parts()
    images = np.stack([part.image for part in parts.values()])
    likely = dict(zip(parts, np.maximum(wholeness(images), LEAST).tolist(), strict=True))
    certain = dict(zip(parts, answers(images).max(axis=1).tolist(), strict=True))
    scores = {part: math.log(likely[part]) + CERTAINTY * math.log(certain[part]) for part in parts}
    scores[0, ends - 1] += SLIM * max(0.0, 1 - group.slimness)
    (best, row), *others = _best_rows(ends, scores)
    doubtful = (
        min(likely[part] for part in row) < DOUBT
        or min(certain[part] for part in row) < UNSURE
        or any(best - other < CLOSE for other, _ in others)
    )
    if len(row) == 1 and group.slimness < NARROW:
        doubtful = False
    return [_doubtful(parts[part]) if doubtful else parts[part] for part in row]


def _best_rows(ends: int, scores: dict[Part, float]) -> list[tuple[float, list[Part]]]:
    """For each number of parts the ones from the first end to the last with the highest sum; the best row first."""
    best: dict[tuple[int, int], tuple[float, list[Part]]] = {(0, 0): (0.0, [])}  # by the end and how many parts
    for end, count in itertools.product(range(1, ends), range(1, MOST + 1)):
        ways = []
        for start in range(end):
            if (start, count - 1) in best and (start, end) in scores:
                score, row = best[start, count - 1]
                ways.append((score + scores[start, end] - CUT * (start > 0), [*row, (start, end)]))
        if ways:
            best[end, count] = max(ways, key=lambda way: way[0])
    rows = [best[ends - 1, count] for count in range(1, MOST + 1) if (ends - 1, count) in best]
    return sorted(rows, key=lambda row: -row[0])


def _doubtful(digit: "Preprocessed") -> "Preprocessed":
    return dataclasses.replace(digit, warnings=(*digit.warnings, "several_digits"))
