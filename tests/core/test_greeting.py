"""Who closed the guidance of a first visit is not greeted again; nothing else gets a file."""

import dataclasses

import pytest

from core.greeting import greeted, remember_greeting
from core.home import StudioHome
from core.my_digits import owner_of

OWNER = owner_of("a" * 32) or ""


def test_it_is_remembered_by_visitor(home: StudioHome) -> None:
    other = owner_of("b" * 32) or ""
    assert not greeted(home, OWNER)
    remember_greeting(home, OWNER)
    assert greeted(home, OWNER)
    assert not greeted(home, other)


@pytest.mark.parametrize("owner", ["", "../active.json", "A" * 32, "visitors"])
def test_what_is_no_visitor_gets_no_file(home: StudioHome, owner: str) -> None:
    remember_greeting(home, owner)
    assert not greeted(home, owner)
    assert not home.visitors.exists()


def test_a_read_only_studio_keeps_nothing(home: StudioHome) -> None:
    remember_greeting(dataclasses.replace(home, read_only=True), OWNER)
    assert not home.visitors.exists()


def test_a_disk_that_refuses_is_no_failure(home: StudioHome) -> None:
    home.visitors.write_text("a file where the folder should be")
    remember_greeting(home, OWNER)
    assert not greeted(home, OWNER)
