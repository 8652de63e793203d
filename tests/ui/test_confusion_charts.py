"""The confusion matrix as a chart: every cell is there, can be read in both themes, and says what was clicked."""

import itertools
import subprocess
import sys
import tomllib

import numpy as np
import pytest

from core.look import Palette, better_worse, contrast, mixed, readable_on
from tests.digits import REPOSITORY
from tests.ui.test_charts import PALETTE
from ui import confusion_charts
from ui.confusion_charts import clicked, difference, matrix

THEME = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())["theme"]
NAMES = ("textColor", "backgroundColor", "linkColor", "redColor", "grayColor", "borderColor")
THEMES = [Palette(*(THEME[appearance][name] for name in NAMES)) for appearance in ("light", "dark")]


def counts() -> np.ndarray:
    """What a good run makes of 10,000 images, and beside it 1, 2, 5, ... 1,100 wrong ones."""
    whole = np.diag(np.arange(900, 1_000, 10))
    whole[0, 1:] = 0, 1, 2, 5, 10, 40, 150, 500, 1_100
    return whole


def cells(spec: dict) -> dict[tuple[str, str], dict]:
    """What the chart holds, by label and prediction; a row's label has no prediction, a column's no label."""
    values = spec["data"]["values"]
    found = {(value["true"], value["pred"]): value for value in values}
    assert len(found) == len(values)
    return found


def test_every_cell_stands_in_its_place_with_its_count() -> None:
    whole = counts()
    found = cells(matrix(whole, palette=PALETTE))
    assert len(found) == 120
    for (row, column), count in np.ndenumerate(whole):
        cell = found[str(row), str(column)]
        assert (cell["y"], cell["x"], cell["text"]) == (str(row), str(column), str(count))
    assert found["3", ""]["text"] == found["", "3"]["text"] == "3"
    assert found["0", "9"]["tip"] == "a 0, read as 9: 1,100 images"


@pytest.mark.parametrize("palette", THEMES, ids=["light", "dark"])
def test_every_text_can_be_read(palette: Palette) -> None:
    whole = counts()
    less = whole - whole.T
    for spec in (
        matrix(whole, palette=palette),
        matrix(whole, whole / whole.sum(axis=1, keepdims=True), by="true", palette=palette),
        difference(less, palette=palette),
        difference(-less, palette=palette),
    ):
        for cell in cells(spec).values():
            assert contrast(cell["ink"], cell["fill"]) >= 4.5, cell


@pytest.mark.parametrize("palette", THEMES, ids=["light", "dark"])
def test_one_is_seen_beside_eleven_hundred_and_more_is_deeper(palette: Palette) -> None:
    found = cells(matrix(counts(), palette=palette))
    steps = [contrast(found["0", str(column)]["fill"], palette.paper) for column in range(1, 10)]
    assert steps[0] == 1  # none is paper
    assert steps[1] > 1.1
    assert all(more > 1.05 * less for less, more in itertools.pairwise(steps))
    assert found["0", "9"]["fill"] == palette.wrong.lower()
    assert {found[str(digit), str(digit)]["fill"] for digit in range(10)} == {palette.line}


def test_one_wrong_image_alone_is_no_alarm() -> None:
    whole = np.diag(np.full(10, 1_000))
    whole[4, 9] = 1
    fill = cells(matrix(whole, palette=PALETTE))["4", "9"]["fill"]
    assert fill == mixed(PALETTE.paper, PALETTE.wrong, confusion_charts.FAINTEST)


def test_without_the_diagonal_nothing_of_it_is_left() -> None:
    found = cells(matrix(counts(), diagonal=False, palette=PALETTE))
    assert len(found) == 110
    assert not any((str(digit), str(digit)) in found for digit in range(10))


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0"), (1, "100"), (0.9996, "99.9"), (0.00049, "<0.1"), (0.0005, "0.1"), (0.5, "50.0")]
)
def test_shares_are_percentages_that_do_not_pretend(share: float, text: str) -> None:
    shares = np.full((10, 10), share)
    assert cells(matrix(counts(), shares, by="true", palette=PALETTE))["0", "9"]["text"] == text


def test_shares_say_what_they_are_shares_of() -> None:
    whole = counts()
    shares = whole / whole.sum(axis=1, keepdims=True)
    assert cells(matrix(whole, shares, by="true", palette=PALETTE))["1", "1"]["tip"].endswith("of all 1s")
    tip = cells(matrix(whole, shares, by="pred", palette=PALETTE))["1", "1"]["tip"]
    assert tip.endswith("of all that was read as 1")


def test_an_empty_set_of_a_million_images_can_be_drawn() -> None:
    assert cells(matrix(np.zeros((10, 10), int), palette=PALETTE))["0", "1"]["text"] == "0"
    texts = {cell["text"] for cell in cells(matrix(np.full((10, 10), 123_456), palette=PALETTE)).values()}
    assert "123k" in texts


@pytest.mark.parametrize(
    ("chosen", "outlined"),
    [
        ((None, None), set()),
        ((4, 9), {("4", "9")}),
        ((4, None), {("4", str(column)) for column in range(10)} | {("4", "")}),
        ((None, 9), {(str(row), "9") for row in range(10)} | {("", "9")}),
    ],
)
def test_what_is_chosen_is_outlined(chosen: tuple[int | None, int | None], outlined: set[tuple[str, str]]) -> None:
    for spec in (
        matrix(counts(), chosen=chosen, palette=PALETTE),
        difference(counts(), chosen=chosen, palette=PALETTE),
    ):
        assert {place for place, cell in cells(spec).items() if cell["chosen"]} == outlined


def test_only_the_data_changes_when_something_else_is_chosen() -> None:
    first = matrix(counts(), palette=PALETTE)
    second = matrix(counts() + 1, chosen=(4, 9), diagonal=False, turn=1, palette=PALETTE)
    assert {**first, "data": None} == {**second, "data": None}
    assert {cell["turn"] for cell in cells(second).values()} == {1}


def test_the_difference_has_the_colours_of_better_and_worse() -> None:
    less = np.zeros((10, 10), int)
    less[3, 3], less[3, 5] = 40, -40
    less[7, 7], less[7, 1] = -40, 40
    found = cells(difference(less, palette=PALETTE))
    worse, same, better = (str(colour).lower() for _, colour in better_worse(PALETTE))
    assert found["3", "3"]["fill"] == found["3", "5"]["fill"] == better
    assert found["7", "7"]["fill"] == found["7", "1"]["fill"] == worse
    assert found["0", "1"]["fill"] == same
    assert [found[place]["text"] for place in (("3", "5"), ("7", "1"), ("0", "1"))] == ["\N{MINUS SIGN}40", "+40", "0"]


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        ([], None),
        ([{"true": "4", "pred": "9", "turn": 3}], (4, 9)),
        ([{"true": "4", "pred": "", "turn": 3}], (4, None)),
        ([{"true": "", "pred": "9"}], (None, 9)),
        ([{"true": "", "pred": ""}], None),
        ([{"true": "12", "pred": None}], None),
        ([{"vgsid": 3}], None),
    ],
)
def test_a_click_is_read_with_suspicion(selection: list[dict], chosen: tuple[int | None, int | None] | None) -> None:
    assert clicked(selection) == chosen


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WCAG's well-known nearly readable grey
    assert readable_on("#777777", "#ffffff", "#888888") == "#000000"
    assert readable_on("#ffffff", "#222222", "#000000") == "#222222"
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"


def test_the_chart_needs_no_streamlit() -> None:
    code = "import sys, ui.confusion_charts; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
