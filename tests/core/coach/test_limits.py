"""The coach under any settings and any records: it never fails, and whatever it proposes can be trained."""

import json
import math
from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.coach import MOST_HINTS, Hint, hints
from core.config import PRESETS, TrainingConfig
from core.errors import ConfigError
from tests.histories import NAMES, Records, recorded


def check(hint: Hint, config: TrainingConfig) -> None:
    """A hint is two whole sentences, and its changes change something and make a valid configuration."""
    for sentence in (hint.text, hint.evidence):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    changed = replace(config, **hint.changes)
    assert all(getattr(config, name) != getattr(changed, name) for name in hint.changes)
    json.dumps(dict(hint.changes), allow_nan=False)


@st.composite
def configurations(draw: st.DrawFn) -> TrainingConfig:
    """A preset or the defaults with some settings at the ends of their ranges."""
    config = draw(st.sampled_from([TrainingConfig(), *PRESETS.values()]))
    for rule in draw(st.lists(st.sampled_from(fields(TrainingConfig)), max_size=6)):
        limits = rule.metadata["choices"] or (rule.metadata["low"], rule.metadata["high"])
        value = draw(st.booleans() if rule.type is bool else st.sampled_from(limits))
        try:
            config = replace(config, **{rule.name: value})
        except ConfigError:
            continue
    return config


NUMBER = st.floats(0, 3) | st.floats() | st.integers(-5, 5_000) | st.just(10**400)
FIGURES = dict.fromkeys(("time", "epoch", "step", "loss", "accuracy"), NUMBER)
STEP = st.fixed_dictionaries(FIGURES, optional={"learning_rate": NUMBER, "images_per_second": NUMBER})
EPOCH = st.fixed_dictionaries(FIGURES, optional={"val_loss": NUMBER, "val_accuracy": NUMBER, "seconds": NUMBER})


@settings(max_examples=200)
@given(configurations(), st.lists(STEP, max_size=30), st.lists(EPOCH, max_size=15), st.booleans(), st.booleans())
def test_no_history_of_legal_records_fails(
    config: TrainingConfig, steps: Records, epochs: Records, ended: bool, diverged: bool
) -> None:
    found = hints(config, steps, epochs, ended=ended, diverged=diverged)
    assert len(found) <= MOST_HINTS
    for hint in found:
        check(hint, config)


@settings(max_examples=200)
@given(configurations(), st.sampled_from(NAMES), st.floats(0, 1), st.booleans())
def test_every_change_is_valid_whatever_the_settings(
    config: TrainingConfig, name: str, share: float, ended: bool
) -> None:
    """Real curves under settings that they do not come from, cut anywhere."""
    _, steps, epochs = recorded(name)
    done = epochs[: math.ceil(share * len(epochs))]
    for hint in hints(config, steps[: math.ceil(share * len(steps))], done, ended=ended):
        check(hint, config)
