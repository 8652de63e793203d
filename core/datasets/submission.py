"""Kaggle's `submission.csv`: the digit for each image, numbered from 1 in their order.

Owns the form of that file alone.
"""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from core.errors import DataError
from core.files import replacing


def submission_csv(digits: ArrayLike) -> str:
    """The content of the file: `ImageId,Label`, then one line per image.

    Args:
        digits: (n,) integers in 0..9.
    """
    lines = (f"{number},{digit}" for number, digit in enumerate(np.asarray(digits, np.int64).tolist(), start=1))
    return "\n".join(["ImageId,Label", *lines]) + "\n"


def write_submission(path: Path, digits: ArrayLike) -> None:
    """Replaces `path` by such a file.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with replacing(path) as temporary:
            temporary.write_text(submission_csv(digits), encoding="ascii")
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from error
