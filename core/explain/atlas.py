"""All test images as a run's network sees them, kept in the home: made once, read by every page.

Owns the two files of an atlas and their trustworthiness. `<run id>-seen.npz` has each image's vector (`embedding`),
what it was read as, the plane of the vectors, and the images that every map answers to most; `<run id>-tsne.npz` has
the images as points of a t-SNE map. A file that is damaged, or made from other files than the run has now, counts as
none. `surveying` makes them, `surveys` says when.
"""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.explain.projection import Plane
from core.explain.strongest import Strongest
from core.files import read_arrays, replacing
from core.home import StudioHome
from core.run import CONFIG, EVALUATION, ONNX_MODEL, Run, Stamp, stamp_of

Part = Literal["seen", "tsne"]
FORMAT: Final = 1  # another one makes every atlas stale
_SEEN: Final = ("key", "layer", "vectors", "read", "confidence", "mean", "axes", "shares", "ranked")


@dataclass(frozen=True, slots=True)
class Seen:
    """The images as a network sees them.

    Attributes:
        layer: whose answers the vectors are; None for the pixels.
        vectors: (n, d) float16, of length 1 or 0, in the order of the test split.
        read: (n,) uint8, what each image is read as.
        confidence: (n,) float32, how surely, the run's temperature applied.
        plane: of the vectors.
        strongest: by layer, for each of its maps.
    """

    layer: str | None
    vectors: NDArray[np.float16]
    read: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    plane: Plane
    strongest: dict[str, Strongest]


def key_of(run: Run) -> str:
    """What an atlas must have been made from to hold for a run."""
    return json.dumps([FORMAT, stamp_of(run.path, (ONNX_MODEL, CONFIG, EVALUATION))])


def path_of(home: StudioHome, run_id: str, part: Part) -> Path:
    """The file of a part."""
    return home.inside / f"{run_id}-{part}.npz"


def atlas_stamp(home: StudioHome, run: Run, part: Part) -> Stamp:
    """Changes when the file of a part does, or what it must have been made from."""
    path = path_of(home, run.run_id, part)
    return (*stamp_of(path.parent, (path.name,)), *stamp_of(run.path, (ONNX_MODEL, CONFIG, EVALUATION)))


def write_seen(home: StudioHome, run_id: str, key: str, seen: Seen) -> None:
    """Keeps how the images are seen.

    Args:
        key: `key_of` the run, taken before its model was read.

    Raises:
        OSError: it cannot be written.
    """
    arrays: dict[str, Any] = {}
    for number, ranking in enumerate(seen.strongest.values()):
        arrays |= {f"places{number}": ranking.places, f"answers{number}": ranking.answers}
    with replacing(path_of(home, run_id, "seen")) as path:
        np.savez(
            path,
            key=np.array(key),
            layer=np.array(seen.layer or ""),
            vectors=seen.vectors,
            read=seen.read,
            confidence=seen.confidence,
            mean=seen.plane.mean,
            axes=seen.plane.axes,
            shares=seen.plane.shares,
            ranked=np.array(list(seen.strongest), dtype=np.str_),
            **arrays,
        )


def read_seen(home: StudioHome, run: Run) -> Seen | None:
    """How the images are seen; None when that is not known, or not of the run as it is now."""
    try:
        stored = read_arrays(path_of(home, run.run_id, "seen"))
        key, layer, vectors, read, confidence, mean, axes, shares, ranked = [stored[name] for name in _SEEN]
        if str(key) != key_of(run):
            return None
        count, numbers = vectors.shape
        shapes = [each.shape for each in (read, confidence, mean, axes, shares)]
        if shapes != [(count,), (count,), (numbers,), (numbers, 2), (2,)]:
            return None
        strongest = {
            str(name): Strongest(stored[f"places{number}"], stored[f"answers{number}"])
            for number, name in enumerate(ranked.tolist())
        }
    except (OSError, ValueError, KeyError):
        return None
    return Seen(str(layer) or None, vectors, read, confidence, Plane(mean, axes, shares), strongest)


def write_tsne(home: StudioHome, run_id: str, key: str, points: NDArray[np.float32]) -> None:
    """Keeps the points (n, 2) of a t-SNE map. Arguments and errors as `write_seen`."""
    with replacing(path_of(home, run_id, "tsne")) as path:
        np.savez(path, key=np.array(key), points=points)


def read_tsne(home: StudioHome, run: Run) -> NDArray[np.float32] | None:
    """The points (n, 2) of the run's t-SNE map; None when there are none, or not of the run as it is now."""
    try:
        stored = read_arrays(path_of(home, run.run_id, "tsne"), ("key", "points"))
    except (OSError, ValueError):
        return None
    points: NDArray[np.float32] = stored["points"]
    known = str(stored["key"]) == key_of(run) and points.ndim == 2 and points.shape[1] == 2
    return points if known and bool(np.isfinite(points).all()) else None


def tidy(home: StudioHome, keep: int) -> None:
    """Removes the atlases of runs that are gone, and all but those of the `keep` runs made last."""
    made: dict[Path, float] = {}
    for path in home.inside.glob("[!.]*.npz"):
        with contextlib.suppress(FileNotFoundError):  # another process tidies at the same time
            made[path] = path.stat().st_mtime
    by_run: dict[str, list[Path]] = {}
    for path in sorted(made, key=made.__getitem__, reverse=True):
        by_run.setdefault(path.stem.rpartition("-")[0], []).append(path)
    there = [run for run in by_run if any((root / run).is_dir() for root in (home.runs, home.pretrained))]
    for run in set(by_run) - set(there[:keep]):
        for path in by_run[run]:
            path.unlink(missing_ok=True)
