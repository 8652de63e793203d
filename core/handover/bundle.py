"""Every form in which a story is handed over, and the zip that holds all of them.

Owns the forms, the names of the files, and what the zip holds.
"""

import csv
import enum
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from core.evaluation import chosen, per_image
from core.handover.card import card_markdown
from core.run import ENVIRONMENT, EVALUATION, ONNX_MODEL
from core.story import Facts, Told


class Form(enum.StrEnum):
    """What a story can be handed over as."""

    HTML = "html"
    PPTX = "pptx"
    CARD = "card"
    ZIP = "zip"


FORMS: Final[dict[Form, tuple[str, str, str]]] = {
    Form.HTML: ("HTML report", ".html", "text/html"),
    Form.PPTX: (
        "PowerPoint slides",
        ".pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    Form.CARD: ("Model card", ".md", "text/markdown"),
    Form.ZIP: ("Everything, as a zip", ".zip", "application/zip"),
}

README: Final = """\
What is in this folder

report.html           the story with interactive charts; opens in any browser, needs no network, prints a screen a page
slides.pptx           the same for PowerPoint, Keynote and LibreOffice; what to say is in the notes
model_card.md         what the model is for, its figures with intervals, its limits, how it was made
story.json            what the presenter chose
mistakes.csv          every test image that is read wrongly: its place (from 0), label, answer and confidence
confusion_matrix.csv  rows are what a digit is, columns what it was read as
model.onnx            the network: images (n, 28, 28, 1) in [0, 1], ink high; probabilities before the temperature
evaluation.json       every figure, the temperature among them
environment.json      versions, processor and seed of the training
"""


def handed_over(told: Told, facts: Facts, form: Form, progress: Callable[[float], None] = lambda share: None) -> bytes:
    """The file of a form.

    Args:
        facts: of the same story.
        progress: is told the share that is done, in (0, 1].

    Raises:
        OSError, ValueError: a file of the run cannot be read.
    """
    made = _MAKERS[form](told, facts, progress)
    progress(1.0)
    return made


def file_name(told: Told, form: Form) -> str:
    """What the file is called, in letters that every system takes."""
    letters = unicodedata.normalize("NFKD", told.story.name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", letters).strip("-")[:60] or "story"
    return stem + ("-card" if form is Form.CARD else "") + FORMS[form][1]


def _html(told: Told, facts: Facts, progress: Callable[[float], None]) -> bytes:
    from core.handover.html import report  # plotly

    return report(told.story, facts)


def _pptx(told: Told, facts: Facts, progress: Callable[[float], None]) -> bytes:
    from core.handover.slides import slides  # python-pptx, which nothing else needs

    return slides(told.story, facts)


def _card(told: Told, facts: Facts, progress: Callable[[float], None]) -> bytes:
    return card_markdown(facts).encode()


def _zip(told: Told, facts: Facts, progress: Callable[[float], None]) -> bytes:
    """All of it, with the network and the figures that the story was made of."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("report.html", _html(told, facts, progress))
        progress(0.5)
        archive.writestr("slides.pptx", _pptx(told, facts, progress))
        progress(0.8)
        archive.writestr("model_card.md", _card(told, facts, progress))
        archive.writestr("story.json", json.dumps(told.story.to_json(), indent=2, ensure_ascii=False))
        archive.writestr("mistakes.csv", _mistakes_csv(facts))
        archive.writestr("confusion_matrix.csv", _matrix_csv(facts))
        for name in (ONNX_MODEL, EVALUATION, ENVIRONMENT):
            if (told.run.path / name).is_file():
                archive.write(told.run.path / name, name)
    return stream.getvalue()


def _mistakes_csv(facts: Facts) -> str:
    """Every misread test image, the most confident first."""
    each = per_image(facts.answers.probabilities, facts.answers.labels)
    rows = [
        (int(facts.answers.places[row]), int(each.labels[row]), int(each.predicted[row]), f"{each.confidence[row]:.6f}")
        for row in chosen(each, which="wrong")
    ]
    return _csv([("index", "label", "read", "confidence"), *rows])


def _matrix_csv(facts: Facts) -> str:
    return _csv([("true", *range(10)), *((true, *facts.matrix[true].tolist()) for true in range(10))])


def _csv(rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


_MAKERS: Final = {Form.HTML: _html, Form.PPTX: _pptx, Form.CARD: _card, Form.ZIP: _zip}
