"""The story of a run, as it is shown to others: which screens, in which order, with what on them.

Owns what the *Present* page and the files handed over have in common. `story` says what a story is, `store` keeps it
with a frozen copy of its runs, `facts` are the figures of each screen and `finding` finds them, `telling` puts them
into words. How a screen looks on a page is `ui`'s, how it looks in a file `handover`'s.
"""

from core.story.facts import Change, Example, Facts, Learning, Reliance
from core.story.finding import facts_of
from core.story.store import Stories, Told
from core.story.story import KINDS, Kind, Pin, Screen, Story, plan_for
from core.story.telling import Words, words_of

__all__ = [
    "KINDS",
    "Change",
    "Example",
    "Facts",
    "Kind",
    "Learning",
    "Pin",
    "Reliance",
    "Screen",
    "Stories",
    "Story",
    "Told",
    "Words",
    "facts_of",
    "plan_for",
    "words_of",
]
