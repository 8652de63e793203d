"""Numbers and names as words: the one place that decides how they read on a page. Needs no Streamlit."""

import re
import string
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from core.evaluation import Share
from core.evaluation import percent as percent  # pages say it as words.percent
from core.run import Run
from core.status import RunState

WARNINGS: Final = {
    "blank": "No ink was found.",
    "low_contrast": "The ink is faint against its background.",
    "touches_border": "The digit touches the edge, so part of it may be missing.",
    "several_digits": "There seems to be more than one digit; they are read as one.",
    "thin_strokes": "The strokes are very thin.",
    "not_a_digit": "This may not be a digit at all.",
}

STATES: Final = {
    RunState.QUEUED: "Waiting in the queue",
    RunState.STARTING: "Starting",
    RunState.PAUSED: "Paused",
    RunState.EXPORTING: "Exporting the model",
    RunState.EVALUATING: "Evaluating on the test split",
    RunState.FINISHED: "Finished",
    RunState.INTERRUPTED: "Interrupted",
    RunState.FAILED: "Failed",
}

_ESCAPES: Final = str.maketrans({mark: "\\" + mark for mark in string.punctuation})


def plain(text: str) -> str:
    """Text from outside, safe where Markdown is read: it shows as written, on one line.

    Backslashes stop Markdown; the invisible word joiner stops what is looked for after Markdown is read, which is
    emoji codes, icons, and addresses that would become links.
    """
    line = " ".join(text.split())
    broken = re.sub(r"(:|@|www)", "\\1\u2060", line, flags=re.IGNORECASE)
    return broken.translate(_ESCAPES)


def confidence(share: float) -> str:
    """A threshold of confidence as a percentage, with as many digits as it has."""
    return f"{100 * share:.10g}\N{NO-BREAK SPACE}%"


def compact(number: float) -> str:
    """A large number in three digits: 1.81 M."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"


def amount(number: int) -> str:
    """A count in a table, where none reads as a dash."""
    return f"{number:,}" if number else "–"


def duration(seconds: float) -> str:
    """A length of time, to the second below an hour."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"


def wrong(share: Share) -> str:
    """The count behind a share of right answers: 34 wrong of 10,000."""
    return f"{share.n - share.count:,} wrong of {share.n:,}"


def wrong_of(split: dict[str, Any]) -> str:
    """The same of an accuracy in an evaluation."""
    return wrong(Share(split["correct"], split["n"]))


def share_interval(share: Share) -> str:
    """The 95 % interval of a share."""
    return _interval(share.low, share.high)


def interval(split: dict[str, Any]) -> str:
    """The same of an accuracy in an evaluation."""
    return _interval(split["accuracy_low"], split["accuracy_high"])


def _interval(low: float, high: float) -> str:
    return f"95\N{NO-BREAK SPACE}% interval {100 * low:.2f} to {percent(high)}"


def bounds(split: dict[str, Any]) -> str:
    """The same in a table, in percent: 99.31–99.60."""
    return f"{100 * split['accuracy_low']:.2f}–{100 * split['accuracy_high']:.2f}"


def images(count: int) -> str:
    """A count of images: 1 image, 31 images."""
    return f"{count:,} image{'' if count == 1 else 's'}"


def count(number: int, thing: str) -> str:
    """A count of things: 1 digit, 5 digits."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def small_percent(share: float) -> str:
    """A probability that may be next to nothing."""
    return percent(share, 1) if share >= 0.0005 else "less than 0.05\N{NO-BREAK SPACE}%"


def whereabouts(row: float, column: float, *, side: int = 28) -> str:
    """A place in an image as people say it: at the upper left."""
    down = ("upper", "", "lower")[min(2, int(3 * row / side))]
    across = ("left", "", "right")[min(2, int(3 * column / side))]
    if not down and not across:
        return "in the middle"
    if not across:
        return "at the top" if down == "upper" else "at the bottom"
    return f"at the {down} {across}" if down else f"on the {across}"


def departures(settings: Iterable[tuple[str, Any]]) -> str:
    """Settings with their values, as one line: epochs 5, dropout 0.2."""
    return ", ".join(f"{label(name).lower()} {value(setting)}" for name, setting in settings)


def title(run: Run) -> str:
    """What a run is called: its name, or else what it is and when it was made (UTC)."""
    if run.name != run.run_id or run.shipped:
        return run.name
    made = time.gmtime(run.created_at)
    return f"{run.preset or 'Custom'}, {made.tm_mday} {time.strftime('%b %H:%M', made)}"


def titles(runs: Iterable[Run]) -> dict[str, str]:
    """What each run is called where one is chosen among them, by run id; no two are called the same."""
    called = {run.run_id: title(run) for run in runs}
    shared = {name for name, count in Counter(called.values()).items() if count > 1}
    return {run_id: f"{name} ({run_id})" if name in shared else name for run_id, name in called.items()}


def stage(run: Run) -> str:
    """What a run is doing now."""
    status = run.status
    if status.state is RunState.TRAINING:
        return f"Epoch {min(status.epoch, status.epochs)} of {status.epochs}"
    return STATES[status.state]


def pace(run: Run) -> str:
    """How quickly a training run goes and how long it still takes; empty while neither is known."""
    status, parts = run.status, []
    if status.images_per_second:
        parts.append(f"{status.images_per_second:,.0f} images/s")
    if status.eta_seconds is not None:
        parts.append(f"about {duration(status.eta_seconds)} left")
    return " · ".join(parts)


def shape(output_shape: Iterable[int]) -> str:
    """A layer's output shape: 14×14×32."""
    return "×".join(f"{size:,}" for size in output_shape)


def warnings(names: Iterable[str]) -> str:
    """The warnings of a prediction as sentences."""
    return " ".join(WARNINGS.get(name, name.replace("_", " ").capitalize() + ".") for name in names)


def in_form(message: str, settings: Iterable[str]) -> str:
    """A message about settings, with each called as the form calls it."""
    for name in settings:
        message = re.sub(rf"\b{name}\b", label(name).lower(), message)
    return message[:1].upper() + message[1:]


def label(setting: str) -> str:
    """A setting's name as a form label."""
    return setting.replace("_", " ").capitalize()


def value(setting: Any) -> str:
    """A setting's value as text."""
    if isinstance(setting, bool):
        return "on" if setting else "off"
    return (
        f"{setting:,}" if isinstance(setting, int) else f"{setting:g}" if isinstance(setting, float) else str(setting)
    )
