"""The settings of a training as a form: made from the fields of `TrainingConfig`, checked by it as they change."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from core.config import AUGMENTATION, PRESET_PURPOSE, PRESETS, TrainingConfig
from core.errors import ConfigError, StudioError
from core.run import MAX_NAME_LENGTH
from ui import modes, resources, state, words

FIELDS: Final = {rule.name: rule for rule in dataclasses.fields(TrainingConfig)}
MAIN: Final = ("epochs", "batch_size", "learning_rate", "dropout", "filters")
LEVELS: Final = {
    level: {name: getattr(config, name) for name in AUGMENTATION}
    for level, config in (
        ("none", TrainingConfig()),
        ("light", PRESETS["compact"]),
        ("medium", PRESETS["classic"]),
        ("strong", PRESETS["strong"]),
    )
}
OWN: Final = "own"  # the level of values that are none of these
MORE: Final = {
    "Network": (
        "blocks",
        "convs_per_block",
        "filter_growth",
        "kernel_size",
        "activation",
        "head",
        "dense_units",
        "batch_norm",
        "pool_first",
    ),
    "Optimisation": (
        "optimizer",
        "schedule",
        "weight_decay",
        "label_smoothing",
        "weight_averaging",
        "early_stopping",
        "time_budget",
        "mixed_precision",
        "seed",
    ),
    "Data": ("subset", "validation_size", "stratified"),
    "Augmentation": AUGMENTATION,
}
STEPS: Final = {"learning_rate": 0.0005, "weight_decay": 0.005, "weight_averaging": 0.001, "filter_growth": 0.1}
COARSE_STEPS: Final = {"batch_size": 32, "filters": 8, "dense_units": 16, "subset": 1_000, "validation_size": 1_000}
SPELLED: Final = {"relu": "ReLU", "gelu": "GELU", "silu": "SiLU", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the form says.

    Attributes:
        preset: where the settings started from.
        config: the settings; None when they cannot work.
        problem: why they cannot, in one sentence; empty when they can.
    """

    preset: str
    config: TrainingConfig | None
    problem: str


def settings() -> Settings:
    """Shows the form and returns what it says."""
    preset = st.segmented_control(
        "Preset", list(PRESETS), default="classic", required=True, key=state.PRESET, persist_state=state.KEEP
    )
    st.caption(PRESET_PURPOSE[preset])
    base = PRESETS[preset]
    with st.grid(3, min_column_width=120):
        for name in MAIN:
            _control(name, preset)
        _augmentation(preset)
    opened = _more_settings(preset)
    try:
        return Settings(preset, dataclasses.replace(base, **{name: _value(name, preset) for name in FIELDS}), "")
    except ConfigError as error:
        return Settings(preset, None, words.in_form(str(error), FIELDS) + _where(str(error), opened))


def _more_settings(preset: str) -> str:
    """The settings beyond the six in sight, and which tab of them is open; empty for none.

    Only the open tab is drawn: all of them are twenty-five fields, which a browser would draw anew at every change.
    """
    more = st.expander("More settings", icon=":material/tune:", key=state.MORE, on_change="rerun")
    if not more.open:
        return ""
    with more:
        tabs = dict(zip(MORE, st.tabs(list(MORE), key=state.MORE_TAB, on_change="rerun"), strict=True))
    title = next(title for title, tab in tabs.items() if tab.open)
    with tabs[title], st.grid(3, min_column_width=130, vertical_alignment="bottom"):
        for name in MORE[title]:
            _control(name, preset)
    return title


def _where(problem: str, opened: str) -> str:
    """Which part of *More settings* holds the settings that a message names, unless it is in sight."""
    named = set(re.findall(r"\w+", problem))
    titles = [title for title, names in MORE.items() if title != opened and not named.isdisjoint(names)]
    return f" See More settings, {' and '.join(titles)}." if titles else ""


def fill(preset: str, config: TrainingConfig) -> None:
    """Puts settings from elsewhere into the form; for pages that lead to it, before any of it is drawn."""
    st.session_state[state.PRESET] = preset
    for name in FIELDS:
        st.session_state[state.setting_key(preset, name)] = getattr(config, name)


def _value(name: str, preset: str) -> Any:
    """What the form says of a setting, whether its field is drawn or not: edits are kept, the rest is the preset's."""
    return st.session_state.get(state.setting_key(preset, name), getattr(PRESETS[preset], name))


def _augmentation(preset: str) -> None:
    """How much the training digits are varied: one choice for the seven settings under *More settings*."""
    now = {name: _value(name, preset) for name in AUGMENTATION}
    level = next((level for level, values in LEVELS.items() if values == now), OWN)
    kept, key = state.setting_key(preset, "own_augmentation"), state.setting_key(preset, "augmentation")
    if level == OWN:
        st.session_state[kept] = now  # so that a look at another level loses nothing
    if st.session_state.get(key) != level:
        st.session_state[key] = level  # they may have been edited one by one, or filled in from elsewhere
    st.selectbox(
        "Augmentation",
        [*LEVELS, OWN] if kept in st.session_state else list(LEVELS),
        format_func=str.capitalize,
        help="How much every training digit is turned, moved and reshaped, anew each time it is seen.",
        key=key,
        on_change=_take_level,
        args=(preset, key, kept),
        persist_state=state.KEEP,
    )


def _take_level(preset: str, key: str, kept: str) -> None:
    """Puts the chosen level's values into the settings behind it (a callback)."""
    level = st.session_state[key]
    for name, value in (st.session_state[kept] if level == OWN else LEVELS[level]).items():
        st.session_state[state.setting_key(preset, name)] = value


def _control(name: str, preset: str) -> None:
    """The widget of one setting. Its range is left to `TrainingConfig`, which says why a value cannot be."""
    rule, value = FIELDS[name], getattr(PRESETS[preset], name)
    common: dict[str, Any] = {
        "help": _help(rule.metadata),
        "key": state.setting_key(preset, name),
        "persist_state": state.KEEP,
    }
    if rule.type is bool:
        st.toggle(words.label(name), value=value, **common)
    elif rule.metadata["choices"]:
        options = list(rule.metadata["choices"])
        st.selectbox(words.label(name), options, index=options.index(value), format_func=_choice, **common)
    elif rule.type is int:
        st.number_input(words.label(name), value=value, step=COARSE_STEPS.get(name, 1), **common)
    else:
        fine = STEPS.get(name, 0.05 if rule.metadata["high"] <= 1 else 0.5)
        st.number_input(words.label(name), value=float(value), step=fine, format="%g", **common)


def _choice(value: str) -> str:
    return SPELLED.get(value, words.label(value))


def _help(rule: Any) -> str:
    if rule["choices"] or rule["low"] is None:
        return rule["help"]
    return f"{rule['help']} From {rule['low']:,} to {rule['high']:,}."


def start(settings: Settings) -> None:
    """A name and the Start button; what stands against starting is said in its place."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name",
            max_chars=MAX_NAME_LENGTH,
            placeholder="Optional",
            key=state.RUN_NAME,
            persist_state=state.KEEP,
        )
        pressed = st.button(
            "Start",
            type="primary",
            icon=":material/play_arrow:",
            disabled=settings.config is None or modes.read_only(),
            key="start",
        )
    modes.note()
    if settings.problem:
        st.error(words.plain(settings.problem), icon=":material/block:")
    if not pressed or settings.config is None or not state.claim_start():
        return
    try:
        run = resources.jobs().submit(settings.config, name=name or "", preset=settings.preset)
    except StudioError as error:
        st.error(words.plain(str(error)), icon=":material/block:")
        return
    state.show_run(run.run_id)
    st.toast("Started. It goes on when you leave this page.", icon=":material/play_arrow:")
    st.rerun()
