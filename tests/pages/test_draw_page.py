"""Draw and predict: drawings injected as the canvas sends them, uploads, examples."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest

from core.runs import RunStore
from core.shelf import Shelf
from core.thresholds import Threshold, keep_threshold
from tests.digits import copy_of_classic
from tests.pages.drawn import answer, upload
from tests.pages.screen import CANVAS, DRAW, HOME, drawing, finished_run, text_of


def bars(app) -> pd.DataFrame:
    """What the ten bars show."""
    return dataframe_util.convert_arrow_bytes_to_pandas_df(app.get("vega_lite_chart")[0].proto.data.data)


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_before_anything_is_drawn_there_is_no_digit(visit, home):
    app = visit(DRAW)
    assert answer(app) == "–"
    assert "Draw a digit" in text_of(app)


@pytest.mark.parametrize("digit", [0, 3, 7])
def test_a_drawn_digit_is_read(visit, home, test_digits, digit: int):
    app = visit(DRAW)
    app.session_state[CANVAS] = drawing(test_digits[digit])
    app.run()
    assert not app.exception
    assert answer(app) == str(digit)
    assert "confidence" in text_of(app)
    assert len(app.get("image")) >= 4
    assert all(image.proto.imgs[0].alt for image in app.get("image"))
    assert bars(app).query("answer")["digit"].tolist() == [str(digit)]


def test_a_blank_drawing_has_no_digit_and_no_confidence(visit, home):
    app = visit(DRAW)
    app.session_state[CANVAS] = drawing(None)
    app.run()
    assert answer(app) == "–"
    assert "Nothing drawn" in text_of(app)
    assert "confidence" not in text_of(app)


def test_clear_gives_an_empty_canvas(visit, home, test_digits):
    app = visit(DRAW)
    app.session_state[CANVAS] = drawing(test_digits[3])
    app.run()
    app.button(key="clear").click().run()
    assert answer(app) == "–"


def test_an_uploaded_digit_is_read(visit, home, test_digits):
    app = upload(visit(DRAW), ("five.png", png(255 - test_digits[5].repeat(6, 0).repeat(6, 1))))
    assert answer(app) == "5"


@pytest.mark.parametrize(
    ("name", "content"),
    [("cut.png", png(np.zeros((50, 50), np.uint8))[:40]), ("page.png", b"<svg><script>alert(1)</script></svg>")],
)
def test_a_bad_upload_is_one_sentence(visit, home, name: str, content: bytes):
    app = upload(visit(DRAW), (name, content))
    assert not app.exception
    assert answer(app) == "–"
    said = [line for line in text_of(app).split("\n") if line.startswith(":red[")]
    assert len(said) == 1
    assert "Traceback" not in said[0]


def test_an_example_can_be_clicked(visit, home):
    app = visit(DRAW)
    app.session_state["draw_input"] = "Examples"
    app.run()
    app.button(key="example_8").click().run()
    assert answer(app) == "8"


def test_without_a_model_the_page_says_what_to_do(no_models, visit):
    app = visit(DRAW)
    assert "No model yet" in text_of(app)
    assert not app.metric


def test_another_model_can_answer(visit, store: RunStore, home, test_digits):
    run = finished_run(home)
    app = visit(DRAW)
    app.selectbox(key="draw_model").select(run.run_id).run()
    app.session_state[CANVAS] = drawing(test_digits[4])
    app.run()
    assert answer(app) == "4"
    assert app.selectbox(key="draw_model").value == run.run_id


def test_when_the_model_is_deleted_meanwhile_the_active_one_answers(visit, store: RunStore, home, test_digits):
    run = finished_run(home)
    copy_of_classic(home, "one-more")
    app = visit(DRAW)
    app.selectbox(key="draw_model").select(run.run_id).run()
    app.session_state[CANVAS] = drawing(test_digits[4])
    app.run()
    Shelf(store).delete(run.run_id)
    app.run()
    assert not app.exception
    assert (answer(app), app.selectbox(key="draw_model").value) == ("4", "classic")


def test_a_pen_stroke_after_the_model_was_deleted_begins_the_page_anew(store: RunStore, home):
    def page(run_id: str) -> None:
        import streamlit as st

        from core.run import Run
        from ui import drawing, resources, state

        if "seen" not in st.session_state:
            st.session_state["seen"] = run = resources.store().get(run_id)
            resources.shelf().delete(run_id)
            drawing.keep_to(run)
        assert isinstance(st.session_state["seen"], Run)
        st.text(state.told())

    app = AppTest.from_function(page, kwargs={"run_id": finished_run(home).run_id}).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["Classic was deleted meanwhile: the active model answers now."]


def test_a_damaged_model_is_one_sentence(visit, store: RunStore, home):
    run = finished_run(home)
    (run.path / "model.onnx").write_bytes(b"not a network")
    app = visit(DRAW)
    app.selectbox(key="draw_model").select(run.run_id).run()
    assert not app.exception
    assert "model.onnx" in text_of(app)
    assert "Choose another one above." in text_of(app)
    assert "No model yet" not in text_of(app)


def drawn(visit, image: np.ndarray):
    app = visit(DRAW)
    app.session_state[CANVAS] = drawing(image)
    return app.run()


def test_the_drawing_is_there_again_after_another_page(visit, home, test_digits):
    app = drawn(visit, test_digits[3])
    app.switch_page(HOME).run()
    app.switch_page(DRAW).run()
    assert not app.exception
    assert answer(app) == "3"


def test_what_was_cleared_comes_back_with_undo_and_goes_with_the_next(visit, home, test_digits):
    app = drawn(visit, test_digits[3])
    app.button(key="clear").click().run()
    assert answer(app) == "–"
    app.button(key="undo").click().run()
    assert answer(app) == "3"
    app.button(key="undo").click().run()
    assert answer(app) == "–"


def test_undo_on_an_empty_canvas_does_nothing(visit, home):
    app = visit(DRAW)
    app.button(key="undo").click().run()
    assert not app.exception
    assert answer(app) == "–"


@pytest.mark.parametrize("data", ["data:image/png;base64,AAAA", "data:image/png;base64,!", "nothing of the kind"])
def test_what_no_canvas_sends_is_no_drawing(visit, home, data: str):
    app = visit(DRAW)
    app.session_state[CANVAS] = {"drawing": {"raw": {"objects": []}, "data": data}}
    app.run()
    assert not app.exception
    assert answer(app) == "–"


def test_another_model_reads_the_same_drawing(visit, home, test_digits):
    run = finished_run(home)
    app = drawn(visit, test_digits[4])
    app.selectbox(key="draw_model").select(run.run_id).run()
    assert answer(app) == "4"


def test_a_photograph_is_read(visit, home, test_digits):
    app = visit(DRAW)
    app.session_state["draw_input"] = "Camera"
    app.run()
    assert "Hold a digit before the camera" in text_of(app)
    picture = Image.fromarray(255 - np.pad(test_digits[6], 20).repeat(8, 0).repeat(8, 1))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    app.camera_input[0].set_value(("photo.jpg", buffer.getvalue(), "image/jpeg")).run()
    assert not app.exception
    assert answer(app) == "6"
    app.camera_input[0].set_value(("photo.jpg", buffer.getvalue()[:300], "image/jpeg")).run()
    assert answer(app) == "–"
    assert "damaged" in text_of(app)


def test_below_the_threshold_it_does_not_know_and_quietly_says_what_it_might_be(visit, home, test_digits):
    without = drawn(visit, test_digits[3])
    keep_threshold(home, RunStore(home).active(), Threshold(1.0))
    app = drawn(visit, test_digits[3])
    assert answer(app) == "?"
    assert "**I don't know.**" in text_of(app)
    assert re.search(r"Best guess: 3, \d\d\.\d\d %", text_of(app))
    assert "It says *I don't know* below 100 %, the threshold kept for this run." in text_of(app)
    charts = [one.get("vega_lite_chart")[0].proto for one in (without, app)]
    assert charts[0].spec == charts[1].spec
    assert charts[0].alt == charts[1].alt


def test_at_or_above_the_threshold_the_answer_stands(visit, home, test_digits):
    keep_threshold(home, RunStore(home).active(), Threshold(0.5, "accuracy", 0.99))
    app = drawn(visit, test_digits[3])
    assert answer(app) == "3"
    assert "It says *I don't know* below 50 %" in text_of(app)
    assert "**I don't know.**" not in text_of(app)


@pytest.mark.parametrize("kept", [None, Threshold(0.0, "coverage", 1.0)])
def test_without_a_threshold_nothing_is_said_of_one(visit, home, test_digits, kept: Threshold | None):
    keep_threshold(home, RunStore(home).active(), kept)
    app = drawn(visit, test_digits[3])
    assert answer(app) == "3"
    assert "I don't know" not in text_of(app)


def test_a_blank_drawing_is_no_doubt(visit, home):
    keep_threshold(home, RunStore(home).active(), Threshold(1.0))
    app = visit(DRAW)
    app.session_state[CANVAS] = drawing(None)
    app.run()
    assert answer(app) == "–"
    assert "Nothing drawn" in text_of(app)
