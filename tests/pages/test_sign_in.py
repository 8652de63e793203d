"""Sign-in: asked for where the studio's secrets describe a provider, and nowhere else."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.home import StudioHome
from tests.pages.conftest import ROOT
from tests.pages.screen import HOME, text_of

PROVIDER = {"client_id": "studio", "client_secret": "x", "server_metadata_url": "https://id.example.org/.well-known"}
SHARED = {"redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "x" * 32}


def page(path: str, auth: dict | None, **user) -> AppTest:
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
    if path != HOME:
        app.switch_page(path)
    app.secrets = {"other": 1} if auth is None else {"auth": auth}
    app.user = user
    app.run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_who_has_not_signed_in_sees_how_to_and_nothing_else_on_any_page(home: StudioHome) -> None:
    pages = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
    for path in (HOME, *(f"pages/{name}" for name in pages)):
        app = page(path, SHARED | PROVIDER, is_logged_in=False)
        assert text_of(app) == "Digit Studio\nSign in to go on.", path
        assert labels(app) == ["Sign in"], path


def test_a_link_to_a_stage_asks_as_well(home: StudioHome) -> None:
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
    app.switch_page("pages/7_Present.py")
    app.query_params["screen"] = "1"
    app.secrets, app.user = {"auth": SHARED | PROVIDER}, {"is_logged_in": False}
    app.run()
    assert not app.exception
    assert labels(app) == ["Sign in"]
    assert text_of(app) == "Digit Studio\nSign in to go on."


def test_who_has_signed_in_sees_the_page_and_the_way_out(home: StudioHome) -> None:
    app = page(HOME, SHARED | PROVIDER, is_logged_in=True, name="Ada <b>", email="ada@example.org")
    assert "Test accuracy" in text_of(app)
    assert "Ada <b>" in [text.value for text in app.sidebar.text]
    app.button(key="sign_out").click().run()
    assert labels(app) == ["Sign in"]


def test_each_provider_has_its_button(home: StudioHome) -> None:
    app = page(HOME, SHARED | {"okta": PROVIDER, "google": PROVIDER, "client_kwargs": {"prompt": "login"}})
    assert labels(app) == ["Sign in with okta", "Sign in with google"]


def test_without_the_section_nobody_is_asked(home: StudioHome) -> None:
    app = page(HOME, None, is_logged_in=False)
    assert "Test accuracy" in text_of(app)
    assert "Sign out" not in labels(app)


@pytest.mark.parametrize("auth", [{}, SHARED])
def test_a_section_without_a_provider_lets_nobody_in(home: StudioHome, auth: dict) -> None:
    app = page(HOME, auth, is_logged_in=False)
    assert labels(app) == []
    assert "no provider is described" in text_of(app)


def test_secrets_that_cannot_be_read_let_nobody_in(
    home: StudioHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n", encoding="utf-8")
    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: [str(broken)] if key == "secrets.files" else option(key))
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
    app.run()
    assert labels(app) == []
    assert "secrets cannot be read" in text_of(app)


def test_what_is_missing_for_a_sign_in_is_said(home: StudioHome) -> None:
    app = page(HOME, SHARED | PROVIDER, is_logged_in=False)
    app.button[0].click().run()  # the secrets of this process describe no provider
    assert not app.exception
    assert "Nobody can sign in yet" in text_of(app)
