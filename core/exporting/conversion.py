"""A run's `model.keras` in a format that only TensorFlow can write: `python -m core.exporting.conversion`.

Owns the conversion, and the proof that what comes out answers like the run: the exported folder's own self-test. Runs
in a process of its own, which `bundle` starts.
"""

import sys
from pathlib import Path
from typing import Any

from core.errors import ExportError
from core.loading import load_keras
from core.sandbox import answer, limit_this_process

_GIGABYTE = 2**30


def convert(source: Path, form: str, folder: Path) -> dict[str, Any]:
    """Writes the model beside the `model.json` and `selftest.npz` in `folder`, and lets it pass the self-test.

    Raises:
        ExportError: the file cannot be read, the format lacks what the network needs, or the answers differ.
    """
    import keras

    from core.exporting.kit import selftest

    description = selftest.describe(folder)
    target = folder / description["file"]
    try:
        model = keras.saving.load_model(source, compile=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ExportError(f"{source.name} cannot be read ({type(error).__name__}).") from error
    _WRITERS[form](model, target)
    difference, _ = selftest.largest_difference(folder)
    allowed = description["selftest"]["tolerance"]
    if not difference <= allowed:  # true for NaN as well
        raise ExportError(f"its answers differ by {difference:.2g} in probability; {allowed:g} is allowed.")
    return {"difference": difference}


def write_litert(model: Any, target: Path) -> None:
    """A LiteRT file. ExportError when LiteRT has no operation for a layer."""
    import tensorflow as tf

    # Only what LiteRT itself can compute: with TensorFlow's operations among them the file would not run without it.
    operations = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    try:
        model.export(target, format="litert", target_spec=operations, verbose=False)
    except Exception as error:  # the converter has no exceptions of its own
        raise ExportError(f"LiteRT lacks what this network needs ({type(error).__name__}).") from error


def write_savedmodel(model: Any, target: Path) -> None:
    """A folder with the endpoint `serve`."""
    model.export(target, format="tf_saved_model", verbose=False)


_WRITERS = {"litert": write_litert, "savedmodel": write_savedmodel}


def main() -> None:
    source, form, folder = sys.argv[1:]
    load_keras()
    limit_this_process(memory=16 * _GIGABYTE, processor_seconds=1_200, file_size=_GIGABYTE)
    answer(lambda: convert(Path(source), form, Path(folder)))


if __name__ == "__main__":
    main()
