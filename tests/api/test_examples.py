"""The programs that the docs page and the README show, as they are, against a live API."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest

from core.api import create_api
from core.api.examples import examples
from core.home import StudioHome
from core.runs import RunStore
from tests.api.client import Client
from tests.api.live import serving
from tests.digits import REPOSITORY, label, picture

README_ADDRESS = "http://localhost:8501/api/v1"
RUNNERS = {"curl": "sh", "Python": sys.executable, "JavaScript": "node"}
NEEDED = {"curl": ("sh", "curl"), "Python": (sys.executable,), "JavaScript": ("node",)}
FILES = {"curl": "example.sh", "Python": "example.py", "JavaScript": "example.mjs"}


@pytest.fixture(params=["", "s3cret"], ids=["open", "token"], scope="module")
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A live API: its address and its token."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGIT_STUDIO_API_TOKEN", request.param)
        api = create_api(RunStore(StudioHome(root=tmp_path_factory.mktemp("home"))))
    with serving(api) as address:
        yield address, request.param


@pytest.mark.parametrize("language", examples("", False))
def test_prints_the_digit(live: tuple[str, str], tmp_path: Path, language: str) -> None:
    for program in NEEDED[language]:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    address, token = live
    (tmp_path / "digit.png").write_bytes(picture(0))
    (tmp_path / FILES[language]).write_text(examples(address, bool(token))[language], encoding="utf-8")
    ended = subprocess.run(
        [RUNNERS[language], FILES[language]],
        cwd=tmp_path,
        env={**os.environ, "TOKEN": token, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert f'"digit":{label(0)}' in ended.stdout if language == "curl" else ended.stdout == f"{label(0)}\n"


@pytest.mark.parametrize("language", ["Python", "JavaScript"])
def test_a_refusal_ends_the_program(live: tuple[str, str], tmp_path: Path, language: str) -> None:
    if shutil.which(RUNNERS[language]) is None:
        pytest.skip(f"{RUNNERS[language]} is not installed")
    address, token = live
    (tmp_path / "digit.png").write_bytes(b"no picture")
    (tmp_path / FILES[language]).write_text(examples(address, bool(token))[language], encoding="utf-8")
    command = [RUNNERS[language], FILES[language]]
    environment = {**os.environ, "TOKEN": token, "NO_PROXY": "*"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False)
    assert ended.returncode != 0
    assert ended.stdout == b""


def test_the_page_and_the_readme_show_them(make_client: Callable[..., Client]) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for program in examples(README_ADDRESS, False).values():
        assert program in readme
    for token in ("", "s3cret"):
        page = make_client(token=token)("GET", "/docs").text
        for program in examples("http://studio", bool(token)).values():
            assert escape(program) in page
