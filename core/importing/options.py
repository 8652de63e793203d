"""Checks of single values in the description of a network from outside.

Owns what a flag, a count, a pair of sizes or an activation may be. Each check takes a value as JSON has it and returns
it in one plain form, or raises ValueError with the rule that it breaks.
"""

import math
from collections.abc import Callable
from typing import Any, Final

Check = Callable[[Any], Any]
REQUIRED: Final = object()  # in place of a default
Option = tuple[Check, Any]  # how a value is checked, and the default

# Keras' names of non-linearities that ONNX can state too.
ACTIVATIONS: Final = (
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "tanh", "sigmoid", "softmax"),
    *("hard_sigmoid", "hard_silu", "hard_swish", "softplus", "softsign", "mish", "exponential"),
)


def shown(value: Any) -> str:
    """A value from outside for a message: short, and without anything that is no text."""
    text = value if isinstance(value, str) else repr(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= 40 else text[:40] + "…"


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")
    return value


def count(most: int) -> Check:
    """A whole number from 1 to `most`."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise ValueError(f"must be a whole number from 1 to {most:,}, not {shown(value)}")
        return value

    return check


def pair(most: int) -> Check:
    """Two whole numbers from 1 to `most`, or one for both."""
    whole = count(most)

    def check(value: Any) -> tuple[int, int]:
        values = value if isinstance(value, list) else [value, value]
        if len(values) != 2:
            raise ValueError(f"must be two whole numbers, not {shown(value)}")
        return whole(values[0]), whole(values[1])

    return check


def sizes(value: Any) -> tuple[int, ...]:
    """One to four whole numbers from 1 on."""
    if not isinstance(value, list) or not 1 <= len(value) <= 4:
        raise ValueError(f"must be one to four sizes, not {shown(value)}")
    return tuple(count(2**31)(size) for size in value)


def sizes_but_one(value: Any) -> tuple[int, ...]:
    """The same, in which -1 may once stand for what is left."""
    left = value.count(-1) if isinstance(value, list) else 0
    if left > 1:
        raise ValueError(f"must leave at most one size open, not {shown(value)}")
    return tuple(-1 if size == -1 else sizes([size])[0] for size in value) if left else sizes(value)


def paddings(most: int) -> Check:
    """((above, below), (left, right)) in pixels, each from 0 to `most`."""

    def check(value: Any) -> tuple[tuple[int, int], ...]:
        sides = value if isinstance(value, list) else [value, value]
        pairs = [side if isinstance(side, list) else [side, side] for side in sides]
        flat = [pixels for side in pairs for pixels in side]
        whole = all(isinstance(pixels, int) and not isinstance(pixels, bool) and 0 <= pixels <= most for pixels in flat)
        if [len(side) for side in pairs] != [2, 2] or not whole:
            raise ValueError(f"must be two pairs of 0 to {most} pixels, not {shown(value)}")
        return (flat[0], flat[1]), (flat[2], flat[3])

    return check


def amount(most: float) -> Check:
    """A number from `-most` to `most`."""

    def check(value: Any) -> float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or abs(value) > most:
            raise ValueError(f"must be a number up to {most:g}, not {shown(value)}")
        return float(value)

    return check


def share(value: Any) -> float:
    """A number from 0 up to, but not, 1."""
    found = amount(1)(value)
    if not 0 <= found < 1:
        raise ValueError(f"must be from 0 to under 1, not {shown(value)}")
    return float(found)


def choice(*allowed: str) -> Check:
    """One of these words; null stands for `linear` where that is allowed."""

    def check(value: Any) -> str:
        if value is None and "linear" in allowed:
            return "linear"
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}, not {shown(value)}")
        return value

    return check


def axis(value: Any) -> int:
    """One axis, as a number or a list of one."""
    found = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(found, bool) or not isinstance(found, int) or not -1 <= found <= 4:
        raise ValueError(f"must be one axis, not {shown(value)}")
    return found


def optional(check: Check) -> Check:
    """The same, or null."""
    return lambda value: None if value is None else check(value)
