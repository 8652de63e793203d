"""Data sets of people's own: read from what they have, kept, and used to see how a run does on other handwriting.

    given.py       uploads, files and folders as names that can be opened again
    archive.py     a zip as such names, nothing believed
    opening.py     which form it is: by content, not by name
    kaggle.py      Kaggle's Digit Recognizer table; idx.py: MNIST's own format; npz.py: NumPy's; pictures.py: folders
    blocks.py      what these readers give: pictures and labels, block by block
    proposal.py    as they are, or through the preprocessing path: what fits
    converting.py  pictures -> 28 x 28 images by such a plan
    looking.py     a first look, for a page to show before anything is kept
    draft.py       a set while it is written; dataset.py, facts.py: one that is kept;
                   store.py: all of them
    passing.py     a set for one command only
    known.py       images that are MNIST's own
    answers.py     what a run says of a set; submission.py: as a file for Kaggle

No reader holds a whole set in memory, and none runs, unpickles or unpacks anything under a name from outside. Labels
are digits 0 to 9. Everything wrong with what was given is a DataError, one sentence fit to be shown.
"""

from core.datasets.answers import answers, ask, kept_answers, summary
from core.datasets.blocks import Form, Skipped
from core.datasets.dataset import DamagedDataSet, DataSet
from core.datasets.facts import Facts
from core.datasets.given import Given, given_paths
from core.datasets.limits import MAX_FILE_BYTES, MAX_IMAGES, MAX_MEMBERS, Progress
from core.datasets.looking import Look, look, preview
from core.datasets.passing import passing_set, progress_line
from core.datasets.proposal import Plan, Preprocess
from core.datasets.store import DataSetStore
from core.datasets.submission import submission_csv, write_submission

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_IMAGES",
    "MAX_MEMBERS",
    "DamagedDataSet",
    "DataSet",
    "DataSetStore",
    "Facts",
    "Form",
    "Given",
    "Look",
    "Plan",
    "Preprocess",
    "Progress",
    "Skipped",
    "answers",
    "ask",
    "given_paths",
    "kept_answers",
    "look",
    "passing_set",
    "preview",
    "progress_line",
    "submission_csv",
    "summary",
    "write_submission",
]
