"""Which story *Present* is about: the saved one in the address, the visitor's draft, or the one always ready."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.errors import RunNotFoundError, StudioError
from core.run import MAX_NAME_LENGTH, Run
from core.story import KINDS, Kind, Pin, Screen, Story, Told, plan_for
from ui import resources, state, words
from ui.state import Draft


@dataclass(frozen=True, slots=True)
class Found:
    """What the address asks for.

    Attributes:
        told: None where it cannot be told.
        problem: why not; empty where it can, or where there is no model at all.
    """

    told: Told | None
    problem: str = ""


def asked() -> Found:
    """The story in the address; without one what this visitor prepared last, or else the story that is always ready."""
    story_id = state.story_asked()
    try:
        if story_id:
            return Found(resources.saved_story(story_id))
        draft = prepared(state.story_prepared())
        return Found(None if draft is None else told_of(draft))
    except StudioError as error:
        return Found(None, str(error))


def prepared(story_id: str) -> Draft | None:
    """A story as this visitor left it, or as it was saved; with an empty id the one that is always ready, which is None
    while there is no model.

    Raises:
        StoryError: there is none of that id, or it was damaged.
    """
    kept = state.draft(story_id)
    return original(story_id) if kept is None else kept


def original(story_id: str) -> Draft | None:
    """The same without what this visitor changed. Raises as that."""
    if story_id:
        saved = resources.saved_story(story_id)
        return replace(draft_of(saved.story), story_id=story_id, saved_at=saved.saved_at)
    plan = ready()
    return None if plan is None else draft_of(plan)


def change(story_id: str, make: Callable[[Draft], Draft]) -> None:
    """Changes a story as it is by now (for callbacks): what was typed a moment ago is in it already."""
    try:
        draft = prepared(story_id)
    except StudioError as error:  # somebody deleted it meanwhile
        state.tell(str(error))
        return
    if draft is not None:
        state.keep_draft(make(draft))


def told_of(draft: Draft) -> Told:
    """A story as its presenter left it: as it was saved where nothing is changed, else with its runs as they are now. A
    run that is gone meanwhile is told as it was frozen.

    Raises:
        StoryError, ConfigError: something in it cannot be.
        RunError: one of its runs is gone or damaged.
    """
    plan = story_of(draft)
    saved = resources.saved_story(draft.story_id) if draft.story_id else None
    if saved is not None and saved.story == plan:
        return saved
    try:
        return resources.tell_story(plan)
    except RunNotFoundError:
        if saved is None or (saved.story.run_id, saved.story.versus) != (plan.run_id, plan.versus):
            raise
        return replace(saved, story=plan)


def ready() -> Story | None:
    """A story of the active run, with all screens as the studio would tell them; None while there is no model."""
    run = resources.active_run()
    if run is None:
        return None
    before = _before(run)
    return plan_for(name_for(run.run_id), run.run_id, None if before is None else before.run_id)


def name_for(run_id: str) -> str:
    """What a story of a run is called unless its presenter says otherwise; empty for a run that is gone."""
    named = (words.title(run)[:MAX_NAME_LENGTH] for run in resources.presentable() if run.run_id == run_id)
    return next(named, "")


def draft_of(story: Story) -> Draft:
    """A story to be changed, as a new one."""
    return Draft(
        story_id="",
        name=story.name,
        run_id=story.run_id,
        versus=story.versus or "",
        kinds=tuple(screen.kind.value for screen in story.screens),
        notes={screen.kind.value: screen.note for screen in story.screens if screen.note},
        pins={pin.place: pin.reason for pin in story.pins},
        next_steps=story.next_steps,
    )


def story_of(draft: Draft) -> Story:
    """What the presenter wrote, as a story.

    Raises:
        StoryError, ConfigError: something in it cannot be.
    """
    return Story(
        draft.name.strip(),
        draft.run_id,
        draft.versus or None,
        tuple(Screen(Kind(kind), draft.notes.get(kind, "")) for kind in draft.kinds),
        tuple(Pin(place, reason) for place, reason in draft.pins.items()),
        draft.next_steps,
    )


def hidden(draft: Draft) -> list[str]:
    """The kinds of screens that the draft does not show."""
    return [kind.value for kind in KINDS if kind.value not in draft.kinds]


def _before(run: Run) -> Run | None:
    """The run that another one is compared with unless its presenter says otherwise: the own one made last before it,
    or else the shipped classic."""
    others = [
        each
        for each in resources.presentable()
        if each.run_id != run.run_id and each.imported is None and resources.summary(each) is not None
    ]
    own = [each for each in others if not each.shipped and each.created_at < run.created_at and not run.shipped]
    own.sort(key=lambda each: -each.created_at)
    classic = (each for each in others if each.shipped and each.run_id == "classic")
    return next((each for each in (*own, *classic) if _answers(each)), None)


def _answers(run: Run) -> bool:
    """Whether the answers of a run can be read, as they are to be compared."""
    try:
        resources.answers(run, "test")
    except StudioError:
        return False
    return True
