"""Stories: what may stand in one, that its runs are frozen, and that its figures are those of the stored answers."""

import dataclasses
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.config import PRESETS
from core.data import load_split
from core.disk import folder_bytes
from core.errors import ConfigError, RunError, StoryError
from core.evaluation import effect_of
from core.home import StudioHome
from core.inference import shared_classifiers
from core.marks import MNIST_TEST, Verdict, put_mark
from core.run import Run, read_run
from core.runs import RunStore
from core.story import KINDS, Facts, Kind, Pin, Screen, Stories, Story, facts_of, plan_for, store, words_of
from core.story.store import Told
from core.story.telling import next_steps
from core.thresholds import Threshold, keep_threshold
from tests import shipped


@pytest.fixture
def own_run(home: StudioHome) -> str:
    """A run of the home's own: the shipped classic's files under another id."""
    shutil.copytree(shipped.FOLDER, home.runs / "own-run")
    return "own-run"


def told_of(told: Told) -> Facts:
    home = StudioHome.from_environment()
    return facts_of(told, load_split(home.mnist, "test"), load_split(home.mnist, "train").labels)


def test_what_is_saved_comes_back_the_newest_first(home: StudioHome) -> None:
    stories = Stories(home)
    story = Story(
        "Für den <b>Vorstand</b>",
        "classic",
        "quick",
        (Screen(Kind.LIVE, "let them write"), Screen(Kind.TASK)),
        (Pin(3, "a strange 3"), Pin(4)),
        "one\ntwo",
    )
    first = stories.save(story)
    second = stories.save(plan_for("Second", "classic", None))
    assert first.startswith("fur-den-b-vorstand-b-")
    assert stories.ids() == [second, first]
    assert stories.get(first).story == story
    changed = story.with_note(Kind.TASK, "what is this?")
    assert stories.save(changed, first) == first
    assert stories.ids() == [first, second]
    assert stories.get(first).story == changed
    assert [each.name for each in (home.stories / first / "frozen").iterdir()] == ["2"]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": "  "}, "needs a name"),
        ({"name": "a" * 81}, "80 characters"),
        ({"run_id": "../classic"}, "no run id"),
        ({"versus": "classic"}, "with itself"),
        ({"screens": ()}, "at least one"),
        ({"screens": (Screen(Kind.LIVE), Screen(Kind.LIVE))}, "each of them once"),
        ({"screens": (Screen(Kind.LIVE, "a" * 2001),)}, "2,000"),
        ({"pins": (Pin(10_000),)}, "0 to 9,999"),
        ({"pins": (Pin(1), Pin(1, "again"))}, "different"),
        ({"pins": (Pin(1, "a" * 161),)}, "160"),
        ({"next_steps": "a" * 601}, "600"),
        ({"next_steps": "a\x00b"}, "control"),
    ],
)
def test_what_cannot_be_told_is_refused(wrong: dict, word: str) -> None:
    whole = {"name": "Story", "run_id": "classic"}
    with pytest.raises((StoryError, ConfigError), match=word):
        Story(**(whole | wrong))


@pytest.mark.parametrize("story_id", ["nothing-here", "../runs", "", "A", "x" * 60])
def test_an_unknown_story_is_one_sentence(home: StudioHome, story_id: str) -> None:
    for act in (Stories(home).get, Stories(home).delete, Stories(home).restore):
        with pytest.raises(StoryError):
            act(story_id)


def test_what_happens_to_the_run_later_changes_nothing(home: StudioHome, own_run: str) -> None:
    runs = RunStore(home)
    keep_threshold(home, runs.get(own_run), Threshold(0.9))
    put_mark(home, MNIST_TEST, shipped.misread()[0], Verdict.WRONG, "really another digit")
    story_id = Stories(home).save(plan_for("Frozen", own_run, "quick"))
    before = told_of(Stories(home).get(story_id))

    keep_threshold(home, runs.get(own_run), Threshold(0.2))
    put_mark(home, MNIST_TEST, shipped.misread()[0], None)
    shutil.rmtree(home.runs / own_run)

    told = Stories(home).get(story_id)
    after = told_of(told)
    assert str(before) == str(after)
    assert after.reliance is not None
    assert after.reliance.effect.threshold == 0.9
    assert after.mistakes[0].reason == "really another digit"
    classifier = shared_classifiers().get(told.home, told.run)
    assert classifier.threshold == 0.9
    # Saved again, it keeps what was frozen, since the run itself is gone.
    assert Stories(home).save(told.story, story_id) == story_id
    assert str(told_of(Stories(home).get(story_id))) == str(before)
    with pytest.raises(RunError):
        Stories(home).save(told.story)


def test_a_kill_while_it_is_saved_leaves_the_old_one(home: StudioHome) -> None:
    stories = Stories(home)
    story_id = stories.save(plan_for("Killed", "classic", None))
    # As a kill leaves it: the next frozen copy is half made, or whole but not yet named.
    (home.stories / story_id / "frozen" / ".draft-0123" / "runs").mkdir(parents=True)
    (home.stories / story_id / "frozen" / "2" / "runs").mkdir(parents=True)
    (home.stories / ".draft-of-something").mkdir()
    assert stories.get(story_id).run.run_id == "classic"
    assert stories.save(stories.get(story_id).story, story_id) == story_id
    assert [each.name for each in (home.stories / story_id / "frozen").iterdir()] == ["3"]


def test_saved_by_several_at_once_it_is_one_of_theirs_and_whole(home: StudioHome) -> None:
    story_id = Stories(home).save(plan_for("First", "classic", None))
    names = [f"Number {number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: Stories(home).save(plan_for(name, "classic", None), story_id), names))
    assert Stories(home).get(story_id).story.name in names
    assert len(list((home.stories / story_id / "frozen").iterdir())) == 1


def test_saved_anew_while_it_is_read_it_is_read_as_it_is_then(
    home: StudioHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = Stories(home)
    story_id = stories.save(plan_for("First", "classic", None))

    def late(*arguments, **options):
        monkeypatch.setattr(store, "read_run", read_run)
        stories.save(plan_for("Second", "classic", None), story_id)
        return read_run(*arguments, **options)

    monkeypatch.setattr(store, "read_run", late)
    assert stories.get(story_id).story.name == "Second"


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "story.json").write_text("{"),
        lambda folder: (folder / "story.json").write_text(json.dumps({"story": {}, "frozen": 1, "saved_at": 0})),
        lambda folder: (folder / "story.json").write_text("[1]"),
        lambda folder: shutil.rmtree(folder / "frozen"),
        lambda folder: (folder / "frozen" / "1" / "runs" / "classic" / "config.json").write_text("{"),
    ],
)
def test_a_damaged_story_says_so_and_the_others_stay(home: StudioHome, harm) -> None:
    stories = Stories(home)
    whole, harmed = (stories.save(plan_for(name, "classic", None)) for name in ("Whole", "Harmed"))
    harm(home.stories / harmed)
    with pytest.raises(StoryError, match=r"damaged"):
        stories.get(harmed)
    assert stories.get(whole).story.name == "Whole"
    stories.delete(harmed)
    assert stories.ids() == [whole]


def test_deleted_and_brought_back(home: StudioHome) -> None:
    stories = Stories(home)
    first, second = (stories.save(plan_for(name, "classic", None)) for name in ("One", "Two"))
    stories.delete(first)
    assert stories.ids() == [second]
    stories.restore(first)
    assert sorted(stories.ids()) == sorted([first, second])
    stories.delete(first)
    stories.delete(second)
    stories.restore(first)  # somebody else's deletion takes nobody's way back
    stories.restore(second)
    assert sorted(stories.ids()) == sorted([first, second])


def test_only_the_last_deleted_ones_wait(home: StudioHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_DELETED", 1)
    stories = Stories(home)
    first, second = (stories.save(plan_for(name, "classic", None)) for name in ("One", "Two"))
    stories.delete(second)
    stories.delete(first)
    with pytest.raises(StoryError, match="cannot be brought back"):
        stories.restore(second)
    stories.restore(first)


def test_stories_take_only_so_much_of_the_disk_and_deleted_ones_make_room(
    home: StudioHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = Stories(home)
    first = stories.save(plan_for("One", "classic", None))
    monkeypatch.setattr(store, "MOST_BYTES", int(1.5 * folder_bytes(home.stories)))
    with pytest.raises(StoryError, match="delete one first"):
        stories.save(plan_for("Two", "classic", None))
    assert stories.ids() == [first]
    stories.delete(first)
    second = stories.save(plan_for("Two", "classic", None))
    assert stories.ids() == [second]
    with pytest.raises(StoryError, match="cannot be brought back"):
        stories.restore(first)


def test_what_a_kill_left_of_a_first_save_is_tidied_away_by_the_next_one(home: StudioHome) -> None:
    (home.stories / "killed-012345" / "frozen" / "1" / "runs").mkdir(parents=True)
    (home.stories / "killed-012345" / ".story-abc.json").touch()
    (home.stories / "somebodys").mkdir()
    (home.stories / "somebodys" / "notes.txt").touch()
    Stories(home).save(plan_for("Whole", "classic", None))
    assert not (home.stories / "killed-012345").exists()
    assert (home.stories / "somebodys" / "notes.txt").exists()


def test_a_frozen_shipped_run_says_how_its_seed_was_chosen(home: StudioHome, own_run: str) -> None:
    stories = Stories(home)
    shipped_one = stories.get(stories.save(plan_for("Shipped", "classic", own_run)))
    assert shipped_one.run.shipped
    assert shipped_one.versus is not None
    assert not shipped_one.versus.shipped
    assert dict(told_of(shipped_one).card.made)["Seed"].endswith("fixed beforehand")


def test_what_is_said_of_few_mistakes_and_of_images_read_rightly_is_so(home: StudioHome) -> None:
    right = 0
    assert right not in shipped.misread()
    told = Told(Story("Odd", "classic", pins=(Pin(right), Pin(shipped.misread()[0]))), home, *_runs(home))
    facts = told_of(told)
    assert "; 1 of those shown are among them." in words_of(told.story, facts)[Kind.MISTAKES].title
    assert facts.learning is not None
    nothing = np.full_like(facts.learning.val_accuracy, np.nan)
    none_held_back = dataclasses.replace(facts.learning, val_accuracy=nothing)
    bare = words_of(told.story, dataclasses.replace(facts, learning=none_held_back, reliance=None))
    assert bare[Kind.LEARNING].source == "Training images of MNIST"
    assert "no validation images" in bare[Kind.RELIANCE].text
    came_as_a_file = words_of(told.story, dataclasses.replace(facts, learning=None))[Kind.ACCURACY]
    assert "unseen" not in came_as_a_file.title
    assert "is not known" in came_as_a_file.text
    one = dataclasses.replace(facts, pairs=facts.pairs[:1], matrix=np.eye(10, dtype=np.int64))
    assert words_of(told.story, one)[Kind.CONFUSIONS].text.startswith("The worst pair: ")
    (first, second), last = facts.pairs[:2], facts.pairs[2]
    equal = tuple((dataclasses.replace(pair, count=7), examples) for pair, examples in (first, second))
    tied = words_of(told.story, dataclasses.replace(facts, pairs=(*equal, last)))[Kind.CONFUSIONS]
    assert tied.title.endswith(" as often.")
    matrix = np.eye(10, dtype=np.int64) + np.eye(10, k=1, dtype=np.int64)
    three = tuple((dataclasses.replace(pair, count=1), examples) for pair, examples in facts.pairs)
    tied = words_of(told.story, dataclasses.replace(facts, pairs=three, matrix=matrix))[Kind.CONFUSIONS]
    assert tied.title == "No pair of digits stands out: the most frequent ones come once each."
    assert tied.text.startswith("Three of the worst pairs: ")
    with pytest.raises(StoryError, match="with a run to compare with"):
        Story("Nothing to show", "classic", None, (Screen(Kind.CHANGE),))


def _runs(home: StudioHome) -> tuple[Run, None]:
    return RunStore(home).get("classic"), None


def test_the_figures_are_those_of_the_stored_answers(home: StudioHome) -> None:
    story = Story("Figures", "classic", "quick", pins=(Pin(shipped.misread()[2]), Pin(0, "the first one")))
    facts = told_of(Stories(home).get(Stories(home).save(story)))
    wrong = len(shipped.misread())
    assert facts.test.n - facts.test.count == wrong
    assert facts.matrix.sum() - np.trace(facts.matrix) == wrong
    pair, examples = facts.pairs[0]
    assert pair.count == shipped.count(true=pair.true, pred=pair.pred)
    assert {(each.true, each.read) for each in examples} == {(pair.true, pair.pred)}
    assert [(each.place, each.reason) for each in facts.mistakes][1] == (0, "the first one")
    assert facts.reliance is not None
    assert not facts.reliance.kept
    assert facts.reliance.effect == effect_of(shipped.probabilities(), shipped.truth(), facts.reliance.effect.threshold)
    change = facts.change
    assert change is not None
    assert change.after.count - change.before.count == change.fixed - change.broken
    assert all(each.read == each.true for each in change.fixed_examples)
    assert all(each.read != each.true for each in change.broken_examples)
    for row in facts.samples:
        assert row.shape == (10, 28, 28)
    assert facts.learning is not None
    assert len(facts.learning.val_accuracy) == PRESETS["classic"].epochs


def test_every_screen_has_words_and_the_presenters_own_come_first(home: StudioHome) -> None:
    story = plan_for("Words", "classic", "quick").with_note(Kind.RELIANCE, "my words")
    facts = told_of(Stories(home).get(Stories(home).save(story)))
    words = words_of(story, facts)
    assert list(words) == list(KINDS)
    assert all(each.title and each.topic for each in words.values())
    assert words[Kind.RELIANCE].notes == "my words"
    for kind, share in (
        (Kind.ACCURACY, facts.test),
        (Kind.RELIANCE, facts.reliance and facts.reliance.effect.accuracy),
    ):
        assert share
        assert f"95\N{NO-BREAK SPACE}% interval {share.bounds}" in words[kind].source
    assert "95\N{NO-BREAK SPACE}% interval" in words[Kind.CHANGE].text
    assert words[Kind.ACCURACY].number == shipped.right().replace(" ", "\N{NO-BREAK SPACE}")
    assert len(next_steps(story, facts)) >= 3
    assert next_steps(dataclasses.replace(story, next_steps="one\n\ntwo"), facts) == ("one", "two")
    alone = plan_for("Alone", "classic", None)
    assert Kind.CHANGE not in words_of(alone, dataclasses.replace(facts, change=None))
