"""Whether a visitor was greeted: the guidance of a first visit goes away for good once it was closed.

Owns `visitors/<visitor>` in the studio's home, an empty file each.
"""

import contextlib

from core.home import StudioHome
from core.my_digits.visitor import OWNER

MOST = 100_000  # visitors that are remembered; each takes a name in a folder


def greeted(home: StudioHome, owner: str) -> bool:
    """Whether this visitor, by `owner_of` the cookie, closed the guidance."""
    return bool(OWNER.fullmatch(owner)) and (home.visitors / owner).exists()


def remember_greeting(home: StudioHome, owner: str) -> None:
    """Remembers that this visitor closed it; a studio that cannot keep it greets again at the next visit."""
    if home.read_only or not OWNER.fullmatch(owner):
        return
    with contextlib.suppress(OSError):
        home.visitors.mkdir(parents=True, exist_ok=True)
        if sum(1 for _ in home.visitors.iterdir()) < MOST:
            (home.visitors / owner).touch()
