"""The process in which Keras meets a network from outside: `python -m core.importing.worker <run folder> <parameters>`.

Owns what can only be checked with Keras: that the weights are whole, finite and of the size that the description
promised, and that the network takes and gives what it should. Then the folder gets what every finished run has. Its
limits are those of `sandbox`; `model` starts it with a description of its own making.
"""

import io
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core import data, hardware
from core.architecture import CLASSES, INPUT_SHAPE
from core.errors import ModelFileError
from core.files import write_json
from core.home import StudioHome
from core.importing.archive import UPLOAD, WEIGHTS
from core.importing.network import MAX_PARAMETERS
from core.loading import load_keras
from core.pipeline import evaluate, export_models, training_data
from core.run import ENVIRONMENT, read_run
from core.sandbox import answer, limit_this_process

if TYPE_CHECKING:
    import h5py
    import keras

_GIGABYTE: Final = 2**30
# Weights, two moments of an optimiser, a running mean, and a little for counters.
_MAX_NUMBERS: Final = 4 * MAX_PARAMETERS + 10_000


def take_in(folder: Path, parameters: int) -> dict[str, Any]:
    """Checks the upload in a draft of a run folder and adds the models, the predictions and the evaluation.

    Raises:
        ModelFileError: the weights or the network are not what they should be.
        StudioError: MNIST is damaged, or the export does not agree with Keras.
    """
    home = StudioHome(root=folder.parent.parent)
    run = read_run(folder, shipped=False)
    model = load(folder / UPLOAD, parameters)
    _, validation, indices = training_data(home, run)
    figures = {"run_id": folder.name.lstrip("."), "imported": True, "parameters": parameters}
    figures |= {"train_seconds": 0.0, "images_per_second": 0.0}  # unknown; whoever reads runs expects numbers
    figures |= export_models(run, model, validation)
    evaluate(home, run, validation, indices, figures)
    write_json(folder / ENVIRONMENT, hardware.describe() | {"data_sha256": data.DATA_HASH})
    return {"parameters": parameters}


def load(path: Path, parameters: int) -> "keras.Model":
    """The network in a file whose description is ours and whose weights are not.

    Raises:
        ModelFileError: as for `take_in`.
    """
    import keras

    _check_weights_file(path)
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except MemoryError:
        raise
    except Exception as error:  # Keras and HDF5 have no base of their own
        raise ModelFileError("its weights are damaged, or do not belong to its layers.") from error
    shapes = (model.input_shape, model.output_shape)
    if shapes != ((None, *INPUT_SHAPE), (None, CLASSES)) or model.count_params() != parameters:
        raise ModelFileError(f"it takes {shapes[0]} and gives {shapes[1]}, which its description does not say.")
    if not all(np.isfinite(weights).all() for weights in model.get_weights()):
        raise ModelFileError("its weights hold NaN or infinite values.")
    return keras.Model(model.inputs[0], model.outputs[0], name="imported")


def _check_weights_file(path: Path) -> None:
    """Refuses an HDF5 file with links out of itself, or with more in it than weights can be."""
    import h5py

    numbers = 0

    # The walks end at what is first returned; an exception would not come through HDF5.
    def link(name: str, found: Any) -> str | None:
        return None if isinstance(found, h5py.HardLink) else "links to something else"

    def item(name: str, found: "h5py.Group | h5py.Dataset") -> str | None:
        nonlocal numbers
        if not isinstance(found, h5py.Dataset):
            return None
        if found.external or found.is_virtual or found.dtype.kind not in "fiu":
            return "holds something that is no weights"
        numbers += found.size or 0
        return f"holds more than {_MAX_NUMBERS:,} numbers" if numbers > _MAX_NUMBERS else None

    try:
        with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as weights:
            wrong = weights.visititems_links(link) or weights.visititems(item)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"its {WEIGHTS} is damaged.") from error
    if wrong:
        raise ModelFileError(f"its {WEIGHTS} {wrong}.")


def main() -> None:
    folder, parameters = sys.argv[1:]
    load_keras()
    limit_this_process(memory=6 * _GIGABYTE, processor_seconds=600, file_size=_GIGABYTE // 2)
    answer(lambda: take_in(Path(folder), int(parameters)))


if __name__ == "__main__":
    main()
