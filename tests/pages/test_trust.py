"""Trust: the threshold is chosen on validation, kept for the run, applied where it draws, and taken away again."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from core import datasets
from core.architecture import layers
from core.datasets import DataSetStore, Given
from core.evaluation import effect_of, reliability, threshold_for_accuracy, threshold_for_coverage
from core.home import StudioHome
from core.pairing import read_answers
from core.runs import RunStore
from core.thresholds import Threshold, keep_threshold, read_threshold
from tests import own_sets
from tests.labelled import rows
from tests.pages.screen import CANVAS, DRAW, drawing, finished_run, text_of
from ui import resources

RUN = "20260101-000000-classic-abcd"


def page() -> None:
    """The part that the confusion matrix's page shows, of one run."""
    import streamlit as st

    from ui import page, resources, trust_view
    from ui.source import Source

    run, split = resources.store().get(st.query_params["run"]), st.query_params["split"]
    own = None if split in resources.MNIST else resources.data_sets().get(split)
    trust_view.show(Source(run, split, resources.answers(run, split), own), page.palette())


def look(run: str = "classic", split: str = "test") -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["run"], app.query_params["split"] = run, split
    app.run()
    assert not app.exception
    return app


def validation(home: StudioHome, run: str = "classic"):
    return read_answers(RunStore(home).get(run), "validation", resources.training_labels())


def rewrite(folder: Path, predictions: dict[str, np.ndarray], **evaluation: object) -> None:
    """Changes a run's answers and figures."""
    with np.load(folder / "predictions.npz") as stored:
        arrays = {name: stored[name] for name in stored.files} | predictions
    np.savez(folder / "predictions.npz", **arrays)
    figures = json.loads((folder / "evaluation.json").read_text()) | evaluation
    (folder / "evaluation.json").write_text(json.dumps(figures))


def test_without_a_threshold_it_says_so_and_offers_one(home):
    app = look()
    seen = text_of(app)
    assert "None is kept for this run" in seen
    choice = threshold_for_accuracy(validation(home).probabilities, validation(home).labels, 0.999)
    assert f"below **{100 * choice.threshold:.10g} %** confidence the answer is *I don't know*" in seen
    assert app.button(key="trust_remove").disabled
    assert len(app.get("vega_lite_chart")) == 3
    assert all(chart.proto.alt for chart in app.get("vega_lite_chart"))


def test_the_effect_is_stated_for_validation_and_for_test(home):
    app = look()
    labels = resources.test_split().labels
    test = read_answers(RunStore(home).get("classic"), "test", labels)
    choice = threshold_for_accuracy(validation(home).probabilities, validation(home).labels, 0.999)
    table = app.table[0].value
    for split, effect in (
        ("Validation", choice.effect),
        ("Test", effect_of(test.probabilities, labels, choice.threshold)),
    ):
        answered, right, wrong_left, right_lost = table[split]
        assert answered.startswith(f"**{effect.coverage.text}** ({100 * effect.coverage.low:.2f} to ")
        assert answered.endswith(f"), {effect.coverage.count:,} of {effect.coverage.n:,}")
        assert right.endswith(f"), {effect.accuracy.count:,} of {effect.accuracy.n:,}")
        assert wrong_left == f"{effect.wrong_left:,} of {effect.wrong_left + effect.wrong_avoided:,}"
        assert right_lost == f"{effect.right_lost:,} of {effect.accuracy.count + effect.right_lost:,}"


def test_a_threshold_is_kept_as_the_command_line_keeps_it_and_removed(home):
    run = RunStore(home).get("classic")
    app = look()
    app.segmented_control(key="trust_rule").set_value("coverage").run()
    app.number_input(key="trust_target_coverage").set_value(98.0).run()
    app.button(key="trust_keep").click().run()
    choice = threshold_for_coverage(validation(home).probabilities, validation(home).labels, 0.98)
    assert read_threshold(home, run) == Threshold(choice.threshold, "coverage", 0.98)
    assert f"Kept for this run: **{100 * choice.threshold:.10g} %**, for coverage of at least 98 % on validation" in (
        text_of(app)
    )
    assert app.button(key="trust_keep").disabled
    again = look()
    assert again.segmented_control(key="trust_rule").value == "coverage"
    assert again.number_input(key="trust_target_coverage").value == 98.0
    again.button(key="trust_remove").click().run()
    assert read_threshold(home, run) is None
    assert "None is kept for this run" in text_of(again)


def test_kept_here_applied_to_a_drawing_and_not_when_removed(home, visit, test_digits):
    app = look()
    app.segmented_control(key="trust_rule").set_value("coverage").run()
    app.number_input(key="trust_target_coverage").set_value(0.01).run()
    app.button(key="trust_keep").click().run()
    assert read_threshold(home, RunStore(home).get("classic")).value > 0.999
    assert drawn(visit, test_digits[2] // 2 + test_digits[7] // 2)[0] == "?"
    app.button(key="trust_remove").click().run()
    digit, seen = drawn(visit, test_digits[2] // 2 + test_digits[7] // 2)
    assert digit.isdecimal()
    assert "I don't know" not in seen


def drawn(visit, image: np.ndarray) -> tuple[str, str]:
    """What Draw and predict answers, and everything it says."""
    app = visit(DRAW)
    app.session_state[CANVAS] = drawing(image)
    app.run()
    return next(metric.value for metric in app.metric if metric.label == "Digit"), text_of(app)


def test_a_target_out_of_reach_says_what_is_best_and_cannot_be_kept(home):
    """Nine in ten of the surest answers are right, and half of the others."""
    folder = finished_run(home, RUN).path
    count = len(np.load(folder / "predictions.npz")["validation"])
    labels = resources.training_labels()[np.load(folder / "predictions.npz")["validation_indices"]].astype(int)
    place = np.arange(count)
    right = np.where(place < count // 2, place % 10 != 0, place % 2 == 0)
    read = np.where(right, labels, (labels + 1) % 10)
    answers = rows(*zip(read.tolist(), np.where(place < count // 2, 0.9, 0.6).tolist(), strict=True))
    rewrite(folder, {"validation": answers}, temperature=1.0)
    app = look(RUN)
    assert "No threshold reaches 99.9 %" in text_of(app)
    assert "90.00 % of them rightly" in text_of(app)
    assert app.button(key="trust_keep").disabled


def test_where_nothing_needs_to_be_withheld_that_is_kept_too(home):
    app = look()
    app.number_input(key="trust_target_accuracy").set_value(50.0).run()
    assert "No threshold is needed" in text_of(app)
    app.button(key="trust_keep").click().run()
    assert read_threshold(home, RunStore(home).get("classic")) == Threshold(0.0, "accuracy", 0.5)
    assert "every answer is given" in text_of(app)


def test_a_run_without_validation_cannot_choose_but_a_kept_threshold_can_be_removed(home):
    run = finished_run(home, RUN)
    none = {"validation": np.empty((0, 10), np.float32), "validation_indices": np.empty(0, np.int64)}
    rewrite(run.path, none, validation=None, temperature=1.0)
    app = look(RUN)
    assert any("no validation images to choose a threshold on" in info.value for info in app.info)
    assert not app.segmented_control
    assert [button for button in app.button if button.key == "trust_keep"] == []
    keep_threshold(home, RunStore(home).get(RUN), Threshold(0.9, "accuracy", 0.999, "classic"))
    app = look(RUN)
    assert "Kept for this run: **90 %**, for accuracy of at least 99.9 % on the validation images of classic" in (
        text_of(app)
    )
    app.button(key="trust_remove").click().run()
    assert read_threshold(home, RunStore(home).get(RUN)) is None


def test_an_imported_run_is_warned_about(home):
    run = finished_run(home, RUN)
    config = json.loads((run.path / "config.json").read_text())
    network = [asdict(layer) for layer in layers(run.config)]
    (run.path / "config.json").write_text(json.dumps(config | {"imported": True, "network": network}))
    assert RunStore(home).get(RUN).imported is not None
    assert "may have been trained on these validation images" in text_of(look(RUN))


def test_an_own_set_shows_the_curve_and_leaves_the_threshold_as_it_is(home):
    store, run = DataSetStore(home), RunStore(home).get("classic")
    files = [Given.of_bytes("mine.csv", own_sets.table())]
    mine = store.keep(files, datasets.look(files).proposal, name="Mine")
    datasets.answers(mine, run, resources.classifier(run))
    app = look(split=mine.dataset_id)
    assert any("chosen on validation images only" in info.value for info in app.info)
    assert [control.key for control in app.segmented_control] == ["trust_temperature"]
    assert not app.number_input
    assert len(app.get("vega_lite_chart")) == 3
    assert "On Mine the ECE" in text_of(app)


def test_what_the_temperature_does_is_shown_for_better_and_for_worse(home):
    """The shipped run's answers with their own temperature, and with one that no validation would give."""
    finished_run(home, RUN)
    rewrite(home.runs / RUN, {}, temperature=9.0)
    for run in ("classic", RUN):
        labels = resources.test_split().labels
        after, before = (
            reliability(
                read_answers(RunStore(home).get(run), "test", labels, calibrated=calibrated).probabilities, labels
            )
            for calibrated in (True, False)
        )
        app = look(run)
        verdict = "gets better" if after.ece < before.ece else "gets worse"
        assert f"the ECE {verdict}, from {before.ece:.4f} to {after.ece:.4f}" in text_of(app)
        assert f"(ECE {after.ece:.4f})" in text_of(app)
        app.segmented_control(key="trust_temperature").set_value("Without").run()
        assert f"(ECE {before.ece:.4f})" in text_of(app)
    assert verdict == "gets worse"


def test_a_threshold_that_cannot_be_written_is_one_sentence(home):
    (home.root / "thresholds").write_text("in the way")
    app = look()
    app.button(key="trust_keep").click().run()
    assert not app.exception
    assert any("cannot be kept" in error.value for error in app.error)
    assert "None is kept for this run" in text_of(app)
