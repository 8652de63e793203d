"""The form's settings as JSON: to copy, and to paste from elsewhere.

Owns the text field and its errors. What the settings may be is `core.config`'s.
"""

import json

import streamlit as st

from core.config import PRESETS, TrainingConfig
from core.errors import ConfigError
from ui import state, training_form, words


def show(preset: str, config: TrainingConfig | None) -> None:
    """A popover with the settings, and a field for others; filled in, they become the form's."""
    popover = st.popover(
        "As JSON", type="tertiary", icon=":material/data_object:", key=state.SETTINGS_JSON, on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        if config is not None:
            st.code(json.dumps(config.to_dict(), indent=1), language=None, height=190)
        st.text_area(
            "Settings to put into the form",
            placeholder='{"epochs": 3, "learning_rate": 0.001}',
            help="What is not named keeps the preset's value.",
            height=110,
            key=state.PASTED,
        )
        st.button("Put into the form", icon=":material/input:", key="paste_settings", on_click=_paste, args=(preset,))


def _paste(preset: str) -> None:
    try:
        training_form.fill(preset, parse(preset, st.session_state[state.PASTED]))
        st.session_state[state.SETTINGS_JSON] = False
        state.tell("The form holds these settings now.")
    except ConfigError as error:
        state.tell(words.in_form(str(error), training_form.FIELDS))
    st.rerun()


def parse(preset: str, text: str) -> TrainingConfig:
    """The preset's settings with those of a JSON object.

    Raises:
        ConfigError: the text is no JSON object, or a setting is unknown or not allowed.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError("This is no JSON; copy the whole of it, with its braces.") from None
    if not isinstance(values, dict):
        raise ConfigError(f"Settings are a JSON object with braces, not {type(values).__name__}.")
    return TrainingConfig.from_dict(PRESETS[preset].to_dict() | values)
