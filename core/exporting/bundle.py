"""A finished run as a zip that works without Digit Studio: the model in one of four formats, described and testable.

Owns what such a zip holds: the model file, the self-test and the texts of `kit`, and the code of `preprocessing`.
`model.json` is `description`'s business. Formats that need TensorFlow are made by `conversion` in a process of its own;
this module never imports it. `onnx_export` is where a run's `model.onnx` comes from.
"""

import json
import shutil
import string
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from core import data
from core.errors import ExportError, SandboxError
from core.exporting.description import describe, readme_words
from core.exporting.forms import FORMS, ExportFormat
from core.files import replacing
from core.home import StudioHome
from core.inference import Classifier
from core.run import KERAS_MODEL, Run, require_model
from core.sandbox import run_module

_CORE: Final = Path(__file__).resolve().parent.parent
_SECONDS: Final = 300.0  # the conversion takes about ten; a machine that is busy or cold gets time
_CANDIDATES: Final = 1_000  # images among which the self-test's are chosen
_PER_DIGIT: Final = 2


def export_run(home: StudioHome, run: Run, form: ExportFormat, path: Path) -> None:
    """Writes the run's zip to `path`, replacing what is there only when the new one is complete. Blocks for seconds.

    Raises:
        RunStateError: the run has no model yet.
        RunDamagedError, DataError: a file that the export is made from is damaged.
        ExportError: the format cannot be made from this run.
        OSError: `path` cannot be written.
    """
    require_model(run)
    classifier = Classifier.load(run, home=home)
    with tempfile.TemporaryDirectory(prefix="digit-studio-export-") as name:
        folder = Path(name)
        split, arrays = _selftest(home, run, classifier)
        np.savez_compressed(folder / "selftest.npz", **arrays)
        description = describe(run, classifier, form, (split, len(arrays["images"])))
        (folder / "model.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
        _write_texts(folder, form, description)
        _write_model(folder, run, form)
        with replacing(path) as temporary:
            _zip(folder, temporary)


def exported(home: StudioHome, run: Run, form: ExportFormat) -> bytes:
    """The run's zip as a page hands it to the browser. Raises as `export_run`."""
    with tempfile.TemporaryDirectory(prefix="digit-studio-export-") as name:
        path = Path(name) / "export.zip"
        export_run(home, run, form, path)
        return path.read_bytes()


def file_name(run: Run, form: ExportFormat) -> str:
    """What the zip is called unless someone names it."""
    return f"{run.run_id}-{form}.zip"


def _selftest(home: StudioHome, run: Run, classifier: Classifier) -> tuple[str, dict[str, Any]]:
    """The split's name; two images of each digit, one ordinary and one hard, with what the pages answer to them."""
    split, candidates = "test", None
    if run.config.validation_size:
        whole = data.load_split(home.mnist, "train")
        chosen = data.divide(whole.labels, run.config)[1][:_CANDIDATES]
        split, candidates = "validation", data.Split(whole.images[chosen], whole.labels[chosen])
    if candidates is None or len(np.unique(candidates.labels)) < 10:  # a handful held back may lack a digit
        whole = data.load_split(home.mnist, "test")
        split, candidates = "test", data.Split(whole.images[:_CANDIDATES], whole.labels[:_CANDIDATES])
    confidence = classifier.probabilities(candidates.images).max(axis=1)
    picked: list[int] = []
    for digit in range(10):
        first, *others = np.flatnonzero(candidates.labels == digit)
        hardest = sorted(others, key=lambda index: confidence[index])[: _PER_DIGIT - 1]
        picked += [int(first), *map(int, hardest)]
    images = candidates.images[picked]
    expected = classifier.probabilities(images)
    return split, {"images": images, "labels": candidates.labels[picked], "probabilities": expected}


def _write_texts(folder: Path, form: ExportFormat, description: dict[str, Any]) -> None:
    """The README, the scripts, and the preprocessing under names of its own."""
    kit = _CORE / "exporting" / "kit"
    template = string.Template((kit / "README.md").read_text(encoding="utf-8"))
    (folder / "README.md").write_text(template.substitute(readme_words(form, description)), encoding="utf-8")
    packages = "\n".join(("numpy", *FORMS[form].packages, "", "# predict.py only", "opencv-python-headless", "pillow"))
    (folder / "requirements.txt").write_text(packages + "\n", encoding="utf-8")
    for name in ("selftest.py", "predict.py"):
        shutil.copyfile(kit / name, folder / name)
    shutil.copyfile(_CORE.parent / "LICENSE", folder / "LICENSE")
    (folder / "preprocessing").mkdir()
    sources = [*(_CORE / "preprocessing").glob("*.py"), _CORE / "errors.py"]
    for source in sources:
        text = source.read_text(encoding="utf-8")
        text = text.replace("core.preprocessing", "preprocessing").replace("core.errors", "preprocessing.errors")
        (folder / "preprocessing" / source.name).write_text(text, encoding="utf-8")


def _write_model(folder: Path, run: Run, form: ExportFormat) -> None:
    path = folder / FORMS[form].file
    if form in (ExportFormat.KERAS, ExportFormat.ONNX):
        shutil.copyfile(run.path / path.name, path)
        return
    try:
        arguments = (str(run.path / KERAS_MODEL), str(form), str(folder))
        run_module("core.exporting.conversion", *arguments, seconds=_SECONDS)
    except SandboxError as error:
        raise ExportError(f"{run.run_id} could not be exported as {form}: {error}") from error


def _zip(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sorted(folder.rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                archive.write(source, source.relative_to(folder))
