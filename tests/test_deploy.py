"""What deployments rely on stays true: the files that the image takes, its user, port, health check, and the words."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import yaml

from core import home
from tests.digits import REPOSITORY
from tools.check_image import context, ignored, steps

DOCKERFILE = steps((REPOSITORY / "Dockerfile").read_text(encoding="utf-8"))
DEPLOY = (REPOSITORY / "docs" / "DEPLOY.md").read_text(encoding="utf-8")


def of(word: str) -> list[str]:
    return [step.text for step in DOCKERFILE if step.word == word]


def test_the_image_has_what_the_studio_runs_on_and_nothing_else() -> None:
    taken = set(context())
    sources = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("core", "ui", "pages", "artifacts/pretrained")
        for path in (REPOSITORY / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    alone = {"Home.py", "serve.py", "LICENSE", "requirements.txt", "requirements-auth.txt", ".streamlit/config.toml"}
    shipped = {path.relative_to(REPOSITORY).as_posix() for path in (home.NOVELTY, home.WHOLENESS)}
    assert alone | shipped | {"artifacts/mnist.npz"} <= taken
    assert taken <= sources | alone | shipped | {"artifacts/mnist.npz"}


def test_what_must_stay_out_is_ignored() -> None:
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    for path in (
        *(".git/config", "tests/test_deploy.py", "docs/DEPLOY.md", "benchmarks/__main__.py", ".venv/bin/python"),
        *(".streamlit/secrets.toml", "artifacts/runs/a/model.onnx", "artifacts/my_digits/a/b", "artifacts/active.json"),
        *("core/__pycache__/home.cpython-313.pyc", "anything.new", "tools/check_image.py"),
    ):
        assert ignored(path, patterns), path
    for path in ("core/exporting/kit/selftest.py", "artifacts/pretrained/strong/model.onnx", ".streamlit/config.toml"):
        assert not ignored(path, patterns), path


def test_all_that_is_copied_is_there() -> None:
    for text in of("COPY"):
        *sources, _ = text.split()
        assert all((REPOSITORY / source).exists() for source in sources)


def test_python_is_one_that_the_studio_allows() -> None:
    [image] = of("FROM")
    version = re.fullmatch(r"python:3\.(\d+)-slim", image)
    allowed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    low, high = map(int, re.fullmatch(r">=3\.(\d+),<3\.(\d+)", allowed).groups())
    assert version
    assert low <= int(version[1]) < high


def test_it_runs_without_rights_and_hears_its_end() -> None:
    words = [step.word for step in DOCKERFILE]
    [user] = of("USER")
    assert int(user) > 0
    assert words.index("USER") > max(number for number, word in enumerate(words) if word in ("RUN", "COPY"))
    [command] = map(json.loads, of("CMD"))  # the form that no shell stands before
    assert command[:2] == ["sh", "-c"]
    assert command[2].startswith("exec python -m streamlit run serve.py ")
    assert "$PORT" in command[2]


def test_the_packages_come_before_the_code() -> None:
    first, *_, last = of("COPY")
    assert all(source.startswith("requirements") for source in first.split()[:-1])
    assert last == ". ."


def test_render_and_docker_agree() -> None:
    [service] = yaml.safe_load((REPOSITORY / "render.yaml").read_text(encoding="utf-8"))["services"]
    [health] = of("HEALTHCHECK")
    environment = dict(part.split("=", 1) for text in of("ENV") for part in shlex.split(text))
    assert service["runtime"] == "docker"
    assert service["healthCheckPath"] == "/_stcore/health"
    assert service["healthCheckPath"] in health
    assert environment[home.HOME_VARIABLE] == service["disk"]["mountPath"] == of("VOLUME")[0]
    assert environment["PORT"] == of("EXPOSE")[0]
    assert service["numInstances"] == 1
    named = {each["key"]: each.get("value") for each in service["envVars"]}
    assert named[home.READ_ONLY_VARIABLE] == "1"
    assert int(named[home.LIMIT_VARIABLE].removesuffix("GB")) < service["disk"]["sizeGB"]


def test_the_words_name_what_there_is() -> None:
    from core.api.app import TOKEN_VARIABLE

    for name in (home.HOME_VARIABLE, home.READ_ONLY_VARIABLE, home.LIMIT_VARIABLE, TOKEN_VARIABLE, "/_stcore/health"):
        assert name in DEPLOY
    named = set(re.findall(r"DIGIT_STUDIO_[A-Z_]+", DEPLOY + Path(REPOSITORY / "render.yaml").read_text("utf-8")))
    assert named == {home.HOME_VARIABLE, home.READ_ONLY_VARIABLE, home.LIMIT_VARIABLE, TOKEN_VARIABLE}
    for name in re.findall(r"`((?:tools|docs)/[\w.]+|requirements[\w-]*\.txt)`", DEPLOY):
        assert (REPOSITORY / name).is_file(), name
