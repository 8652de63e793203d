"""Charts of trust: their numbers against hand-worked ones, and that they can be drawn whatever the answers are."""

import json

import numpy as np
import pytest

from core.evaluation import effect_of, reliability, risk_coverage, temperature_effect
from core.look import Palette
from tests.labelled import random_answers, rows
from ui import trust_charts, trust_view

PALETTE = Palette(ink="#111111", paper="#ffffff", accent="#0000ff", wrong="#ff0000", quiet="#777777", line="#dddddd")

# Five answers: of four with 95 % confidence three are right, and the one with 50 % is.
SURE = rows((0, 0.95), (0, 0.95), (0, 0.95), (0, 0.95), (1, 0.5))
SURE_LABELS = [0, 0, 0, 7, 1]

# Six answers, the most confident first: right, right, wrong, right, wrong, right; two are equally confident.
READ = rows((0, 0.9), (0, 0.8), (0, 0.7), (0, 0.6), (0, 0.6), (0, 0.5))
LABELS = [0, 0, 1, 0, 1, 0]


def chosen(spec) -> list[dict]:
    """The data of the layers that mark the threshold."""
    found = [layer["data"]["values"] for layer in spec["layer"] if "data" in layer]
    assert all(values == found[0] for values in found)
    return found[0]


def test_the_diagram_has_one_point_for_each_bin_that_holds_answers():
    spec = trust_charts.reliability_diagram(reliability(SURE, SURE_LABELS), palette=PALETTE)
    half, high = spec["data"]["values"]
    assert (half["confidence"], half["accuracy"]) == (pytest.approx(0.5), 1.0)
    assert (half["low"], half["high"]) == (pytest.approx(0.2065, abs=1e-4), 1.0)
    assert (high["confidence"], high["accuracy"]) == (pytest.approx(0.95), 0.75)
    assert (high["low"], high["high"]) == (pytest.approx(0.3006, abs=1e-4), pytest.approx(0.9544, abs=1e-4))
    assert high["Confidence"] == "93.3 to 100.0 %"
    assert (high["Images"], high["Right"]) == ("4", "3 (75.00\N{NO-BREAK SPACE}%)")
    assert high["95 % interval"] == "30.06 to 95.44\N{NO-BREAK SPACE}%"


def test_the_bars_beneath_count_the_same_bins():
    spec = trust_charts.confidence_counts(reliability(SURE, SURE_LABELS), palette=PALETTE)
    bars = [(bar["from"], bar["to"], bar["count"]) for bar in spec["data"]["values"]]
    assert bars == [(pytest.approx(7 / 15), pytest.approx(8 / 15), 1), (pytest.approx(14 / 15), 1.0, 4)]
    lowest, highest = spec["encoding"]["y"]["scale"]["domain"]
    assert 0 < lowest < 1
    assert highest > 4


def test_the_gaps_in_words():
    said = trust_view.gaps(reliability(SURE, SURE_LABELS)).replace("\N{NO-BREAK SPACE}", " ")
    assert "**26.00 percentage points** on average (ECE 0.2600)" in said  # (4 * 0.20 + 1 * 0.50) / 5
    assert "50.00 percentage points at most (maximum 0.5000), among the 1 image from 47 to 53 % confidence" in said


def test_the_curve_and_the_chosen_point():
    spec = trust_charts.risk_coverage_curve(risk_coverage(READ, LABELS), effect_of(READ, LABELS, 0.65), palette=PALETTE)
    steps = [(step["coverage"], step["risk"]) for step in spec["data"]["values"]]
    expected = [(2 / 6, 0), (3 / 6, 1 / 3), (5 / 6, 2 / 5), (1, 2 / 6)]
    assert steps == [(pytest.approx(coverage), pytest.approx(risk)) for coverage, risk in expected]
    assert spec["encoding"]["x"]["scale"]["domain"] == [0.3, 1]
    assert spec["encoding"]["y"]["scale"]["domain"] == [0, pytest.approx(1.15 * 2 / 5)]
    (point,) = chosen(spec)
    assert (point["coverage"], point["risk"]) == (3 / 6, pytest.approx(1 / 3))
    assert point["Threshold"] == "65\N{NO-BREAK SPACE}%"
    assert point["Answered"] == "3 of 6 (50.00\N{NO-BREAK SPACE}%)"
    assert point["Wrong"] == "1 of 3"


def test_without_a_threshold_the_point_answers_everything():
    curve = risk_coverage(READ, LABELS)
    spec = trust_charts.risk_coverage_curve(curve, effect_of(READ, LABELS, None), palette=PALETTE)
    (point,) = chosen(spec)
    assert (point["coverage"], point["Threshold"]) == (1.0, "none")
    assert chosen(trust_charts.risk_coverage_curve(curve, None, palette=PALETTE)) == []


def test_a_threshold_above_every_confidence_has_no_point():
    spec = trust_charts.risk_coverage_curve(risk_coverage(READ, LABELS), effect_of(READ, LABELS, 0.99), palette=PALETTE)
    assert chosen(spec) == []
    assert spec["encoding"]["x"]["scale"]["domain"][0] == 0


def test_a_single_wrong_answer_at_the_top_does_not_set_the_scale():
    """The surest of 1,000 answers is wrong, and no other."""
    answers = rows((0, 0.999), *((0, 0.5 + place / 3_000) for place in range(999)))
    curve = risk_coverage(answers, [1] + [0] * 999)
    spec = trust_charts.risk_coverage_curve(curve, None, palette=PALETTE)
    assert spec["data"]["values"][0]["risk"] == 1
    assert spec["encoding"]["y"]["scale"]["domain"][1] < 0.1


@pytest.mark.parametrize("n", [1, 3, 20_000])
def test_charts_are_drawn_whatever_the_answers_are(n: int):
    answers, labels = random_answers(n)
    right = np.array(answers.argmax(axis=1))
    for truth in (labels, right, (right + 1) % 10):
        shown, curve = reliability(answers, truth), risk_coverage(answers, truth)
        effect = effect_of(answers, truth, 0.5)
        specs = (
            trust_charts.reliability_diagram(shown, palette=PALETTE),
            trust_charts.confidence_counts(shown, palette=PALETTE),
            trust_charts.risk_coverage_curve(curve, effect, palette=PALETTE),
        )
        for spec in specs:
            assert len(json.dumps(spec, allow_nan=False)) < 100_000
        low, high = specs[2]["encoding"]["y"]["scale"]["domain"]
        assert low < high


@pytest.mark.parametrize(("temperature", "verdict"), [(1.5, "gets better"), (0.5, "gets worse")])
def test_what_a_temperature_does_is_said_for_better_and_for_worse(temperature: float, verdict: str):
    """Answers with 90 % confidence of which six in ten are right: too sure."""
    answers, labels = rows(*[(0, 0.9)] * 10), [0] * 6 + [1] * 4
    effect = temperature_effect(answers, labels, temperature)
    assert (effect.after.ece < effect.before.ece) == (verdict == "gets better")
    said = trust_view.temperature_words(effect, title="the test split")
    assert f"the ECE {verdict}" in said
    assert f"{effect.before.ece:.4f} to {effect.after.ece:.4f}" in said
