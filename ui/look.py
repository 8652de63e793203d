"""The look of the charts, as `core.look` has it."""

from core.look import *  # noqa: F403
