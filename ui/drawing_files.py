"""Picture files on *Draw and predict*: many at once, a table of what each says, and that table as CSV.

Bad files are lines of the table like the others. Each file is read once; what it says is `resources`' to keep.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.answers_csv import answers_csv
from core.run import Run
from ui import resources, state, words
from ui.resources import FileAnswer

TYPES: Final = ("png", "jpg", "jpeg", "webp", "bmp")
MOST: Final = 64
MEGABYTES: Final = 20
PATIENCE: Final = 0.1  # seconds of reading after which its progress is shown
ROW: Final = 56  # pixels: the thumbnail with some room
ROWS: Final = 6  # in sight at once


@dataclass(frozen=True, slots=True)
class Files:
    """Files that were given together.

    Attributes:
        given: as Streamlit has them, at most 64.
        left_out: how many more there were.
        answers: what each says; empty where there is but one, which is looked at closely instead.
        number: which is looked at.
    """

    given: tuple[Any, ...]
    left_out: int
    answers: tuple[FileAnswer, ...]
    number: int

    @property
    def ids(self) -> tuple[str, ...]:
        """What names each upload."""
        return tuple(file.file_id for file in self.given)

    @property
    def chosen(self) -> tuple[str, Any]:
        """The id of the one that is looked at, and what gives its bytes."""
        file = self.given[self.number]
        return file.file_id, file.getvalue

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.given[self.number].name)


def upload(run: Run, *, reading: bool) -> Files | None:
    """The field for files and how far they are read; None while there are none.

    Args:
        reading: whether the field is in sight; the files stay in it when it is not.
    """
    found = st.file_uploader(
        "Pictures of digits",
        type=list(TYPES),
        accept_multiple_files=True,
        key=state.UPLOAD,
        on_change=state.forget_files,
        max_upload_size=MEGABYTES,
        help=f"Up to {MOST} at once. A picture may hold several digits, such as a postcode.",
    )
    if found:
        given, more = tuple(found[:MOST]), len(found) - MOST
        state.keep_files(given)
    else:
        given, more = _from_before()
    if not given or not reading:
        return None
    answers = _read(run, given) if len(given) > 1 else ()
    return Files(given, max(0, more), answers, state.chosen_file([file.file_id for file in given]))


def _from_before() -> tuple[tuple[Any, ...], int]:
    """The files that were given before the page was left, which the field itself forgets; it begins empty."""
    kept, lost = state.kept_files()
    if kept or lost:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            said = f"{words.count(len(kept), 'file')} from before"
            st.text(f"{said}; {lost} more took too much room to be kept." if lost else f"{said}.", width="content")
            st.button("Remove", icon=":material/close:", on_click=state.forget_files, key="forget_files")
    return kept, 0


def _read(run: Run, given: tuple[Any, ...]) -> tuple[FileAnswer, ...]:
    """What each file says. Those that were read before cost nothing, so that only new ones show a progress."""
    place, began, answers = st.empty(), time.monotonic(), []
    for number, file in enumerate(given):
        if time.monotonic() - began > PATIENCE:
            place.progress(number / len(given), text=f"Reading {number + 1} of {len(given)}")
        answers.append(resources.file_answer(run, file.file_id, file.getvalue))
    place.empty()
    return tuple(answers)


def table(files: Files) -> None:
    """Every file with its thumbnail and answer; the one that is chosen in it is looked at above."""
    bad = sum(bool(answer.problem) for answer in files.answers)
    read = len(files.answers) - bad
    said = f"{read} of {len(files.answers)} files read" + (f", {bad} could not be" if bad else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(said, anchor=False, width="stretch")
        st.download_button(
            "Download as CSV",
            lambda: csv(files),
            "digits.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="download_files",
        )
    if files.left_out:
        st.warning(
            f"{MOST} files are read at once; the last {files.left_out} were left out.", icon=":material/warning:"
        )
    st.dataframe(
        _frame(files),
        key=state.files_table(files.ids),
        on_select="rerun",
        selection_mode="single-row-required",
        hide_index=True,
        row_height=ROW,
        height="content" if len(files.given) <= ROWS else (ROWS + 1) * ROW,
        placeholder="",
        column_config={
            "picture": st.column_config.ImageColumn("Picture", width=72),
            "file": st.column_config.TextColumn("File", width=150),
            "digits": st.column_config.TextColumn("Read as", width=110),
            "confidence": st.column_config.ProgressColumn(
                "Confidence", format="%.1f %%", min_value=0, max_value=100, help="Of the least certain digit."
            ),
            "remarks": st.column_config.TextColumn("Remarks", width="large"),
        },
        alt=f"{said}; a row for each with its picture, what was read, how surely, and remarks.",
    )


def csv(files: Files) -> str:
    """The table as CSV, with every probability."""
    return answers_csv((file.name, answer.record) for file, answer in zip(files.given, files.answers, strict=True))


def _frame(files: Files) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "picture": [answer.thumbnail for answer in files.answers],
            "file": [file.name for file in files.given],
            "digits": [answer.digits or None for answer in files.answers],
            "confidence": [_tenths(answer.confidence) for answer in files.answers],
            "remarks": [_remarks(answer) for answer in files.answers],
        }
    )


def _tenths(share: float | None) -> float | None:
    """Percent as `words.percent` says it with the decimal that the table shows: only an exact 1 reads as 100."""
    return None if share is None else 100 * (share if share == 1 else min(share, 0.999))


def _remarks(answer: FileAnswer) -> str:
    """What to beware of, or why the file could not be read."""
    if answer.problem:
        return answer.problem
    known = [name for name in answer.record["warnings"] if name != "several_digits" or "digits" not in answer.record]
    doubt = ["I don't know: below the threshold."] if answer.abstained else []
    return " ".join([*doubt, words.warnings(known)]).strip()
