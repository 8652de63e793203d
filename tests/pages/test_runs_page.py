"""Runs: the table, what is done to its lines, and runs beside each other, in every state they can be in."""

import dataclasses
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.config import preset
from core.disk import said
from core.files import read_json_object, write_json
from core.home import StudioHome
from core.runs import RunStore
from core.shelf import Shelf
from core.status import RunState
from tests.pages.screen import RUNS, finished_run, own_run, text_of

FIRST = "20260101-000000-classic-aaaa"
SECOND = "20260102-000000-classic-bbbb"
THIRD = "20260103-000000-classic-cccc"
USE = ("Draw with it", "Duplicate in Train", "Prepare the zip", "Start training longer")  # what leaves a run as it is
MARKUP = "**bold** :smile: 😀 <b>x</b> [a](http://b)"


def changed_run(home: StudioHome, run_id: str, *, name: str, age: int = 0, **settings) -> None:
    """A finished run of that name and with these settings, made `age` seconds before the shipped one."""
    folder = finished_run(home, run_id).path
    config = read_json_object(folder / "config.json")
    changes = {"name": name, "created_at": config["created_at"] - age, "settings": config["settings"] | settings}
    write_json(folder / "config.json", config | changes)


def with_other_answers(home: StudioHome, run_id: str, *, fixed: int, broken: int) -> None:
    """Changes a run's test answers: that many it had wrong are right now, and as many right ones wrong."""
    folder = home.runs / run_id
    with np.load(folder / "predictions.npz") as found:
        arrays = dict(found)
    with np.load(home.mnist) as mnist:
        labels = mnist["y_test"]
    right = arrays["test"].argmax(axis=1) == labels
    for places, digits in (
        (np.flatnonzero(~right)[:fixed], labels),
        (np.flatnonzero(right)[:broken], (labels + 1) % 10),
    ):
        arrays["test"][places] = np.eye(10, dtype=np.float32)[digits[places]]
    np.savez(folder / "predictions.npz", **arrays)


def choose(app: AppTest, *run_ids: str) -> AppTest:
    """Opens the page by a link to these runs."""
    app.query_params["run"] = list(run_ids)
    app.run()
    assert not app.exception
    return app


def enabled(app: AppTest) -> set[str]:
    """Every deed that a visitor could do now, those under *More* among them."""
    buttons = {
        button.label
        for button in app.button
        if not button.disabled and (button.key or "").startswith(("runs_", "play_"))
    }
    menu = app.menu_button[0]
    return buttons | (set() if menu.disabled else {option.partition(": ")[2] for option in menu.options})


def more(app: AppTest, deed: str) -> AppTest:
    return app.menu_button[0].click(deed).run()


def table(app: AppTest):
    return app.dataframe[0].value


def test_without_any_run_the_page_says_what_to_do(no_models, visit):
    app = visit(RUNS)
    assert "No model yet" in text_of(app)
    assert not app.dataframe


def test_the_shipped_model_alone(visit, store: RunStore):
    app = visit(RUNS)
    assert list(table(app)["name"]) == ["Classic"]
    assert list(table(app)["state"]) == ["Active model"]
    assert enabled(app) == set()
    assert "Tick a run" in text_of(app)
    assert app.dataframe[0].proto.alt


def test_the_table_states_what_the_runs_state(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First", dropout=0.2)
    own_run(store, RunState.TRAINING, name="Now", epoch=2)
    own_run(store, RunState.FAILED, name="Broke", message="The loss became NaN.")
    lines = table(visit(RUNS)).set_index("name")
    assert lines.loc["Now", "state"] == f"Epoch 2 of {preset('classic').epochs}"
    assert lines.loc["Broke", "state"] == "Failed"
    test = store.get(FIRST).evaluation()["test"]
    assert lines.loc["First", "accuracy"] == pytest.approx(100 * test["accuracy"])
    assert lines.loc["First", "interval"] == f"{100 * test['accuracy_low']:.2f}–{100 * test['accuracy_high']:.2f}"
    assert lines.loc["First", "settings"] == "dropout 0.2"
    assert lines.loc["First", "parameters"] == 421_642
    assert len(lines.loc["First", "learned"]) == preset("classic").epochs
    assert np.isnan(lines.loc["Broke", "accuracy"])


def test_names_with_markup_are_shown_as_text(visit, store: RunStore, home):
    changed_run(home, FIRST, name=MARKUP)
    Shelf(store).annotate(FIRST, "a *note* $x$\n# second line")
    app = choose(visit(RUNS), FIRST)
    assert MARKUP in list(table(app)["name"])
    assert MARKUP in text_of(app)
    assert "a *note* $x$\n# second line" in [text.value for text in app.text]
    raw = [element.value for kind in ("markdown", "subheader", "caption") for element in app.get(kind)]
    assert not any("**bold**" in text or "<b>" in text for text in raw)
    app = choose(app, FIRST, "classic")
    raw = [element.value for kind in ("markdown", "subheader", "caption") for element in app.get(kind)]
    assert not any("**bold**" in text or "<b>" in text for text in raw)


def test_a_damaged_run_is_listed_with_its_reason(visit, home):
    broken = finished_run(home, FIRST)
    (broken.path / "config.json").unlink()
    finished_run(home, SECOND)
    app = visit(RUNS)
    assert "Damaged, and left alone (1)" in [expander.label for expander in app.expander]
    assert f"{FIRST}: config.json is missing." in text_of(app)
    assert len(table(app)) == 2


def test_a_damaged_run_is_deleted_and_restored(visit, store: RunStore, home):
    broken = finished_run(home, FIRST)
    (broken.path / "config.json").unlink()
    app = visit(RUNS)
    app.button(key=f"delete_{FIRST}").click().run()
    assert not app.exception
    assert store.damaged() == []
    app.button(key=f"restore_{FIRST}").click().run()
    assert [damaged.run_id for damaged in store.damaged()] == [FIRST]


def test_a_damaged_evaluation_is_said_and_the_rest_works(visit, home):
    folder = finished_run(home, FIRST).path
    (folder / "evaluation.json").write_text('{"test": ')
    app = choose(visit(RUNS), FIRST)
    assert "evaluation.json cannot be read" in text_of(app)
    app = choose(app, FIRST, "classic")
    assert "evaluation.json cannot be read" in text_of(app)


def test_one_run_at_a_glance(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First", epochs=3)
    app = choose(visit(RUNS), FIRST)
    assert enabled(app) == {*USE, "Pin", "Make active", "Delete"}
    assert "wrong of 10,000 on test" in text_of(app)
    assert "Departs from its preset in epochs 3" in text_of(app)
    assert "Validation accuracy by epoch" in app.get("vega_lite_chart")[0].proto.alt


def test_shipped_runs_can_be_used_but_not_changed(visit, home):
    finished_run(home, FIRST)
    assert enabled(choose(visit(RUNS), "classic")) == set(USE)


def test_a_failed_run_says_why(visit, store: RunStore):
    run = own_run(store, RunState.FAILED, message="The loss became NaN.")
    app = choose(visit(RUNS), run.run_id)
    assert "The loss became NaN." in text_of(app)
    assert "Draw with it" not in enabled(app)


def test_a_run_under_way_cannot_be_deleted(visit, store: RunStore):
    run = own_run(store, RunState.TRAINING)
    assert "Delete" not in enabled(choose(visit(RUNS), run.run_id))


def test_a_link_ticks_its_runs(visit, home):
    changed_run(home, FIRST, name="First", age=100)
    changed_run(home, SECOND, name="Second", age=200)
    app = choose(visit(RUNS), SECOND, "classic")
    assert list(table(app)["name"]) == ["First", "Second", "Classic"]
    assert json.loads(app.dataframe[0].proto.selection_state)["selection"]["rows"] == [1, 2]


def test_ids_in_a_link_that_are_no_runs_are_ignored(visit, home):
    app = choose(visit(RUNS), "../../etc", "gone", "x" * 5_000, "classic")
    assert "Tick one to three more" in text_of(app)


def test_name_and_note_are_saved(visit, store: RunStore, home):
    finished_run(home, FIRST)
    app = choose(visit(RUNS), FIRST)
    app.session_state["runs_describe"] = True
    app.run()
    app.text_input[0].set_value(MARKUP)
    app.text_area[0].set_value("Why it was made.\nIn two lines.")
    app.button(key="runs_save").click().run()
    assert not app.exception
    run = store.get(FIRST)
    assert (run.name, run.notes.note) == (MARKUP, "Why it was made.\nIn two lines.")
    assert MARKUP in list(table(app)["name"])
    assert [field.label for field in app.text_input] == ["Name"]  # the one of Import


def test_a_name_of_ten_thousand_characters_is_cut_by_the_field(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First")
    app = choose(visit(RUNS), FIRST)
    app.session_state["runs_describe"] = True
    app.run()
    app.text_input[0].set_value("x" * 10_000)
    app.button(key="runs_save").click().run()
    assert not app.exception
    assert store.get(FIRST).name == "x" * 80


def test_a_name_that_is_not_allowed_is_refused(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First")
    app = choose(visit(RUNS), FIRST)
    app.session_state["runs_describe"] = True
    app.run()
    app.text_input[0].set_value("two\nlines")
    app.button(key="runs_save").click().run()
    assert "a name may" in app.toast[0].value.replace("\\", "")
    assert store.get(FIRST).name == "First"
    assert app.text_input  # the form stays open


def test_pinned_runs_come_first_and_stay_ticked(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First", age=200)
    changed_run(home, SECOND, name="Second", age=100)
    app = choose(visit(RUNS), FIRST)
    assert list(table(app)["name"]) == ["Second", "First", "Classic"]
    more(app, "Pin")
    assert list(table(app)["name"]) == ["★ First", "Second", "Classic"]
    assert store.get(FIRST).notes.pinned
    assert app.query_params["run"] == FIRST
    more(app, "Unpin")
    assert list(table(app)["name"]) == ["Second", "First", "Classic"]


def test_a_run_is_deleted_and_comes_back(visit, store: RunStore, home):
    changed_run(home, FIRST, name=MARKUP)
    app = choose(visit(RUNS), FIRST)
    more(app, "Delete")
    assert f"Deleted: {MARKUP}" in [text.value for text in app.text]
    assert list(table(app)["name"]) == ["Classic"]
    assert "run" not in app.query_params
    app.button(key="runs_undo").click().run()
    assert not app.exception
    assert list(table(app)["name"]) == [MARKUP, "Classic"]
    assert app.query_params["run"] == FIRST
    assert store.get(FIRST).has_model


def test_deleting_the_active_model_says_which_one_answers_now(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First")
    store.activate(FIRST)
    app = choose(visit(RUNS), FIRST)
    more(app, "Delete")
    assert "The active model is now Classic." in app.toast[0].value
    assert table(app).set_index("name").loc["Classic", "state"] == "Active model"


def test_two_runs_are_deleted_at_once_and_come_back(visit, store: RunStore, home):
    for run_id in (FIRST, SECOND):
        finished_run(home, run_id)
    app = choose(visit(RUNS), FIRST, SECOND)
    more(app, "Delete")
    assert "Deleted: 2 runs" in text_of(app)
    assert len(table(app)) == 1
    app.button(key="runs_undo").click().run()
    assert len(table(app)) == 3


def test_what_others_deleted_can_be_restored_for_a_day(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First")
    Shelf(store).delete(FIRST)
    app = visit(RUNS)
    assert "Deleted in the last day (1)" in [expander.label for expander in app.expander]
    app.button(key=f"restore_{FIRST}").click().run()
    assert "First" in list(table(app)["name"])


def test_undo_of_what_is_gone_for_good_says_so(visit, store: RunStore, home):
    finished_run(home, FIRST)
    app = choose(visit(RUNS), FIRST)
    more(app, "Delete")
    Shelf(store).empty_trash(older_than=-1)
    app.button(key="runs_undo").click().run()
    assert not app.exception
    assert "is not in the trash" in app.toast[0].value.replace("\\", "")


def test_a_run_is_made_active(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First")
    app = choose(visit(RUNS), FIRST)
    app.button(key="runs_check").click().run()
    assert store.active().run_id == FIRST
    assert table(app).set_index("name").loc["First", "state"] == "Active model"
    assert "Make active" not in enabled(app)


def test_settings_are_duplicated_into_train(visit, store: RunStore):
    wanted = dataclasses.replace(
        preset("quick"), epochs=7, dropout=0.35, rotation=3.0, optimizer="sgd", stratified=True
    )
    run = store.create(wanted, preset="quick")
    app = choose(visit(RUNS), run.run_id)
    more(app, "Duplicate in Train")
    assert app.title[0].value == "Train"
    assert app.segmented_control[0].value == "quick"
    for field in dataclasses.fields(wanted):
        assert app.session_state[f"train_quick_{field.name}"] == getattr(wanted, field.name), field.name


def test_two_runs_beside_each_other(visit, store: RunStore, home):
    changed_run(home, FIRST, name="First", age=200)
    changed_run(home, SECOND, name="Second", age=100, dropout=0.2, epochs=3)
    with_other_answers(home, SECOND, fixed=7, broken=2)
    app = visit(RUNS)
    app.query_params["judged_on"] = "Test"
    app = choose(app, SECOND, FIRST)
    seen = text_of(app)
    assert "B fixed 7 images and broke 2" in seen
    assert "No clear difference: B fixed 7 and broke 2" in seen
    settings = app.table[0].value
    assert list(settings["Setting that differs"]) == ["Dropout", "Epochs"]
    assert list(settings["A"]) == ["0.5", str(preset("classic").epochs)]
    assert list(settings["B"]) == ["0.2", "3"]
    assert len(app.get("image")) == 7
    assert "Confusion matrix of B less that of A" in app.get("plotly_chart")[0].proto.alt
    assert list(app.dataframe[1].value.columns) == ["Digit", "A", "B"]
    app.segmented_control(key="flips").set_value("broken").run()
    assert len(app.get("image")) == 2
    assert all(image.proto.imgs[0].alt for image in app.get("image"))


def test_a_flip_is_opened_by_its_link(visit, store: RunStore, home):
    finished_run(home, FIRST)
    finished_run(home, SECOND)
    with_other_answers(home, SECOND, fixed=1, broken=0)
    app = visit(RUNS)
    app.query_params["judged_on"] = "Test"
    app = choose(app, FIRST, SECOND)
    opener = next(button for button in app.button if button.label.startswith("Open "))
    opener.click().run()
    assert not app.exception
    assert app.query_params["image"] == opener.label.removeprefix("Open ")
    seen = text_of(app)
    assert "**A** reads" in seen
    assert ", right" in seen
    assert ":red[wrong]" in seen


@pytest.mark.parametrize("image", ["x", "-1", "99999999999999", "²", ""])
def test_an_image_in_a_link_that_is_none_is_ignored(visit, home, image: str):
    finished_run(home, FIRST)
    app = visit(RUNS)
    app.query_params["image"] = image
    choose(app, FIRST, "classic")


def test_the_same_answers_are_said_to_be_the_same(visit, home):
    finished_run(home, FIRST)
    seen = text_of(choose(visit(RUNS), FIRST, "classic"))
    assert "A and B are right on the same images." in seen
    assert "All settings are the same." in seen


@pytest.mark.parametrize("count", [3, 4])
def test_up_to_four_runs_and_a_choice_of_the_pair(visit, home, count: int):
    ids = ["classic", FIRST, SECOND, THIRD][:count]
    for run_id in ids[1:]:
        finished_run(home, run_id)
    app = choose(visit(RUNS), *ids)
    assert list(app.dataframe[1].value.columns) == ["Digit", *"ABCD"[:count]]
    pairs = app.segmented_control(key="pair")
    assert len(pairs.options) == count * (count - 1) // 2
    pairs.set_value("B to C").run()
    assert "C fixed 0 images and broke 0" in text_of(app)


def test_five_runs_are_too_many(visit, home):
    ids = [f"20260101-00000{number}-classic-aaaa" for number in range(5)]
    for run_id in ids:
        finished_run(home, run_id)
    app = choose(visit(RUNS), *ids)
    assert "5 runs are ticked; at most four can be compared." in text_of(app)
    assert len(app.dataframe) == 1


def test_a_run_without_answers_is_compared_as_far_as_it_goes(visit, store: RunStore):
    run = own_run(store, RunState.FAILED)
    app = choose(visit(RUNS), run.run_id, "classic")
    assert "has no stored answers" in app.info[0].value.replace("\\", "")
    assert len(app.get("vega_lite_chart")) == 1
    assert not app.get("plotly_chart")


def test_damaged_predictions_are_one_sentence(visit, home):
    folder = finished_run(home, FIRST).path
    (folder / "predictions.npz").write_bytes(b"no arrays")
    app = choose(visit(RUNS), FIRST, "classic")
    assert "predictions.npz cannot be read" in app.info[0].value.replace("\\", "")


def test_a_thousand_runs_are_listed(visit, store: RunStore, home):
    for number in range(1_000):
        folder = home.runs / f"20260101-000000-classic-{number:04x}"
        folder.mkdir()
        values = read_json_object(store.get("classic").path / "config.json") | {"name": f"Run {number}"}
        (folder / "config.json").write_text(json.dumps(values))
        (folder / "status.json").write_bytes((store.get("classic").path / "status.json").read_bytes())
    app = visit(RUNS)
    assert len(table(app)) == 1_001


def limited(home: StudioHome, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """The same studio, where runs may take no more than so many bytes."""
    shut = dataclasses.replace(home, runs_limit=limit)
    monkeypatch.setattr(StudioHome, "from_environment", classmethod(lambda cls: shut))


def disk_of(app: AppTest) -> str:
    return next(each.label for each in app.expander if each.label.startswith("On the disk"))


def test_what_runs_take_is_in_sight_and_can_be_cleaned_up(home, visit, monkeypatch: pytest.MonkeyPatch) -> None:
    for run_id in (FIRST, SECOND, THIRD):
        finished_run(home, run_id)
    Shelf(RunStore(home)).pin(SECOND)
    RunStore(home).activate(THIRD)
    taken = RunStore(home).disk.usage().total
    limited(home, monkeypatch, int(taken * 1.05))
    app = visit(RUNS)
    assert disk_of(app) == f"On the disk: 3 runs, {said(taken)} of {said(int(taken * 1.05))}"
    assert "a training that would not fit is refused" in text_of(app)
    [choice] = app.multiselect
    assert len(choice.options) == 1  # neither the pinned nor the active nor the shipped one
    assert app.button(key="runs_disk_delete").disabled
    app.session_state["runs_disk_picked"] = [FIRST]
    app.run()
    app.button(key="runs_disk_delete").click().run()
    assert not app.exception
    assert "Undo" in enabled(app)
    assert not (home.runs / FIRST).exists()
    [trash] = [each for each in app.get("popover") if each.proto.popover.label.startswith("Empty the trash, ")]
    assert not trash.proto.popover.disabled
    app.button(key="runs_disk_empty").click().run()
    assert not app.exception
    assert "Undo" not in enabled(app)
    assert RunStore(home).disk.usage().total < 0.7 * taken


def test_a_start_that_would_not_fit_is_refused_with_the_way_out(home, visit, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(home, monkeypatch, 1_000_000)
    app = visit("pages/1_Train.py")
    app.button(key="start").click().run()
    assert "There is no room for this" in text_of(app)
    assert "of the 1.0 MB that they may" in text_of(app)
    assert [path for path in home.runs.iterdir() if path.is_dir()] == []
