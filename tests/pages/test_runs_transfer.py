"""Runs: models out and in, as far as it goes without a browser; the whole way is among the browser tests."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.files import read_json_object, write_json
from core.home import StudioHome
from core.runs import RunStore
from core.status import RunState
from tests.model_files import IMAGE, keras_file, layer, sequential
from tests.pages.screen import RUNS, finished_run, own_run, text_of
from tests.trainings import until
from ui import resources

FIRST = "20260101-000000-classic-aaaa"
SECOND = "20260102-000000-classic-bbbb"
MARKUP = "**bold** :smile: 😀 <b>x</b> [a](http://b)"


def open_runs(visit, *run_ids: str) -> AppTest:
    """The page by a link to these runs, as a new visitor."""
    app = visit(RUNS)
    app.query_params["run"] = list(run_ids)
    app.run()
    assert not app.exception
    return app


def prepare(app: AppTest, form: str) -> AppTest:
    """Chooses a format and lets its zip be made, until it is there or has failed."""
    app.radio(key="runs_export_format").set_value(form).run()
    app.button(key="runs_prepare").click().run()

    def done() -> bool:
        app.run()
        assert not app.exception
        return not any(button.label.startswith("Preparing") for button in app.button)

    until(done, f"the zip as {form}")
    return app


def bring(app: AppTest, name: str, content: bytes) -> AppTest:
    """Uploads a model file, presses Import, and waits until it was checked."""
    app.file_uploader[0].upload(name, content)
    app.run()
    app.button(key="runs_import").click().run()

    def done() -> bool:
        app.run()
        assert not app.exception
        return not any(button.label.startswith("Checking") for button in app.button)

    until(done, f"{name} to be checked")
    return app


def said(app: AppTest) -> list[str]:
    """The reasons for which a file or a format was refused."""
    return [error.value.replace("\\", "").replace("\u2060", "") for error in app.error]


def test_four_formats_each_with_its_purpose(visit, home):
    app = open_runs(visit, "classic")
    choice = app.radio(key="runs_export_format")
    assert len(choice.options) == len(choice.captions) == 4
    assert all(caption.endswith(".") for caption in choice.captions)
    assert not app.get("download_button")


def test_a_zip_is_prepared_once_and_found_by_whoever_comes_back(visit, home):
    finished_run(home, FIRST)
    app = prepare(open_runs(visit, FIRST), "onnx")
    (button,) = app.get("download_button")
    assert button.label.startswith("Download, 1.6")
    assert button.label.endswith(" MB")
    assert [button.label for button in open_runs(visit, FIRST).get("download_button")] == [button.label]
    # Another format, another run, and the same run under another name have zips of their own.
    assert not app.radio(key="runs_export_format").set_value("litert").run().get("download_button")
    assert not open_runs(visit, "classic").get("download_button")
    (home.runs / FIRST / "notes.json").write_text('{"name": "Another"}')
    assert not open_runs(visit, FIRST).get("download_button")


def test_a_zip_that_cannot_be_made_is_one_sentence_and_can_be_tried_again(visit, home):
    folder = finished_run(home, FIRST).path
    whole = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(b"not a network")
    app = prepare(open_runs(visit, FIRST), "onnx")
    (reason,) = said(app)
    assert "model.onnx" in reason
    assert app.button(key="runs_prepare").label == "Try again"
    (folder / "model.onnx").write_bytes(whole)
    assert prepare(app, "onnx").get("download_button")


@pytest.mark.parametrize("chosen", [(), ("classic", FIRST), (SECOND,)])
def test_only_one_finished_run_is_exported(visit, store: RunStore, home, chosen):
    finished_run(home, FIRST)
    (finished_run(home, SECOND).path / "model.onnx").unlink()
    assert not open_runs(visit, *chosen).radio


def test_without_any_run_a_model_can_still_be_imported(no_models, visit):
    app = visit(RUNS)
    assert "No model yet" in text_of(app)
    app = bring(app, "model.keras", b"\x80\x04pickle")
    assert "This is no .keras file" in said(app)[0]


def test_a_file_brings_its_name(visit, home):
    app = visit(RUNS)
    field = next(field for field in app.text_input if field.label == "Name")
    assert field.disabled
    assert app.button(key="runs_import").disabled
    app.file_uploader[0].upload("my\tmodel 3.keras", keras_file())
    app.run()
    field = next(field for field in app.text_input if field.label == "Name")
    assert field.value == "my model 3"
    assert not app.button(key="runs_import").disabled


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (b"\x80\x04pickle", "This is no .keras file"),
        (b"\x89HDF\r\n\x1a\n", "This is an H5 file"),
        (keras_file()[:-50], "damaged"),
        (keras_file(sequential(IMAGE, layer("Lambda", "x"))), "Lambda"),
    ],
)
def test_a_refused_file_leaves_the_page_as_it_is(visit, home, content: bytes, reason: str):
    finished_run(home, FIRST)
    app = bring(open_runs(visit, FIRST), "bad.keras", content)
    (told,) = said(app)
    assert reason in told
    assert "Traceback" not in told
    assert app.query_params == {"run": FIRST}
    assert len(app.dataframe[0].value) == 2
    assert app.button(key="runs_import").label == "Import"


def test_a_name_that_is_not_allowed_is_refused(visit, store: RunStore, home):
    app = visit(RUNS)
    app.file_uploader[0].upload("model.keras", keras_file())
    app.run()
    next(field for field in app.text_input if field.label == "Name").set_value("two\nlines")
    app.button(key="runs_import").click().run()
    until(lambda: said(app.run()), "the refusal")
    assert "a name may not hold line breaks" in said(app)[0]
    assert [run.run_id for run in store.runs()] == ["classic"]


def test_two_visitors_are_told_of_their_own_files(visit, home):
    first, second = visit(RUNS), visit(RUNS)
    bring(first, "a.keras", b"\x80\x04pickle")
    bring(second, "b.keras", b"")
    assert "This is no .keras file" in said(first.run())[0]
    assert "The file is empty" in said(second.run())[0]


def test_an_import_that_is_done_is_ticked_wherever_its_visitor_comes_from(visit, store: RunStore, home):
    run = finished_run(home, FIRST)
    resources.imports().start("ticket", lambda: run).result(30)
    app = visit(RUNS)
    app.query_params["import"] = "ticket"
    app.run()
    assert not app.exception
    assert app.query_params == {"run": FIRST}
    test = run.evaluation()["test"]
    assert f"Classic was imported: {test['n'] - test['correct']} wrong of 10,000" in app.toast[0].value
    assert json.loads(app.dataframe[0].proto.selection_state)["selection"]["rows"] == [0]


@pytest.mark.parametrize("ticket", ["gone", "x" * 5_000, "../../etc"])
def test_a_ticket_that_nobody_knows_is_ignored(visit, home, ticket: str):
    app = visit(RUNS)
    app.query_params["import"] = ticket
    app.run()
    assert not app.exception
    assert not app.toast
    assert "import" not in app.query_params


def with_config(home: StudioHome, run_id: str, **changes) -> Path:
    folder = finished_run(home, run_id).path
    write_json(folder / "config.json", read_json_object(folder / "config.json") | changes)
    return folder


def test_an_imported_run_claims_nothing_about_its_training(visit, store: RunStore, home):
    layers = [asdict(layer) for layer in store.get("classic").layers]
    folder = with_config(home, FIRST, name="Brought", imported=True, network=layers)
    status = read_json_object(folder / "status.json")
    write_json(folder / "status.json", status | {"message": "Imported from a file of Keras 3.15.1."})
    app = open_runs(visit, FIRST)
    line = app.dataframe[0].value.set_index("name").loc["Brought"]
    assert line["settings"] == "imported"
    assert line["time"] != line["time"]  # none
    assert "Imported from a file of Keras 3.15.1." in text_of(app)
    assert not app.get("vega_lite_chart")
    assert not any("Duplicate" in option for option in app.menu_button[0].options)
    assert not any(button.label == "Start training longer" for button in app.button)


def test_a_run_that_continues_another_one_says_so(visit, home):
    with_config(home, FIRST, name="Longer", continued_from={"run_id": SECOND, "name": MARKUP})
    app = open_runs(visit, FIRST)
    assert app.dataframe[0].value.set_index("name").loc["Longer", "settings"] == f"continues {MARKUP}"
    assert f"Continues “{MARKUP}”" in text_of(app)


def test_a_finished_run_can_be_trained_longer_from_here(visit, store: RunStore, home):
    finished_run(home, FIRST)
    app = open_runs(visit, FIRST)
    assert any(button.label == "Start training longer" for button in app.button)
    failed = own_run(store, RunState.FAILED)
    assert not any(button.label == "Start training longer" for button in open_runs(visit, failed.run_id).button)
