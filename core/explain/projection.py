"""Many vectors as points on a plane, and where one more vector lands among them. Pure functions on arrays."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

AMONG: Final = 5  # neighbours whose middle stands for a vector that has no point of its own
_ROWS: Final = 1_024  # compared at a time, so that no second copy of all vectors is held


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane on which vectors lie furthest apart (principal components, by their covariance).

    Attributes:
        mean: (d,) float32.
        axes: (d, 2) float32, each of length 1, or 0 where there is no further direction.
        shares: (2,) of all variance along each axis, in [0, 1].
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    shares: NDArray[np.float32]

    def points(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Where vectors (n, d) lie on it, (n, 2)."""
        return ((vectors - self.mean) @ self.axes).astype(np.float32)


def principal(vectors: NDArray[np.floating]) -> Plane:
    """The plane of vectors (n, d). Each axis points to where its largest weight is above 0."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(vectors))
    variances = np.maximum(variances, 0)
    axes = np.zeros((len(mean), 2))
    shares = np.zeros(2)
    for place in range(min(2, len(mean))):
        axis = directions[:, -1 - place]
        axes[:, place] = axis * (1 if axis[np.abs(axis).argmax()] > 0 else -1)
        shares[place] = variances[-1 - place] / max(variances.sum(), np.finfo(float).tiny)
    return Plane(mean.astype(np.float32), axes.astype(np.float32), shares.astype(np.float32))


def nearest(vectors: NDArray[np.floating], vector: NDArray[np.float32], count: int) -> tuple[NDArray, NDArray]:
    """The rows (count,) whose vectors of length 1 have the least cosine distance to one, nearest first, and it."""
    similar = np.concatenate(
        [vectors[start : start + _ROWS].astype(np.float32) @ vector for start in range(0, len(vectors), _ROWS)]
    )
    rows = np.argsort(-similar, kind="stable")[:count]
    return rows, np.clip(1 - similar[rows], 0, 2)


def among(points: NDArray[np.floating], rows: NDArray[np.integer], distances: NDArray[np.floating]) -> NDArray:
    """The middle (2,) of the points in these rows, nearer ones counting more: by 1 over their distance."""
    weights = 1 / np.maximum(distances.astype(np.float64), 1e-6)
    return (points[rows] * weights[:, np.newaxis]).sum(axis=0) / weights.sum()
