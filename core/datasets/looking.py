"""A first look at what was given: what it is, some of its pictures, and how they are best brought in.

Owns `look` and `preview`, which keep no file open: their results are plain values that a page may hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.datasets.blocks import Block, Form, Opened, Skipped, evenly
from core.datasets.converting import PictureReader, as_they_are, grey_of
from core.datasets.given import Given
from core.datasets.opening import opening
from core.datasets.proposal import SIDE, Plan, is_inverted, propose
from core.errors import DataError, PictureError

_LOOKED_AT: Final = 256  # pictures by which the plan is proposed
_FILES: Final = 48  # of them, where each is a file to decode
_MOST_PIXELS: Final = 30_000_000  # then it is enough: a second's work
_SHOWN_SIDE: Final = 280  # pixels, as the canvas has; a photograph is not held in full
SHOWN: Final = 24

_Shape = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """What a data set seems to be, before all of it is read.

    Attributes:
        title: a name for it, from the file's; text from outside.
        count: its pictures; an estimate unless `exact`.
        shape: height and width of the pictures; None when they differ.
        pictures: some of them, (height, width[, 3 or 4]) uint8, at most 280 a side.
        labels: what these are; None in a set without labels.
        proposal: how they are best brought in.
        can_stay: whether they can be taken as they are, which takes 28 x 28.
        inverted: whether the ink is dark, by the edges of the pictures.
        skipped, ignored, remarks: as in `Opened`; pictures of the look that could not be read are skipped too.
    """

    form: Form
    title: str
    count: int
    exact: bool
    labelled: bool
    shape: tuple[int, int] | None
    pictures: tuple[NDArray[np.uint8], ...]
    labels: tuple[int, ...] | None
    proposal: Plan
    can_stay: bool
    inverted: bool
    skipped: tuple[Skipped, ...]
    ignored: int
    remarks: tuple[str, ...]

    def plan(self, preprocess: Literal["auto", "none", "full"]) -> Plan:
        """The plan for what someone chose; `auto` is the proposal.

        Raises:
            DataError: `none`, and the pictures are not 28 x 28.
        """
        if preprocess == "auto" or preprocess == self.proposal.preprocess:
            return self.proposal
        if preprocess == "none" and not self.can_stay:
            raise DataError(
                f"as they are only pictures of {SIDE} x {SIDE} can be taken: let these be preprocessed. "
                f"{self.proposal.reason}"
            )
        return Plan(preprocess, self.inverted and preprocess == "none", "Chosen, not proposed.")


def look(givens: Iterable[Given]) -> Look:
    """Recognises a data set and looks at some of its pictures.

    Raises:
        DataError: it is none, damaged, hostile or too large, or none of the pictures looked at can be read.
    """
    with opening(givens) as opened:
        return look_at(opened)


def look_at(opened: Opened) -> Look:
    """As `look`, at a set that is open already."""
    seen, labels, skipped = _decoded(opened.sample(_LOOKED_AT if opened.shape else _FILES))
    if not seen:
        raise DataError(f"none of the pictures looked at can be read: {skipped[0].name}: {skipped[0].reason}")
    grey = [grey_of(picture) for picture, _ in seen]
    shapes = {shape for _, shape in seen}
    can_stay = shapes == {(SIDE, SIDE)}
    shown = evenly(len(seen), SHOWN)
    return Look(
        form=opened.form,
        title=opened.title,
        count=opened.count,
        exact=opened.exact,
        labelled=opened.labelled,
        shape=next(iter(shapes)) if len(shapes) == 1 else None,
        pictures=tuple(seen[place][0] for place in shown),
        labels=None if labels is None else tuple(labels[place] for place in shown),
        proposal=propose(shapes, grey),
        can_stay=can_stay,
        inverted=can_stay and is_inverted(np.stack(grey)),
        skipped=(*opened.skipped, *skipped),
        ignored=opened.ignored,
        remarks=opened.remarks,
    )


def preview(look: Look, plan: Plan) -> list[NDArray[np.uint8]]:
    """The look's pictures as images (28, 28) uint8, ink high, as `plan` would bring them in.

    Raises:
        DataError: they are not 28 x 28 and the plan wants them as they are.
    """
    if plan.preprocess == "none":
        look.plan("none")
        return [as_they_are(grey_of(picture)[None], plan)[0] for picture in look.pictures]
    from core.preprocessing import preprocess

    return [(preprocess(picture).image * 255 + 0.5).astype(np.uint8) for picture in look.pictures]


def _decoded(block: Block) -> tuple[list[tuple[NDArray[np.uint8], _Shape]], list[int] | None, list[Skipped]]:
    """The pictures of a block, small enough to hold, each with its own size; their labels; files that are none."""
    known = None if block.labels is None else block.labels.tolist()
    if not isinstance(block.pictures, tuple):
        return [_shown(picture, picture.shape[:2]) for picture in block.pictures], known, []
    reader = PictureReader()
    seen, labels, skipped = [], [], []
    for place, given in enumerate(block.pictures):
        if reader.pixels > _MOST_PIXELS:
            break
        try:
            picture = reader.read(given)
        except (PictureError, DataError) as error:
            skipped.append(Skipped(given.name, str(error)))
            continue
        seen.append(_shown(picture.pixels, picture.shape))
        labels.append(-1 if known is None else known[place])
    return seen, None if known is None else labels, skipped


def _shown(picture: NDArray[np.uint8], shape: _Shape) -> tuple[NDArray[np.uint8], _Shape]:
    import cv2

    height, width = picture.shape[:2]
    factor = _SHOWN_SIDE / max(height, width)
    if factor >= 1:
        return picture.copy(), shape  # not the block that it is a part of
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), shape
