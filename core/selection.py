"""A choice of images with what was answered to each and said of it, as CSV to work on elsewhere."""

import csv
import io
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.evaluation import PerImage
from core.marks import Mark, harmless

COLUMNS: Final = ("place", "true", "predicted", "confidence", "margin", "loss", "mark", "note")


def selection_csv(
    images: PerImage, rows: NDArray[np.integer], places: NDArray[np.integer], marks: Mapping[int, Mark]
) -> str:
    """The chosen images with a header line, in their order, the lines ending as spreadsheets expect (CR LF).

    The columns: `place`, 0-based, of the image in its data set; `true` and `predicted`, digits; `confidence` and
    `margin`, probabilities in [0, 1]; `loss` in nats; `mark`, one of wrong, ambiguous, fine, empty for none; `note`.

    Args:
        rows: (k,) into `images`.
        places: (n,), of all images.
        marks: by place.
    """
    stream = io.StringIO(newline="")
    lines = csv.writer(stream)
    lines.writerow(COLUMNS)
    for row in rows.tolist():
        place = int(places[row])
        mark = marks.get(place)
        numbers = (f"{values[row]:.6g}" for values in (images.confidence, images.margin, images.loss))
        said = ("", "") if mark is None else (str(mark.verdict), harmless(mark.note))
        lines.writerow((place, int(images.labels[row]), int(images.predicted[row]), *numbers, *said))
    return stream.getvalue()
