"""A network from outside as a run: the bytes of a visitor's `.keras` file in, an ordinary finished run out.

Owns the order of the checks and the run folder of an imported network. What a zip may hold is `archive`'s, which
networks are allowed `config`'s, and Keras meets the file only in `worker`, a process with limits. Nothing
comes from a path or an address that a visitor names.

The settings of such a run are the defaults: they say which images validate it, and nothing about its network, whose
layers stand in `config.json` beside `"imported": true`. Whoever trained it may have seen MNIST's validation images, so
only the figures of the test split are sure to be its own.
"""

import json
import shutil
import time
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from core import room
from core.config import TrainingConfig
from core.errors import ModelFileError, RunError, SandboxError
from core.files import write_json
from core.importing.archive import CONFIG as DESCRIPTION
from core.importing.archive import METADATA, UPLOAD, WEIGHTS, ModelArchive, read_archive
from core.importing.config import read_network
from core.importing.network import Network
from core.run import CONFIG, MAX_NAME_LENGTH, Run, check_name
from core.runs import RunStore
from core.sandbox import run_module
from core.status import RunState, RunStatus

_SECONDS: Final = 300.0


def import_model(store: RunStore, data: bytes, *, name: str = "") -> Run:
    """The network in a `.keras` file as a finished run, evaluated like any other. Blocks for some twenty seconds.

    Args:
        data: the file's bytes.
        name: what the run is called; its id when empty.

    Raises:
        ConfigError: the name is too long or holds control characters.
        ModelFileError: the file is refused; the message says why.
        DataError: MNIST is damaged.
        RunError: the run cannot be written.
        ReadOnlyError: nothing may be imported.
        DiskLimitError: runs would take more than they may.
    """
    store.home.check_writable("imported")
    name = check_name(name)
    archive = read_archive(data)
    network = read_network(archive.config)
    with room.reserving(store, room.import_peak(network.parameters)):
        pass  # not held for the twenty seconds that follow: whoever begins meanwhile counts this draft's files
    created_at = time.time()
    run_id = store.new_id("imported", created_at)
    draft = store.home.runs / f".{run_id}"  # hidden until it is complete
    try:
        draft.mkdir(parents=True)
        write_json(draft / CONFIG, _config(name or run_id, created_at, archive, network))
        _status(created_at, archive, network).write(draft)
        write_upload(draft / UPLOAD, archive, network)
        run_module("core.importing.worker", str(draft), str(network.parameters), seconds=_SECONDS)
        (draft / UPLOAD).unlink()
        draft.rename(store.home.runs / run_id)
    except SandboxError as error:
        raise ModelFileError(f"The network could not be imported: {error}") from error
    except OSError as error:
        raise RunError(f"the imported run cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return store.get(run_id)


def name_of(file_name: str) -> str:
    """What a run is called after the file that it came from: `my model.keras` is *my model*. Always a name allowed."""
    shown = "".join(character if character.isprintable() else " " for character in file_name)
    return " ".join(shown.removesuffix(".keras").split())[:MAX_NAME_LENGTH].strip()


def _config(name: str, created_at: float, archive: ModelArchive, network: Network) -> dict[str, Any]:
    return {
        "name": name,
        "preset": None,
        "created_at": created_at,
        "settings": TrainingConfig().to_dict(),
        "imported": True,
        "keras_version": archive.keras_version,
        "softmax_added": network.softmax_added,
        "network": [asdict(node.layer) for node in network.nodes],
    }


def _status(created_at: float, archive: ModelArchive, network: Network) -> RunStatus:
    added = "; a softmax was added, since it answers with logits" if network.softmax_added else ""
    return RunStatus(
        state=RunState.FINISHED,
        queued_at=created_at,
        updated_at=created_at,
        epochs=0,
        steps=0,
        message=f"Imported from a file of Keras {archive.keras_version}{added}.",
    )


def write_upload(path: Path, archive: ModelArchive, network: Network) -> None:
    """A `.keras` file with the visitor's weights and our description of the network."""
    with zipfile.ZipFile(path, "w") as upload:
        upload.writestr(DESCRIPTION, json.dumps(network.to_keras()))
        upload.writestr(METADATA, json.dumps({"keras_version": archive.keras_version}))
        upload.writestr(WEIGHTS, archive.weights)
