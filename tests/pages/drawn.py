"""What *Draw and predict* answers, and how its tests hand pictures to it."""

from streamlit.testing.v1 import AppTest


def answer(app: AppTest) -> str:
    """The digit, or digits, in large type."""
    return next(metric.value for metric in app.metric if metric.label.startswith("Digit"))


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Opens the tab for files and hands them in together."""
    app.session_state["draw_input"] = "Upload"
    app.run()
    app.file_uploader[0].set_value([(name, content, "image/png") for name, content in files])
    app.run()
    assert not app.exception
    return app


def open_why(app: AppTest, tab: str) -> AppTest:
    """Opens one of the tabs on why."""
    app.session_state["draw_why"] = tab
    app.run()
    assert not app.exception
    return app


def alts(app: AppTest) -> list[str]:
    """The alternative texts of all pictures."""
    return [image.proto.imgs[0].alt for image in app.get("image")]
