"""Shares of a whole: with what chance leaves open about them, and in words."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `n`, as a proportion with its 95 % Wilson interval.

    Attributes:
        count: how many, 0 to n.
        n: of how many.
    """

    count: int
    n: int

    @property
    def value(self) -> float | None:
        """The proportion in [0, 1]; None when there is nothing to take a share of."""
        return self.count / self.n if self.n else None

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return wilson_interval(self.count, self.n)[0]

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return wilson_interval(self.count, self.n)[1]

    @property
    def bounds(self) -> str:
        """The interval as percentages: 98.92 to 99.31 %."""
        return f"{100 * self.low:.2f} to {percent(self.high)}"

    @property
    def text(self) -> str:
        """The proportion as a percentage; a dash when there is none."""
        return percent(self.count / self.n) if self.n else "\N{EN DASH}"


def wilson_interval(correct: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The 95 % Wilson score interval of a proportion (Wilson 1927), or (0, 1) for no trials.

    Args:
        z: the standard normal quantile of the level wanted; the default is that of 95 %.
    """
    if n == 0:
        return 0.0, 1.0
    share = correct / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def percent(share: float, digits: int = 2) -> str:
    """A share in [0, 1] as a percentage; only an exact 1 reads as 100."""
    if share < 1:
        share = min(share, 1 - 10.0 ** -(digits + 2))
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"
