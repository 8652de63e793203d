"""Handing a story over from the page: made once in the background, and taken."""

import pytest
from streamlit.testing.v1 import AppTest

from core.handover import Form
from core.home import StudioHome
from core.story import Stories, plan_for
from tests.trainings import until

PRESENT = "pages/7_Present.py"


def prepare(app: AppTest, form: Form) -> AppTest:
    """Chooses a form and lets it be made, until it is there or has failed."""
    app.radio(key="handover_form").set_value(form).run()
    app.button(key="handover").click().run()

    def done() -> bool:
        app.run()
        assert not app.exception
        return not any(button.label.startswith("Preparing") for button in app.button)

    until(done, f"the story as {form}")
    return app


@pytest.mark.parametrize("saved", [False, True])
def test_a_story_is_prepared_and_taken(visit, home: StudioHome, saved: bool):
    app = visit(PRESENT)
    if saved:
        app.query_params["story"] = Stories(home).save(plan_for("Kept", "classic", None))
        app.run()
    prepare(app, Form.CARD)
    (taken,) = app.get("download_button")
    assert taken.proto.label.startswith("Download, ")
    assert "Try again" not in [button.label for button in app.button]
