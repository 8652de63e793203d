"""Present: a story is prepared and never lost, told from frozen runs, one idea a screen, and a bad link is no fault."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest

from core.files import read_json_object, write_json
from core.home import StudioHome
from core.runs import RunStore
from core.shelf import Shelf
from core.story import KINDS, Kind, Stories, plan_for
from core.thresholds import Threshold, keep_threshold
from tests import shipped
from tests.pages.screen import HOME, answer_otherwise, drawing, finished_run, labels, link_of, text_of
from ui import words

PRESENT = "pages/7_Present.py"
CANVAS = "stage-canvas-1"
OWN = "20260101-000000-classic-abcd"
Visit = Callable[..., AppTest]


def button(app: AppTest, label: str):
    return next(each for each in app.button if each.label == label)


def field(app: AppTest, label: str):
    kinds = (app.text_input, app.text_area, app.selectbox, app.radio, app.toggle)
    return next(each for kind in kinds for each in kind if each.label == label)


def alts(app: AppTest) -> str:
    """What the charts of a screen say to those who cannot see them."""
    return " ".join(each.proto.alt for each in app.get("vega_lite_chart")).replace("\N{NO-BREAK SPACE}", " ")


def data(app: AppTest, alt: str) -> pd.DataFrame:
    """What the chart with this alternative text is drawn from."""
    found = next(each for each in app.get("vega_lite_chart") if alt in each.proto.alt)
    return dataframe_util.convert_arrow_bytes_to_pandas_df(found.proto.data.data)


def test_a_ready_story_is_told_at_once_screen_by_screen(visit: Visit):
    app = visit(PRESENT)
    assert field(app, "Name").value == "Classic"
    button(app, "Start").click().run()
    told = [kind for kind in KINDS if kind is not Kind.CHANGE]  # there is nothing to compare with
    for number, kind in enumerate(told, 1):
        assert not app.exception
        assert link_of(app) == {"screen": str(number)}
        assert f"{KINDS[kind]} · {number} of {len(told)}" in text_of(app)
        assert all(each.proto.alt for each in app.get("vega_lite_chart"))
        if kind is Kind.ACCURACY:
            assert shipped.right() in alts(app)
            assert data(app, "Misread images of")["count"].tolist() == [len(shipped.misread()), 20]
        if kind is Kind.MISTAKES:
            assert len(data(app, "Misread images:")) == 6
        assert button(app, "Next").disabled == (number == len(told))
        if number < len(told):
            button(app, "Next").click().run()
    button(app, "Previous").click().run()
    assert link_of(app) == {"screen": str(len(told) - 1)}
    button(app, "Leave").click().run()
    assert link_of(app) == {}
    assert "Start" in labels(app.button)


def test_a_key_counts_from_the_screen_reached_and_is_never_closed(visit: Visit):
    app = visit(PRESENT)
    button(app, "Start").click().run()
    button(app, "Next").click().run()
    app.query_params["screen"] = "1"  # the address of a browser that has not heard of the second screen yet
    button(app, "Next").click().run()
    assert link_of(app) == {"screen": "3"}
    app.query_params["screen"] = "1"
    button(app, "Notes").click().run()
    assert link_of(app) == {"screen": "3", "notes": "1"}
    for screen in ("1", str(len(KINDS) - 1)):
        app.query_params["screen"] = screen
        app.run()
        keys = [each for each in app.sidebar.button if each.key.startswith("stage_")]
        assert len(keys) == 6
        assert not any(each.disabled for each in keys)  # a screen is seen before the buttons that come with it


def test_what_a_presenter_typed_outlasts_other_pages_and_is_saved_and_shown(home: StudioHome, visit: Visit):
    app = visit(PRESENT)
    field(app, "Name").set_value("*Quarterly* :smile: <b>").run()
    field(app, "What comes next").set_value("First **this**\nthen that").run()
    app.session_state["present_tab"] = "Screens"
    app.run()
    field(app, "Screens, in their order").set_value("accuracy").run()
    button(app, "Earlier").click().run()
    field(app, "Notes").set_value("Say <i>it</i> slowly.").run()
    field(app, "Screens, in their order").set_value("learning").run()
    field(app, "Shown").set_value(False).run()
    app.session_state["present_tab"] = "Examples"
    app.run()
    place = shipped.misread()[2]
    next(each for each in app.checkbox if each.key.endswith(f"pin_{place}_")).check().run()
    field(app, f"Why image {place:,} is misread").set_value("A *broken* pen").run()
    app.switch_page(HOME).run()
    app.switch_page(PRESENT).run()
    assert field(app, "Name").value == "*Quarterly* :smile: <b>"
    button(app, "Save").click().run()
    (story_id,) = Stories(home).ids()
    assert link_of(app) == {"story": story_id}
    assert app.code[0].value.endswith(f"?story={story_id}")
    story = Stories(home).get(story_id).story
    assert [screen.kind.value for screen in story.screens[:3]] == ["accuracy", "task", "confusions"]
    assert Kind.LEARNING not in [screen.kind for screen in story.screens]
    assert [(pin.place, pin.reason) for pin in story.pins] == [(place, "A *broken* pen")]

    audience = visit(PRESENT, story=story_id, screen="1", notes="1")
    assert "How good it is · 1 of 7" in text_of(audience)
    assert "Say <i>it</i> slowly." in [each.value for each in audience.text]
    assert any("\\*Quarterly\\*" in each.value for each in audience.caption)
    mistakes = visit(PRESENT, story=story_id, screen="4")
    assert "A *broken* pen" in alts(mistakes)
    assert len(data(mistakes, "Misread images:")) == 1
    assert "First **this** then that" in alts(visit(PRESENT, story=story_id, screen="7"))


def test_what_happens_to_a_run_later_changes_nothing_on_stage(
    home: StudioHome, visit: Visit, test_digits: dict[int, np.ndarray]
):
    run = finished_run(home, OWN)
    config = read_json_object(run.path / "config.json")
    write_json(run.path / "config.json", config | {"name": "Earlier **one**"})
    digits = shipped.truth().copy()
    digits[:50] = (digits[:50] + 1) % 10
    answer_otherwise(home, OWN, digits)
    keep_threshold(home, run, Threshold(1.0))
    story_id = Stories(home).save(plan_for("Frozen", OWN, "classic"))
    keep_threshold(home, run, Threshold(0.5))
    Shelf(RunStore(home)).delete(OWN)
    number = 1 + list(KINDS).index(Kind.LIVE)
    app = visit(PRESENT, story=story_id, screen="2")
    assert f"Earlier **one** reads {shipped.right()} of unseen digits." in alts(app)
    assert data(app, "Misread images of")["name"].tolist() == ["Earlier **one**", "Classic", "People, as estimated"]
    app = visit(PRESENT, story=story_id, screen="7")
    assert "Fixed" in alts(app)
    assert "; Broke 50 images" in alts(app)
    app = visit(PRESENT, story=story_id, screen=str(number))
    app.session_state[CANVAS] = drawing(test_digits[7])
    app.run()
    assert not app.exception
    said = data(app, "in large type").iloc[0]
    assert said["digit"] == "?"  # below a threshold of 100 %, which was kept when the story was saved
    assert said["verdict"].startswith("I don't know. Perhaps 7:")
    assert data(app, "ten digits")["share"].idxmax() == 7
    preparing = visit(PRESENT, story=story_id)
    assert field(preparing, "Run").value == OWN
    assert not button(preparing, "Start").disabled


def test_the_canvas_on_stage_answers(visit: Visit, test_digits: dict[int, np.ndarray]):
    app = visit(PRESENT, screen="7")
    assert data(app, "in large type").iloc[0]["digit"] == ""
    app.session_state[CANVAS] = drawing(test_digits[3])
    app.run()
    assert data(app, "in large type").iloc[0]["digit"] == "3"
    button(app, "Clear").click().run()
    assert data(app, "in large type").iloc[0]["verdict"] == "Nothing is drawn yet."


def test_saving_again_takes_the_place_of_a_story_and_a_new_one_needs_a_name(home: StudioHome, visit: Visit):
    first = Stories(home).save(plan_for("One", "classic", None))
    app = visit(PRESENT, story=first)
    field(app, "Name").set_value("Two").run()
    button(app, "Save").click().run()
    assert Stories(home).ids() == [first]
    assert Stories(home).get(first).story.name == "Two"
    field(app, "Story").set_value("").run()
    assert field(app, "Name").value == "Classic"
    field(app, "Name").set_value(" ").run()
    button(app, "Save").click().run()
    assert "needs a name" in text_of(app)
    assert button(app, "Start").disabled
    assert Stories(home).ids() == [first]
    app = visit(PRESENT, story="gone-000000")
    assert "there is no story" in app.warning[0].value.replace("\\", "").lower()
    assert "Start" in labels(app.button)


def test_who_saves_a_story_that_was_saved_elsewhere_meanwhile_overwrites_nothing(home: StudioHome, visit: Visit):
    stories = Stories(home)
    shared = stories.save(plan_for("One", "classic", None))
    first, second = visit(PRESENT, story=shared), visit(PRESENT, story=shared)
    field(first, "Name").set_value("First").run()
    field(second, "Name").set_value("Second").run()
    button(first, "Save").click().run()
    button(second, "Save").click().run()
    assert "stays as it is" in second.toast[0].value
    assert stories.get(shared).story.name == "First"
    names = {stories.get(story_id).story.name for story_id in stories.ids()}
    assert names == {"First", "Second"}
    field(second, "Name").set_value("Second, again").run()
    button(second, "Save").click().run()
    assert {stories.get(story_id).story.name for story_id in stories.ids()} == {"First", "Second, again"}


def test_the_name_goes_with_the_run_until_somebody_names_it(home: StudioHome, visit: Visit):
    other = finished_run(home, OWN)
    app = visit(PRESENT)
    field(app, "Run").set_value(OWN).run()
    assert field(app, "Name").value == words.title(other)
    field(app, "Name").set_value("Mine").run()
    field(app, "Run").set_value("classic").run()
    assert field(app, "Name").value == "Mine"


def test_nothing_is_compared_with_a_run_that_cannot_be_read_and_a_problem_hides_no_way_back(
    home: StudioHome, visit: Visit
):
    earlier, active = finished_run(home, OWN), finished_run(home, "20260102-000000-classic-abcd")
    config = read_json_object(active.path / "config.json")
    write_json(active.path / "config.json", config | {"created_at": config["created_at"] + 1})
    (earlier.path / "predictions.npz").write_bytes(b"no arrays")
    RunStore(home).activate(active.run_id)
    app = visit(PRESENT, story=Stories(home).save(plan_for("One", "classic", None)))
    app.menu_button[0].click("Delete").run()
    assert field(app, "Compared with").value == "classic"
    assert not button(app, "Start").disabled
    field(app, "Run").set_value(OWN).run()
    assert "cannot be read" in text_of(app)
    button(app, "Undo").click().run()
    assert len(Stories(home).ids()) == 1


def test_a_story_that_somebody_else_deletes_meanwhile_keeps_what_was_typed(home: StudioHome, visit: Visit):
    stories = Stories(home)
    gone, harmed = (stories.save(plan_for(name, "classic", None)) for name in ("Gone", "Harmed"))
    app = visit(PRESENT, story=gone)
    field(app, "Name").set_value("Typed").run()
    stories.delete(gone)
    app.run()
    assert not app.exception
    assert "There is no story" in text_of(app)
    button(app, "Save").click().run()
    assert sorted(stories.get(each).story.name for each in stories.ids()) == ["Harmed", "Typed"]
    (home.stories / harmed / "story.json").write_text("{")
    button(visit(PRESENT, story=harmed), "Delete it").click().run()
    assert harmed not in stories.ids()


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ({"screen": "99"}, "This story has 8; the link asks for 99."),
        ({"screen": "<b>"}, "the link asks for <b>."),
        ({"screen": "0"}, "There is no such screen."),
        ({"story": "../../runs", "screen": "1"}, "This story cannot be told."),
        ({"story": "a\0b", "screen": "1"}, "No story is called 'a\\x00b'"),
        ({"story": "damaged", "screen": "1"}, "its files are damaged"),
    ],
)
def test_a_link_to_nothing_says_so_and_leads_on(home: StudioHome, visit: Visit, link: dict[str, str], says: str):
    (home.stories / "damaged").mkdir(parents=True)
    (home.stories / "damaged" / "story.json").write_text('{"story": 1')
    app = visit(PRESENT, **link)
    assert says in " ".join(each.value for each in (*app.text, *app.title))
    button(app, "Prepare a story").click().run()
    assert not app.exception
    assert "Start" in labels(app.button)


def test_a_read_only_studio_tells_its_story_and_keeps_none(
    home: StudioHome, visit: Visit, monkeypatch: pytest.MonkeyPatch
):
    closed = StudioHome(home.root, home.shipped, read_only=True)
    monkeypatch.setattr(StudioHome, "from_environment", classmethod(lambda cls: closed))
    app = visit(PRESENT)
    assert "Save" not in labels(app.button)
    button(app, "Start").click().run()
    assert "The task · 1 of 8" in text_of(app)
    assert not home.stories.exists()


def test_without_a_model_it_says_what_to_do(no_models: StudioHome, visit: Visit):
    assert "No model yet" in text_of(visit(PRESENT))
    assert "There is no model yet" in text_of(visit(PRESENT, screen="1"))
