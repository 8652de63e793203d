"""Probabilities with labels, made up or written out, for the tests of everything that measures answers."""

import numpy as np
from numpy.typing import NDArray

Labelled = tuple[NDArray[np.float32], NDArray[np.int64]]


def rows(*answers: tuple[int, float]) -> NDArray[np.float32]:
    """One row (10,) for each (digit, confidence); what is left is shared evenly by the other digits."""
    table = np.array([[(1 - confidence) / 9] * 10 for _, confidence in answers]).reshape(-1, 10)
    table[np.arange(len(answers)), [digit for digit, _ in answers]] = [confidence for _, confidence in answers]
    return table.astype(np.float32)


def random_answers(n: int = 2_000, *, seed: int = 7, skill: float = 2.5) -> Labelled:
    """Probabilities (n, 10) that are right about three times in four, and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n)
    exponentials = np.exp(rng.normal(0, 1, (n, 10)) + skill * np.eye(10)[labels])
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32), labels
