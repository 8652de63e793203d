"""The stage's type: lines end where the room does, and every screen of a story knows how high its title is."""

from itertools import pairwise

import numpy as np
import pytest

from core.look import Palette
from core.story import Learning
from ui.stage_charts import Amount, amounts, learning
from ui.stage_digits import columns_for
from ui.stage_type import WRAPS, Line, broken, height, lines, lines_of

PALETTE = Palette("#000000", "#ffffff", "#0000ff", "#ff0000", "#777777", "#dddddd")
SENTENCE = "Below a confidence of 92\N{NO-BREAK SPACE}% it says I don't know: 118 of 10,000 go to a person."


def test_a_text_is_broken_for_every_width_and_loses_no_word():
    said = broken(SENTENCE, "w")
    assert len(said) == len(WRAPS)
    counts = [text.count("\n") for text in said.values()]
    assert counts == sorted(counts)
    assert counts[0] == 0 < counts[-1]
    for text in said.values():
        assert text.replace("\n", " ") == SENTENCE
    narrow = said[f"w{len(WRAPS) - 1}"].split("\n")
    assert all(len(line) * 0.25 <= WRAPS[-1] or " " not in line for line in narrow)
    assert any("92\N{NO-BREAK SPACE}%" in line for line in narrow)


def test_a_word_that_is_longer_than_the_room_is_broken():
    said = broken("a " + "x" * 60, "w")[f"w{len(WRAPS) - 1}"]
    assert said.replace("\n", "") == "a" + "x" * 60
    assert all(0.49 * len(line) <= WRAPS[-1] for line in said.split("\n"))


def test_a_paragraph_stays_one():
    assert broken("One\n\nTwo", "w")["w0"] == "One\n\nTwo"


@pytest.mark.parametrize("words", [3, 12, 40])
def test_a_title_takes_more_lines_in_larger_type(words: int):
    text = " ".join(["digits"] * words)
    found = [lines_of(text, size) for size in (1, 2.4, 5)]
    assert all(a <= b for a, b in pairwise(found))
    assert found[0] <= 1 + words // 12


def test_texts_stand_under_each_other_in_the_middle_of_the_room():
    spec = lines([Line("One", 6, "#123456", serif=True), Line(SENTENCE, 1.3, "#000000")], PALETTE, fill=height(5))
    names = [param["name"] for param in spec["params"]]
    assert names == ["u", "height", "s0", "h0", "s1", "h1", "start"]
    first, second = spec["layer"]
    assert first["mark"]["y"]["expr"] == "0 + start"
    assert second["mark"]["y"]["expr"] == "0 + h0 + 0.3 * u + start"
    assert first["mark"]["color"] == "#123456"


def test_bars_carry_their_intervals_and_the_room_goes_to_their_ends():
    bars = [Amount("One", 80, "#123456", (64, 99)), Amount("People", 20, "#777777")]
    spec = amounts(bars, title="Misread", palette=PALETTE, tall="300")
    assert [(each["low"], each["high"], each["known"]) for each in spec["data"]["values"]] == [
        (64, 99, True),
        (20, 20, False),
    ]
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][1] > 99


@pytest.mark.parametrize("held_back", [True, False])
def test_the_legend_names_the_curves_that_there_are(held_back: bool):
    wrong = np.array([0.9, 0.95])
    history = Learning(wrong, wrong if held_back else np.full(2, np.nan), 1 - wrong, 1 - wrong, None)
    spec = learning(history, turn=0, palette=PALETTE, tall="300")
    named = spec["encoding"]["color"]["scale"]["domain"]
    assert named == sorted({each["curve"] for each in spec["data"]["values"]})
    assert len(named) == 1 + held_back
    assert spec["layer"][2]["transform"][-1]["filter"]["equal"] == named[-1]


def test_a_gallery_has_no_more_columns_than_digits():
    assert all(columns_for(count) <= max(1, count) for count in range(13))
    assert columns_for(6) == 3
    assert columns_for(12) == 4
