"""What visitors' picture files say: read once, however often the page is drawn anew.

What is kept of every file is a line of a table and a thumbnail; the pictures themselves stay with their visitors'
uploads. Keyed on the upload, which no other visitor can name, and on the run with what its answers depend on.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from core import pictures
from core.errors import PictureError
from core.home import StudioHome
from core.inference import Classifier
from core.run import EVALUATION, ONNX_MODEL, Run, Stamp, stamp_of
from ui.resources.studio import classifier, store

if TYPE_CHECKING:  # brings OpenCV, which the first picture takes, not the start
    from core.reading import Reading

THUMBNAIL: Final = 48  # page pixels
_MINUTES: Final = "30m"

Asked = tuple[StudioHome, str, Stamp, float | None]


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What one file says.

    Attributes:
        record: as `core.answers` has it, `digits` in it where several were read; of a bad file the reason.
        thumbnail: of the picture, as a data URI; None of a bad file.
        digits: what was read, the lines of several with a space between; empty where nothing was.
    """

    record: dict[str, Any]
    thumbnail: str | None
    digits: str = ""

    @property
    def problem(self) -> str:
        """Why the file could not be read; empty when it could."""
        return str(self.record.get("error", ""))

    @property
    def confidence(self) -> float | None:
        """Of the least certain digit, 0 to 1; None where nothing was read."""
        each = self.record.get("digits") or [self.record]
        return min((one["confidence"] for one in each if one["confidence"] is not None), default=None)

    @property
    def abstained(self) -> bool:
        """Whether the answer, or one of the digits, is *I don't know*."""
        return any(one.get("abstained") for one in self.record.get("digits") or [self.record])


def file_answer(run: Run, file_id: str, data: Callable[[], bytes]) -> FileAnswer:
    """What a file says, for a table of many; a bad one is a line in it too.

    Args:
        file_id: names this upload and no other.
        data: its bytes, which are asked for when it was not read before.

    Raises:
        RunStateError, RunDamagedError: the run has no model, or none that can be used.
    """
    return _file_answer(_asked(run), file_id, data)


def file_reading(run: Run, file_id: str, data: Callable[[], bytes]) -> "Reading":
    """The same file looked at closely; the last few are kept.

    Raises:
        PictureError: it cannot be read, with the reason in one sentence.
        RunStateError, RunDamagedError: as `file_answer`.
    """
    return _file_reading(_asked(run), file_id, data)


def _asked(run: Run) -> Asked:
    stamp = stamp_of(run.path, (ONNX_MODEL, EVALUATION))
    return StudioHome.from_environment(), run.run_id, stamp, classifier(run).threshold


def _classifier(asked: Asked) -> Classifier:
    return classifier(store().get(asked[1]))


@st.cache_resource(max_entries=512, ttl=_MINUTES, show_spinner=False)  # a few kilobytes each
def _file_answer(asked: Asked, file_id: str, _data: Callable[[], bytes]) -> FileAnswer:
    from core import answers
    from core.reading import read_file

    try:
        reading = read_file(_classifier(asked), _data())
    except PictureError as error:
        return FileAnswer(answers.failure(str(error)), None)
    upright = reading.prediction.preprocessed.stages[0].image
    png = base64.b64encode(pictures.picture_png(upright, width=THUMBNAIL)).decode()
    several = reading.surely_several
    lines = reading.lines() if several else [[reading.prediction]]
    return FileAnswer(
        answers.record(reading.prediction, reading.digits if several else None),
        f"data:image/png;base64,{png}",
        " ".join("".join(str(each.digit) for each in line if each.digit is not None) for line in lines),
    )


@st.cache_resource(max_entries=6, ttl=_MINUTES, show_spinner=False)  # up to five megabytes each
def _file_reading(asked: Asked, file_id: str, _data: Callable[[], bytes]) -> "Reading":
    from core.reading import read_file

    return read_file(_classifier(asked), _data())
