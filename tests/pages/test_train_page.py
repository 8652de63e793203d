"""Train: the form, the run that is watched, and every state that run can be in."""

import json
from dataclasses import asdict

import filelock
import pytest

from core import control as orders
from core.coach import hints
from core.config import PRESETS
from core.control import Command, Orders
from core.files import line_appender
from core.runs import RunStore
from core.shelf import Shelf
from core.status import RunState, this_process
from tests.histories import recorded
from tests.pages.screen import TRAIN, finished_run, labels, own_run, text_of
from ui.state import MORE, MORE_TAB, setting_key


def start_button(app):
    return app.button(key="start")


def control(app, name: str):
    return next(widget for widget in app.number_input if widget.key.endswith(f"_{name}"))


def more(app, tab: str):
    """The page with one tab of *More settings* open."""
    app.session_state[MORE] = True
    app.session_state[MORE_TAB] = tab
    return app.run()


def test_the_form_shows_the_preset_and_its_network(visit, home):
    app = visit(TRAIN)
    assert control(app, "epochs").value == PRESETS["classic"].epochs
    assert not start_button(app).disabled
    table = app.table[0].value
    assert table["Output"][0] == "28×28×32"
    assert "421,642" in table["Parameters"].iloc[-1]


def test_the_layer_table_follows_the_settings(visit, home):
    app = visit(TRAIN)
    control(app, "filters").set_value(8).run()
    table = app.table[0].value
    assert table["Output"][0] == "28×28×8"
    assert table["Parameters"][0] == "80"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("epochs", 0, "Epochs must be from 1 to 1,000, not 0"),
        ("filters", 1_000_000_000, "Filters must be from 1 to 256"),
        ("learning_rate", -1.0, "Learning rate must be from 1e-07 to 10"),
    ],
)
def test_impossible_settings_are_refused_with_the_limit(visit, store: RunStore, name, value, reason):
    app = visit(TRAIN)
    control(app, name).set_value(value).run()
    assert not app.exception
    assert reason in text_of(app)
    assert start_button(app).disabled
    assert store.runs()[0].shipped  # nothing was made


def test_settings_that_cannot_go_together_are_refused(visit, home):
    app = more(visit(TRAIN), "Network")
    control(app, "blocks").set_value(3)
    control(app, "kernel_size").set_value(9).run()
    assert "larger than the 7 x 7 image that reaches block 3" in text_of(app)
    assert start_button(app).disabled


def test_edits_survive_a_change_of_page(visit, home):
    app = visit(TRAIN)
    control(app, "epochs").set_value(7).run()
    app = app.switch_page("Home.py").run()
    app = app.switch_page(TRAIN).run()
    assert control(app, "epochs").value == 7


def test_without_any_run_the_room_is_there(visit, home):
    app = visit(TRAIN)
    assert "Press Start" in text_of(app)
    assert len(app.get("vega_lite_chart")) == 4  # loss, accuracy, learning rate, validation confusion


def test_start_makes_a_run_that_is_shown(visit, store: RunStore):
    app = more(visit(TRAIN), "Data")
    control(app, "epochs").set_value(1)
    control(app, "subset").set_value(256)
    app.text_input[0].set_value("From a test").run()
    start_button(app).click().run()
    assert not app.exception
    run = store.runs()[0]
    assert (run.name, run.preset, run.config.subset) == ("From a test", "classic", 256)
    assert "Stop and keep the best" in labels(app.button) or "Take out of the queue" in labels(app.button)
    assert any(box.value == run.run_id for box in app.selectbox)


def test_a_name_that_is_not_allowed_is_refused(visit, store: RunStore):
    app = visit(TRAIN)
    app.text_input[0].set_value("two\nlines").run()
    start_button(app).click().run()
    assert "may not hold line breaks" in text_of(app)
    assert store.runs()[0].shipped


def test_a_training_run_shows_stage_pace_and_curves(visit, store: RunStore):
    run = own_run(store, RunState.TRAINING, epoch=2, step=500, images_per_second=5_100.0, eta_seconds=42.0)
    append = line_appender(run.path / "metrics.jsonl")
    for step in range(20, 501, 20):
        append({"kind": "step", "time": 0.0, "epoch": 1, "step": step, "loss": 1 / step, "accuracy": 0.9})
    epoch = {"epoch": 1, "step": 430, "loss": 0.3, "accuracy": 0.9, "val_loss": 0.1, "val_accuracy": 0.97}
    append({"kind": "epoch", "time": 0.0, "seconds": 9.0} | epoch)
    app = visit(TRAIN)
    seen = text_of(app)
    assert f"Epoch 2 of {PRESETS['classic'].epochs} · 5,100 images/s · about 42 s left" in seen
    assert "Validation accuracy 97.00 %" in seen
    assert "**150 wrong of 5,000** on the validation split" in seen
    assert "95 % interval 96.49 to 97.44 % · after epoch 1" in seen
    assert "Stop and keep the best" in labels(app.button)
    told = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert told[0].startswith("Loss")
    append({"kind": "epoch", "time": 1.0, "seconds": 9.0} | epoch | {"epoch": 2, "step": 860, "val_loss": 0.09})
    # Another text would have a chart drawn anew, which blinks.
    assert [chart.proto.alt for chart in app.run().get("vega_lite_chart")] == told


def test_a_waiting_run_is_seen_and_can_be_taken_out(visit, store: RunStore):
    own_run(store, RunState.TRAINING, name="First")
    own_run(store, RunState.QUEUED, name="Second")
    app = visit(TRAIN)
    assert "1. Second" in text_of(app)


def queued(store: RunStore, *names: str) -> list[str]:
    """The ids of runs that wait."""
    return [own_run(store, RunState.QUEUED, name=name).run_id for name in names]


def queue_of(app) -> list[str]:
    return [element.value for element in app.text if element.value[:3] in ("1. ", "2. ", "3. ")]


def test_the_queue_is_put_in_another_order(visit, store: RunStore):
    first, second, third = queued(store, "First", "**Second** :fire: <b>x</b>", "Third")
    app = visit(TRAIN)
    assert queue_of(app) == ["1. First", "2. **Second** :fire: <b>x</b>", "3. Third"]
    ends = {f"queue_arrow_upward_{first}", f"queue_arrow_downward_{third}"}
    assert {button.key for button in app.button if button.disabled and button.key.startswith("queue_")} == ends
    app.button(key=f"queue_arrow_upward_{third}").click().run()
    assert queue_of(app) == ["1. First", "2. Third", "3. **Second** :fire: <b>x</b>"]
    app.button(key=f"queue_arrow_downward_{first}").click().run()
    assert queue_of(app) == ["1. Third", "2. First", "3. **Second** :fire: <b>x</b>"]
    app.button(key=f"queue_arrow_downward_{first}").click().run()
    assert queue_of(app) == ["1. Third", "2. **Second** :fire: <b>x</b>", "3. First"]
    app.button(key=f"queue_close_{second}").click().run()
    assert orders.read(store.get(second).path).command is Command.STOP
    assert not app.exception


def test_two_visitors_who_want_the_same_order_get_it(visit, store: RunStore):
    *_, third = queued(store, "First", "Second", "Third")
    visitors = [visit(TRAIN), visit(TRAIN)]
    for app in visitors:
        app.button(key=f"queue_arrow_upward_{third}").click().run()
        assert queue_of(app) == ["1. First", "2. Third", "3. Second"]


def test_a_run_that_left_the_queue_meanwhile_is_not_moved(visit, store: RunStore):
    *_, third = queued(store, "First", "Second", "Third")
    app = visit(TRAIN)
    run = store.get(third)
    run.status.write(run.path, state=RunState.TRAINING)
    app.button(key=f"queue_arrow_upward_{third}").click().run()
    assert not app.exception
    assert any("only a run that waits can be moved" in toast.value.replace("\\", "") for toast in app.toast)
    assert queue_of(app) == ["1. First", "2. Second"]


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.FINISHED])
def test_any_unfinished_run_is_discarded_and_taken_back(visit, store: RunStore, state: RunState):
    run = own_run(store, state, name="**Gone** <b>")
    app = visit(TRAIN)
    app.button(key=f"delete_{run.run_id}").click().run()
    assert not app.exception
    assert [found for found in store.runs() if not found.shipped] == []
    assert "Discarded: **Gone** <b>" in [element.value for element in app.text]
    app.button(key="undo_discard").click().run()
    assert not app.exception
    assert "Discarded: " not in text_of(app)
    assert store.get(run.run_id).status.state.ended
    assert "Resume" in labels(app.button)


def test_what_another_visitor_discards_is_gone_from_the_page(visit, store: RunStore):
    kept, gone = own_run(store, RunState.FAILED, name="Kept"), own_run(store, RunState.TRAINING, name="Gone")
    here, there = visit(TRAIN), visit(TRAIN)
    there.button(key=f"delete_{gone.run_id}").click().run()
    here.button(key=f"delete_{gone.run_id}").click().run()
    assert not here.exception
    assert any("there is no run" in toast.value.replace("\\", "") for toast in here.toast)
    assert [box.value for box in here.selectbox if box.label == "Run"] == [kept.run_id]


def test_a_finished_run_is_trained_longer(visit, store: RunStore, home):
    parent = finished_run(home)
    Shelf(store).rename(parent.run_id, "**Mother** :fire:")
    app = visit(TRAIN)
    assert app.number_input(key=f"learning_rate_{parent.run_id}").value == 3e-4
    app.number_input(key=f"epochs_{parent.run_id}").set_value(2).run()
    with filelock.FileLock(home.training_lock):  # it waits: nothing is trained here
        button = app.button(key=f"play_arrow_{parent.run_id}")
        button.click().run()
        assert not app.exception
        (run,) = [run for run in store.runs() if run.continued_from is not None]
        assert (run.name, run.config.epochs, run.config.learning_rate) == ("**Mother** :fire:, continued", 2, 3e-4)
        assert [box.value for box in app.selectbox if box.label == "Run"] == [run.run_id]
        assert "Continues “**Mother** :fire:” with a fresh optimiser" in text_of(app)
        Shelf(store).discard(run.run_id)


def test_a_rate_that_is_not_allowed_starts_nothing(visit, store: RunStore, home):
    parent = finished_run(home)
    app = visit(TRAIN)
    app.number_input(key=f"learning_rate_{parent.run_id}").set_value(99.0).run()
    app.button(key=f"play_arrow_{parent.run_id}").click().run()
    assert not app.exception
    assert any("learning_rate must be" in toast.value.replace("\\", "") for toast in app.toast)
    assert [run.run_id for run in store.runs() if not run.shipped] == [parent.run_id]


def test_an_imported_run_cannot_be_trained_longer_and_says_why(visit, store: RunStore, home):
    run = finished_run(home)
    config = json.loads((run.path / "config.json").read_text())
    network = {"imported": True, "network": [asdict(layer) for layer in run.layers]}
    (run.path / "config.json").write_text(json.dumps(config | network))
    app = visit(TRAIN)
    (popover,) = [block for block in app.get("popover") if block.proto.popover.label == "Train longer"]
    assert popover.proto.popover.disabled
    assert "was imported" in popover.proto.popover.help
    assert not [field for field in app.number_input if field.label == "More epochs"]


def test_a_failed_run_says_why_and_can_be_resumed(visit, store: RunStore):
    own_run(store, RunState.FAILED, message="The loss became NaN.")
    app = visit(TRAIN)
    assert "Failed" in text_of(app)
    assert "The loss became NaN." in text_of(app)
    assert "Resume" in labels(app.button)


def test_a_run_whose_process_is_gone_is_interrupted(visit, store: RunStore):
    run = own_run(store, RunState.TRAINING)
    status = json.loads((run.path / "status.json").read_text())
    (run.path / "status.json").write_text(json.dumps(status | {"pid_started": 1.0}))
    app = visit(TRAIN)
    assert "Interrupted" in text_of(app)
    assert "Resume" in labels(app.button)


def test_a_finished_run_can_be_made_active(visit, store: RunStore, home):
    run = finished_run(home)
    app = visit(TRAIN)
    assert "wrong of 10,000" in text_of(app)
    next(button for button in app.button if button.label == "Make active").click().run()
    assert not app.exception
    assert store.active().run_id == run.run_id


def test_a_damaged_run_is_named_and_the_rest_works(visit, store: RunStore, home):
    broken = finished_run(home)
    (broken.path / "config.json").unlink()
    own_run(store, RunState.FAILED, message="Whole")
    app = visit(TRAIN)
    seen = text_of(app)
    assert f"{broken.run_id}: config.json is missing" in seen
    assert "Whole" in seen


def test_the_last_line_of_metrics_may_be_cut(visit, store: RunStore):
    run = own_run(store, RunState.FAILED)
    (run.path / "metrics.jsonl").write_text('{"kind": "step", "step": 20, "loss": 1.0, "accuracy": 0.5}\n{"kind": "st')
    visit(TRAIN)


def test_a_training_run_is_paused_goes_on_and_takes_another_rate(visit, store: RunStore):
    run = own_run(store, RunState.TRAINING, **this_process())
    app = visit(TRAIN)
    app.button(key=f"pause_{run.run_id}").click().run()
    assert orders.read(run.path).command is Command.PAUSE
    app.number_input(key=f"rate_{run.run_id}").set_value(0.001).run()
    app.button(key=f"check_{run.run_id}").click().run()
    assert orders.read(run.path) == Orders(Command.PAUSE, 0.001)
    run.status.write(run.path, state=RunState.PAUSED)
    app.run().button(key=f"play_arrow_{run.run_id}").click().run()
    assert orders.read(run.path) == Orders(Command.RUN, 0.001)


def test_a_rate_that_is_not_allowed_is_refused(visit, store: RunStore):
    run = own_run(store, RunState.TRAINING, **this_process())
    app = visit(TRAIN)
    app.number_input(key=f"rate_{run.run_id}").set_value(99.0).run()
    app.button(key=f"check_{run.run_id}").click().run()
    assert not app.exception
    assert orders.read(run.path) == Orders()
    assert any("99" in toast.value for toast in app.toast)


def test_the_coach_speaks_and_is_followed(visit, store: RunStore):
    config, steps, epochs = recorded("overfitting_far")
    run = store.create(config, name="Far", preset="classic")
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in steps + epochs))
    run.status.write(run.path, state=RunState.INTERRUPTED, message="Closed.", pid=None)
    (hint,) = hints(config, steps, epochs, ended=True)
    app = visit(TRAIN)
    assert hint.text.split()[0] in text_of(app)
    app.button(key=f"coach_{run.run_id}_{hint.name}").click().run()
    assert not app.exception
    for name, value in {**hint.changes, "subset": config.subset}.items():
        assert app.session_state[setting_key("classic", name)] == value


def test_the_coach_hears_what_is_recorded_while_somebody_looks(visit, store: RunStore):
    config, steps, epochs = recorded("overfitting_far")
    run = store.create(config, name="Far", preset="classic")
    history = run.path / "metrics.jsonl"
    history.write_text("".join(json.dumps(record) + "\n" for record in steps))
    run.status.write(run.path, state=RunState.INTERRUPTED, message="Closed.", pid=None)
    (hint,) = hints(config, steps, epochs, ended=True)
    app = visit(TRAIN)
    assert f"coach_{run.run_id}_{hint.name}" not in [button.key for button in app.button]
    with history.open("a") as stream:
        stream.writelines(json.dumps(record) + "\n" for record in epochs)
    app.run()
    assert app.button(key=f"coach_{run.run_id}_{hint.name}")


def test_the_coach_is_silent_about_a_good_training(visit, store: RunStore, home):
    finished_run(home)
    app = visit(TRAIN)
    assert not [button for button in app.button if button.key and button.key.startswith("coach_")]


def test_augmentation_is_previewed_on_real_digits(visit, home):
    app = visit(TRAIN)
    app.segmented_control[0].set_value("quick").run()
    assert "ten digits as they are" not in text_of(app)
    app.segmented_control[0].set_value("strong").run()
    assert "ten digits as they are" in text_of(app)
    assert not app.exception
