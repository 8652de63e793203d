"""The form of Train: what it says, opened and closed, and what is put into it from elsewhere."""

import dataclasses
import io
import json

import numpy as np
import pytest
from PIL import Image

from core.coach import hints
from core.config import PRESETS
from core.pictures import DENSITY
from core.runs import RunStore
from core.status import RunState
from tests.histories import recorded
from tests.pages.screen import TRAIN, text_of
from ui import resources, state
from ui.training_form import MORE


def opened(app, tab: str):
    """The page with one tab of *More settings* open."""
    app.session_state[state.MORE] = True
    app.session_state[state.MORE_TAB] = tab
    return app.run()


def closed(app):
    """The page with *More settings* closed again."""
    app.session_state[state.MORE] = False
    return app.run()


def as_json(app) -> dict:
    """The settings that the form holds, as its popover shows them."""
    app.session_state[state.SETTINGS_JSON] = True
    return json.loads(app.run().get("code")[0].value)


def control(app, name: str):
    kinds = ("number_input", "selectbox", "toggle")
    return next(widget for kind in kinds for widget in app.main.get(kind) if widget.key.endswith(f"_{name}"))


def augmentation(app):
    return next(box for box in app.selectbox if box.label == "Augmentation")


def settings_drawn(app) -> list:
    """The form's fields."""
    kinds = ("number_input", "selectbox", "toggle")
    return [widget for kind in kinds for widget in app.main.get(kind)]


def test_six_settings_are_in_sight_and_one_tab_more(visit, home):
    app = visit(TRAIN)
    assert len(settings_drawn(app)) == 6
    for tab, names in MORE.items():
        drawn = settings_drawn(opened(app, tab))
        assert len(drawn) == 6 + len(names)
        assert all(widget.help.endswith(".") for widget in drawn)
    assert control(opened(app, "Network"), "activation").options == ["ReLU", "GELU", "SiLU", "Tanh"]
    assert not app.exception


@pytest.mark.parametrize("preset", list(PRESETS))
def test_an_untouched_form_is_the_preset(visit, home, preset: str):
    app = visit(TRAIN)
    app.segmented_control[0].set_value(preset).run()
    assert as_json(app) == PRESETS[preset].to_dict()


def test_what_was_set_is_kept_when_its_field_is_not_drawn(visit, home):
    app = opened(visit(TRAIN), "Network")
    control(app, "kernel_size").set_value(5)
    control(app, "batch_norm").set_value(True).run()
    opened(app, "Data")
    control(app, "subset").set_value(2_000).run()
    closed(app)
    kept = {"kernel_size": 5, "batch_norm": True, "subset": 2_000}
    assert as_json(app) == PRESETS["classic"].to_dict() | kept
    assert app.table[0].value["Parameters"][0] == "800"  # 5 x 5 x 32, without bias

    app.switch_page("Home.py").run()
    app.switch_page(TRAIN).run()
    assert as_json(app) == PRESETS["classic"].to_dict() | kept
    assert control(opened(app, "Network"), "kernel_size").value == 5
    app.segmented_control[0].set_value("quick").run()
    assert as_json(app) == PRESETS["quick"].to_dict()
    app.segmented_control[0].set_value("classic").run()
    assert as_json(closed(app)) == PRESETS["classic"].to_dict() | kept


@pytest.mark.parametrize(
    ("tab", "name", "value", "reason"),
    [
        ("Network", "kernel_size", 29, "Kernel size must be from 1 to 11, not 29. See More settings, Network."),
        ("Augmentation", "elastic", -1.0, "not -1.0. See More settings, Augmentation."),
        ("Data", "validation_size", 40_000, "not 40000. See More settings, Data."),
    ],
)
def test_a_refusal_says_where_the_hidden_setting_is(visit, home, tab: str, name: str, value: float, reason: str):
    app = opened(visit(TRAIN), tab)
    control(app, name).set_value(value).run()
    assert "See More settings" not in text_of(app)
    assert app.error
    closed(app)
    assert reason in text_of(app)
    assert app.button(key="start").disabled


def test_a_refusal_names_each_place_that_is_not_in_sight(visit, home):
    app = opened(visit(TRAIN), "Optimisation")
    control(app, "early_stopping").set_value(2).run()
    opened(app, "Data")
    control(app, "validation_size").set_value(0).run()
    assert text_of(app).count("See More settings, Optimisation.") == 1
    assert "See More settings, Optimisation and Data." in text_of(closed(app))


def test_augmentation_sets_its_settings_and_follows_them(visit, home):
    app = visit(TRAIN)
    assert augmentation(app).value == "medium"  # that of classic
    augmentation(app).select("strong").run()
    strong = PRESETS["strong"].to_dict()
    assert {name: as_json(app)[name] for name in MORE["Augmentation"]} == {
        name: strong[name] for name in MORE["Augmentation"]
    }
    control(opened(app, "Augmentation"), "rotation").set_value(13.0).run()
    assert augmentation(app).value == "own"
    augmentation(app).select("none").run()
    assert control(app, "rotation").value == 0
    augmentation(app).select("own").run()
    assert (control(app, "rotation").value, control(app, "shift").value) == (13.0, strong["shift"])
    control(app, "rotation").set_value(strong["rotation"]).run()
    assert augmentation(app).value == "strong"
    assert not app.exception


def test_augmentation_is_previewed_where_there_is_any(visit, home):
    app = visit(TRAIN)
    augmentation(app).select("none").run()
    assert "digits as they are" not in text_of(app)
    augmentation(app).select("strong").run()
    assert "digits as they are" in text_of(app)
    control(opened(app, "Augmentation"), "rotation").set_value(-1.0).run()
    assert "digits as they are" not in text_of(app)
    assert not app.exception


def test_the_preview_shows_digits_and_variations_of_each(home):
    config = PRESETS["strong"]
    sheet = np.asarray(Image.open(io.BytesIO(resources.augmented(config))).convert("L"))
    side, (width, height) = DENSITY * resources.EXAMPLE_WIDTH, resources.AUGMENTED_SIZE
    assert sheet.shape == (DENSITY * height, DENSITY * width)
    cells = sheet.reshape(-1, side, width // resources.EXAMPLE_WIDTH, side).swapaxes(1, 2)[:, :, 8:-8, 8:-8]
    assert (cells.min(axis=(2, 3)) < 160).all(), "ink in every place, pale where the picture has low contrast"
    assert (cells[1:] != cells[0]).any(axis=(2, 3)).all(), "each variation differs from its digit"


def test_settings_are_pasted_as_json(visit, home):
    app = visit(TRAIN)
    assert not app.get("code")
    pasted = as_json(app) | {"epochs": 3, "kernel_size": 5, "rotation": 3, "weight_decay": 0.25, "stratified": True}
    app.text_area(key=state.PASTED).set_value(json.dumps(pasted)).run()
    app.button(key="paste_settings").click().run()
    assert not app.exception
    assert not app.get("code"), "the popover closes, so that the form is seen"
    assert control(app, "epochs").value == 3
    assert augmentation(app).value == "own"
    assert as_json(app) == pasted
    assert control(opened(app, "Network"), "kernel_size").value == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[1]", "JSON object"),
        ('{"epochs": 0}', "from 1 to 1,000"),
        ('{"kernel": 3}', "not a setting"),
        ('{"learning_rate": NaN}', "not nan"),
        ('{"epochs": {"a": 1}}', "whole number"),
        ('{"blocks": 4, "kernel_size": 9}', "larger than"),
    ],
)
def test_pasted_nonsense_is_refused_and_changes_nothing(visit, home, text: str, reason: str):
    app = visit(TRAIN)
    before = as_json(app)
    app.text_area(key=state.PASTED).set_value(text).run()
    app.button(key="paste_settings").click().run()
    assert not app.exception
    assert any(reason in toast.value.replace("\\", "") for toast in app.toast), [toast.value for toast in app.toast]
    assert as_json(app) == before


def test_settings_of_a_run_reach_the_fields_that_are_not_drawn(visit, store: RunStore):
    config, steps, epochs = recorded("overfitting_far")
    config = dataclasses.replace(
        config, kernel_size=5, weight_decay=0.25, rotation=3.0, optimizer="sgd", stratified=True
    )
    run = store.create(config, preset="quick")
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in steps + epochs))
    run.status.write(run.path, state=RunState.INTERRUPTED, message="Closed.", pid=None)
    (hint,) = hints(config, steps, epochs, ended=True)
    app = visit(TRAIN)
    app.button(key=f"coach_{run.run_id}_{hint.name}").click().run()
    assert not app.exception
    assert app.segmented_control[0].value == "quick"
    assert as_json(app) == config.to_dict() | dict(hint.changes)
