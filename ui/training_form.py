"""The settings of a training as a form: made from the fields of `TrainingConfig`, checked by it as they change."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from core.config import PRESET_PURPOSE, PRESETS, TrainingConfig
from core.errors import ConfigError, StudioError
from core.run import MAX_NAME_LENGTH
from ui import resources, state, words

FIELDS: Final = {rule.name: rule for rule in dataclasses.fields(TrainingConfig)}
MAIN: Final = ("epochs", "batch_size", "learning_rate", "dropout", "filters")
AUGMENTATION: Final = ("rotation", "shift", "scale", "shear", "thickness", "elastic")
LEVELS: Final = {"none": TrainingConfig(), "light": PRESETS["compact"], "strong": PRESETS["strong"]}
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
    values: dict[str, Any] = {}
    with st.grid(3, min_column_width=120):
        for name in MAIN:
            values[name] = _control(name, base, preset=preset)
        level = _augmentation(base, preset=preset)
    with st.expander("More settings", icon=":material/tune:"):
        for tab, (title, names) in zip(st.tabs(list(MORE)), MORE.items(), strict=True):
            start, part = (LEVELS.get(level, base), level) if title == "Augmentation" else (base, "")
            with tab, st.grid(3, min_column_width=130, vertical_alignment="bottom"):
                for name in names:
                    values[name] = _control(name, start, preset=preset, level=part)
    try:
        return Settings(preset, dataclasses.replace(base, **values), "")
    except ConfigError as error:
        return Settings(preset, None, words.in_form(str(error), FIELDS))


def fill(preset: str, config: TrainingConfig) -> None:
    """Puts settings from elsewhere into the form; for pages that lead to it, before any of it is drawn."""
    base = PRESETS[preset]
    levels = {level: values for level, values in LEVELS.items() if _same_augmentation(values, config)}
    own = next((level for level, values in LEVELS.items() if _same_augmentation(values, base)), "preset")
    level = next(iter(levels), own)
    st.session_state[state.PRESET] = preset
    st.session_state[state.setting_key(preset, "", "augmentation")] = level
    for name in FIELDS:
        part = level if name in AUGMENTATION else ""
        st.session_state[state.setting_key(preset, part, name)] = getattr(config, name)


def _augmentation(base: TrainingConfig, *, preset: str) -> str:
    """How much the training digits are varied: one choice for the six settings under *More settings*."""
    own = next((level for level, config in LEVELS.items() if _same_augmentation(config, base)), "preset")
    options = list(LEVELS) if own in LEVELS else [own, *LEVELS]
    return st.selectbox(
        "Augmentation",
        options,
        index=options.index(own),
        format_func=str.capitalize,
        help="How much every training digit is turned, moved and reshaped, anew each time it is seen.",
        key=state.setting_key(preset, "", "augmentation"),
        persist_state=state.KEEP,
    )


def _same_augmentation(one: TrainingConfig, other: TrainingConfig) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in AUGMENTATION)


def _control(name: str, start: TrainingConfig, *, preset: str, level: str = "") -> Any:
    """The widget of one setting. Its range is left to `TrainingConfig`, which says why a value cannot be."""
    rule, value = FIELDS[name], getattr(start, name)
    common: dict[str, Any] = {
        "help": _help(rule.metadata),
        "key": state.setting_key(preset, level, name),
        "persist_state": state.KEEP,
    }
    if rule.type is bool:
        return st.toggle(words.label(name), value=value, **common)
    if rule.metadata["choices"]:
        options = list(rule.metadata["choices"])
        return st.selectbox(words.label(name), options, index=options.index(value), format_func=words.label, **common)
    if rule.type is int:
        step = COARSE_STEPS.get(name, 1)
        return st.number_input(words.label(name), value=value, step=step, **common)
    fine = STEPS.get(name, 0.05 if rule.metadata["high"] <= 1 else 0.5)
    return st.number_input(words.label(name), value=float(value), step=fine, format="%g", **common)


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
            "Start", type="primary", icon=":material/play_arrow:", disabled=settings.config is None, key="start"
        )
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
