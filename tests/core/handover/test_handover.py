"""What is handed over: a page that needs nothing else, native slides, a card, and a zip with all of it."""

import csv
import dataclasses
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from pptx import Presentation
from pptx.util import Inches

from core.__main__ import main
from core.data import load_split
from core.handover import Form, file_name, handed_over
from core.home import SHIPPED, StudioHome
from core.runs import RunStore
from core.story import KINDS, Facts, Kind, Pin, Screen, Story, Told, facts_of
from tests import shipped

HOSTILE = "<script>alert(1)</script> $name & </style> | *x*"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A story with everything in it, and hostile texts wherever someone may write."""
    home = StudioHome(tmp_path_factory.mktemp("told"))
    store = RunStore(home)
    story = Story(
        HOSTILE[:80],
        "classic",
        "quick",
        tuple(Screen(kind, "say this" if kind is Kind.TASK else "") for kind in KINDS),
        (Pin(shipped.misread()[1], HOSTILE), Pin(shipped.misread()[0])),
        f"{HOSTILE}\nand then",
    )
    return Told(story, home, store.get("classic"), store.get("quick"))


@pytest.fixture(scope="module")
def facts(told: Told) -> Facts:
    mnist = SHIPPED / "mnist.npz"
    return facts_of(told, load_split(mnist, "test"), load_split(mnist, "train").labels)


@pytest.fixture(scope="module")
def everything(told: Told, facts: Facts) -> Iterator[zipfile.ZipFile]:
    shares: list[float] = []
    with zipfile.ZipFile(io.BytesIO(handed_over(told, facts, Form.ZIP, shares.append))) as archive:
        yield archive
    assert shares == sorted(shares)
    assert shares[-1] == 1


class _Page(HTMLParser):
    """The text of a page beside its scripts, its sections and its elements with addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.text, self.sections, self.addresses, self.scripts = "", [], [], 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.scripts += tag == "script"
        self.inside += [tag] if tag in ("script", "style") else []
        if tag == "section":
            self.sections.append(said["id"])
        self.addresses += [value for name, value in attrs if name in ("src", "href") and value]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.text += data


def test_the_page_needs_nothing_else_and_shows_texts_as_they_are(everything: zipfile.ZipFile, told: Told) -> None:
    data = everything.read("report.html")
    assert len(data) < 8_000_000
    page = _Page(data.decode())
    assert page.sections == [str(kind) for kind in KINDS]
    assert page.scripts == 2  # plotly's and the page's own: no text became one
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    for text in (told.story.name, HOSTILE, "and then"):
        assert text in page.text
    assert "default-src 'none'" in html.unescape(data[:2000].decode())


def test_the_pages_charts_hold_the_figures(everything: zipfile.ZipFile) -> None:
    found = re.search(r"const charts = (.*);\n", everything.read("report.html").decode())
    assert found is not None
    charts = json.loads(found[1])
    assert len(charts) == 6
    assert charts["chart-wrong"]["data"][0]["x"][0] == len(shipped.misread())
    curve = charts["chart-reliance"]["data"]
    assert len(curve) == 2


def test_slides_are_native_and_nothing_hangs_over(everything: zipfile.ZipFile, told: Told) -> None:
    deck = Presentation(io.BytesIO(everything.read("slides.pptx")))
    slides = list(deck.slides)
    assert len(slides) == 1 + len(KINDS)
    assert slides[0].shapes.title.text_frame.text == told.story.name
    assert slides[1].notes_slide.notes_text_frame.text == "say this"
    charts = [sum(shape.has_chart for shape in slide.shapes) for slide in slides[1:]]
    tables = [sum(shape.has_table for shape in slide.shapes) for slide in slides[1:]]
    assert charts == [0, 1, 1, 0, 0, 1, 1, 1, 0]
    assert tables == [0, 0, 0, 1, 1, 0, 0, 0, 1]
    for slide in slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width, shape.name
            assert shape.top + shape.height <= deck.slide_height + Inches(0.01), shape.name
            if not shape.has_text_frame:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr"), shape.name


def test_the_zip_holds_the_network_and_the_figures(everything: zipfile.ZipFile, told: Told, tmp_path: Path) -> None:
    names = everything.read("README.txt").decode()
    assert all(name in names for name in everything.namelist() if name != "README.txt")
    rows = list(csv.DictReader(io.StringIO(everything.read("mistakes.csv").decode())))
    assert [int(row["index"]) for row in rows] == shipped.misread()
    matrix = np.array(list(csv.reader(io.StringIO(everything.read("confusion_matrix.csv").decode())))[1:], dtype=int)
    assert matrix[:, 1:].sum() == 10_000
    assert json.loads(everything.read("story.json")) == json.loads(json.dumps(told.story.to_json()))
    assert everything.read("model.onnx") == (told.run.path / "model.onnx").read_bytes()
    card = everything.read("model_card.md").decode()
    assert f"| MNIST test | {shipped.right().replace(' ', chr(0xA0))} |" in card


def test_the_files_are_called_after_the_story(told: Told) -> None:
    assert file_name(told, Form.HTML) == "script-alert-1-script-name-style-x.html"
    assert file_name(told, Form.CARD).endswith("-card.md")


def test_a_run_without_history_or_validation_has_its_files_too(told: Told, facts: Facts) -> None:
    bare = dataclasses.replace(facts, learning=None, reliance=None, mistakes=(), pairs=(), change=None)
    alone = dataclasses.replace(told, story=dataclasses.replace(told.story, versus=None, pins=()), versus=None)
    for form in (Form.HTML, Form.PPTX, Form.CARD):
        assert handed_over(alone, bare, form)


def test_what_has_no_room_on_one_slide_goes_on_and_odd_texts_do_no_harm(told: Told, facts: Facts) -> None:
    odd = dataclasses.replace(told.story, name="\uffff a \ufffe name", screens=(Screen(Kind.MISTAKES, "\uffff note"),))
    many = dataclasses.replace(facts, mistakes=tuple(facts.mistakes[0] for _ in range(8)))
    deck = Presentation(io.BytesIO(handed_over(dataclasses.replace(told, story=odd), many, Form.PPTX)))
    rows = [len(shape.table.rows) - 1 for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert rows == [6, 2]
    assert deck.slides[0].shapes.title.text_frame.text == " a  name"


def test_two_runs_that_are_called_the_same_have_a_bar_each(told: Told, facts: Facts) -> None:
    assert facts.change is not None
    alike = dataclasses.replace(facts, change=dataclasses.replace(facts.change, versus=facts.name))
    page = handed_over(told, alike, Form.HTML).decode()
    found = re.search(r"const charts = (.*);\n", page)
    assert found is not None
    [bars] = json.loads(found[1])["chart-wrong"]["data"]
    assert len(set(bars["y"])) == len(bars["x"]) == 3


def test_the_command_writes_each_form(home: StudioHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "classic.md"
    assert main(["report", "classic", "--format", "card", "-o", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"run_id": "classic", "format": "card", "path": str(path)}
    assert path.read_text().startswith("# Classic\n")
    assert main(["report", "nothing", "-o", str(path)]) == 2
    assert main(["report", "--story", "nothing", "-o", str(path)]) == 1
    assert main(["report", "classic", "-o", str(tmp_path / "none" / "x.html")]) == 1
