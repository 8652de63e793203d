"""Settings in the environment: what means on, off and so many bytes; anything else is refused, never guessed."""

import pytest

from core.errors import ConfigError, StudioError
from core.home import LIMIT_VARIABLE, READ_ONLY_VARIABLE, StudioHome
from core.switches import is_on, size


@pytest.mark.parametrize("text", ["1", "true", "TRUE", " yes ", "on"])
def test_on(text):
    assert is_on("X", text)


@pytest.mark.parametrize("text", ["", " ", "0", "false", "No", "off"])
def test_off(text):
    assert not is_on("X", text)


@pytest.mark.parametrize("text", ["2", "yes please", "ture", "-1", "none", "1.0"])
def test_what_may_be_a_slip_is_neither(text):
    with pytest.raises(ConfigError, match=r"DIGIT_STUDIO_READ_ONLY is .* give 1 for on"):
        is_on("DIGIT_STUDIO_READ_ONLY", text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("  ", None),
        ("2GB", 2_000_000_000),
        ("2 gb", 2_000_000_000),
        ("1.5MB", 1_500_000),
        ("500 kB", 500_000),
        ("1GiB", 2**30),
        ("10B", 10),
        ("3tb", 3 * 10**12),
    ],
)
def test_sizes(text, found):
    assert size("X", text) == found


@pytest.mark.parametrize("text", ["2", "GB", "-1GB", "0", "0GB", "2 GB!", "1,5GB", "nan GB", "infGB", "2G", "1e3MB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ConfigError, match="such as 500MB or 2GB"):
        size("X", text)


def test_the_environment_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(READ_ONLY_VARIABLE, "true")
    monkeypatch.setenv(LIMIT_VARIABLE, "2GB")
    home = StudioHome.from_environment()
    assert home.read_only
    assert home.runs_limit == 2_000_000_000
    assert not home.root.exists()  # nothing is written, not even the folder
    monkeypatch.setenv(READ_ONLY_VARIABLE, "0")
    assert not StudioHome.from_environment().read_only
    assert home.runs.is_dir()
    monkeypatch.setenv(READ_ONLY_VARIABLE, "ture")
    with pytest.raises(StudioError, match="ture"):
        StudioHome.from_environment()
