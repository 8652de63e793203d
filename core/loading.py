"""How a process that trains, imports or exports, and then ends, loads Keras in little time."""

import gc
import os
import sys
from typing import Final

# What Keras imports, where it is installed, for wrappers and tables that nothing here uses.
_UNUSED: Final = ("sklearn", "pandas")


def load_keras() -> None:
    """Imports TensorFlow and Keras in about half their time.

    Scikit-learn and pandas then count as not installed in this process; and Python does not search for garbage among
    modules, which are none, a quarter of the whole.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for name in _UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]
    gc.disable()
    try:
        import keras  # noqa: F401 -- TensorFlow with it
    finally:
        gc.freeze()
        gc.enable()
