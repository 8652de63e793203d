"""Draw and predict: why a drawing is read as it is, behind its tabs."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.home import StudioHome
from core.runs import RunStore
from tests.digits import label, row_of
from tests.indexes import indexing_waits, write_small_index
from tests.pages.drawn import alts, answer, open_why, upload
from tests.pages.screen import CANVAS, DRAW, drawing, text_of
from ui import drawing_why, resources

Why = Callable[..., AppTest]


@pytest.fixture
def why(visit, home, test_digits) -> Why:
    """Draws a digit, or none, and opens a tab."""

    def look(tab: str, digit: int | None = 7) -> AppTest:
        app = visit(DRAW)
        if digit is not None:
            app.session_state[CANVAS] = drawing(test_digits[digit])
        return open_why(app, tab)

    return look


@pytest.mark.parametrize("tab", drawing_why.TABS)
def test_before_anything_is_drawn_every_tab_has_its_room(why: Why, tab: str):
    app = why(tab, None)
    assert len(app.get("image")) >= 2 or "once something is drawn" in text_of(app)
    assert not app.info


@pytest.mark.parametrize("tab", drawing_why.TABS)
def test_a_blank_drawing_has_no_reasons(why: Why, tab: str):
    app = why(tab, None)
    app.session_state[CANVAS] = drawing(None)
    app.run()
    assert not app.exception
    assert "Nothing drawn." in text_of(app)


def test_both_maps_speak_of_the_answer_and_the_runner_up(why: Why):
    said = [alt for alt in alts(why("For and against")) if alt.startswith("The digit coloured")]
    assert len(said) == 2
    assert said[0].startswith("The digit coloured by what speaks for 7 (blue)")
    assert "for 7" not in said[1]


def test_any_digit_can_be_asked_for_and_the_runner_up_is_at_first(why: Why, home):
    app = why("Why not")
    begun = text_of(app)
    app.button_group(key="draw_asked").set_value(9).run()
    assert not app.exception
    assert "**9** has" in text_of(app)
    assert "With more ink" in begun
    app.button_group(key="draw_asked").set_value(7).run()
    assert "It is read as 7, with" in text_of(app)


def test_the_question_stays_while_something_else_is_drawn(why: Why, test_digits):
    app = why("Why not")
    app.button_group(key="draw_asked").set_value(9).run()
    app.session_state[CANVAS] = drawing(test_digits[4])
    app.run()
    assert answer(app) == "4"
    assert "**9** has" in text_of(app)


def test_every_layer_has_its_maps(why: Why, home: StudioHome):
    shown = [alt for alt in alts(why("Layers")) if alt.startswith("Layer ")]
    run = RunStore(home).get("classic")
    assert len(shown) == len(resources.classifier(run).network.layer_names)


def test_look_alikes_are_the_nearest_training_images(why: Why, home: StudioHome):
    write_small_index(home)
    app = why("Look-alikes")
    assert sum(alt.startswith("Training image") for alt in alts(app)) == 8
    assert "among the 40 images" in text_of(app)


def test_while_there_is_no_index_it_says_how_far_it_is(why: Why, home: StudioHome):
    with indexing_waits(home):
        app = why("Look-alikes")
        assert "Looking through the training images, once for this run" in text_of(app)
        assert answer(app) == "7"
        write_small_index(home)
    assert resources.neighbours().wait(RunStore(home).get("classic"), 60).ready


def test_only_what_is_open_is_there(why: Why):
    assert not [alt for alt in alts(why("Steps")) if alt.startswith(("The digit", "Layer", "Training"))]


def test_the_reasons_of_one_of_several_digits(visit, home):
    app = upload(visit(DRAW), ("two.png", row_of([0, 1])))
    app.button_group(key="draw_focus_2").set_value(1).run()
    open_why(app, "For and against")
    assert f"The digit coloured by what speaks for {label(1)} (blue) and against it (red)." in alts(app)
