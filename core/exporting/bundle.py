"""A finished run as a zip that works without Digit Studio: the model in one of four formats, described and testable.

Owns what such a zip holds: the model file, `model.json`, the self-test and the texts of `kit`, and the code of
`preprocessing`. Formats that need TensorFlow are made by `conversion` in a process of its own; this module never
imports it. `onnx_export` is where a run's `model.onnx` comes from.
"""

import enum
import json
import shutil
import string
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from core import __version__, data
from core.errors import ExportError, SandboxError
from core.files import read_json_object, replacing
from core.home import StudioHome
from core.inference import Classifier
from core.run import ENVIRONMENT, KERAS_MODEL, ONNX_MODEL, Run, require_model
from core.sandbox import run_module

_CORE: Final = Path(__file__).resolve().parent.parent
_SECONDS: Final = 300.0  # the conversion takes about ten; a machine that is busy or cold gets time
_CANDIDATES: Final = 1_000  # images among which the self-test's are chosen
_PER_DIGIT: Final = 2
# Between processors and versions of a runtime, single sums are rounded differently; a wrong model is off by far more.
TOLERANCE: Final = 1e-3


class ExportFormat(enum.StrEnum):
    """What `export --format` may name."""

    KERAS = "keras"
    ONNX = "onnx"
    LITERT = "litert"
    SAVEDMODEL = "savedmodel"


@dataclass(frozen=True, slots=True)
class Form:
    """What one format is called, and what it needs.

    Attributes:
        label: for people.
        file: the model's name in the zip; a folder for SavedModel.
        packages: what runs it, as pip knows them.
        call: how it is asked, as Markdown.
    """

    label: str
    file: str
    packages: tuple[str, ...]
    call: str


FORMS: Final = {
    ExportFormat.KERAS: Form(
        "Keras 3 file",
        KERAS_MODEL,
        ("keras>=3.15.1", "tensorflow"),
        "`keras.saving.load_model(file, compile=False).predict(images)`",
    ),
    ExportFormat.ONNX: Form(
        "ONNX file",
        ONNX_MODEL,
        ("onnxruntime",),
        "`onnxruntime.InferenceSession(file).run(['probabilities'], {'image': images})`; the further outputs are what "
        "each layer answers, by its name",
    ),
    ExportFormat.LITERT: Form(
        "LiteRT (TensorFlow Lite) file",
        "model.tflite",
        ("ai-edge-litert",),
        "`ai_edge_litert.interpreter.Interpreter(file)`, as in `selftest.py`",
    ),
    ExportFormat.SAVEDMODEL: Form(
        "TensorFlow SavedModel", "saved_model", ("tensorflow",), "`tensorflow.saved_model.load(folder).serve(images)`"
    ),
}


def export_run(home: StudioHome, run: Run, form: ExportFormat, path: Path) -> None:
    """Writes the run's zip to `path`, replacing what is there only when the new one is complete. Blocks for seconds.

    Raises:
        RunStateError: the run has no model yet.
        RunDamagedError, DataError: a file that the export is made from is damaged.
        ExportError: the format cannot be made from this run.
        OSError: `path` cannot be written.
    """
    require_model(run)
    classifier = Classifier.load(run)
    with tempfile.TemporaryDirectory(prefix="digit-studio-export-") as name:
        folder = Path(name)
        split, arrays = _selftest(home, run, classifier)
        np.savez_compressed(folder / "selftest.npz", **arrays)
        description = _description(run, classifier, form, split)
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


def _description(run: Run, classifier: Classifier, form: ExportFormat, split: str) -> dict[str, Any]:
    """`model.json`: everything about the model as data."""
    evaluation = run.evaluation() or {}
    test = evaluation.get("test") or {}
    try:
        versions = read_json_object(run.path / ENVIRONMENT).get("packages")
    except (OSError, ValueError):  # nice to know, not needed
        versions = None
    return {
        "made_by": f"Digit Studio {__version__}",
        "format": str(form),
        "file": FORMS[form].file,
        "run": {"run_id": run.run_id, "name": run.name, "preset": run.preset, "parameters": classifier.parameters}
        | {key: test.get(key) for key in ("n", "correct", "accuracy", "accuracy_low", "accuracy_high")},
        "input": {
            "shape": [None, 28, 28, 1],
            "dtype": "float32",
            "layout": "image, row, column, channel",
            "range": [0, 1],
            "ink": 1,
            "paper": 0,
        },
        "output": {"name": "probabilities", "shape": [None, 10], "dtype": "float32", "digits": list(range(10))},
        "temperature": classifier.temperature,
        "threshold": classifier.threshold,
        "selftest": {"file": "selftest.npz", "split": split, "tolerance": TOLERANCE},
        "trained_with": versions,
    }


def _write_texts(folder: Path, form: ExportFormat, description: dict[str, Any]) -> None:
    """The README, the scripts, and the preprocessing under names of its own."""
    kit = _CORE / "exporting" / "kit"
    template = string.Template((kit / "README.md").read_text(encoding="utf-8"))
    (folder / "README.md").write_text(template.substitute(_words(form, description)), encoding="utf-8")
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


def _words(form: ExportFormat, description: dict[str, Any]) -> dict[str, str]:
    """What stands in the README's gaps. The run's name is text from outside and stays in `model.json`."""
    run, threshold = description["run"], description["threshold"]
    accuracy = "not evaluated on MNIST's test split"
    if run["accuracy"] is not None:
        accuracy = (
            f"{run['accuracy']:.2%} on MNIST's test split ({run['n'] - run['correct']} wrong of {run['n']:,}; 95 % "
            f"interval {run['accuracy_low']:.2%} to {run['accuracy_high']:.2%})"
        )
    return {
        "format_name": FORMS[form].label,
        "file": FORMS[form].file,
        "call": FORMS[form].call,
        "run_id": run["run_id"],
        "parameters": f"{run['parameters']:,}",
        "accuracy": accuracy,
        "count": str(10 * _PER_DIGIT),
        "split": description["selftest"]["split"],
        "tolerance": f"{TOLERANCE:g}",
        "temperature": f"{description['temperature']:g}",
        "threshold": "none" if threshold is None else f"{threshold:g}",
        "threshold_meaning": "none is set, so every answer counts."
        if threshold is None
        else f"a confidence under {threshold:g} means *I don't know*.",
    }


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
