"""Home in every state it can be in."""

from core.runs import RunStore
from core.status import RunState
from tests import shipped
from tests.digits import REPOSITORY
from tests.pages.screen import answer_otherwise, finished_run, own_run, text_of


def test_the_shipped_model_is_shown_with_its_own_numbers(visit, store: RunStore):
    app = visit()
    summary = store.active().evaluation()
    test = summary["test"]
    seen = text_of(app)
    assert f"Test accuracy {100 * test['accuracy']:.2f} %" in seen
    assert f"{test['n'] - test['correct']} wrong of 10,000" in seen
    assert f"95 % interval {100 * test['accuracy_low']:.2f} to {100 * test['accuracy_high']:.2f} %" in seen
    assert f"{summary['parameters']:,} parameters" in seen
    assert "test split" in seen


def test_twelve_mistakes_are_shown_the_most_confident_first(visit):
    captions = [image.captions[0] for image in visit().get("image") if image.captions[0]]
    assert len(captions) == 12
    pairs = [(caption[0], caption.partition("read as ")[2][0]) for caption in captions]
    assert all(true != read for true, read in pairs)
    confidences = [float(caption.split("\n")[1].split("\N{NO-BREAK SPACE}")[0]) for caption in captions]
    assert confidences == sorted(confidences, reverse=True)


def test_every_picture_and_chart_has_words(visit):
    app = visit()
    assert all(image.proto.imgs[0].alt for image in app.get("image"))
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))


def test_without_a_model_the_page_says_what_to_do(no_models, visit):
    app = visit()
    assert "No model yet" in text_of(app)
    assert not app.metric
    assert "Train a model" in [link.value for link in app.page_link]


def test_a_running_job_is_shown(visit, store: RunStore):
    own_run(store, RunState.TRAINING, epoch=1, step=10)
    seen = text_of(visit())
    assert "Training now: My run" in seen
    assert "Epoch 1 of" in seen


def test_a_run_without_mistakes_says_so(visit, store: RunStore, home):
    run = finished_run(home)
    store.activate(run.run_id)
    answer_otherwise(home, run.run_id, shipped.truth())
    seen = text_of(visit())
    assert "It reads every test image rightly." in seen
    assert "It misreads no test image." in seen


def test_damaged_predictions_are_one_sentence(visit, store: RunStore, home):
    run = finished_run(home)
    store.activate(run.run_id)
    (run.path / "predictions.npz").write_bytes(b"no arrays")
    app = visit()
    assert "predictions.npz cannot be read" in text_of(app)
    assert app.metric[0].value.startswith("99")


def test_a_damaged_evaluation_is_one_sentence(visit, store: RunStore, home):
    run = finished_run(home)
    store.activate(run.run_id)
    (run.path / "evaluation.json").write_text('{"test": ')
    assert "evaluation is missing or damaged" in text_of(visit())


def test_an_active_run_that_is_gone_falls_back_to_the_shipped_one(visit, home):
    (home.root / "active.json").write_text('{"run_id": "20250101-000000-gone-abcd"}')
    assert "wrong of 10,000" in text_of(visit())


def test_a_name_with_markup_is_shown_as_text(visit, store: RunStore):
    name = "**bold** :smile: <b>x</b> [a](http://b)"
    own_run(store, RunState.TRAINING, name=name)
    assert f"Training now: {name}" in [text.value for text in visit().text]


def test_the_card_of_the_active_model_is_open(visit, store: RunStore):
    app = visit()
    test = store.active().evaluation()["test"]
    sets, made = (table.value for table in app.table)
    assert sets["Read"][0] == "MNIST test"
    assert sets["Right"][0].strip("*").replace("\N{NO-BREAK SPACE}", " ") == f"{100 * test['accuracy']:.2f} %"
    assert {"pen strokes", "scans", "drawn"} <= set(sets["Read"])
    assert "MNIST, 55,000 images; 5,000 held back for validation" in list(made["How it was made"])
    assert "Weakest: " in text_of(app)


def test_a_run_of_the_studio_has_a_card_too(visit, store: RunStore, home):
    run = finished_run(home)
    (run.path / "card.json").unlink()
    store.activate(run.run_id)
    app = visit()
    assert app.button_group[0].value == run.run_id
    assert "Measured on MNIST alone" in text_of(app)
    app.button_group[0].set_value("classic").run()
    assert "Measured on MNIST alone" not in text_of(app)


def test_a_damaged_card_is_one_sentence(visit, store: RunStore, home):
    run = finished_run(home)
    store.activate(run.run_id)
    (run.path / "card.json").write_text('{"run_id": 3}')
    app = visit()
    assert "card.json cannot be read" in text_of(app)
    assert "Its most confident mistakes" in text_of(app)


def test_a_first_visitor_is_shown_around_until_that_is_closed(visit):
    app = visit()
    assert "New here?" in text_of(app)
    app.button(key="greeting_close").click().run()
    assert "New here?" not in text_of(app)


def test_the_four_jobs_lead_to_every_page(visit):
    app = visit()
    titles = [each.value for each in app.subheader]
    assert [title for title in titles if title in ("Train", "Understand", "Use", "Show")] == [
        "Train",
        "Understand",
        "Use",
        "Show",
    ]
    pages = {path.stem.partition("_")[2].replace("_", " ") for path in (REPOSITORY / "pages").glob("*.py")}
    assert {page.capitalize() for page in pages} <= {link.value for link in app.page_link}
