"""A client that a generator makes from the OpenAPI document reads digits, and understands refusals."""

import importlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.client import Client
from tests.api.live import serving
from tests.digits import label, picture, row_of


def test_a_generated_client_reads_digits(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = client("GET", "/openapi.json").json()
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    # The hooks of the generator only tidy what it has written.
    (tmp_path / "settings.json").write_text('{"post_hooks": []}', encoding="utf-8")
    command = ["openapi_python_client", "generate", "--path", "openapi.json", "--config", "settings.json"]
    ended = subprocess.run(
        [sys.executable, "-m", *command, "--meta", "none", "--output-path", "studio_client", "--fail-on-warning"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    monkeypatch.syspath_prepend(tmp_path)
    made, models, types = (importlib.import_module(f"studio_client{name}") for name in ("", ".models", ".types"))
    calls = {name: importlib.import_module(f"studio_client.api.default.{name}") for name in ("predict", "health")}

    def form(*pictures: bytes) -> object:
        return models.PredictForm(
            file=[types.File(io.BytesIO(data), f"{place}.png", "image/png") for place, data in enumerate(pictures)]
        )

    with serving(client.app) as address, made.Client(address, raise_on_unexpected_status=True) as session:
        assert calls["health"].sync(client=session).status == "ok"
        body = form(picture(0), b"no picture", row_of([1, 2]))
        answer = calls["predict"].sync(client=session, body=body, multi=True)
        read, refused, row = answer.predictions
        assert (read.digit, refused.digit, bool(refused.error)) == (label(0), None, True)
        assert [digit.digit for digit in row.digits] == [label(1), label(2)]
        refusal = calls["predict"].sync(client=session, body=form(b"no picture"))
        assert (type(refusal), refusal.error.code) == (models.ErrorBody, "unreadable")
        refusal = calls["predict"].sync(client=session, body=form(picture(0)), model="no-such-run")
        assert (type(refusal), refusal.error.code) == (models.ErrorBody, "run_not_found")
